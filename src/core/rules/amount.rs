//! Numbers as users write them in conditions: Vertex's products (`1024*1024*5`), and our sizes (`550 KiB`) and
//! durations (`3d`), converted to the unit of the key when the configuration is loaded.

use super::key::Kind;
use super::mistake::Mistake;
use super::parse::Dialect;
use super::value::{is_blank, number_of, text_of};

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    expected: String,
    advice: Option<String>,
}

impl Problem {
    fn new(expected: impl Into<String>) -> Problem {
        Problem {
            expected: expected.into(),
            advice: None,
        }
    }

    fn advise(mut self, advice: impl Into<String>) -> Problem {
        self.advice = Some(advice.into());
        self
    }

    /// The mistake that this is at `path`, where `value` stands.
    pub(super) fn at(self, path: &str, value: &str) -> Mistake {
        let mistake = Mistake::new(path, format!("{value:?}"), self.expected);
        match self.advice {
            Some(advice) => mistake.advise(advice),
            None => mistake,
        }
    }
}

/// The product of the factors between `*` signs, in plain double arithmetic from the left.
pub(super) fn product_of(text: &str, kind: Kind, dialect: Dialect) -> Result<f64, Problem> {
    let mut product = 1.0;
    for factor in text.split('*') {
        product *= factor_of(factor, kind, dialect)?;
    }
    Ok(product)
}

/// One number; Vertex does not multiply under `equals`.
pub(super) fn single_of(text: &str, kind: Kind, dialect: Dialect) -> Result<f64, Problem> {
    if !text.contains('*') {
        return factor_of(text, kind, dialect);
    }
    let problem = Problem::new("one number: `equals` does not multiply");
    Err(match product_of(text, kind, dialect) {
        Ok(product) => problem.advise(format!("write {}", text_of(product))),
        Err(_) => problem,
    })
}

fn factor_of(text: &str, kind: Kind, dialect: Dialect) -> Result<f64, Problem> {
    let text = text.trim_matches(is_blank);
    if text.is_empty() {
        return Err(Problem::new("a number").advise("Vertex takes an empty one as 0"));
    }
    let number = number_of(text);
    if !number.is_nan() {
        return Ok(number);
    }
    let with_unit = match dialect {
        Dialect::Own => amount_of(text, kind),
        Dialect::Vertex => None,
    };
    with_unit.ok_or_else(|| {
        Problem::new(expected_of(kind, dialect))
            .advise("no number compares with it, so the condition would never hold")
    })
}

fn expected_of(kind: Kind, dialect: Dialect) -> &'static str {
    match (kind, dialect) {
        (_, Dialect::Vertex) => "a number, or a product such as 1024*1024*5",
        (Kind::Bytes, Dialect::Own) => "a size such as 200 GiB, or a number of bytes",
        (Kind::Speed, Dialect::Own) => "a speed such as 550 KiB, or a number of bytes per second",
        (Kind::Seconds, Dialect::Own) => "a duration such as 3d, or a number of seconds",
        (Kind::Minutes, Dialect::Own) => "a duration such as 3d, or a number of minutes",
        (Kind::Time, Dialect::Own) => "a time in Unix seconds",
        (Kind::Number | Kind::Text | Kind::Flag | Kind::Set, Dialect::Own) => "a number",
    }
}

fn amount_of(text: &str, kind: Kind) -> Option<f64> {
    match kind {
        Kind::Bytes => size_of(text),
        Kind::Speed => size_of(text.strip_suffix("/s").unwrap_or(text)),
        Kind::Seconds => duration_of(text),
        Kind::Minutes => duration_of(text).map(|seconds| seconds / 60.0),
        Kind::Time | Kind::Number | Kind::Text | Kind::Flag | Kind::Set => None,
    }
}

/// A duration in the words of humantime, in seconds.
fn duration_of(text: &str) -> Option<f64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let duration = humantime::parse_duration(text).ok()?;
    Some(sign * duration.as_secs_f64())
}

/// A number with a unit of size: `KiB` to `PiB` are powers of 1024, `KB` to `PB` powers of 1000.
fn size_of(text: &str) -> Option<f64> {
    let split = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))?;
    let (number, unit) = text.split_at(split);
    let number = number_of(number);
    if number.is_nan() || split == 0 {
        return None;
    }
    let unit = unit.trim_matches(is_blank).to_ascii_lowercase();
    let step = |letter: u8| "kmgtp".bytes().position(|known| known == letter);
    let factor = match unit.as_bytes() {
        b"b" => 1.0,
        [letter, b'i', b'b'] => 1024f64.powi(step(*letter)? as i32 + 1),
        [letter, b'b'] => 1000f64.powi(step(*letter)? as i32 + 1),
        _ => return None,
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, kind: Kind, expected: Option<f64>) {
        assert_eq!(
            product_of(text, kind, Dialect::Own).ok(),
            expected,
            "{text:?} as {kind:?}"
        );
    }

    #[test]
    fn multiplies_as_vertex_does() {
        check("8*3600", Kind::Seconds, Some(28800.0));
        check(" 10 * 1024 ", Kind::Bytes, Some(10240.0));
        check("0.1*3", Kind::Number, Some(0.1 * 3.0));
        check("Infinity", Kind::Number, Some(f64::INFINITY));
    }

    #[test]
    fn refuses_factors_that_are_no_number() {
        for text in ["", " ", "3*", "1024**2", "5*abc", "1,024", "1/2", "NaN"] {
            check(text, Kind::Bytes, None);
        }
    }

    #[test]
    fn converts_units_that_fit_the_key() {
        check("550 KiB", Kind::Speed, Some(563_200.0));
        check("550KiB/s", Kind::Speed, Some(563_200.0));
        check("1.5 gib", Kind::Bytes, Some(1_610_612_736.0));
        check("2 GB", Kind::Bytes, Some(2e9));
        check("3*1 TiB", Kind::Bytes, Some(3.0 * 1024f64.powi(4)));
        check("3d", Kind::Seconds, Some(259_200.0));
        check("1h 30m", Kind::Seconds, Some(5400.0));
        check("-10m", Kind::Seconds, Some(-600.0));
        check("2h", Kind::Minutes, Some(120.0));
    }

    #[test]
    fn refuses_units_that_do_not_fit_the_key() {
        check("3d", Kind::Bytes, None);
        check("5 GiB", Kind::Seconds, None);
        check("5 GiB/s", Kind::Bytes, None);
        check("5 G", Kind::Bytes, None);
        check("GiB", Kind::Bytes, None);
        check("1 d", Kind::Number, None);
    }

    #[test]
    fn a_product_under_equals_is_refused_with_its_result() {
        let problem = single_of("1024*5", Kind::Bytes, Dialect::Own).map_err(|p| p.advice);
        assert_eq!(problem, Err(Some("write 5120".to_owned())));
    }

    #[test]
    fn vertex_rules_know_no_units() {
        assert!(product_of("550 KiB", Kind::Speed, Dialect::Vertex).is_err());
    }
}
