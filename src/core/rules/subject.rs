//! What an item has under each key: the fields it was listed with, and what follows from them, its account and
//! the time. The formulas are Vertex's, with JavaScript's arithmetic on missing values.

use jiff::{Timestamp, tz::TimeZone};

use super::condition::Subject;
use super::key::Key;
use super::value::Value;

/// The fields of an item as its server lists them.
pub trait Fields {
    /// The value of a field. Never asked for computed keys and those of the account; their ingredients
    /// are asked for as [`Key::AddedOn`] and [`Key::CompletionOn`] and the like.
    fn field(&self, key: Key) -> Value<'_>;
}

/// What holds for every item of an account in one cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Surroundings {
    /// The cycle's clock in Unix seconds.
    pub now_seconds: i64,
    /// Seconds since the local day began.
    pub second_from_zero: i64,
    /// Bytes; see [`crate::core::free_space`].
    pub free_space: Value<'static>,
    /// Torrents that are `downloading` or `stalledDL`.
    pub leeching_count: Value<'static>,
    /// Torrents that are `uploading` or `stalledUP`.
    pub seeding_count: Value<'static>,
    /// Smoothed, bytes per second; see [`smoothed`].
    pub upload_speed: f64,
    /// Smoothed, bytes per second.
    pub download_speed: f64,
}

/// An item seen in its surroundings; this is what conditions are judged on.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a, F> {
    /// The item.
    pub item: &'a F,
    /// Its account and the time.
    pub surroundings: &'a Surroundings,
}

impl<F: Fields> Seen<'_, F> {
    fn number(&self, key: Key) -> f64 {
        self.item.field(key).to_number()
    }

    /// Uploaded by downloaded; by size where nothing was downloaded though something was uploaded.
    fn true_ratio(&self) -> f64 {
        let downloaded = self.item.field(Key::Downloaded);
        let uploaded = self.item.field(Key::Uploaded);
        let came_complete = downloaded == Value::Number(0.0) && uploaded != Value::Number(0.0);
        let by = if came_complete {
            self.number(Key::Size)
        } else {
            downloaded.to_number()
        };
        uploaded.to_number() / by
    }

    fn age(&self, since: f64) -> Value<'_> {
        Value::Number(self.surroundings.now_seconds as f64 - since)
    }
}

impl<F: Fields> Subject for Seen<'_, F> {
    fn value(&self, key: Key) -> Value<'_> {
        let around = self.surroundings;
        match key {
            Key::Ratio => Value::Number(self.number(Key::Uploaded) / self.number(Key::Size)),
            Key::TrueRatio => Value::Number(self.true_ratio()),
            Key::Ratio3 => Value::Number(self.number(Key::Uploaded) / self.number(Key::TotalSize)),
            Key::AddedTime => self.age(self.number(Key::AddedOn)),
            Key::CompletedTime => {
                let completed = self.number(Key::CompletionOn);
                if completed <= 0.0 {
                    Value::Number(0.0)
                } else {
                    self.age(completed)
                }
            }
            Key::FreeSpace => around.free_space.clone(),
            Key::LeechingCount => around.leeching_count.clone(),
            Key::SeedingCount => around.seeding_count.clone(),
            Key::GlobalUploadSpeed => Value::Number(around.upload_speed),
            Key::GlobalDownloadSpeed => Value::Number(around.download_speed),
            Key::SecondFromZero => Value::Number(around.second_from_zero as f64),
            listed => self.item.field(listed),
        }
    }

    fn is_sent(&self, key: Key) -> bool {
        let are_sent =
            |keys: &[Key]| (keys.iter()).all(|key| self.item.field(*key) != Value::Undefined);
        match key {
            Key::Ratio => are_sent(&[Key::Uploaded, Key::Size]),
            Key::TrueRatio => are_sent(&[Key::Uploaded, Key::Downloaded, Key::Size]),
            Key::Ratio3 => are_sent(&[Key::Uploaded, Key::TotalSize]),
            Key::AddedTime => are_sent(&[Key::AddedOn]),
            Key::CompletedTime => are_sent(&[Key::CompletionOn]),
            account if account.is_of_account() => self.value(account) != Value::Undefined,
            listed => are_sent(&[listed]),
        }
    }
}

/// The surroundings alone, for conditions on the account (`until`); every item's key is missing.
impl Subject for Surroundings {
    fn value(&self, key: Key) -> Value<'_> {
        struct Nothing;
        impl Fields for Nothing {
            fn field(&self, _key: Key) -> Value<'_> {
                Value::Undefined
            }
        }
        let seen = Seen {
            item: &Nothing,
            surroundings: self,
        };
        seen.value(key).into_owned()
    }

    fn is_sent(&self, key: Key) -> bool {
        self.value(key) != Value::Undefined
    }
}

/// Seconds since the local day began: elapsed ones, so that 10:00 can be 9 or 11 hours when clocks change,
/// and the day begins at 01:00 where there is no midnight.
pub fn second_from_zero(now: Timestamp, zone: &TimeZone) -> i64 {
    let zoned = now.to_zoned(zone.clone());
    let seconds = now.as_second();
    match zoned.start_of_day() {
        Ok(start) => seconds - start.timestamp().as_second(),
        // Only at the very ends of jiff's calendar.
        Err(_) => 0,
    }
}

/// Vertex's smoothing, made for a refresh every four seconds: nine tenths of the old, one of the new.
pub fn smoothed_once(average: f64, current: f64) -> f64 {
    0.1 * current + 0.9 * average
}

/// The same over any time: as if the current speed had been read every four seconds meanwhile.
pub fn smoothed(average: f64, current: f64, elapsed_seconds: f64) -> f64 {
    const REFRESH_SECONDS: f64 = 4.0;
    let kept = 0.9f64.powf((elapsed_seconds / REFRESH_SECONDS).max(0.0));
    current * (1.0 - kept) + average * kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An item with numbers under a few keys.
    struct Item(&'static [(Key, Value<'static>)]);

    impl Fields for Item {
        fn field(&self, key: Key) -> Value<'_> {
            let found = self.0.iter().find(|(known, _)| *known == key);
            found.map_or(Value::Undefined, |(_, value)| value.clone())
        }
    }

    fn surroundings() -> Surroundings {
        Surroundings {
            now_seconds: 1_000_000,
            second_from_zero: 10,
            free_space: Value::Number(5.0),
            leeching_count: Value::Number(1.0),
            seeding_count: Value::Number(2.0),
            upload_speed: 3.0,
            download_speed: 4.0,
        }
    }

    #[track_caller]
    fn check(fields: &'static [(Key, Value<'static>)], key: Key, expected: f64) {
        let seen = Seen {
            item: &Item(fields),
            surroundings: &surroundings(),
        };
        let got = seen.value(key);
        let is_same =
            got == Value::Number(expected) || (expected.is_nan() && got.to_number().is_nan());
        assert!(is_same, "{key} of {fields:?}: {got:?}, not {expected}");
    }

    use Value::{Null, Number};

    #[test]
    fn ratios_follow_vertex() {
        const TORRENT: &[(Key, Value)] = &[
            (Key::Uploaded, Number(30.0)),
            (Key::Downloaded, Number(10.0)),
            (Key::Size, Number(20.0)),
            (Key::TotalSize, Number(60.0)),
        ];
        check(TORRENT, Key::Ratio, 1.5);
        check(TORRENT, Key::TrueRatio, 3.0);
        check(TORRENT, Key::Ratio3, 0.5);
    }

    #[test]
    fn true_ratio_is_by_size_when_nothing_was_downloaded() {
        const SIZE: (Key, Value) = (Key::Size, Number(20.0));
        check(
            &[
                (Key::Uploaded, Number(5.0)),
                (Key::Downloaded, Number(0.0)),
                SIZE,
            ],
            Key::TrueRatio,
            0.25,
        );
        check(
            &[
                (Key::Uploaded, Number(0.0)),
                (Key::Downloaded, Number(0.0)),
                SIZE,
            ],
            Key::TrueRatio,
            f64::NAN,
        );
        check(
            &[(Key::Uploaded, Null), (Key::Downloaded, Number(0.0)), SIZE],
            Key::TrueRatio,
            0.0,
        );
        check(
            &[(Key::Uploaded, Number(5.0)), (Key::Downloaded, Null), SIZE],
            Key::TrueRatio,
            f64::INFINITY,
        );
        check(
            &[(Key::Uploaded, Number(5.0)), SIZE],
            Key::TrueRatio,
            f64::NAN,
        );
    }

    #[test]
    fn ages_count_from_their_moment_and_never_is_zero() {
        check(&[(Key::AddedOn, Number(999_990.0))], Key::AddedTime, 10.0);
        check(
            &[(Key::AddedOn, Number(1_000_010.0))],
            Key::AddedTime,
            -10.0,
        );
        check(&[(Key::AddedOn, Null)], Key::AddedTime, 1_000_000.0);
        check(&[], Key::AddedTime, f64::NAN);
        check(
            &[(Key::CompletionOn, Number(999_000.0))],
            Key::CompletedTime,
            1000.0,
        );
        check(
            &[(Key::CompletionOn, Number(-1.0))],
            Key::CompletedTime,
            0.0,
        );
        check(&[(Key::CompletionOn, Number(0.0))], Key::CompletedTime, 0.0);
        check(&[(Key::CompletionOn, Null)], Key::CompletedTime, 0.0);
        check(&[], Key::CompletedTime, f64::NAN);
    }

    #[test]
    fn computed_value_is_sent_only_with_all_that_it_rests_on() {
        let check = |fields: &'static [(Key, Value<'static>)], key: Key, expected: bool| {
            let seen = Seen {
                item: &Item(fields),
                surroundings: &surroundings(),
            };
            assert_eq!(seen.is_sent(key), expected, "{key} of {fields:?}");
        };
        check(&[(Key::Uploaded, Number(1.0))], Key::Ratio, false);
        check(
            &[(Key::Uploaded, Number(1.0)), (Key::Size, Number(1.0))],
            Key::Ratio,
            true,
        );
        check(&[], Key::AddedTime, false);
        check(&[(Key::AddedOn, Number(1.0))], Key::AddedTime, true);
        check(&[], Key::SeedingTime, false);
        check(&[(Key::SeedingTime, Number(0.0))], Key::SeedingTime, true);
    }

    #[track_caller]
    fn check_day(now: &str, zone: &str, expected: i64) {
        let now: Timestamp = now.parse().expect("a time");
        let zone = TimeZone::get(zone).expect("a zone");
        assert_eq!(second_from_zero(now, &zone), expected);
    }

    #[test]
    fn the_day_is_counted_in_elapsed_seconds() {
        check_day("2024-01-15T02:00:00Z", "Asia/Shanghai", 10 * 3600);
        // Ten o'clock on the days when clocks go forward and back.
        check_day("2024-03-31T08:00:00Z", "Europe/Paris", 9 * 3600);
        check_day("2024-10-27T09:00:00Z", "Europe/Paris", 11 * 3600);
        check_day("2024-10-27T22:59:59Z", "Europe/Paris", 25 * 3600 - 1);
        // No midnight: the day begins at 01:00.
        check_day("2024-09-08T05:00:00Z", "America/Santiago", 3600);
    }

    #[test]
    fn smoothing_over_four_seconds_is_one_step_of_vertex() {
        assert_eq!(smoothed_once(0.0, 25_165_824.0), 2_516_582.400_000_000_4);
        assert!((smoothed(10.0, 110.0, 4.0) - 20.0).abs() < 1e-9);
        assert!((smoothed(0.0, 100.0, 40.0) - 65.132).abs() < 0.001);
        assert_eq!(smoothed(50.0, 100.0, 0.0), 50.0);
    }
}
