//! The fields of torrents and magnets for conditions: which of their records' values stands under which key.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::key::{Key, Kind};
use super::subject::Fields;
use super::value::Value;
use crate::core::model::{Magnet, MagnetClass, TextField, Torrent, Tracker, Unknown};

/// What is known of an item beyond its listing; unknown until somebody has looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Extra<'a> {
    /// True or false, or unknown with the reason.
    pub private: Value<'a>,
    /// True or false, or unknown with the reason.
    pub hardlinked: Value<'a>,
    /// A number, or unknown with the reason.
    pub link_count: Value<'a>,
    /// See [`tracker_status_of`], or unknown with the reason.
    pub tracker_status: Value<'a>,
    /// The most failures that any ailment of the item has counted.
    pub failures: u32,
}

impl Extra<'static> {
    /// Nobody has looked.
    pub const NOTHING: Extra<'static> = Extra {
        private: NOT_LOOKED_AT,
        hardlinked: NOT_LOOKED_AT,
        link_count: NOT_LOOKED_AT,
        tracker_status: NOT_LOOKED_AT,
        failures: 0,
    };
}

const NOT_LOOKED_AT: Value<'static> =
    Value::Unknown(Unknown::NotRead(Cow::Borrowed("not looked at")));

impl Default for Extra<'_> {
    fn default() -> Self {
        Extra::NOTHING
    }
}

/// A torrent with what is known beyond its listing.
#[derive(Debug, Clone, Copy)]
pub struct TorrentItem<'a> {
    /// The info-hash.
    pub hash: &'a str,
    /// The listed fields.
    pub torrent: &'a Torrent,
    /// The rest.
    pub extra: &'a Extra<'a>,
    /// The cycle's clock in Unix seconds, by which absurd completion times are recognised.
    pub now_seconds: i64,
}

/// A magnet; what AllDebrid does not know of any is 0 or empty, so that rules for torrents can be shared. What it tells of
/// others and not of this one is missing.
#[derive(Debug, Clone, Copy)]
pub struct MagnetItem<'a> {
    /// The listed fields.
    pub magnet: &'a Magnet,
    /// The failures counted of it.
    pub failures: u32,
}

/// The messages of all real trackers, joined without a separator as Vertex does.
pub fn tracker_status_of(trackers: &[Tracker]) -> String {
    let real = trackers
        .iter()
        .filter(|tracker| !tracker.url.contains("**"));
    real.map(|tracker| &*tracker.message).collect()
}

fn count(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::Undefined, |number| Value::Number(number as f64))
}

fn share(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Undefined, Value::Number)
}

fn flag(flag: Option<bool>) -> Value<'static> {
    flag.map_or(Value::Undefined, Value::Bool)
}

fn sent(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Undefined, Value::text)
}

/// Whether this is a text that the server did not send.
pub fn is_unsent(torrent: &Torrent, key: Key) -> bool {
    const TEXTS: [(Key, TextField); 6] = [
        (Key::Category, TextField::Category),
        (Key::Tags, TextField::Tags),
        (Key::Tag, TextField::Tags),
        (Key::Tracker, TextField::Tracker),
        (Key::State, TextField::State),
        (Key::SavePath, TextField::SavePath),
    ];
    let mut texts = TEXTS.iter();
    texts.any(|(text, field)| *text == key && torrent.unsent.contains(*field))
}

/// A JSON value as JavaScript sees it; lists and objects are of no use to conditions.
pub fn value_of(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::text(text),
        Json::Array(_) | Json::Object(_) => Value::Undefined,
    }
}

impl Fields for TorrentItem<'_> {
    fn field(&self, key: Key) -> Value<'_> {
        let torrent = self.torrent;
        if is_unsent(torrent, key) {
            return Value::Undefined;
        }
        match key {
            Key::Hash => Value::text(self.hash),
            Key::Name => Value::text(&torrent.name),
            Key::Category => Value::text(&torrent.category),
            Key::Tags => Value::text(&torrent.tags),
            Key::Tag => Value::Set(Cow::Borrowed(&torrent.tags)),
            Key::State => Value::text(torrent.state.as_str()),
            Key::SavePath => Value::text(&torrent.save_path),
            Key::Tracker => Value::Text(Cow::Owned(torrent.tracker_host())),
            Key::TrackerStatus => self.extra.tracker_status.clone(),
            Key::Trackers => NOT_LOOKED_AT,
            Key::Hardlinked => self.extra.hardlinked.clone(),
            Key::LinkCount => self.extra.link_count.clone(),
            Key::Private => match torrent.private {
                Some(private) => Value::Bool(private),
                None => self.extra.private.clone(),
            },
            Key::Failures => Value::Number(f64::from(self.extra.failures)),
            Key::Progress => share(torrent.progress),
            Key::Availability => share(torrent.availability),
            Key::Size => count(torrent.size),
            Key::TotalSize => count(torrent.total_size),
            Key::Completed => count(torrent.completed),
            Key::AmountLeft => count(torrent.amount_left),
            Key::Downloaded => count(torrent.downloaded),
            Key::Uploaded => count(torrent.uploaded),
            Key::UploadSpeed => count(torrent.upspeed),
            Key::DownloadSpeed => count(torrent.dlspeed),
            Key::DownloadLimit => count(torrent.dl_limit),
            Key::UploadLimit => count(torrent.up_limit),
            Key::Seeder => count(torrent.num_seeds),
            Key::Leecher => count(torrent.num_leechs),
            Key::TotalSeeder => count(torrent.num_complete),
            Key::TotalLeecher => count(torrent.num_incomplete),
            Key::SeedingTime => count(torrent.seeding_time),
            Key::TimeActive => count(torrent.time_active),
            Key::Eta => count(torrent.eta),
            Key::Priority => count(torrent.priority),
            Key::AddedOn => count(torrent.added_on),
            Key::CompletionOn => match torrent.completion_on {
                Some(_) => {
                    Value::Number(torrent.completed_at(self.now_seconds).unwrap_or(0) as f64)
                }
                None => Value::Undefined,
            },
            Key::LastActivity => count(torrent.last_activity),
            Key::SeenComplete => count(torrent.seen_complete),
            Key::RatioLimit => share(torrent.ratio_limit),
            Key::SeedingTimeLimit => count(torrent.seeding_time_limit),
            Key::InactiveSeedingTimeLimit => count(torrent.inactive_seeding_time_limit),
            Key::AutoTmm => flag(torrent.auto_tmm),
            Key::ContentPath => sent(torrent.content_path.as_deref()),
            Key::DownloadPath => sent(torrent.download_path.as_deref()),
            rare => self.other(rare),
        }
    }
}

impl TorrentItem<'_> {
    /// A field that is kept only because the configuration asks for it.
    fn other(&self, key: Key) -> Value<'_> {
        let kept = self.torrent.other.as_deref();
        let found = kept.and_then(|kept| key.names().iter().find_map(|name| kept.get(*name)));
        found.map_or(Value::Undefined, value_of)
    }
}

impl Fields for MagnetItem<'_> {
    fn field(&self, key: Key) -> Value<'_> {
        let magnet = self.magnet;
        // It is not listed once nothing is transferred any more.
        let speed = |speed: Option<i64>| match magnet.class() {
            MagnetClass::Ready => Value::Number(speed.unwrap_or(0) as f64),
            MagnetClass::Active
            | MagnetClass::Error
            | MagnetClass::Expired
            | MagnetClass::Unknown => count(speed),
        };
        match key {
            // Until there is metadata a name stands in for it: none at all was not sent.
            Key::Name => sent(Some(&*magnet.filename).filter(|name| !name.is_empty())),
            Key::Hash | Key::InfohashV1 => sent(magnet.hash.as_deref()),
            Key::State => Value::text(magnet.class().word()),
            Key::Progress => share(magnet.known_progress()),
            Key::Size | Key::TotalSize => count(magnet.size),
            Key::Completed | Key::Downloaded => count(magnet.downloaded),
            Key::Uploaded => count(magnet.uploaded),
            Key::UploadSpeed => speed(magnet.upload_speed),
            Key::DownloadSpeed => speed(magnet.download_speed),
            Key::Seeder => count(magnet.seeders),
            Key::AddedOn => count(magnet.upload_date),
            Key::CompletionOn => count(magnet.completion_date),
            Key::Failures => Value::Number(f64::from(self.failures)),
            Key::Hardlinked | Key::LinkCount | Key::Private | Key::Trackers => {
                Value::Unknown(Unknown::not_shown("AllDebrid does not tell"))
            }
            unknown => match unknown.kind() {
                Kind::Text => Value::text(""),
                Kind::Set => Value::Set(Cow::Borrowed("")),
                Kind::Flag => Value::Bool(false),
                Kind::Bytes
                | Kind::Speed
                | Kind::Seconds
                | Kind::Minutes
                | Kind::Time
                | Kind::Number => Value::Number(0.0),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::State;

    fn torrent() -> Torrent {
        Torrent {
            name: "n".into(),
            tags: "a, b".into(),
            tracker: "https://user:pw@Tracker.Example:443/announce?passkey=x".into(),
            state: State::new("stalledUP"),
            size: Some(10),
            completion_on: Some(4_294_967_295),
            private: Some(true),
            other: Some(Box::new(crate::core::model::OtherFields::from([(
                "magnet_uri".into(),
                Json::from("m"),
            )]))),
            ..Torrent::default()
        }
    }

    #[track_caller]
    fn check(key: Key, expected: Value<'_>) {
        let (torrent, extra) = (torrent(), Extra::default());
        let item = TorrentItem {
            hash: "abc",
            torrent: &torrent,
            extra: &extra,
            now_seconds: 1_700_000_000,
        };
        assert_eq!(item.field(key), expected, "{key}");
    }

    #[test]
    fn a_torrent_has_its_fields_under_their_keys() {
        check(Key::Hash, Value::text("abc"));
        check(Key::Tracker, Value::text("tracker.example"));
        check(Key::Tag, Value::Set("a, b".into()));
        check(Key::State, Value::text("stalledUP"));
        check(Key::Size, Value::Number(10.0));
        check(Key::TotalSize, Value::Undefined);
        check(Key::MagnetUri, Value::text("m"));
        check(Key::Comment, Value::Undefined);
        check(Key::Private, Value::Bool(true));
        check(
            Key::Hardlinked,
            Value::Unknown(Unknown::not_read("not looked at")),
        );
    }

    #[test]
    fn an_absurd_completion_time_means_never() {
        check(Key::CompletionOn, Value::Number(0.0));
    }

    #[test]
    fn a_magnet_has_a_value_for_every_key_but_those_that_were_not_sent() {
        let magnet = Magnet {
            status_code: Some(1),
            size: Some(200),
            downloaded: Some(50),
            ..Magnet::default()
        };
        let not_sent = [
            Key::Name,
            Key::Hash,
            Key::InfohashV1,
            Key::Uploaded,
            Key::UploadSpeed,
            Key::DownloadSpeed,
            Key::Seeder,
            Key::AddedOn,
            Key::CompletionOn,
        ];
        let item = MagnetItem {
            magnet: &magnet,
            failures: 2,
        };
        for key in Key::ALL {
            let is_missing = item.field(*key) == Value::Undefined;
            assert_eq!(is_missing, not_sent.contains(key), "{key}");
        }
        assert_eq!(item.field(Key::State), Value::text("active"));
        assert_eq!(item.field(Key::Progress), Value::Number(0.25));
        assert_eq!(item.field(Key::Category), Value::text(""));
        assert_eq!(item.field(Key::Failures), Value::Number(2.0));
        let magnet = Magnet {
            filename: "n".into(),
            hash: Some("abc".into()),
            ..magnet
        };
        let item = MagnetItem {
            magnet: &magnet,
            failures: 2,
        };
        assert_eq!(item.field(Key::Name), Value::text("n"));
        assert_eq!(item.field(Key::Hash), Value::text("abc"));
    }

    #[test]
    fn tracker_messages_are_joined_and_pseudo_rows_left_out() {
        let tracker = |url: &str, message: &str| Tracker {
            url: url.into(),
            status: 4,
            updating: false,
            message: message.into(),
        };
        let trackers = [
            tracker("** [DHT] **", "x"),
            tracker("http://a/", "one"),
            tracker("http://b/", "two"),
        ];
        assert_eq!(tracker_status_of(&trackers), "onetwo");
    }
}
