//! The hardlink checker script (Jorman/Scripts, qBittorrentHardlinksChecker): one YAML file for each server, or for
//! each group of categories of one. It has no memory: what it finds in a bad state, it deletes at first sight.

mod account;
mod merge;
mod orphans;
mod read;

use super::document::{Entries, Value};
use super::remark::Remarks;
use super::yaml::Yaml;
use super::{ImportError, Source};

use account::Account;

/// One configuration out of all files.
pub(super) fn import(sources: &[Source], remarks: &mut Remarks) -> Result<Entries, ImportError> {
    let mut accounts: Vec<Account> = Vec::new();
    // It stands first, because nobody who kept cross-seeds by their links expects it.
    remarks.differs(
        "hardlinks",
        "links between torrents of the account (cross-seeding) do not count, only names outside of what its torrents \
         hold. Torrents that are linked to each other only, which the script kept, are deleted; `seedwarden check` says \
         how many these are. To keep them, put them into a category or under a tag of `protect`. Any linked file keeps \
         its torrent, as with the script, because min_linked_share is next to nothing; leave that key out (the default \
         is 0.1) so that a linked .nfo does not keep the rest.",
    );
    for source in sources {
        remarks.about_file(Some(&source.name));
        let settings = settings_of(source)?;
        let read = read::account(&settings, remarks);
        merge::add(&mut accounts, read, remarks);
    }
    remarks.about_file(None);
    if accounts.is_empty() {
        return Err(ImportError::Nothing("a YAML file of the hardlink checker"));
    }
    account::name(&mut accounts);
    remark_on_all(&accounts, remarks);

    let mut config = vec![("cycle", Value::text("30m"))];
    let accounts = accounts.into_iter().map(Account::into_value).collect();
    config.push(("accounts", Value::List(accounts)));
    Ok(config)
}

type Settings = std::collections::BTreeMap<String, Yaml>;

fn settings_of(source: &Source) -> Result<Settings, ImportError> {
    let unreadable = |found: String| ImportError::Unreadable {
        name: source.name.clone(),
        found,
        expected: "a YAML file of the hardlink checker, with qbt_host and the other settings"
            .to_owned(),
    };
    let text = source.text.trim_start_matches('\u{feff}');
    match Yaml::parse(text) {
        Err(problem) => Err(unreadable(format!("text that is no YAML ({problem})"))),
        Ok(Yaml::Map(settings)) if settings.contains_key("qbt_host") => Ok(settings),
        Ok(Yaml::Map(_)) => Err(unreadable("no qbt_host".to_owned())),
        Ok(Yaml::List(_) | Yaml::Scalar { .. }) => Err(unreadable("no settings".to_owned())),
    }
}

/// What holds for every configuration of the script.
fn remark_on_all(accounts: &[Account], remarks: &mut Remarks) {
    remarks.note(
        "cycle",
        "the script ran when cron started it; Seedwarden stays and runs every 30m. Set `cycle` to the spacing you \
         had, or keep cron and let it start `seedwarden run --once`.",
    );
    remarks.note(
        "limits",
        "the script had none. Seedwarden deletes at most 20 items per cycle and 200 a day, and takes many that fail \
         together for an outage; `limits` changes that.",
    );
    remarks.differs(
        "hardlinks",
        "a file that cannot be seen counted as not hardlinked, and its torrent was deleted. Here it is unknown and \
         kept; `seedwarden check` says whether the files are found.",
    );
    remarks.differs(
        "deleting",
        "files that another torrent holds too stay when one of them is deleted.",
    );
    if accounts.iter().any(Account::acts_on_public) {
        remarks.differs(
            "failed_trackers",
            "the script removed a tracker the first time it was not working, so max_failures is 1 and `for` is 0s. \
             The last tracker that works or might is never removed here, and `seedwarden restore` brings one back. \
             Leave both keys out for the defaults (5 failures and 3 days), which outlast a tracker's bad day.",
        );
    }
    if accounts
        .iter()
        .any(|account| account.unregistered.is_some())
    {
        remarks.differs(
            "unregistered",
            "the script deleted at first sight, so max_failures is 1. Here a tracker that works saves the torrent, \
             and texts of the network (a web page's 404, names that do not resolve) are unknown, not a verdict. \
             Leave max_failures out for the default of 3.",
        );
    }
    remarks.note(
        "select",
        "with subcategories switched on, qBittorrent counted those of a category as well; here name each one.",
    );
    remarks.note(
        "password",
        "it stands in the configuration as text. Better: {\"credential\": NAME}, {\"file\": PATH} or {\"env\": NAME}; \
         else let nobody but the service read the file.",
    );
}
