//! The splitter compared with serde, which reads the whole text at once.

use super::*;
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

fn want(section: &str) -> Want {
    match section {
        "rows" => Want::Rows,
        "skip" => Want::Skip,
        _ => Want::Whole,
    }
}

/// The pieces of `text` when it arrives in pieces of `size` bytes.
fn pieces(text: &str, size: usize) -> Result<Vec<(String, Value)>, NotJson> {
    let mut found = Vec::new();
    let mut splitter = Splitter::new(want);
    for part in text.as_bytes().chunks(size) {
        splitter.feed(part, &mut |piece: Piece<'_>| {
            let name = match piece.row {
                Some(row) => format!("{}/{row}", piece.section),
                None => piece.section.to_owned(),
            };
            let value = serde_json::from_slice(piece.json).map_err(|_| NotJson)?;
            found.push((name, value));
            Ok(())
        })?;
    }
    splitter.finish().map(|()| found)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let expected: Result<Value, _> = serde_json::from_str(expected);
    for size in [1, 2, 3, 7, 1000] {
        let found = pieces(text, size).map(|found| {
            let found = found
                .into_iter()
                .map(|(name, value)| serde_json::json!([name, value]));
            Value::Array(found.collect())
        });
        assert_eq!(
            found.ok(),
            expected.as_ref().ok().cloned(),
            "{text} by {size}"
        );
    }
}

#[test]
fn hands_over_members_and_rows() {
    check("{}", "[]");
    check(
        " {\n\"rid\" : 7 , \"a\":true}\n",
        r#"[["rid", 7], ["a", true]]"#,
    );
    check(
        r#"{"rows":{"x":{"n":"}\"{","l":[1,{}]},"y\u0041":null,"z":3},"skip":{"q":[1]},"s":"a\\"}"#,
        r#"[["rows/x", {"n": "}\"{", "l": [1, {}]}], ["rows/yA", null], ["rows/z", 3], ["s", "a\\"]]"#,
    );
    check(
        r#"{"rows":{},"o":{"rows":{"a":1}}}"#,
        r#"[["o", {"rows": {"a": 1}}]]"#,
    );
    check(r#"{"rows":null}"#, r#"[["rows", null]]"#);
    check(
        r#"{"rows":{"rows":{"rows":1}}}"#,
        r#"[["rows/rows", {"rows": 1}]]"#,
    );
}

#[test]
fn refuses_what_is_cut_off_or_no_json() {
    let whole = r#"{"rid":1,"rows":{"x":{"n":1}},"s":"a"}"#;
    for length in 0..whole.len() {
        check(&whole[..length], "");
    }
    for text in [
        "[]",
        "null",
        "<html>",
        "{}{}",
        "{} x",
        "{,}",
        r#"{"a":}"#,
        r#"{"a"}"#,
        r#"{"a":1,}"#,
        r#"{"a":1 2}"#,
        r#"{"a":1"b":2}"#,
        r#"{"rows":{"x":{}]}"#,
        r#"{a:1}"#,
        r#"{"a":tru}"#,
        r#"{"rows":{"x":{"n"}}}"#,
    ] {
        check(text, "");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        r#"[a{}\[\],:"\\é ]{0,4}"#.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("rows".to_owned()),
            Just("skip".to_owned()),
            r#"[a"\\}]{0,2}"#
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// With every piece checked, exactly what is a JSON object is taken, however it arrives and wherever a byte
    /// of it was changed.
    #[test]
    fn agrees_with_serde_about_what_is_an_object(
        value in prop::collection::btree_map("rows|skip|[a-c]", any_json(), 0..4),
        is_pretty in any::<bool>(),
        change in prop::option::of((any::<prop::sample::Index>(), r#"[{}\[\],:"\\ 1n]?"#)),
        size in 1_usize..9,
    ) {
        let mut text = match is_pretty {
            true => serde_json::to_string_pretty(&value),
            false => serde_json::to_string(&value),
        }.unwrap();
        if let Some((at, with)) = change {
            let places: Vec<(usize, char)> = text.char_indices().collect();
            let (at, old) = places[at.index(places.len())];
            text.replace_range(at..at + old.len_utf8(), &with);
        }
        let mut splitter = Splitter::new(|section| match want(section) {
            Want::Rows => Want::Rows,
            Want::Skip | Want::Whole => Want::Whole,
        });
        let mut taken = Ok(());
        for part in text.as_bytes().chunks(size) {
            taken = taken.and_then(|()| splitter.feed(part, &mut |piece: Piece<'_>| {
                serde_json::from_slice::<IgnoredAny>(piece.json).map(drop).map_err(|_| NotJson)
            }));
        }
        let taken = taken.and_then(|()| splitter.finish());
        let is_object = text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(&text).is_ok();
        prop_assert_eq!(taken.is_ok(), is_object, "{}", text);
    }
}

#[test]
fn refuses_keys_and_values_without_end() {
    let piece = vec![b'n'; 1 << 20];
    for begin in [
        r#"{"rows":{"a":""#,
        r#"{"rows":{"a":{"b":""#,
        r#"{"rows":{""#,
        r#"{"rows":1"#,
    ] {
        let mut splitter = Splitter::new(|_| Want::Rows);
        let mut nobody = |_: Piece<'_>| Ok(());
        splitter.feed(begin.as_bytes(), &mut nobody).unwrap();
        let fed = (0..20).take_while(|_| splitter.feed(&piece, &mut nobody).is_ok());
        let count = fed.count();
        assert!((15..=16).contains(&count), "{begin}: {count}");
    }
}
