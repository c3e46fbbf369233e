//! Single values: durations, sizes, shares, counts.

use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;
use std::str::FromStr;
use std::time::Duration;

use crate::config::raw::{DurationText, SizeValue};
use crate::config::text::Path;
use crate::config::words;

use super::Check;

/// Longer durations can only be a mistake, and could not be added to a time.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// May a duration be zero?
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// It switches something off.
    Allowed,
    /// It would make no sense.
    Refused,
}

impl Check<'_> {
    /// The duration at `path`, or the default if there is none.
    pub fn duration(
        &mut self,
        raw: Option<&DurationText>,
        path: &Path,
        zero: Zero,
        default: Duration,
    ) -> Duration {
        let Some(DurationText(text)) = raw else {
            return default;
        };
        let refusal = match parse_duration(text) {
            Err(advice) => ("a duration such as \"30m\" or \"10d\"", advice),
            Ok(duration) if duration > LONGEST => ("at most 100 years", None),
            Ok(Duration::ZERO) if zero == Zero::Refused => ("a duration above zero", None),
            Ok(duration) => return duration,
        };
        let (expected, advice) = refusal;
        self.refuse(path, &self.measure(path), expected, advice.as_deref());
        default
    }

    /// Bytes above zero.
    pub fn size(&mut self, raw: &SizeValue, path: &Path) -> Option<u64> {
        let bytes = match raw {
            SizeValue::Bytes(bytes) => Some(*bytes),
            SizeValue::Text(text) => bytesize::ByteSize::from_str(text.trim())
                .ok()
                .map(|size| size.as_u64()),
        };
        let bytes = bytes.filter(|bytes| *bytes > 0);
        if bytes.is_none() {
            self.refuse(
                path,
                &self.measure(path),
                "a size above zero, such as \"50 KiB\"",
                None,
            );
        }
        bytes
    }

    /// A number above 0 and up to 1.
    pub fn share(&mut self, raw: Option<f64>, path: &Path, default: f64) -> f64 {
        let share = raw.unwrap_or(default);
        if share > 0.0 && share <= 1.0 {
            return share;
        }
        let advice = (share > 1.0 && share <= 100.0)
            .then(|| format!("{share} % is written {}", share / 100.0));
        self.refuse(
            path,
            &self.measure(path),
            "a share above 0 and up to 1",
            advice.as_deref(),
        );
        default
    }

    /// A whole number from 1 on.
    pub fn positive(
        &mut self,
        raw: Option<u32>,
        path: &Path,
        default: u32,
        advice: Option<&str>,
    ) -> u32 {
        match raw {
            Some(0) => {
                self.refuse(
                    path,
                    &self.measure(path),
                    "a whole number from 1 on",
                    advice,
                );
                default
            }
            Some(number) => number,
            None => default,
        }
    }

    /// A text that is not blank, without blanks around it and without control characters.
    pub fn proper_text<'t>(
        &mut self,
        raw: Option<&'t String>,
        path: &Path,
        what: &str,
    ) -> Option<&'t str> {
        let Some(text) = raw else {
            self.require(path, what);
            return None;
        };
        let found = if text.trim().is_empty() {
            "an empty text"
        } else if text.trim() != text {
            "a text with blanks around it"
        } else if text.chars().any(char::is_control) {
            "a text with control characters"
        } else {
            return Some(text);
        };
        self.refuse(path, found, what, None);
        None
    }
}

/// The duration a text means, or advice for one that means none.
fn parse_duration(text: &str) -> Result<Duration, Option<String>> {
    let text = text.trim();
    let months = text.contains('M').then(|| {
        let minutes = text.replace('M', "m");
        let is_shown = words::is_measure(&minutes);
        let example = if is_shown { minutes } else { "5m".to_owned() };
        format!("\"M\" would be months; write {example:?} for minutes, or \"30d\" for a month")
    });
    if months.is_some() {
        return Err(months);
    }
    let parsed: Result<Duration, ValueError> =
        humantime_serde::deserialize(text.into_deserializer());
    parsed.map_err(|_| {
        let is_bare =
            !text.is_empty() && text.len() <= 8 && text.chars().all(|c| c.is_ascii_digit());
        is_bare.then(|| format!("add a unit: \"{text}s\" for seconds, \"{text}m\" for minutes"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<u64>) {
        assert_eq!(parse_duration(text).ok(), seconds.map(Duration::from_secs));
    }

    #[test]
    fn reads_durations_and_refuses_months_by_one_letter() {
        check("30m", Some(1800));
        check("1.5h", Some(5400));
        check("1h 30m", Some(5400));
        check("2 weeks", Some(1_209_600));
        check("0s", Some(0));
        check("5M", None);
        check("5Minutes", None);
        check("1800", None);
        check("-5m", None);
        check("", None);
        check("99999999999999999999y", None);
    }
}
