//! What is particular to qBittorrent accounts.

use std::collections::BTreeSet;

use crate::config::policy::{
    DeleteAction, Errored, FailedTrackers, Hardlinks, Login, PathMap, QbtPolicy, Selection,
    TorrentLastResort, TorrentType, TrackerLastResort, Unregistered,
};
use crate::config::raw::{
    BlockOrBool, RawAccount, RawDeleteAction, RawErrored, RawFailedTrackers, RawHardlinks,
    RawPathPair, RawSelect, RawTorrentLastResort, RawTorrentType, RawTrackerLastResort,
    RawUnregistered,
};
use crate::config::text::Path;

use super::Check;
use super::names::{Empty, present};
use super::values::Zero;

/// Advice where 0 failures are asked for.
pub const NO_FAILURES: &str = "with 1 the first sighting already meets the last resort; leave the block out to \
     switch it off";

pub fn qbittorrent(cx: &mut Check<'_>, raw: &RawAccount, path: &Path) -> Option<QbtPolicy> {
    if raw.failed.is_some() {
        let advice =
            Some("for qBittorrent there are \"errored\", \"unregistered\" and \"failed_trackers\"");
        cx.refuse(
            &path.key("failed"),
            "a block for AllDebrid accounts",
            "no such key here",
            advice,
        );
    }
    let default_select = RawSelect::default();
    let protect = path.key("protect");
    let raw_protect = raw.protect.as_ref();
    let url_path = path.key("url");
    if raw.url.is_none() {
        cx.require(
            &url_path,
            "the address of the web interface, such as \"http://127.0.0.1:8080\"",
        );
    }
    let url = raw.url.as_ref().and_then(|url| cx.url(url, &url_path));
    let login = login(cx, raw, path);
    let ca_file = raw.tls.as_ref().and_then(|tls| tls.ca_file.as_ref());
    let ca_path = path.key("tls").key("ca_file");
    let ca_file =
        ca_file.and_then(|file| cx.proper_text(Some(file), &ca_path, "the path of a PEM file"));
    let select = selection(
        cx,
        raw.select.as_ref().unwrap_or(&default_select),
        &path.key("select"),
    );
    let protect_categories = cx.category_set(
        raw_protect.and_then(|raw| raw.categories.as_ref()),
        &protect.key("categories"),
    );
    let protect_tags = cx.tags(
        raw_protect.and_then(|raw| raw.tags.as_ref()),
        &protect.key("tags"),
        Empty::Allowed,
    );
    let path_map = path_map(
        cx,
        raw.path_map.as_deref().unwrap_or_default(),
        &path.key("path_map"),
    );
    let errored = errored(cx, raw.errored.as_ref(), &path.key("errored"));
    let unregistered = unregistered(cx, raw.unregistered.as_ref(), &path.key("unregistered"));
    let failed_trackers = failed_trackers(
        cx,
        raw.failed_trackers.as_ref(),
        &path.key("failed_trackers"),
    );
    let hardlinks = hardlinks(cx, raw.hardlinks.as_ref(), &path.key("hardlinks"));
    Some(QbtPolicy {
        url: url?,
        login: login?,
        ca_file: ca_file.map(|file| cx.resolve(file)),
        select,
        protect_categories,
        protect_tags,
        path_map,
        errored,
        unregistered,
        failed_trackers,
        hardlinks,
    })
}

fn login(cx: &mut Check<'_>, raw: &RawAccount, path: &Path) -> Option<Login> {
    let key_path = path.key("api_key");
    let has_key = cx.is_written(&key_path);
    let has_password = cx.is_written(&path.key("username")) || cx.is_written(&path.key("password"));
    if has_key && has_password {
        let advice =
            Some("keep the API key for qBittorrent 5.2 and later, user name and password before");
        cx.refuse(
            &key_path,
            "an API key beside user name or password",
            "one way to log in",
            advice,
        );
        return None;
    }
    if has_key {
        return raw
            .api_key
            .as_ref()
            .and_then(|key| cx.api_key(key, &key_path))
            .map(Login::ApiKey);
    }
    let username_path = path.key("username");
    let username = cx.proper_text(
        raw.username.as_ref(),
        &username_path,
        "the user name of the web interface",
    );
    let password_path = path.key("password");
    if raw.password.is_none() {
        cx.require(&password_path, "the password of the web interface");
    }
    let password = raw
        .password
        .as_ref()
        .and_then(|password| cx.secret(password, &password_path));
    Some(Login::Password {
        username: username?.to_owned(),
        password: password?,
    })
}

fn selection(cx: &mut Check<'_>, raw: &RawSelect, path: &Path) -> Selection {
    let RawSelect {
        categories,
        exclude_categories,
        tags,
        exclude_tags,
        trackers,
        torrent_type,
    } = raw;
    Selection {
        categories: cx.category_filter(categories.as_ref(), &path.key("categories")),
        exclude_categories: cx
            .category_set(exclude_categories.as_ref(), &path.key("exclude_categories")),
        tags: cx.tags(tags.as_ref(), &path.key("tags"), Empty::Refused),
        exclude_tags: cx.tags(
            exclude_tags.as_ref(),
            &path.key("exclude_tags"),
            Empty::Allowed,
        ),
        trackers: cx.hosts(trackers.as_ref(), &path.key("trackers")),
        torrent_type: match torrent_type {
            None | Some(RawTorrentType::Any) => TorrentType::Any,
            Some(RawTorrentType::Private) => TorrentType::Private,
            Some(RawTorrentType::Public) => TorrentType::Public,
        },
    }
}

fn path_map(cx: &mut Check<'_>, raw: &[Option<RawPathPair>], path: &Path) -> PathMap {
    let mut pairs = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, RawPathPair { from, to }) in present(raw, path) {
        let from_path = path.key("from");
        let to_path = path.key("to");
        let what = "an absolute folder of the server, such as \"/downloads\"";
        let from = cx.proper_text(from.as_ref(), &from_path, what);
        let here = "an absolute folder of this machine, such as \"/srv/downloads\"";
        let to = cx.proper_text(to.as_ref(), &to_path, here);
        let is_drive =
            |from: &str| from.as_bytes().get(1) == Some(&b':') || from.starts_with("\\\\");
        if let Some(from) = from {
            if !from.starts_with('/') && !is_drive(from) {
                cx.refuse(&from_path, "a relative path", what, None);
            } else if !seen.insert(from.trim_end_matches(['/', '\\'])) {
                cx.refuse(
                    &from_path,
                    "a folder that is mapped already",
                    "each folder once",
                    None,
                );
            }
        }
        if to.is_some_and(|to| !to.starts_with('/')) {
            cx.refuse(&to_path, "a relative path", here, None);
        }
        if let (Some(from), Some(to)) = (from, to) {
            pairs.push((from.to_owned(), to.into()));
        }
    }
    PathMap::new(pairs)
}

/// The settings of a block that is on; `default` where it is just `true`.
fn block<T, P>(
    raw: Option<&BlockOrBool<T>>,
    default: P,
    settings: impl FnOnce(&T, P) -> P,
) -> Option<P> {
    match raw {
        None | Some(BlockOrBool::Bool(false)) => None,
        Some(BlockOrBool::Bool(true)) => Some(default),
        Some(BlockOrBool::Block(raw)) => Some(settings(raw, default)),
    }
}

fn torrent_last_resort(raw: RawTorrentLastResort) -> TorrentLastResort {
    match raw {
        RawTorrentLastResort::DeleteTorrent => TorrentLastResort::DeleteTorrent,
        RawTorrentLastResort::DeleteFiles => TorrentLastResort::DeleteFiles,
        RawTorrentLastResort::Keep => TorrentLastResort::Keep,
    }
}

fn errored(
    cx: &mut Check<'_>,
    raw: Option<&BlockOrBool<RawErrored>>,
    path: &Path,
) -> Option<Errored> {
    block(
        raw,
        Errored::default(),
        |RawErrored {
             max_failures,
             last_resort,
         },
         default| Errored {
            max_failures: cx.max_failures(*max_failures, path, default.max_failures),
            last_resort: last_resort.map_or(default.last_resort, torrent_last_resort),
        },
    )
}

fn unregistered(
    cx: &mut Check<'_>,
    raw: Option<&BlockOrBool<RawUnregistered>>,
    path: &Path,
) -> Option<Unregistered> {
    block(raw, Unregistered::default(), |raw, default| {
        let RawUnregistered {
            max_failures,
            last_resort,
            min_peers,
            messages,
            extra_messages,
        } = raw;
        let what = "a text that trackers say of unregistered torrents";
        let list = messages
            .as_ref()
            .map(|list| cx.texts(list, &path.key("messages"), what));
        let extra = extra_messages.as_deref().unwrap_or_default();
        let extra_messages = cx.texts(extra, &path.key("extra_messages"), what);
        if messages.as_ref().is_some_and(Vec::is_empty) && extra.is_empty() {
            let advice =
                Some("leave the key out for the built-in list, or the block to switch it off");
            cx.refuse(
                &path.key("messages"),
                "an empty list",
                "at least one message",
                advice,
            );
        }
        Unregistered {
            max_failures: cx.max_failures(*max_failures, path, default.max_failures),
            last_resort: last_resort.map_or(default.last_resort, torrent_last_resort),
            min_peers: min_peers.unwrap_or(default.min_peers),
            messages: list,
            extra_messages,
        }
    })
}

fn failed_trackers(
    cx: &mut Check<'_>,
    raw: Option<&BlockOrBool<RawFailedTrackers>>,
    path: &Path,
) -> Option<FailedTrackers> {
    block(raw, FailedTrackers::default(), |raw, default| {
        let RawFailedTrackers {
            max_failures,
            last_resort,
            failing_for,
        } = raw;
        let last_resort = match last_resort {
            None => default.last_resort,
            Some(RawTrackerLastResort::RemoveTracker) => TrackerLastResort::RemoveTracker,
            Some(RawTrackerLastResort::Keep) => TrackerLastResort::Keep,
        };
        let for_path = path.key("for");
        FailedTrackers {
            max_failures: cx.max_failures(*max_failures, path, default.max_failures),
            last_resort,
            failing_for: cx.duration(
                failing_for.as_ref(),
                &for_path,
                Zero::Allowed,
                default.failing_for,
            ),
        }
    })
}

fn hardlinks(
    cx: &mut Check<'_>,
    raw: Option<&BlockOrBool<RawHardlinks>>,
    path: &Path,
) -> Option<Hardlinks> {
    block(raw, Hardlinks::default(), |raw, default| {
        let RawHardlinks {
            min_seeding_time,
            action,
            min_linked_share,
            recheck_every,
        } = raw;
        let action = match action {
            None => default.action,
            Some(RawDeleteAction::DeleteFiles) => DeleteAction::DeleteFiles,
            Some(RawDeleteAction::DeleteTorrent) => DeleteAction::DeleteTorrent,
        };
        let seeding_path = path.key("min_seeding_time");
        let recheck_path = path.key("recheck_every");
        Hardlinks {
            min_seeding_time: cx.duration(
                min_seeding_time.as_ref(),
                &seeding_path,
                Zero::Allowed,
                default.min_seeding_time,
            ),
            action,
            min_linked_share: cx.share(
                *min_linked_share,
                &path.key("min_linked_share"),
                default.min_linked_share,
            ),
            recheck_every: cx.duration(
                recheck_every.as_ref(),
                &recheck_path,
                Zero::Allowed,
                default.recheck_every,
            ),
        }
    })
}

impl Check<'_> {
    /// The `max_failures` of the block at `block`.
    pub fn max_failures(&mut self, raw: Option<u32>, block: &Path, default: u32) -> u32 {
        self.positive(raw, &block.key("max_failures"), default, Some(NO_FAILURES))
    }
}
