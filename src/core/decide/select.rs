//! Selection: which items are acted on. Facts, shared files and outages look at all of them.

use super::context::Context;
use super::item::Item;
use crate::config::policy::{CategoryFilter, QbtPolicy, Service, TorrentType};
use crate::core::model::{ItemId, TextField, Torrent, hosts_of};

/// Whether an item is acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// It is.
    Yes,
    /// It is not, and by which setting.
    No(String),
    /// Nobody can say, and why. Nothing is done to it.
    Unknown(String),
}

/// Judges the account's `select` block. Magnets are always selected.
pub fn selected(context: &Context<'_>, id: &ItemId, item: Item<'_>) -> Selected {
    match (&context.input.policy.service, item) {
        (Service::Qbittorrent(policy), Item::Torrent(torrent)) => {
            torrent_selected(context, policy, id, torrent)
        }
        (Service::Qbittorrent(_) | Service::Alldebrid(_), _) => Selected::Yes,
    }
}

fn torrent_selected(
    context: &Context<'_>,
    policy: &QbtPolicy,
    id: &ItemId,
    torrent: &Torrent,
) -> Selected {
    let select = &policy.select;
    let category = || {
        if torrent.category.is_empty() {
            "Uncategorized"
        } else {
            &torrent.category
        }
    };
    let unsent = |field| torrent.unsent.contains(field);
    let by_category =
        select.categories != CategoryFilter::All || !select.exclude_categories.is_empty();
    if by_category && unsent(TextField::Category) {
        return Selected::Unknown("the server does not send its category".to_owned());
    }
    let by_tags = !select.tags.is_empty() || !select.exclude_tags.is_empty();
    if by_tags && unsent(TextField::Tags) {
        return Selected::Unknown("the server does not send its tags".to_owned());
    }
    if !select.categories.contains(&torrent.category) {
        return Selected::No(format!("category {}", category()));
    }
    if select.exclude_categories.contains(&torrent.category) {
        return Selected::No(format!("category {} is excluded", category()));
    }
    if !select.tags.is_empty() && !select.tags.iter().any(|tag| torrent.has_tag(tag)) {
        return Selected::No("none of the selected tags".to_owned());
    }
    if let Some(tag) = select.exclude_tags.iter().find(|tag| torrent.has_tag(tag)) {
        return Selected::No(format!("tag {tag} is excluded"));
    }
    match tracker_selected(context, policy, id, torrent) {
        Selected::Yes => {}
        other => return other,
    }
    let wants_private = match select.torrent_type {
        TorrentType::Any => return Selected::Yes,
        TorrentType::Private => true,
        TorrentType::Public => false,
    };
    match context.private(id, torrent) {
        Ok(is_private) if is_private == wants_private => Selected::Yes,
        Ok(true) => Selected::No("private".to_owned()),
        Ok(false) => Selected::No("public".to_owned()),
        Err(why) => Selected::Unknown(why.to_string()),
    }
}

/// A torrent is of a tracker if one of its trackers has that host; the listing shows only one of them.
fn tracker_selected(
    context: &Context<'_>,
    policy: &QbtPolicy,
    id: &ItemId,
    torrent: &Torrent,
) -> Selected {
    let hosts = &policy.select.trackers;
    if hosts.is_empty() || hosts.contains(&torrent.tracker_host().to_lowercase()) {
        return Selected::Yes;
    }
    match context.trackers(id) {
        Ok(trackers) if !hosts_of(trackers).is_disjoint(hosts) => Selected::Yes,
        Ok(_) => Selected::No("none of the selected trackers".to_owned()),
        Err(why) => Selected::Unknown(why.to_string()),
    }
}
