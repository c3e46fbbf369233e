//! Flat JSON objects as servers send them by the ten thousand, read without a tree of values and without a parser's
//! generality: no blanks between the parts, no values within values. Whatever is not plainly so is left to serde.

/// A value that is no object and no list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Flat<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent, of eighteen digits at most.
    Int(i64),
    /// Any other number, as its text.
    Number(&'a str),
    /// A text in which nothing is escaped.
    Text(&'a str),
    /// A text with its quotes and escapes, for serde.
    Escaped(&'a str),
}

/// Hands over the members of the object with which `json` begins, in order, and answers how many bytes it has. `None`:
/// no such object is there, or it is cut off, whatever was handed over; it can still be valid JSON.
pub(crate) fn members<'a>(
    json: &'a [u8],
    mut each: impl FnMut(&'a str, Flat<'a>) -> Option<()>,
) -> Option<usize> {
    let mut rest = json.strip_prefix(b"{")?;
    if rest.first() == Some(&b'}') {
        return Some(2);
    }
    loop {
        let (Flat::Text(key), after) = text(rest)? else {
            return None;
        };
        let (value, after) = value(after.strip_prefix(b":")?)?;
        each(key, value)?;
        let (next, after) = after.split_first()?;
        match next {
            b',' => rest = after,
            b'}' => return Some(json.len() - after.len()),
            _ => return None,
        }
    }
}

fn value(json: &[u8]) -> Option<(Flat<'_>, &[u8])> {
    match json.first()? {
        b'"' => text(json),
        b'-' | b'0'..=b'9' => number(json),
        b't' => Some((Flat::Bool(true), json.strip_prefix(b"true")?)),
        b'f' => Some((Flat::Bool(false), json.strip_prefix(b"false")?)),
        b'n' => Some((Flat::Null, json.strip_prefix(b"null")?)),
        _ => None,
    }
}

fn text(json: &[u8]) -> Option<(Flat<'_>, &[u8])> {
    let inner = json.strip_prefix(b"\"")?;
    let ends_or_odd = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let mut at = inner.iter().position(ends_or_odd)?;
    if inner[at] == b'"' {
        let text = std::str::from_utf8(&inner[..at]).ok()?;
        return Some((Flat::Text(text), &inner[at + 1..]));
    }
    loop {
        at += match inner.get(at)? {
            b'"' => break,
            b'\\' => 2,
            _ => 1,
        };
    }
    let (whole, after) = json.split_at(at + 2);
    Some((Flat::Escaped(std::str::from_utf8(whole).ok()?), after))
}

/// A number by JSON's grammar.
fn number(json: &[u8]) -> Option<(Flat<'_>, &[u8])> {
    let is_negative = json[0] == b'-';
    let begin = usize::from(is_negative);
    let mut end = begin;
    let mut whole: i64 = 0;
    while let Some(digit) = json.get(end).filter(|byte| byte.is_ascii_digit()) {
        whole = whole.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        end += 1;
    }
    let digits = end - begin;
    let has_leading_zero = digits > 1 && json[begin] == b'0';
    if digits == 0 || has_leading_zero {
        return None;
    }
    let has_more = matches!(json.get(end), Some(b'.' | b'e' | b'E'));
    // Eighteen digits always fit; minus zero is no integer.
    if !has_more && digits <= 18 && !(is_negative && whole == 0) {
        let whole = if is_negative { -whole } else { whole };
        return Some((Flat::Int(whole), &json[end..]));
    }
    let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    end += json[end..].iter().take_while(is_part).count();
    let (text, after) = json.split_at(end);
    let text = std::str::from_utf8(text).ok()?;
    // Rust reads more forms than JSON has; of those that begin with a digit only these.
    let is_json = !text.ends_with('.') && !text.contains(".e") && !text.contains(".E");
    let is_number = is_json && text.parse::<f64>().is_ok_and(f64::is_finite);
    is_number.then_some((Flat::Number(text), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    /// What is read, as serde would have it.
    fn read(json: &str) -> Option<Map<String, Value>> {
        let mut found = Map::new();
        let length = members(json.as_bytes(), |key, value| {
            let value = match value {
                Flat::Null => Value::Null,
                Flat::Bool(flag) => flag.into(),
                Flat::Int(number) => number.into(),
                Flat::Number(text) | Flat::Escaped(text) => serde_json::from_str(text).ok()?,
                Flat::Text(text) => text.into(),
            };
            found.insert(key.to_owned(), value);
            Some(())
        })?;
        (length == json.len()).then_some(found)
    }

    #[track_caller]
    fn check(json: &str, is_read: bool) {
        let found = read(json);
        assert_eq!(found.is_some(), is_read, "{json}");
        if let Some(found) = found {
            assert_eq!(serde_json::from_str::<Map<_, _>>(json).ok(), Some(found));
        }
    }

    #[test]
    fn reads_what_servers_send() {
        check("{}", true);
        check(r#"{"a":1,"b":-20,"c":0,"d":-1.5,"e":1e3,"f":2.5E-7}"#, true);
        check(r#"{"a":null,"b":true,"c":false,"d":"","e":"ü 種子"}"#, true);
        check(r#"{"a":"x\"},\"y","b":"\\","c":"\u00e9\n"}"#, true);
        check(
            r#"{"a":18446744073709551615,"b":-9223372036854775808}"#,
            true,
        );
        check(
            r#"{"a":123456789012345678,"b":1234567890123456789,"c":-0}"#,
            true,
        );
        check(r#"{"a":1,"a":2}"#, true);
    }

    #[test]
    fn leaves_the_rest_to_serde() {
        for json in [
            "",
            "{",
            "[1]",
            "{} ",
            r#"{"a":[1]}"#,
            r#"{"a":{}}"#,
            r#"{"a": 1}"#,
            r#"{"a":1,}"#,
            r#"{"a":1"#,
            r#"{"a"}"#,
            r#"{"a":"x}"#,
            r#"{"a":"x\"#,
            r#"{"a":"x\"}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":.5}"#,
            r#"{"a":1.e5}"#,
            r#"{"a":-}"#,
            r#"{"a":+1}"#,
            r#"{"a":1e}"#,
            r#"{"a":1e999}"#,
            r#"{"a":nul}"#,
            r#"{"a":truee}"#,
            r#"{"a\u0041":1}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":1}}"#,
            r#"{"a":1}x"#,
            r#"{"a":1-2}"#,
            r#"{"a":1.5-2}"#,
        ] {
            check(json, false);
        }
    }

    proptest! {
        #[test]
        fn agrees_with_serde(
            fields in proptest::collection::vec(("[a-z_]{1,8}", prop_oneof![
                any::<i64>().prop_map(Value::from), any::<u64>().prop_map(Value::from),
                any::<f64>().prop_map(Value::from), ".{0,12}".prop_map(Value::from),
                any::<bool>().prop_map(Value::from), Just(Value::Null),
            ]), 0..8),
            cut in 0_usize..200,
        ) {
            let object: Map<String, Value> = fields.into_iter().collect();
            let json = serde_json::to_string(&object).unwrap();
            prop_assert_eq!(read(&json), Some(object));
            if let Some(part) = json.get(..cut.min(json.len() - 1)) {
                prop_assert_eq!(read(part), None);
            }
        }
    }
}
