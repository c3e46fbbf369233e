//! What is known of an item, in words: yes, no or unknown, with the reason.

use crate::core::decide::context::Context;
use crate::core::decide::hardlinks;
use crate::core::decide::item::Item;
use crate::core::decide::select::{Selected, selected};
use crate::core::facts::Mount;
use crate::core::model::{Fact, ItemId, Magnet, Torrent};
use crate::core::plan::{bytes_text, counted, duration_text};
use std::time::Duration;

/// Whether it is selected.
pub fn selection(context: &Context<'_>, id: &ItemId, item: Item<'_>) -> String {
    match selected(context, id, item) {
        Selected::Yes => "yes".to_owned(),
        Selected::No(why) => format!("no: {why}"),
        Selected::Unknown(why) => format!("unknown: {why}"),
    }
}

/// What is known of a torrent.
pub fn of_torrent(
    context: &Context<'_>,
    id: &ItemId,
    torrent: &Torrent,
) -> Vec<(&'static str, String)> {
    let or_none = |text: &str| {
        if text.is_empty() {
            "none".to_owned()
        } else {
            text.to_owned()
        }
    };
    let mut facts = vec![
        ("state", torrent.state.as_str().to_owned()),
        ("category", or_none(&torrent.category)),
        ("tags", or_none(&torrent.tags)),
        ("tracker", or_none(&torrent.tracker_host())),
        (
            "private",
            match context.private(id, torrent) {
                Ok(true) => "yes".to_owned(),
                Ok(false) => "no".to_owned(),
                Err(why) => format!("unknown: {why}"),
            },
        ),
        ("save path", torrent.save_path.to_string()),
    ];
    facts.extend(torrent.size.map(|size| ("size", bytes_text(size))));
    facts.extend(torrent.progress.map(|share| ("progress", percent(share))));
    facts.extend(torrent.ratio.map(|ratio| ("ratio", format!("{ratio:.2}"))));
    let seeded = torrent.seeding_seconds().map(seconds);
    facts.push((
        "seeding time",
        seeded.unwrap_or_else(|| "unknown: this server does not list it".to_owned()),
    ));
    facts.extend(torrent.added_on.map(|at| ("added", ago(context.now_s, at))));
    let completed = torrent.completed_at(context.now_s);
    facts.extend(completed.map(|at| ("completed", ago(context.now_s, at))));
    let peers = torrent.num_seeds.zip(torrent.num_leechs);
    facts.extend(peers.map(|(seeds, leechers)| {
        (
            "peers",
            format!(
                "{}, {}",
                counted(seeds, "seed", "seeds"),
                counted(leechers, "leecher", "leechers")
            ),
        )
    }));
    let (linked, how) = hardlinks::look(context, id, torrent, hardlinks::min_linked_share(context));
    facts.push((
        "hardlinked",
        match linked {
            Fact::Yes => format!("yes: {how}"),
            Fact::No => format!("no: {how}"),
            Fact::Unknown(why) => format!("unknown: {why}"),
        },
    ));
    facts.push(("shared files", shared_text(context, id)));
    facts.push((
        "disk",
        match context.mount(&torrent.save_path) {
            None => "unknown: not looked at".to_owned(),
            Some(Mount::Present) => "there".to_owned(),
            Some(Mount::Absent(why)) => format!("absent: {why}"),
            Some(Mount::NotOurs) => "not to be seen from here".to_owned(),
        },
    ));
    facts
}

fn shared_text(context: &Context<'_>, id: &ItemId) -> String {
    match context.shared(id) {
        None => "unknown: not looked at".to_owned(),
        Some(Err(why)) => format!("unknown: {why}"),
        Some(Ok(others)) => match others.first() {
            None => "none".to_owned(),
            Some(first) => format!("{} is also held by \"{}\"", first.file, first.name),
        },
    }
}

/// What is known of a magnet.
pub fn of_magnet(magnet: &Magnet) -> Vec<(&'static str, String)> {
    let code = magnet
        .status_code
        .map_or("missing".to_owned(), |code| code.to_string());
    let mut facts = vec![
        ("state", magnet.class().word().to_owned()),
        ("status", format!("{} (code {code})", magnet.status)),
        ("progress", percent(magnet.progress())),
    ];
    facts.extend(magnet.size.map(|size| ("size", bytes_text(size))));
    facts.extend(
        magnet
            .seeders
            .map(|seeders| ("seeders", seeders.to_string())),
    );
    facts.extend(
        magnet
            .hash
            .as_deref()
            .map(|hash| ("info-hash", hash.to_owned())),
    );
    facts
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn seconds(seconds: i64) -> String {
    duration_text(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

fn ago(now_s: i64, at: i64) -> String {
    format!("{} ago", seconds(now_s.saturating_sub(at)))
}
