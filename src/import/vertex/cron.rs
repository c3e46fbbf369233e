//! The cron expressions of Vertex (node-cron: five fields, or six with seconds first) as a spacing and the hours of
//! the day in which they fire.

/// When a job fires, within a day.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spacing {
    /// The smallest gap, in seconds.
    pub(super) seconds: u32,
    /// Hours in which it never fires, as ranges without their end; empty if the gaps are even.
    pub(super) silent_hours: Vec<(u32, u32)>,
    /// It fires on some days only.
    pub(super) is_on_some_days: bool,
    /// It fires at odd times that a spacing cannot say.
    pub(super) is_uneven: bool,
}

const DAY: u32 = 86_400;

/// The spacing that an expression means; nothing if it is none.
pub(super) fn parse(text: &str) -> Option<Spacing> {
    let mut fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() == 5 {
        fields.insert(0, "0");
    }
    let [seconds, minutes, hours, days, months, weekdays] = fields[..] else {
        return None;
    };
    let seconds = values(seconds, 60)?;
    let minutes = values(minutes, 60)?;
    let hours = values(hours, 24)?;
    let is_on_some_days = [days, months, weekdays]
        .iter()
        .any(|field| !matches!(*field, "*" | "?" | "*/1"));

    let mut times = Vec::new();
    for hour in &hours {
        for minute in &minutes {
            times.extend(
                seconds
                    .iter()
                    .map(|second| hour * 3600 + minute * 60 + second),
            );
        }
    }
    let first = *times.first()?;
    let next = times.iter().skip(1).copied().chain([first + DAY]);
    let gaps: Vec<u32> = times
        .iter()
        .zip(next)
        .map(|(time, next)| next - time)
        .collect();
    let smallest = *gaps.iter().min()?;
    let is_even = gaps.iter().all(|gap| *gap == smallest);
    let silent_hours = if is_even { Vec::new() } else { silent(&hours) };
    let is_uneven = !is_even && (silent_hours.is_empty() || smallest > 3600);
    Some(Spacing {
        seconds: smallest,
        silent_hours,
        is_on_some_days,
        is_uneven,
    })
}

/// The runs of hours that are not among `hours`.
fn silent(hours: &[u32]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for hour in (0..24).filter(|hour| !hours.contains(hour)) {
        match runs.last_mut() {
            Some((_, end)) if *end == hour => *end = hour + 1,
            _ => runs.push((hour, hour + 1)),
        }
    }
    runs
}

/// The values of a field, ascending: `*`, `5`, `1-5`, `*/4`, `0-30/10`, and lists of these.
fn values(field: &str, end: u32) -> Option<Vec<u32>> {
    let mut values = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if range == "*" => (0, end - 1),
            None if part.contains('/') => (range.parse().ok()?, end - 1),
            None => {
                let value = range.parse().ok()?;
                (value, value)
            }
        };
        if from > to || to >= end {
            return None;
        }
        values.extend((from..=to).step_by(step));
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: u32, silent_hours: &[(u32, u32)]) {
        let spacing = parse(text).unwrap();
        assert_eq!(
            (spacing.seconds, spacing.silent_hours.as_slice()),
            (seconds, silent_hours)
        );
    }

    #[test]
    fn reads_even_spacings() {
        check("* * * * *", 60, &[]);
        check("*/4 * * * * *", 4, &[]);
        check("0 */2 * * *", 7200, &[]);
        check("30 3 * * *", DAY, &[]);
        check("0,30 * * * *", 1800, &[]);
        check("0 0/15 * * * *", 900, &[]);
    }

    #[test]
    fn reads_hours_in_which_nothing_happens() {
        check("*/5 0-1,8-23 * * *", 300, &[(2, 8)]);
        check("* 9-17 * * *", 60, &[(0, 9), (18, 24)]);
        check("0 3,4 * * *", 3600, &[(0, 3), (5, 24)]);
    }

    #[test]
    fn says_what_a_spacing_cannot_say() {
        assert!(parse("* * * * 1-5").unwrap().is_on_some_days);
        assert!(parse("0,10 * * * *").unwrap().is_uneven);
        assert!(parse("0 3,9 * * *").unwrap().is_uneven);
        assert!(!parse("* 9-17 * * *").unwrap().is_uneven);
    }

    #[test]
    fn refuses_what_is_no_expression() {
        for text in [
            "",
            "* * * *",
            "* * * * * * *",
            "61 * * * *",
            "a * * * *",
            "*/0 * * * *",
            "5-1 * * * *",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
