//! Dates as Discord writes and reads them, without a library: ISO 8601 and the ids that hold a time.

use crate::NowMs;

/// Milliseconds from 1970 to 2015, where Discord's ids begin.
const EPOCH: NowMs = 1_420_070_400_000;

/// An id made at `now`; `sequence` tells ids of one millisecond apart.
pub(crate) fn snowflake(now: NowMs, sequence: u64) -> u64 {
    (u64::try_from(now - EPOCH).unwrap_or_default() << 22) | (sequence & 0x3f_ffff)
}

/// `2026-11-20T10:30:00.123000+00:00`.
pub(crate) fn iso8601(now: NowMs) -> String {
    let (days, ms) = (now.div_euclid(86_400_000), now.rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let (hour, minute, second, milli) =
        (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}000+00:00")
}

/// Year, month and day of a day counted from 1970-01-01, by eras of 400 years that begin in March.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leaps = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Whether a text is a date with an optional time, fraction and zone.
pub(crate) fn is_iso8601(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let is_date = numbers(date, '-', &[(4, 9999), (2, 12), (2, 31)]);
    let is_time = time.is_none_or(|time| {
        let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at(zone);
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let is_zone = match zone.strip_prefix(['+', '-']) {
            Some(offset) => numbers(offset, ':', &[(2, 23), (2, 59)]),
            None => zone.is_empty() || zone == "Z",
        };
        let is_fraction =
            !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        is_zone && is_fraction && numbers(clock, ':', &[(2, 23), (2, 59), (2, 59)])
    });
    is_date && is_time
}

/// Whether a text is numbers of given widths, each up to a maximum, with a sign between.
fn numbers(text: &str, between: char, wanted: &[(usize, u32)]) -> bool {
    let parts: Vec<&str> = text.split(between).collect();
    let fits = |(part, (width, most)): (&&str, &(usize, u32))| {
        let digits = part.len() == *width && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && part.parse::<u32>().is_ok_and(|number| number <= *most)
    };
    parts.len() == wanted.len() && parts.iter().zip(wanted).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_dates() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(iso8601(951_825_599_999), "2000-02-29T11:59:59.999000+00:00");
        assert_eq!(
            iso8601(1_795_170_645_120),
            "2026-11-20T10:30:45.120000+00:00"
        );
    }

    #[test]
    fn knows_a_date_when_it_sees_one() {
        for good in [
            "2026-11-20",
            "2026-11-20T10:30:00",
            "2026-11-20T10:30:00Z",
            "2026-11-20T10:30:00.123456789Z",
            "2026-11-20T10:30:00.1+02:00",
        ] {
            assert!(is_iso8601(good), "{good}");
        }
        for bad in [
            "",
            "now",
            "2026-13-01",
            "2026-11-20T25:00:00Z",
            "1795170645",
            "2026-11-20T10:30:00+2",
        ] {
            assert!(!is_iso8601(bad), "{bad}");
        }
    }

    #[test]
    fn ids_grow_with_time() {
        assert!(snowflake(EPOCH + 1, 0) > snowflake(EPOCH, 9));
        assert_eq!(snowflake(EPOCH + 1, 1) >> 22, 1);
    }
}
