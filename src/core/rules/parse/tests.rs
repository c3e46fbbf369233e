use super::*;
use serde_json::json;

/// The mistakes of a list of conditions in our own dialect, one line each.
fn mistakes(list: Json) -> Vec<String> {
    let parsed = Condition::parse_list(&list, Dialect::Own);
    let lines = |mistakes: Vec<Mistake>| mistakes.iter().map(Mistake::to_string).collect();
    parsed.err().map(lines).unwrap_or_default()
}

/// A test is refused, at this place, with a message that has this in it.
#[track_caller]
fn refused(test: Json, path: &str, part: &str) {
    let found = mistakes(json!([test]));
    let [message] = found.as_slice() else {
        panic!("{test}: one mistake expected, got {found:?}");
    };
    assert!(message.starts_with(&format!("[0]{path}: ")), "{message}");
    assert!(message.contains(part), "{message}");
}

fn test(key: &str, compare_type: &str, value: &str) -> Json {
    json!({"key": key, "compareType": compare_type, "value": value})
}

#[test]
fn what_can_only_be_a_mistake_is_refused_with_advice() {
    refused(test("uplodSpeed", "smaller", "1"), ".key", "`uploadSpeed`");
    refused(test("size", "equal", "1"), ".compareType", "`equals`");
    refused(test("size", "less", "1"), ".compareType", "`smaller`");
    refused(
        test("size", "bigger", "3*"),
        ".value",
        "takes an empty one as 0",
    );
    refused(test("size", "bigger", "5*abc"), ".value", "never hold");
    refused(
        test("size", "bigger", "3d"),
        ".value",
        "a size such as 200 GiB",
    );
    refused(
        test("addedTime", "bigger", "3 GiB"),
        ".value",
        "a duration such as 3d",
    );
    refused(test("size", "equals", ""), ".value", "a number");
    refused(test("size", "equals", "1024*5"), ".value", "write 5120");
    refused(
        test("size", "contain", "1"),
        ".compareType",
        "`size` is a number",
    );
    refused(
        test("size", "notIncludeIn", "1"),
        ".compareType",
        "`size` is a number",
    );
    refused(
        test("category", "bigger", "1"),
        ".compareType",
        "`category` is a text",
    );
    refused(
        test("category", "notContain", "keep,"),
        ".value",
        "would never hold",
    );
    refused(
        test("category", "contain", "a,,b"),
        ".value",
        "would always hold",
    );
    refused(test("category", "contain", ""), ".value", "always hold");
    refused(
        test("tag", "notIncludeIn", "a,"),
        ".value",
        "no element is empty",
    );
    refused(test("tag", "bigger", "1"), ".compareType", "`tag` is a set");
    refused(test("name", "regExp", "("), ".value", "unterminated group");
    refused(
        test("private", "equals", "maybe"),
        ".value",
        "true or false",
    );
    refused(
        test("private", "regExp", "t"),
        ".compareType",
        "true or false",
    );
    refused(test("", "", ""), "", "blank condition");
    refused(
        json!({"key": "size", "compareType": "bigger"}),
        ".value",
        "nothing",
    );
    refused(
        json!({"key": "size", "compareType": "bigger", "value": null}),
        ".value",
        "null",
    );
    refused(
        json!({"key": 5, "compareType": "bigger", "value": "1"}),
        ".key",
        "found 5",
    );
    refused(
        json!({"key": "size", "compareTyp": "bigger", "compareType": "bigger", "value": "1"}),
        ".compareTyp",
        "`compareType`",
    );
    refused(json!({"any": []}), ".any", "an empty list");
    refused(
        json!({"all": test("size", "bigger", "1")}),
        ".all",
        "a list of conditions",
    );
    refused(
        json!({"not": [test("size", "bigger", "1")]}),
        ".not",
        "a condition such as",
    );
    refused(json!({"not": {}, "any": []}), "", "alone");
    refused(json!("x"), "", "a condition such as");
}

#[test]
fn blanks_around_the_texts_of_a_list_are_refused_with_the_mended_value() {
    for (key, compare_type, value, mended) in [
        ("category", "includeIn", "KEEP, KEEP2", "KEEP,KEEP2"),
        ("category", "notIncludeIn", " KEEP", "KEEP"),
        ("tags", "contain", "a ,b", "a,b"),
        ("name", "contain", "CAM, ,TS", "CAM,TS"),
        ("category", "includeIn", "tv, ", "tv,"),
        ("state", "equals", "stalledUP ", "stalledUP"),
        ("tracker", "equals", " t.example", "t.example"),
        ("tracker", "notContain", "t.example ", "t.example"),
    ] {
        let written = format!("write {mended:?}");
        refused(test(key, compare_type, value), ".value", &written);
    }
    for (key, compare_type, value) in [
        ("name", "contain", " CAM"),
        ("tags", "equals", "a, b"),
        ("tag", "contain", "a, b"),
        ("name", "regExp", "a, b"),
        ("name", "equals", "a, b "),
    ] {
        let list = json!([test(key, compare_type, value)]);
        assert_eq!(mistakes(list), [] as [&str; 0]);
    }
    for key in ["tracker", "trackers"] {
        let address = "https://t.example/PASSKEY/announce , b.example";
        refused(test(key, "contain", address), ".value", "only the host");
        let shown = mistakes(json!([test(key, "contain", address)]));
        assert!(!shown[0].contains("PASSKEY"), "{shown:?}");
    }
}

#[test]
fn every_mistake_is_reported_with_its_place() {
    let list = json!([
        test("size", "bigger", "1"),
        {"any": [test("nope", "wrong", "x"), {"not": test("size", "bigger", "x")}]},
    ]);
    let paths: Vec<String> = mistakes(list)
        .iter()
        .map(|line| line[..line.find(": ").unwrap_or(0)].to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "[1].any[0].key",
            "[1].any[0].compareType",
            "[1].any[1].not.value"
        ]
    );
}

#[test]
fn an_empty_list_is_refused_in_our_own_rules() {
    assert_eq!(mistakes(json!([])).len(), 1);
    assert_eq!(mistakes(json!({})).len(), 1);
}

#[test]
fn what_vertex_users_write_is_accepted() {
    for (key, compare_type, value) in [
        ("uploadSpeed", "smaller", "550*1024"),
        ("secondFromZero", "bigger", " 8 * 3600 "),
        ("ratio3", "equals", "+0"),
        ("trueRatio", "smaller", "Infinity"),
        ("tags", "includeIn", ","),
        ("tags", "includeIn", ""),
        ("category", "equals", ""),
        ("category", "includeIn", "tv,movies"),
        ("savePath", "notIncludeIn", ""),
        ("secondFromZero", "regExp", ""),
        ("name", "regExp", "\\p{L}"),
        ("progress", "equals", "1"),
        ("hash", "regExp", "^b0"),
    ] {
        let list = json!([test(key, compare_type, value)]);
        for dialect in [Dialect::Own, Dialect::Vertex] {
            assert!(
                Condition::parse_list(&list, dialect).is_ok(),
                "{list} in {dialect:?}"
            );
        }
    }
}

#[test]
fn rules_of_vertex_have_its_keys_and_its_values_only() {
    let accepts = |test: Json| Condition::parse_list(&json!([test]), Dialect::Vertex).is_ok();
    assert!(!accepts(test("added_on", "bigger", "1")));
    assert!(!accepts(test("hardlinked", "equals", "true")));
    assert!(!accepts(test("size", "bigger", "5 GiB")));
    assert!(!accepts(
        json!({"key": "size", "compareType": "bigger", "value": 5})
    ));
    assert!(!accepts(json!({"any": [test("size", "bigger", "1")]})));
    assert!(accepts(
        json!({"key": "size", "compareType": "bigger", "value": "5", "note": "x"})
    ));
}

#[test]
fn numbers_and_truth_values_may_be_written_as_such() {
    let list = json!([
        {"key": "size", "compareType": "bigger", "value": 1024},
        {"key": "progress", "compareType": "equals", "value": 0.5},
        {"key": "hardlinked", "compareType": "equals", "value": false},
        {"key": "category", "compareType": "equals", "value": 7},
    ]);
    let condition = Condition::parse_list(&list, Dialect::Own).expect("accepted");
    assert_eq!(
        condition.to_string(),
        "size bigger \"1024\" and progress equals \"0.5\" and hardlinked equals \"false\" and category equals \"7\""
    );
}

#[test]
fn nesting_has_a_limit() {
    let mut nested = test("size", "bigger", "1");
    for _ in 0..1_000 {
        nested = json!({ "not": nested });
    }
    let message = &mistakes(json!([nested]))[0];
    assert!(message.contains("nested at most"), "{message}");
}

proptest::proptest! {
    #[test]
    fn any_texts_are_accepted_or_refused_without_a_panic(key in 0..Key::ALL.len(), compare in 0..9_usize, value in ".*") {
        let list = json!([test(Key::ALL[key].name(), COMPARE_TYPES[compare], &value)]);
        for dialect in [Dialect::Own, Dialect::Vertex] {
            if let Err(mistakes) = Condition::parse_list(&list, dialect) {
                proptest::prop_assert!(!mistakes.is_empty());
            }
        }
    }
}
