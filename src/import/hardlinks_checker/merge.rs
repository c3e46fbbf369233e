//! Several files for one server. A server is one account here, so that they become one, and where they differ the
//! more careful setting wins: nothing is deleted that none of them would have deleted.

use crate::import::address::server;
use crate::import::remark::Remarks;

use super::account::{Account, Categories, Orphans};

/// Add an account, or what it has to that of the same server.
pub(super) fn add(accounts: &mut Vec<Account>, new: Account, remarks: &mut Remarks) {
    let same =
        |old: &&mut Account| server(&old.url) == server(&new.url) && old.username == new.username;
    let Some(old) = accounts.iter_mut().find(same) else {
        accounts.push(new);
        return;
    };
    if old.torrent_type != new.torrent_type {
        remarks.left_out(
            "the whole file",
            "an earlier file is for the same server with another torrent_type, and a server is one account. Keep this \
             one for a second service with a state folder of its own, or write its part as rules.",
        );
        return;
    }
    remarks.differs(
        "the whole file",
        "an earlier file is for the same server, which is one account: their categories are put together, and where \
         the files differ the more careful setting holds. Rules (with the keys category, hardlinked and seedingTime) \
         can tell categories apart.",
    );
    merge(old, new, remarks);
}

fn merge(old: &mut Account, new: Account, remarks: &mut Remarks) {
    old.categories = match (
        std::mem::replace(&mut old.categories, Categories::All),
        new.categories,
    ) {
        (Categories::Only(mut names), Categories::Only(more)) => {
            names.extend(
                more.into_iter()
                    .filter(|name| !names.contains(name))
                    .collect::<Vec<_>>(),
            );
            Categories::Only(names)
        }
        (Categories::All, _) | (_, Categories::All) => Categories::All,
    };
    if old.min_seeding_seconds != new.min_seeding_seconds {
        // Zero switches the test off, and is the shortest in that sense too.
        old.min_seeding_seconds = old.min_seeding_seconds.max(new.min_seeding_seconds);
        remarks.differs(
            "min_seeding_time",
            "it differs from the earlier file; the longer one holds for both.",
        );
    }
    if old.is_rechecking != new.is_rechecking {
        old.is_rechecking = false;
        remarks.left_out(
            "enable_recheck",
            "it is on in one file only; \"errored\" switches it on for both.",
        );
    }
    let both = (old.unregistered.take(), new.unregistered);
    old.unregistered = unregistered(both, remarks);
    for pair in new.path_map {
        let twin = old.path_map.iter().find(|(from, _)| *from == pair.0);
        match twin {
            None => old.path_map.push(pair),
            Some(twin) if *twin == pair => {}
            Some(_) => remarks.left_out(
                "real_path",
                "the earlier file maps the same folder to another place.",
            ),
        }
    }
    old.password = old.password.take().or(new.password);
}

fn unregistered(
    both: (Option<Orphans>, Option<Orphans>),
    remarks: &mut Remarks,
) -> Option<Orphans> {
    let (old, new) = match both {
        (None, None) => return None,
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) | (None, Some(_)) => {
            remarks.left_out(
                "enable_orphan_check",
                "it is on in one file only; \"unregistered\" switches it on for both.",
            );
            return None;
        }
    };
    if old == new {
        return Some(old);
    }
    let messages: Vec<String> = old
        .messages
        .into_iter()
        .filter(|text| new.messages.contains(text))
        .collect();
    if messages.is_empty() {
        remarks.left_out("orphan_states", "the files have no text in common.");
        return None;
    }
    remarks.differs(
        "orphan_states",
        "only the texts that both files have, and the smaller min_peers.",
    );
    Some(Orphans {
        min_peers: old.min_peers.min(new.min_peers),
        messages,
    })
}
