//! Amounts as the configuration writes them.

use crate::core::model::foreign::is_harmful;

/// A duration in its largest whole unit: `864000` s is `10d`. Fractions are kept to the millisecond.
pub(super) fn duration(seconds: f64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    // No setting of these tools needs more than a hundred years, which the configuration does not take.
    let milliseconds = (seconds.clamp(0.0, 3.15e9) * 1000.0).round() as u64;
    if !milliseconds.is_multiple_of(1000) {
        return format!("{milliseconds}ms");
    }
    let seconds = milliseconds / 1000;
    for (size, unit) in UNITS {
        if seconds > 0 && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    "0s".to_owned()
}

/// A text without blanks around it, harmful characters and doubled blanks, as names must be.
pub(super) fn name(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if is_harmful(c) { ' ' } else { c })
        .collect();
    clean.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// `name`, or `name (2)` and so on, so that it is none of `taken`.
pub(super) fn unique(name: &str, taken: &[String]) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    while taken.contains(&candidate) {
        candidate = format!("{name} ({number})");
        number += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_durations_in_their_largest_whole_unit() {
        for (seconds, expected) in [
            (864_000.0, "10d"),
            (90_000.0, "25h"),
            (5_400.0, "90m"),
            (100.0, "100s"),
            (0.0, "0s"),
            (-5.0, "0s"),
            (1.5, "1500ms"),
            (f64::NAN, "0s"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
        let longest = humantime::parse_duration(&duration(f64::INFINITY)).unwrap();
        assert!(longest.as_secs() <= 100 * 365 * 86_400);
    }

    #[test]
    fn makes_names_proper_and_unique() {
        assert_eq!(name("  a\t b\n"), "a b");
        let taken = ["a".to_owned(), "a (2)".to_owned()];
        assert_eq!(unique("a", &taken), "a (3)");
        assert_eq!(unique("b", &taken), "b");
    }
}
