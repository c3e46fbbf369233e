//! Values as JavaScript sees them: what a condition reads from an item, and the two conversions between
//! numbers and text, which follow ECMAScript to the digit because Vertex's conditions rely on them.

use std::borrow::Cow;
use std::fmt;

use crate::core::model::Unknown;

/// What an item has under a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// The item has no such field.
    Undefined,
    /// The field is there and empty (`null` in the Web API).
    Null,
    /// True or false.
    Bool(bool),
    /// Any number; NaN and the infinities occur in ratios.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts, joined by commas as qBittorrent joins tags; blanks around each are not part of it.
    Set(Cow<'a, str>),
    /// Not known, with the reason in words; no condition on it holds, nor does its opposite.
    Unknown(Unknown),
}

impl<'a> Value<'a> {
    /// A text without a copy.
    pub fn text(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }

    /// A known truth, or unknown for this reason.
    pub fn flag_or_unknown(flag: Option<bool>, reason: &'static str) -> Value<'a> {
        match flag {
            Some(flag) => Value::Bool(flag),
            None => Value::Unknown(Unknown::not_sent(reason)),
        }
    }

    /// The same value, borrowing from nothing.
    pub fn into_owned(self) -> Value<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Value::Undefined => Value::Undefined,
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Bool(flag),
            Value::Number(number) => Value::Number(number),
            Value::Text(text) => Value::Text(owned(text)),
            Value::Set(text) => Value::Set(owned(text)),
            Value::Unknown(why) => Value::Unknown(why),
        }
    }

    /// `Number(value)`: what arithmetic and order make of it. Unknown is NaN, but callers look for it first.
    pub fn to_number(&self) -> f64 {
        match self {
            Value::Undefined | Value::Unknown(_) => f64::NAN,
            Value::Null => 0.0,
            Value::Bool(flag) => f64::from(u8::from(*flag)),
            Value::Number(number) => *number,
            Value::Text(text) | Value::Set(text) => number_of(text),
        }
    }

    /// `String(value)`: what a regular expression sees.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Value::Undefined => Cow::Borrowed("undefined"),
            Value::Null => Cow::Borrowed("null"),
            Value::Bool(true) => Cow::Borrowed("true"),
            Value::Bool(false) => Cow::Borrowed("false"),
            Value::Number(number) => text_of(*number),
            Value::Text(text) | Value::Set(text) => Cow::Borrowed(text),
            Value::Unknown(why) => Cow::Owned(format!("unknown ({why})")),
        }
    }
}

impl fmt::Display for Value<'_> {
    /// As shown in a plan: texts in quotation marks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) | Value::Set(text) => write!(f, "{text:?}"),
            Value::Undefined => f.write_str("missing"),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown(_) => {
                f.write_str(&self.to_text())
            }
        }
    }
}

/// White space and line ends of ECMAScript, which `Number(text)` drops at both ends.
pub fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{3000}'
                | '\u{feff}'
    )
}

/// `Number(text)`: blanks are 0, and what is no number is NaN.
pub fn number_of(text: &str) -> f64 {
    let text = text.trim_matches(is_blank);
    if text.is_empty() {
        return 0.0;
    }
    let radix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => Some(16),
        [b'0', b'o' | b'O', ..] => Some(8),
        [b'0', b'b' | b'B', ..] => Some(2),
        _ => None,
    };
    match radix {
        Some(radix) => whole_number_of(&text[2..], radix),
        None => decimal_number_of(text),
    }
}

/// Rust reads the same decimal forms with the same rounding, but also words that JavaScript does not know.
fn decimal_number_of(text: &str) -> f64 {
    let (sign, unsigned) = match text.as_bytes()[0] {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if unsigned == "Infinity" {
        return sign * f64::INFINITY;
    }
    let begins_as_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !begins_as_number {
        return f64::NAN;
    }
    unsigned
        .parse::<f64>()
        .map_or(f64::NAN, |number| sign * number)
}

/// Digits of a power-of-two radix, rounded to the nearest double, ties to even.
fn whole_number_of(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() {
        return f64::NAN;
    }
    let bits = radix.trailing_zeros();
    let mut kept: u128 = 0;
    let mut dropped_bits: i32 = 0;
    let mut lost_something = false;
    for c in digits.chars() {
        let Some(digit) = c.to_digit(radix) else {
            return f64::NAN;
        };
        if kept >> 120 == 0 {
            kept = (kept << bits) | u128::from(digit);
        } else {
            dropped_bits = dropped_bits.saturating_add(bits as i32);
            lost_something |= digit != 0;
        }
    }
    // The lowest of more than 120 bits is far below the rounding position: it only has to break a tie.
    let rounded = (kept | u128::from(lost_something)) as f64;
    rounded * 2f64.powi(dropped_bits)
}

/// `String(number)`.
pub fn text_of(number: f64) -> Cow<'static, str> {
    if number.is_nan() {
        return Cow::Borrowed("NaN");
    }
    if number == 0.0 {
        return Cow::Borrowed("0");
    }
    if number.is_infinite() {
        return Cow::Borrowed(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
    }
    // Rust prints the shortest digits that read back as the same number, which is what ECMAScript asks for.
    let scientific = format!("{:e}", number.abs());
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return Cow::Owned(scientific);
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let sign = if number < 0.0 { "-" } else { "" };
    Cow::Owned(format!("{sign}{}", layout(&digits, point)))
}

/// `digits` with the decimal point after `point` of them, in the layout of ECMAScript's Number::toString.
fn layout(digits: &str, point: i32) -> String {
    let count = digits.len() as i32;
    if (count..=21).contains(&point) {
        let zeros = "0".repeat((point - count) as usize);
        return format!("{digits}{zeros}");
    }
    if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(point as usize);
        return format!("{whole}.{fraction}");
    }
    if (-5..=0).contains(&point) {
        let zeros = "0".repeat((-point) as usize);
        return format!("0.{zeros}{digits}");
    }
    let exponent = point - 1;
    let (first, rest) = digits.split_at(1);
    let dot = if rest.is_empty() { "" } else { "." };
    format!("{first}{dot}{rest}e{exponent:+}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: f64) {
        let got = number_of(text);
        assert!(
            got == expected || (got.is_nan() && expected.is_nan()),
            "Number({text:?}) is {expected}, got {got}"
        );
    }

    #[test]
    fn reads_numbers_as_javascript_does() {
        for (text, expected) in [
            ("", 0.0),
            (" \t\n\u{a0}\u{feff}\u{3000}", 0.0),
            (" 5 ", 5.0),
            ("1e3", 1000.0),
            ("1E+3", 1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+5", 5.0),
            ("-1", -1.0),
            ("-.5e1", -5.0),
            ("0x10", 16.0),
            ("0XfF", 255.0),
            ("0o17", 15.0),
            ("0b11", 3.0),
            ("Infinity", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("+Infinity", f64::INFINITY),
            ("0123", 123.0),
            ("1e400", f64::INFINITY),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("0x20000000000001", 9_007_199_254_740_992.0),
            ("0x20000000000003", 9_007_199_254_740_996.0),
        ] {
            reads(text, expected);
        }
    }

    #[test]
    fn what_is_no_number_is_nan() {
        for text in [
            "1,024",
            "1_000",
            "10GB",
            "1/2",
            "2+3",
            "１０",
            "abc",
            "NaN",
            "nan",
            "inf",
            "infinity",
            "INFINITY",
            "--1",
            "+-1",
            "- 1",
            ".",
            "e5",
            "1e",
            "1e+",
            "0x",
            "0b2",
            "0o8",
            "-0x10",
            "+0x10",
            "5 5",
            "1e3.5",
            "\u{200b}1",
            "\u{85}1",
        ] {
            reads(text, f64::NAN);
        }
    }

    #[test]
    fn long_binary_numbers_round_to_even_with_a_sticky_rest() {
        let half = format!("0x1{}", "0".repeat(60));
        reads(&half, 2f64.powi(240));
        // Exactly between two doubles: to even; a bit far behind tips it upwards.
        reads(
            &format!("0x20000000000001{}", "0".repeat(40)),
            2f64.powi(213),
        );
        reads(
            &format!("0x20000000000001{}1", "0".repeat(39)),
            2f64.powi(213) + 2f64.powi(161),
        );
        reads(&format!("0x1{}", "0".repeat(400)), f64::INFINITY);
    }

    #[track_caller]
    fn writes(number: f64, expected: &str) {
        assert_eq!(text_of(number), expected);
    }

    #[test]
    fn writes_numbers_as_javascript_does() {
        for (number, expected) in [
            (0.1, "0.1"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (0.000_001, "0.000001"),
            (0.1 * 3.0, "0.30000000000000004"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (-1234.5, "-1234.5"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (53_687_091_200.0, "53687091200"),
            (100.0, "100"),
        ] {
            writes(number, expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_number_reads_back_from_its_text(bits: u64) {
            let number = f64::from_bits(bits);
            let back = number_of(&text_of(number));
            proptest::prop_assert!(back == number || (back.is_nan() && number.is_nan()));
        }

        #[test]
        fn reading_any_text_ends(text: String) {
            number_of(&text);
        }
    }
}
