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
    /// A number with a fraction or an exponent.
    Float(f64),
    /// Any other number, as its text.
    Number(&'a str),
    /// A text in which nothing is escaped.
    Text(&'a str),
    /// A text with its quotes and escapes, for serde.
    Escaped(&'a str),
}

/// The keys of the objects of one list, which mostly are the same in the same order.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// As they stand in the text, with quotes and colon.
    before: Vec<Box<str>>,
}

/// An object with more keys than this is nothing a server sends; the order of further ones is not remembered.
const MOST_KEYS: usize = 256;

/// A key of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    /// Its number in the object.
    pub place: usize,
    /// The object before that was handed over so far had the same one there.
    pub is_same: bool,
    /// Its text.
    pub text: &'a str,
}

impl Keys {
    /// Hands over the members of the object with which `json` begins, in order, and answers how many bytes it has.
    /// `None`: no such object is there, or it is cut off, whatever was handed over; it can still be valid JSON.
    pub(crate) fn members<'a>(
        &mut self,
        json: &'a str,
        mut each: impl FnMut(Key<'a>, Flat<'a>) -> Option<()>,
    ) -> Option<usize> {
        let mut rest = json.strip_prefix('{')?;
        if rest.starts_with('}') {
            return Some(2);
        }
        for place in 0.. {
            let (key, after) = self.key(place, rest)?;
            let (value, after) = value(after)?;
            if !key.is_same {
                self.note(place, &rest[..key.text.len() + 3]);
            }
            each(key, value)?;
            rest = match after.as_bytes().first()? {
                b',' => &after[1..],
                b'}' => return Some(json.len() - after.len() + 1),
                _ => return None,
            };
        }
        None
    }

    fn key<'a>(&self, place: usize, json: &'a str) -> Option<(Key<'a>, &'a str)> {
        if let Some(expected) = self.before.get(place)
            && let Some(after) = json.strip_prefix(&**expected)
        {
            let key = Key {
                place,
                is_same: true,
                text: &json[1..expected.len() - 2],
            };
            return Some((key, after));
        }
        let (Flat::Text(text), after) = text(json)? else {
            return None;
        };
        let key = Key {
            place,
            is_same: false,
            text,
        };
        Some((key, after.strip_prefix(':')?))
    }

    /// Notes a key that is handed over, with its quotes and colon.
    fn note(&mut self, place: usize, whole: &str) {
        match self.before.get_mut(place) {
            Some(before) => *before = whole.into(),
            None if place < MOST_KEYS => self.before.push(whole.into()),
            None => {}
        }
    }
}

fn value(json: &str) -> Option<(Flat<'_>, &str)> {
    match json.as_bytes().first()? {
        b'"' => text(json),
        b'-' | b'0'..=b'9' => number(json),
        b't' => Some((Flat::Bool(true), json.strip_prefix("true")?)),
        b'f' => Some((Flat::Bool(false), json.strip_prefix("false")?)),
        b'n' => Some((Flat::Null, json.strip_prefix("null")?)),
        _ => None,
    }
}

fn text(json: &str) -> Option<(Flat<'_>, &str)> {
    let inner = json.strip_prefix('"')?;
    let mut at = plain_length(inner.as_bytes())?;
    if inner.as_bytes()[at] == b'"' {
        return Some((Flat::Text(&inner[..at]), &inner[at + 1..]));
    }
    loop {
        at += match inner.as_bytes().get(at)? {
            b'"' => break,
            b'\\' => 2,
            _ => 1,
        };
    }
    Some((Flat::Escaped(&json[..at + 2]), &json[at + 2..]))
}

/// How many bytes come before the first quote, backslash or control character, eight looked at in one go.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The high bit of each byte that is below `limit`; those above the first one found may be wrong.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let is = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = is(word, b'"') | is(word, b'\\') | below(word, 0x20);
        if found != 0 {
            return Some(number * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let odd = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    Some(words.len() * 8 + rest.iter().position(odd)?)
}

/// A number by JSON's grammar.
fn number(json: &str) -> Option<(Flat<'_>, &str)> {
    let bytes = json.as_bytes();
    let is_negative = bytes[0] == b'-';
    let begin = usize::from(is_negative);
    let mut end = begin;
    let mut whole: i64 = 0;
    while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
        whole = whole.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        end += 1;
    }
    let digits = end - begin;
    let has_leading_zero = digits > 1 && bytes[begin] == b'0';
    if digits == 0 || has_leading_zero {
        return None;
    }
    let has_more = matches!(bytes.get(end), Some(b'.' | b'e' | b'E'));
    // Eighteen digits always fit; minus zero is no integer.
    if !has_more && digits <= 18 && !(is_negative && whole == 0) {
        let whole = if is_negative { -whole } else { whole };
        return Some((Flat::Int(whole), &json[end..]));
    }
    if !has_more {
        return Some((Flat::Number(&json[..end]), &json[end..]));
    }
    let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    end += bytes[end..].iter().take_while(is_part).count();
    let (text, after) = json.split_at(end);
    // Rust reads more forms than JSON has; of those that begin with a digit only these.
    let is_json = !text.ends_with('.') && !text.contains(".e") && !text.contains(".E");
    let number = text.parse::<f64>().ok()?;
    (is_json && number.is_finite()).then_some((Flat::Float(number), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    /// What is read, as serde would have it.
    fn read(json: &str) -> Option<Map<String, Value>> {
        let mut found = Map::new();
        let mut keys = Keys::default();
        // What the objects before had changes nothing.
        keys.members(r#"{"a":1,"x":2}"#, |_, _| Some(()))?;
        let length = keys.members(json, |key, value| {
            let value = match value {
                Flat::Null => Value::Null,
                Flat::Bool(flag) => flag.into(),
                Flat::Int(number) => number.into(),
                Flat::Float(number) => number.into(),
                Flat::Number(text) | Flat::Escaped(text) => serde_json::from_str(text).ok()?,
                Flat::Text(text) => text.into(),
            };
            found.insert(key.text.to_owned(), value);
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
        fn plain_part_ends_at_the_first_odd_byte(bytes in proptest::collection::vec(prop_oneof![
            9 => 0x20_u8..=0xff, 1 => Just(b'"'), 1 => Just(b'\\'), 1 => 0_u8..0x20,
        ], 0..40)) {
            let odd = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            prop_assert_eq!(plain_length(&bytes), odd);
        }

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
