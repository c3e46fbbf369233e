//! What conditions see of one item in a decision: its listed fields, and the facts that cost something, asked for
//! only when a condition comes to them.

use super::context::Context;
use super::hardlinks;
use super::item::{Item, Seen};
use super::rules::{Counted, counted_as};
use crate::core::hardlinks::LinkResult;
use crate::core::model::{Fact, ItemId, Torrent, Unknown, hosts_of};
use crate::core::rules::items::{Extra, MagnetItem, TorrentItem, is_unsent, tracker_status_of};
use crate::core::rules::subject::{Fields, Surroundings, second_from_zero};
use crate::core::rules::{Key, Value};
use std::borrow::Cow;

/// Computes what is the same for all items of a cycle.
pub fn surroundings(context: &Context<'_>) -> Surroundings {
    let (mut leeching, mut seeding) = (0.0, 0.0);
    context.input.seen.for_each(|id, item| {
        let counted = counted_as(item).filter(|_| !context.ours.took(id));
        leeching += f64::from(u8::from(counted == Some(Counted::Leeching)));
        seeding += f64::from(u8::from(counted == Some(Counted::Seeding)));
    });
    let (upload_speed, download_speed) = context.input.smoothed_speeds;
    Surroundings {
        now_seconds: context.now_s,
        second_from_zero: second_from_zero(context.now, context.input.zone),
        free_space: match context.input.seen {
            Seen::Torrents(_) => match &context.free_space.bytes {
                Ok(bytes) => Value::Number(*bytes as f64),
                Err(why) => Value::Unknown(why.clone()),
            },
            Seen::Magnets(_) => Value::Unknown(Unknown::not_shown("AllDebrid does not report it")),
        },
        leeching_count: Value::Number(leeching),
        seeding_count: Value::Number(seeding),
        upload_speed,
        download_speed,
    }
}

/// One item, with facts on demand.
pub struct Subject<'c, 'a> {
    context: &'c Context<'a>,
    id: &'c ItemId,
    item: Item<'c>,
    /// What stands under `tracker`, where that is not what the listing says.
    tracker: Option<Value<'static>>,
}

/// What is known beyond the listing is asked of the context, so the item itself has nothing of it.
static NOTHING: Extra<'static> = Extra::NOTHING;

impl<'c, 'a> Subject<'c, 'a> {
    /// The item as conditions see it.
    pub fn new(context: &'c Context<'a>, id: &'c ItemId, item: Item<'c>) -> Self {
        Subject {
            context,
            id,
            item,
            tracker: None,
        }
    }

    /// The same item with this under `tracker`.
    pub fn with_tracker(self, tracker: Value<'static>) -> Self {
        Subject {
            tracker: Some(tracker),
            ..self
        }
    }
}

impl Fields for Subject<'_, '_> {
    fn field(&self, key: Key) -> Value<'_> {
        match (self.item, key) {
            (Item::Magnet(magnet), _) => MagnetItem {
                magnet,
                failures: self.failures(),
            }
            .field(key)
            .into_owned(),
            (Item::Torrent(_), Key::TrackerStatus) => self.tracker_status(),
            (Item::Torrent(_), Key::Trackers) => self.trackers(),
            (Item::Torrent(torrent), Key::Hardlinked) => self.hardlinked(torrent),
            (Item::Torrent(_), Key::LinkCount) => self.link_count(),
            (Item::Torrent(_), Key::Failures) => Value::Number(f64::from(self.failures())),
            (Item::Torrent(torrent), Key::Private) => {
                match self.context.private(self.id, torrent) {
                    Ok(private) => Value::Bool(private),
                    Err(why) => Value::Unknown(why),
                }
            }
            (Item::Torrent(torrent), listed) => {
                if let (Key::Tracker, Some(tracker)) = (listed, &self.tracker) {
                    return tracker.clone();
                }
                let now_seconds = self.context.now_s;
                let item = TorrentItem {
                    hash: self.id.as_str(),
                    torrent,
                    extra: &NOTHING,
                    now_seconds,
                };
                owned_if_needed(torrent, self.id, &item, listed)
            }
        }
    }
}

/// Text fields of the torrent are borrowed from it; everything else is small and copied.
fn owned_if_needed<'t>(
    torrent: &'t Torrent,
    id: &'t ItemId,
    item: &TorrentItem<'_>,
    key: Key,
) -> Value<'t> {
    if is_unsent(torrent, key) {
        return Value::Undefined;
    }
    match key {
        Key::Hash => Value::text(id.as_str()),
        Key::Name => Value::text(&torrent.name),
        Key::Category => Value::text(&torrent.category),
        Key::Tags => Value::text(&torrent.tags),
        Key::Tag => Value::Set(Cow::Borrowed(&torrent.tags)),
        Key::State => Value::text(torrent.state.as_str()),
        Key::SavePath => Value::text(&torrent.save_path),
        other => item.field(other).into_owned(),
    }
}

impl Subject<'_, '_> {
    fn tracker_status(&self) -> Value<'_> {
        match self.context.trackers(self.id) {
            Ok(trackers) => Value::Text(Cow::Owned(tracker_status_of(trackers))),
            Err(why) => Value::Unknown(why),
        }
    }

    fn trackers(&self) -> Value<'_> {
        match self.context.trackers(self.id) {
            Ok(trackers) => {
                let hosts: Vec<String> = hosts_of(trackers).into_iter().collect();
                Value::Set(Cow::Owned(hosts.join(",")))
            }
            Err(why) => Value::Unknown(why),
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
            Fact::Unknown(why) => Value::Unknown(why),
        }
    }

    fn link_count(&self) -> Value<'_> {
        match self.context.links(self.id).map(|finding| &finding.result) {
            None => Value::Unknown(Unknown::not_read("its files have not been looked at yet")),
            Some(LinkResult::Unknown(why)) => Value::Unknown(Unknown::not_read(why.clone())),
            Some(LinkResult::Seen(share)) => Value::Number(share.link_count as f64),
        }
    }

    fn failures(&self) -> u32 {
        self.context
            .before
            .items
            .get(self.id)
            .map_or(0, |item| item.most_failures())
    }
}
