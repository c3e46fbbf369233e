//! What conditions see of one item: the torrent or magnet, its account, and the clock of the cycle.

use super::context::Context;
use super::hardlinks;
use super::item::Item;
use crate::core::model::{Fact, ItemId, Magnet, MagnetClass, ServerState, Torrent};
use crate::core::rules::{Key, Subject, Value};
use std::borrow::Cow;

/// Counts and clock values that are the same for all items of a cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AccountValues {
    /// Torrents in the states `downloading` and `stalledDL`; active magnets.
    pub leeching: f64,
    /// Torrents in the states `uploading` and `stalledUP`; ready magnets.
    pub seeding: f64,
    /// Bytes free at the default save path, as read.
    pub free_space: Option<f64>,
    /// Bytes that the deletions of this run will free.
    pub freed: f64,
    /// Elapsed seconds since the start of the local day.
    pub second_from_zero: f64,
}

impl AccountValues {
    /// Computes the values of a reading.
    pub fn of(context: &Context<'_>) -> AccountValues {
        let mut values = AccountValues {
            second_from_zero: second_from_zero(context),
            ..AccountValues::default()
        };
        context.input.seen.for_each(|_, item| {
            let (leeches, seeds) = match item {
                Item::Torrent(torrent) => {
                    let state = torrent.state.as_str();
                    (
                        matches!(state, "downloading" | "stalledDL"),
                        matches!(state, "uploading" | "stalledUP"),
                    )
                }
                Item::Magnet(magnet) => {
                    let class = magnet.class();
                    (class == MagnetClass::Active, class == MagnetClass::Ready)
                }
            };
            values.leeching += f64::from(u8::from(leeches));
            values.seeding += f64::from(u8::from(seeds));
        });
        values.free_space = context
            .library()
            .and_then(|library| free_space(&library.server));
        values
    }
}

/// Zero and less mean that the server does not know (qbittorrent-api.md, section 6).
fn free_space(server: &ServerState) -> Option<f64> {
    server
        .free_space_on_disk
        .filter(|&bytes| bytes > 0)
        .map(|bytes| bytes as f64)
}

fn second_from_zero(context: &Context<'_>) -> f64 {
    let now = context.now.to_zoned(context.input.zone.clone());
    now.start_of_day().map_or(f64::NAN, |start| {
        now.duration_since(&start).as_secs_f64().floor()
    })
}

/// One item with its account.
pub struct ItemSubject<'c, 'a> {
    /// The cycle.
    pub context: &'c Context<'a>,
    /// Values of the account.
    pub account: &'c AccountValues,
    /// The item's id.
    pub id: &'c ItemId,
    /// The item.
    pub item: Item<'c>,
}

/// The account alone, for `until`.
pub struct AccountSubject<'c, 'a> {
    /// The cycle.
    pub context: &'c Context<'a>,
    /// Values of the account.
    pub account: &'c AccountValues,
}

impl Subject for AccountSubject<'_, '_> {
    fn value(&self, key: Key) -> Value<'_> {
        account_value(self.context, self.account, key).unwrap_or(Value::Undefined)
    }
}

impl Subject for ItemSubject<'_, '_> {
    fn value(&self, key: Key) -> Value<'_> {
        if let Some(value) = account_value(self.context, self.account, key) {
            return value;
        }
        match self.item {
            Item::Torrent(torrent) => self.torrent_value(torrent, key),
            Item::Magnet(magnet) => self.magnet_value(magnet, key),
        }
    }
}

fn account_value(
    context: &Context<'_>,
    account: &AccountValues,
    key: Key,
) -> Option<Value<'static>> {
    Some(match key {
        Key::FreeSpace => match account.free_space {
            Some(bytes) => Value::Number(bytes + account.freed),
            None => Value::Unknown(Cow::Borrowed("the server does not know its free space")),
        },
        Key::LeechingCount => Value::Number(account.leeching),
        Key::SeedingCount => Value::Number(account.seeding),
        Key::GlobalUploadSpeed => Value::Number(context.input.smoothed_speeds.0),
        Key::GlobalDownloadSpeed => Value::Number(context.input.smoothed_speeds.1),
        Key::SecondFromZero => Value::Number(account.second_from_zero),
        _ => return None,
    })
}

fn whole(value: Option<i64>) -> Value<'static> {
    value.map_or(Value::Undefined, |number| Value::Number(number as f64))
}

fn real(value: Option<f64>) -> Value<'static> {
    value.map_or(Value::Undefined, Value::Number)
}

fn optional(value: Option<&str>) -> Value<'_> {
    value.map_or(Value::Undefined, Value::text)
}

/// A quotient as JavaScript computes it; a field that is missing makes it NaN.
fn quotient(above: Option<i64>, below: Option<i64>) -> Value<'static> {
    let number = |value: Option<i64>| value.map_or(f64::NAN, |n| n as f64);
    Value::Number(number(above) / number(below))
}

/// Seconds since a moment.
fn age(context: &Context<'_>, moment_s: Option<i64>) -> Value<'static> {
    Value::Number(moment_s.map_or(f64::NAN, |at| (context.now_s - at) as f64))
}

impl ItemSubject<'_, '_> {
    fn torrent_value<'s>(&'s self, t: &'s Torrent, key: Key) -> Value<'s> {
        match key {
            Key::Name => Value::text(&t.name),
            Key::Category => Value::text(&t.category),
            Key::Tags => Value::text(&t.tags),
            Key::Tag => Value::Set(Cow::Borrowed(&t.tags)),
            Key::State => Value::text(t.state.as_str()),
            Key::SavePath => Value::text(&t.save_path),
            Key::Tracker => Value::Text(Cow::Owned(t.tracker_host())),
            Key::TrackerStatus => self.tracker_status(),
            Key::Hash => Value::text(self.id.as_str()),
            Key::Progress => real(t.progress),
            Key::Availability => real(t.availability),
            Key::Size => whole(t.size),
            Key::TotalSize => whole(t.total_size),
            Key::Completed => whole(t.completed),
            Key::Downloaded => whole(t.downloaded),
            Key::Uploaded => whole(t.uploaded),
            Key::UploadSpeed => whole(t.upspeed),
            Key::DownloadSpeed => whole(t.dlspeed),
            Key::Seeder => whole(t.num_seeds),
            Key::Leecher => whole(t.num_leechs),
            Key::TotalSeeder => whole(t.num_complete),
            Key::TotalLeecher => whole(t.num_incomplete),
            Key::Ratio => quotient(t.uploaded, t.size),
            Key::TrueRatio if t.downloaded == Some(0) && t.uploaded != Some(0) => {
                quotient(t.uploaded, t.size)
            }
            Key::TrueRatio => quotient(t.uploaded, t.downloaded),
            Key::Ratio3 => quotient(t.uploaded, t.total_size),
            Key::AddedTime => age(self.context, t.added_on),
            Key::CompletedTime => match t.completion_on {
                Some(at) if at <= 0 || t.completed_at(self.context.now_s).is_none() => {
                    Value::Number(0.0)
                }
                other => age(self.context, other),
            },
            Key::Hardlinked => self.hardlinked(t),
            Key::LinkCount => self.link_count(t),
            Key::SeedingTime => whole(t.seeding_time),
            Key::Private => match self.context.private(self.id, t) {
                Ok(private) => Value::Bool(private),
                Err(why) => Value::Unknown(Cow::Owned(why)),
            },
            Key::Failures => self.failures(),
            Key::AddedOn => whole(t.added_on),
            Key::CompletionOn => whole(t.completion_on),
            Key::LastActivity => whole(t.last_activity),
            Key::SeenComplete => whole(t.seen_complete),
            Key::AmountLeft => whole(t.amount_left),
            Key::DownloadLimit => whole(t.dl_limit),
            Key::UploadLimit => whole(t.up_limit),
            Key::Eta => whole(t.eta),
            Key::TimeActive => whole(t.time_active),
            Key::SeedingTimeLimit => whole(t.seeding_time_limit),
            Key::InactiveSeedingTimeLimit => whole(t.inactive_seeding_time_limit),
            Key::RatioLimit => real(t.ratio_limit),
            Key::Priority => whole(t.priority),
            Key::AutoTmm => t.auto_tmm.map_or(Value::Undefined, Value::Bool),
            Key::ContentPath => optional(t.content_path.as_deref()),
            Key::DownloadPath => optional(t.download_path.as_deref()),
            other => self.other_value(t, other),
        }
    }

    /// Fields that are kept only because a rule asks for them.
    fn other_value<'s>(&'s self, t: &'s Torrent, key: Key) -> Value<'s> {
        let sent = t.other.as_ref().and_then(|fields| fields.get(key.name()));
        match sent {
            None => Value::Undefined,
            Some(serde_json::Value::Null) => Value::Null,
            Some(serde_json::Value::Bool(flag)) => Value::Bool(*flag),
            Some(serde_json::Value::Number(number)) => {
                Value::Number(number.as_f64().unwrap_or(f64::NAN))
            }
            Some(serde_json::Value::String(text)) => Value::text(text),
            Some(list @ (serde_json::Value::Array(_) | serde_json::Value::Object(_))) => {
                Value::Text(Cow::Owned(list.to_string()))
            }
        }
    }

    fn tracker_status(&self) -> Value<'_> {
        match self.context.trackers(self.id) {
            Ok(trackers) => Value::Text(Cow::Owned(
                trackers.iter().map(|tracker| &*tracker.message).collect(),
            )),
            Err(why) => Value::Unknown(Cow::Owned(why)),
        }
    }

    fn hardlinked(&self, torrent: &Torrent) -> Value<'_> {
        match hardlinks::look(
            self.context,
            self.id,
            torrent,
            hardlinks::min_linked_share(self.context),
        )
        .0
        {
            Fact::Yes => Value::Bool(true),
            Fact::No => Value::Bool(false),
            Fact::Unknown(why) => Value::Unknown(Cow::Owned(why)),
        }
    }

    fn link_count(&self, _torrent: &Torrent) -> Value<'_> {
        use crate::core::hardlinks::LinkResult;
        match self.context.links(self.id).map(|finding| &finding.result) {
            None => Value::Unknown(Cow::Borrowed("its files have not been looked at yet")),
            Some(LinkResult::Unknown(why)) => Value::Unknown(Cow::Borrowed(why)),
            Some(LinkResult::Seen(share)) => Value::Number(share.link_count as f64),
        }
    }

    fn failures(&self) -> Value<'static> {
        let most = self
            .context
            .before
            .items
            .get(self.id)
            .map_or(0, |item| item.most_failures());
        Value::Number(f64::from(most))
    }

    /// What AllDebrid does not know is 0 or empty.
    fn magnet_value<'s>(&'s self, m: &'s Magnet, key: Key) -> Value<'s> {
        let number = |value: Option<i64>| Value::Number(value.unwrap_or(0) as f64);
        match key {
            Key::Name => Value::text(&m.filename),
            Key::State => Value::text(m.class().word()),
            Key::Hash => optional(m.hash.as_deref().or(Some(""))),
            Key::Progress => Value::Number(m.progress()),
            Key::Size | Key::TotalSize => number(m.size),
            Key::Completed if m.class() == MagnetClass::Ready => number(m.size),
            Key::Completed | Key::Downloaded => number(m.downloaded),
            Key::Uploaded => number(m.uploaded),
            Key::UploadSpeed => number(m.upload_speed),
            Key::DownloadSpeed => number(m.download_speed),
            Key::Seeder | Key::TotalSeeder => number(m.seeders),
            Key::Ratio | Key::Ratio3 => {
                quotient(Some(m.uploaded.unwrap_or(0)), Some(m.size.unwrap_or(0)))
            }
            Key::TrueRatio => quotient(
                Some(m.uploaded.unwrap_or(0)),
                Some(m.downloaded.unwrap_or(0)),
            ),
            Key::AddedTime => age(self.context, m.upload_date),
            Key::CompletedTime => match m.completion_date {
                Some(at) if at > 0 => age(self.context, Some(at)),
                _ => Value::Number(0.0),
            },
            Key::AddedOn => number(m.upload_date),
            Key::CompletionOn => number(m.completion_date),
            Key::Failures => self.failures(),
            Key::Hardlinked | Key::Private => Value::Bool(false),
            Key::Tag => Value::Set(Cow::Borrowed("")),
            other if other.kind().is_numeric() => Value::Number(0.0),
            _ => Value::text(""),
        }
    }
}
