//! Which property of `torrent` and `maindata` comes from which field, for each kind of account.

use std::rc::Rc;

use super::account::{FREE_SPACE, Item};
use super::packed::{NameId, Packer};
use crate::core::rules::Key;
use crate::shell::script_host::message::Shape;

/// Where a property comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A field as it was sent; `undefined` where it was not.
    Field(NameId),
    /// A number, or the reason why it is not known: a rule that reads it then fails.
    NumberOrReason(NameId),
    /// A field of AllDebrid, 0 where it was not sent.
    NumberOrZero(NameId),
    /// The same of a speed, which is not sent of what is ready.
    SpeedOrZero(NameId),
    /// A field of AllDebrid, empty where it was not sent.
    TextOrEmpty(NameId),
    /// What AllDebrid does not know.
    Zero,
    /// What AllDebrid does not know.
    Empty,
    Id,
    /// The host of the address in this field.
    TrackerHost(NameId),
    TrackerStatus,
    MagnetState,
    MagnetProgress,
    /// `originProp`.
    Origin,
    /// `maindata.torrents`.
    Torrents,
}

/// The properties of one kind of account.
pub(super) struct Mapping {
    shape: Shape,
    /// Whether `maindata` has torrents.
    is_readable: bool,
    /// The properties of `torrent` in order.
    order: Vec<NameId>,
    /// The same by name.
    sources: Vec<Option<Source>>,
    torrents: Option<NameId>,
    origin: Option<NameId>,
    server_state: Option<NameId>,
    /// By name: whether it is a field of the list of torrents, though this server may not send it.
    listed: Vec<bool>,
    free_space: Option<NameId>,
    texts: Vec<Rc<str>>,
}

/// Properties of `torrent` and the fields of qBittorrent's list behind them.
const QBITTORRENT: &[(&str, &str)] = &[
    ("availability", "availability"),
    ("name", "name"),
    ("uploadSpeed", "upspeed"),
    ("downloadSpeed", "dlspeed"),
    ("size", "size"),
    ("totalSize", "total_size"),
    ("progress", "progress"),
    ("completed", "completed"),
    ("uploaded", "uploaded"),
    ("downloaded", "downloaded"),
    ("ratio", "ratio"),
    ("category", "category"),
    ("state", "state"),
    ("addedTime", "added_on"),
    ("completedTime", "completion_on"),
    ("savePath", "save_path"),
    ("seeder", "num_seeds"),
    ("leecher", "num_leechs"),
    ("totalSeeder", "num_complete"),
    ("totalLeecher", "num_incomplete"),
    ("tags", "tags"),
];

/// Speeds of a magnet.
const MAGNET_SPEEDS: [&str; 2] = ["uploadSpeed", "downloadSpeed"];

/// Other numbers of a magnet.
const MAGNET_NUMBERS: &[(&str, &str)] = &[
    ("size", "size"),
    ("totalSize", "size"),
    ("completed", "downloaded"),
    ("uploaded", "uploaded"),
    ("downloaded", "downloaded"),
    ("addedTime", "uploadDate"),
    ("completedTime", "completionDate"),
    ("seeder", "seeders"),
];

impl Mapping {
    pub(super) fn new(packer: &mut Packer, shape: Shape, is_readable: bool) -> Mapping {
        let mut properties: Vec<(&str, Source)> = Vec::new();
        let mut id = |name: &str| packer.names.id(name);
        match shape {
            Shape::Vertex => {}
            Shape::Qbittorrent => {
                properties.push(("hash", Source::Id));
                for (name, field) in QBITTORRENT {
                    properties.extend(id(field).map(|field| (*name, Source::Field(field))));
                }
                properties
                    .extend(id("tracker").map(|field| ("tracker", Source::TrackerHost(field))));
            }
            Shape::Alldebrid => {
                properties.extend(id("hash").map(|field| ("hash", Source::TextOrEmpty(field))));
                properties.extend(id("filename").map(|field| ("name", Source::TextOrEmpty(field))));
                properties.push(("state", Source::MagnetState));
                properties.push(("progress", Source::MagnetProgress));
                for name in MAGNET_SPEEDS {
                    properties.extend(id(name).map(|field| (name, Source::SpeedOrZero(field))));
                }
                for (name, field) in MAGNET_NUMBERS {
                    properties.extend(id(field).map(|field| (*name, Source::NumberOrZero(field))));
                }
                let zero = [
                    "availability",
                    "ratio",
                    "leecher",
                    "totalSeeder",
                    "totalLeecher",
                ];
                properties.extend(zero.map(|name| (name, Source::Zero)));
                let empty = ["category", "tags", "tracker", "savePath"];
                properties.extend(empty.map(|name| (name, Source::Empty)));
            }
        }
        if shape != Shape::Vertex {
            properties.push(("trackerStatus", Source::TrackerStatus));
            properties.push(("originProp", Source::Origin));
        }
        let mut mapping = Mapping {
            shape,
            is_readable,
            order: Vec::new(),
            sources: Vec::new(),
            torrents: packer.names.id("torrents"),
            origin: packer.names.id("originProp"),
            server_state: packer.names.id("serverState"),
            listed: Vec::new(),
            free_space: packer.names.id(FREE_SPACE),
            texts: Vec::new(),
        };
        if shape == Shape::Qbittorrent {
            for name in Key::ALL.iter().filter_map(|key| key.listed_name()) {
                let Some(place) = packer.names.id(name).map(usize::from) else {
                    continue;
                };
                mapping
                    .listed
                    .resize(mapping.listed.len().max(place + 1), false);
                mapping.listed[place] = true;
            }
        }
        for (name, source) in properties {
            if let Some(id) = packer.names.id(name) {
                mapping.add(id, source);
            }
        }
        mapping.texts = (0..packer.names.len())
            .map(|id| packer.names.text(id as NameId))
            .collect();
        mapping
    }

    fn add(&mut self, id: NameId, source: Source) {
        let place = usize::from(id);
        if self.sources.len() <= place {
            self.sources.resize(place + 1, None);
        }
        self.sources[place] = Some(source);
        self.order.push(id);
    }

    /// Where a property of `torrent` comes from, if it has it.
    pub(super) fn torrent(&self, item: &Item, name: NameId) -> Option<Source> {
        if self.shape == Shape::Vertex {
            return item.raw.layout.position(name).map(|_| Source::Field(name));
        }
        self.sources.get(usize::from(name)).copied().flatten()
    }

    /// The properties of `torrent`.
    pub(super) fn torrent_names(&self, item: &Item) -> Vec<NameId> {
        if self.shape == Shape::Vertex {
            return item.raw.layout.names.clone();
        }
        self.order.clone()
    }

    /// Where a property of `maindata` comes from, if it has it. Vertex's documentation promises `originProp`,
    /// its code gives `serverState`: both are here.
    pub(super) fn maindata(&self, item: &Item, name: NameId) -> Option<Source> {
        if self.torrents == Some(name) && self.is_readable {
            return Some(Source::Torrents);
        }
        if item.raw.layout.position(name).is_some() {
            return Some(match self.free_space == Some(name) {
                true => Source::NumberOrReason(name),
                false => Source::Field(name),
            });
        }
        let server_state = self.server_state.filter(|_| self.origin == Some(name))?;
        item.raw
            .layout
            .position(server_state)
            .map(|_| Source::Field(server_state))
    }

    /// The properties of `maindata` that are listed.
    pub(super) fn maindata_names(&self, item: &Item) -> Vec<NameId> {
        let torrents = self.torrents.filter(|_| self.is_readable);
        let rest = item.raw.layout.names.iter().copied();
        torrents
            .into_iter()
            .chain(rest.filter(|name| Some(*name) != torrents))
            .collect()
    }

    /// Whether it is a field of the list of torrents, though this server may not send it.
    pub(super) fn is_listed(&self, name: NameId) -> bool {
        self.listed.get(usize::from(name)).copied().unwrap_or(false)
    }

    /// The text of a name.
    pub(super) fn text(&self, name: NameId) -> Rc<str> {
        self.texts
            .get(usize::from(name))
            .cloned()
            .unwrap_or_default()
    }

    /// All names with their numbers.
    pub(super) fn texts(&self) -> &[Rc<str>] {
        &self.texts
    }
}
