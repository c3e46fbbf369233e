use super::*;
use crate::core::rules::Dialect;
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A subject with a few values; what is not named is missing.
struct Item(BTreeMap<Key, Value<'static>>);

impl Subject for Item {
    fn value(&self, key: Key) -> Value<'_> {
        self.0.get(&key).cloned().unwrap_or(Value::Undefined)
    }

    fn is_sent(&self, key: Key) -> bool {
        self.0
            .get(&key)
            .is_some_and(|value| *value != Value::Undefined)
    }
}

fn item() -> Item {
    Item(BTreeMap::from([
        (Key::Name, Value::text("Show.S01E02")),
        (Key::Category, Value::text("123")),
        (Key::Tags, Value::text("a, keep")),
        (Key::Tag, Value::Set(Cow::Borrowed("a, keep"))),
        (Key::SavePath, Value::text("")),
        (Key::Comment, Value::Null),
        (Key::Size, Value::Number(1024.0)),
        (Key::Ratio, Value::Number(f64::NAN)),
        (Key::Ratio3, Value::Number(f64::INFINITY)),
        (Key::Completed, Value::Number(-0.0)),
        (Key::Downloaded, Value::Null),
        (
            Key::FreeSpace,
            Value::Unknown(crate::core::model::Unknown::no_answer("the server says 0")),
        ),
        (Key::Private, Value::Bool(true)),
    ]))
}

#[track_caller]
fn check(condition: serde_json::Value, expected: Outcome) {
    check_as(condition, Unsent::IsUndefined, expected);
}

#[track_caller]
fn check_as(condition: serde_json::Value, unsent: Unsent, expected: Outcome) {
    let parsed = Condition::parse(&condition, Dialect::Own)
        .unwrap_or_else(|mistakes| panic!("{condition}: {}", mistakes[0]));
    assert_eq!(parsed.judge_as(&item(), unsent), expected, "{parsed}");
    assert_eq!(
        parsed.explain(&item(), unsent).outcome,
        expected,
        "{parsed} explained"
    );
}

#[track_caller]
fn test(key: &str, compare_type: &str, value: &str, expected: Outcome) {
    check(
        json!({"key": key, "compareType": compare_type, "value": value}),
        expected,
    );
}

use Outcome::{Error, No, Unknown, Yes};

#[test]
fn equals_wants_the_identical_text_or_the_same_number() {
    test("name", "equals", "Show.S01E02", Yes);
    test("name", "equals", "show.s01e02", No);
    test("category", "equals", "0123", No);
    test("savePath", "equals", "", Yes);
    test("size", "equals", " 1024 ", Yes);
    test("size", "equals", "0x400", Yes);
    test("size", "equals", "1 KiB", Yes);
    test("completed", "equals", "0", Yes);
    test("ratio", "equals", "0", No);
    test("downloaded", "equals", "0", No);
    test("uploaded", "equals", "0", No);
}

#[test]
fn order_is_strict_and_nan_never_holds() {
    test("size", "bigger", "1023", Yes);
    test("size", "bigger", "1024", No);
    test("size", "smaller", "1024", No);
    test("size", "smaller", "2*1024", Yes);
    test("ratio", "bigger", "-1", No);
    test("ratio", "smaller", "1", No);
    test("ratio3", "bigger", "1e300", Yes);
    test("ratio3", "bigger", "Infinity", No);
    test("downloaded", "smaller", "1", Yes);
    test("uploaded", "smaller", "1", No);
}

#[test]
fn lists_are_split_at_commas_and_not_trimmed() {
    test("name", "contain", "zzz,S01", Yes);
    test("name", "notContain", "zzz,yyy", Yes);
    test("category", "includeIn", "12,123", Yes);
    test("savePath", "includeIn", "tv,", Yes);
    test("comment", "contain", "x", Error);
    test("comment", "notContain", "x", Error);
    test("comment", "notIncludeIn", "x", Yes);
    test("content_path", "contain", "x", Unknown);
}

#[test]
fn parts_of_lists_of_vertex_are_not_trimmed() {
    for (key, compare_type, value, expected) in [
        ("name", "contain", "zzz, S01", No),
        ("category", "notIncludeIn", "12, 123", Yes),
    ] {
        let json = json!({"key": key, "compareType": compare_type, "value": value});
        let condition = Condition::parse(&json, Dialect::Vertex).expect("accepted");
        assert_eq!(condition.judge(&item()), expected, "{condition}");
    }
}

#[test]
fn patterns_see_the_text_form() {
    test("name", "regExp", "S\\d{2}", Yes);
    test("name", "notRegExp", "S\\d{2}", No);
    test("size", "regExp", "^1024$", Yes);
    test("ratio", "regExp", "^NaN$", Yes);
    test("ratio3", "regExp", "^Infinity$", Yes);
    test("completed", "regExp", "^0$", Yes);
    test("comment", "regExp", "^null$", Yes);
    test("hash", "regExp", "^undef", Yes);
    test("content_path", "regExp", "", Unknown);
}

#[test]
fn a_pattern_that_takes_too_long_is_an_error() {
    let mut item = item();
    item.0
        .insert(Key::Name, Value::Text("a".repeat(300).into()));
    let hostile = json!({"key": "name", "compareType": "regExp", "value": "^(a+)+\\1b"});
    let condition = Condition::parse(&hostile, Dialect::Own).expect("valid");
    assert_eq!(condition.judge(&item), Error);
}

#[test]
fn flags_and_tags_have_comparisons_of_their_own() {
    check(
        json!({"key": "private", "compareType": "equals", "value": true}),
        Yes,
    );
    test("private", "equals", "false", No);
    test("hardlinked", "equals", "false", Unknown);
    test("tag", "contain", "keep", Yes);
    test("tag", "contain", "kee", No);
    test("tag", "notContain", "x, kee", Yes);
    test("tag", "includeIn", "b,a", Yes);
    test("tag", "equals", "keep, a", Yes);
    test("tag", "equals", "keep", No);
    test("tag", "regExp", "^k", Yes);
}

fn yes() -> serde_json::Value {
    json!({"key": "size", "compareType": "equals", "value": "1024"})
}

fn no() -> serde_json::Value {
    json!({"key": "size", "compareType": "equals", "value": "1"})
}

fn unknown() -> serde_json::Value {
    json!({"key": "freeSpace", "compareType": "smaller", "value": "1 GiB"})
}

fn error() -> serde_json::Value {
    json!({"key": "comment", "compareType": "contain", "value": "x"})
}

#[test]
fn unknown_is_neither_yes_nor_no() {
    check(unknown(), Unknown);
    check(json!({"not": unknown()}), Unknown);
    check(json!({"all": [unknown(), yes()]}), Unknown);
    check(json!({"all": [unknown(), no()]}), No);
    check(json!({"any": [unknown(), no()]}), Unknown);
    check(json!({"any": [unknown(), yes()]}), Yes);
}

/// Nothing was sent of `hash` (Vertex's key) and `seedingTime` (ours).
#[test]
fn what_was_not_sent_matches_nothing_and_neither_does_its_opposite() {
    let hash = |compare: &str| json!({"key": "hash", "compareType": compare, "value": "x"});
    let seeded = json!({"key": "seedingTime", "compareType": "bigger", "value": "1d"});
    use Unsent::{IsUndefined, IsUnknown, MatchesNothing};
    check_as(hash("equals"), MatchesNothing, No);
    check_as(hash("equals"), IsUnknown, Unknown);
    check_as(hash("notIncludeIn"), IsUndefined, Yes);
    check_as(hash("notIncludeIn"), MatchesNothing, Unknown);
    check_as(hash("notContain"), MatchesNothing, Error);
    for unsent in [IsUndefined, MatchesNothing, IsUnknown] {
        check_as(json!({"not": hash("equals")}), unsent, Unknown);
        check_as(seeded.clone(), unsent, Unknown);
        check_as(json!({"not": seeded}), unsent, Unknown);
        check_as(json!({"not": {"not": hash("equals")}}), unsent, Unknown);
        check_as(json!({"any": [{"not": seeded}, yes()]}), unsent, Yes);
    }
}

#[test]
fn an_error_counts_only_where_vertex_would_reach_it() {
    check(json!({"all": [error(), no()]}), Error);
    check(json!({"all": [no(), error()]}), No);
    check(json!({"all": [unknown(), error()]}), Error);
    check(json!({"not": error()}), Error);
    check(json!({"any": [error(), no()]}), Error);
    check(json!({"any": [error(), yes()]}), Yes);
    check(json!({"any": [error(), unknown()]}), Error);
    check(json!({"any": [unknown(), error()]}), Error);
}

#[test]
fn nesting_combines() {
    check(json!({"all": [yes(), {"any": [no(), {"not": no()}]}]}), Yes);
    check(json!({"not": {"all": [yes(), yes()]}}), No);
}

#[test]
fn an_empty_list_of_vertex_never_holds() {
    let empty = Condition::parse_list(&json!([]), Dialect::Vertex).expect("accepted");
    assert_eq!(empty.judge(&item()), No);
}

#[test]
fn explains_each_part_with_the_value_seen() {
    let json = json!([yes(), {"any": [unknown(), error()]}]);
    let condition = Condition::parse_list(&json, Dialect::Own).expect("valid");
    let explained = condition.explain(&item(), Unsent::IsUndefined);
    let parts = &explained.parts[1].parts;
    assert_eq!(explained.parts[0].seen.as_deref(), Some("1024"));
    assert_eq!(
        parts[0].condition,
        "freeSpace smaller \"1 GiB\" (= 1073741824)"
    );
    assert_eq!(
        parts[0].seen.as_deref(),
        Some("unknown (the server says 0)")
    );
    assert_eq!(parts[1].seen.as_deref(), Some("null"));
    assert_eq!(parts[1].outcome, Error);
}

#[test]
fn tells_which_keys_it_needs() {
    let json = json!([yes(), {"not": {"any": [unknown(), error()]}}]);
    let condition = Condition::parse_list(&json, Dialect::Own).expect("valid");
    let keys = [Key::Size, Key::FreeSpace, Key::Comment];
    assert_eq!(condition.keys(), BTreeSet::from(keys));
}

/// Any value that an item can have.
fn values() -> impl proptest::strategy::Strategy<Value = Value<'static>> {
    use proptest::prelude::*;
    prop_oneof![
        Just(Value::Undefined),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        (-3i32..3).prop_map(|number| Value::Number(number.into())),
        "[a-c, 1]{0,6}".prop_map(|text| Value::Text(text.into())),
        "[a-c, ]{0,6}".prop_map(|text| Value::Set(text.into())),
        Just(Value::Unknown(crate::core::model::Unknown::not_read("x"))),
    ]
}

/// Trees of tests on two keys with values that sometimes fit.
fn trees() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    let compare = prop::sample::select(crate::core::rules::COMPARE_TYPES.to_vec());
    let key = prop::sample::select(vec!["size", "name", "private", "tag"]);
    let leaf = (key, compare, "[a-c1,*(]{0,4}").prop_map(
        |(key, compare, value)| json!({"key": key, "compareType": compare, "value": value}),
    );
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| json!({ "all": parts })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|parts| json!({ "any": parts })),
            inner.prop_map(|part| json!({ "not": part })),
        ]
    })
}

proptest::proptest! {
    #[test]
    fn any_condition_on_any_values_has_one_answer_and_not_turns_it(tree in trees(), size in values(), name in values(), private in values(), tag in values()) {
        let item = Item(BTreeMap::from([(Key::Size, size), (Key::Name, name), (Key::Private, private), (Key::Tag, tag)]));
        if let Ok(condition) = Condition::parse(&tree, Dialect::Own) {
            let answer = condition.judge_as(&item, Unsent::IsUnknown);
            proptest::prop_assert_eq!(condition.explain(&item, Unsent::IsUnknown).outcome, answer);
            let opposite = Condition::Not(Box::new(condition)).judge(&item);
            let expected = match answer {
                Yes => No,
                No => Yes,
                Unknown | Error => answer,
            };
            proptest::prop_assert_eq!(opposite, expected);
        }
    }
}

#[test]
fn shows_no_addresses_of_trackers() {
    let link = "magnet:?xt=urn:btih:0123&dn=x&tr=https%3A%2F%2Ft.example%2FPASSKEY%2Fannounce";
    let item = Item(BTreeMap::from([
        (Key::MagnetUri, Value::text(link)),
        (
            Key::TrackerStatus,
            Value::text("cannot ask https://t.example/PASSKEY/announce"),
        ),
    ]));
    for key in ["magnet_uri", "trackerStatus"] {
        let condition =
            serde_json::json!({ "key": key, "compareType": "notContain", "value": "zzz" });
        let condition = Condition::parse(&condition, Dialect::Own).unwrap();
        let seen = condition.explain(&item, Unsent::IsUndefined).seen.unwrap();
        assert!(!seen.contains("PASSKEY"), "{key}: {seen}");
        assert_eq!(seen.contains("0123"), key == "magnet_uri", "{seen}");
    }
}
