//! Adding a torrent, which is how a deletion is undone.

use super::Qbittorrent;
use super::action::ShareLimits;
use super::call::{Call, outcome};
use crate::clients::ActionOutcome;
use crate::clients::lenient::int_of;
use crate::clients::said::Said;
use crate::ports::Part;
use bytes::Bytes;
use serde_json::Value;

const WHAT: &str = "the new torrent";

/// What a torrent is made from.
#[derive(Clone, PartialEq, Eq)]
pub enum TorrentSource {
    /// A `.torrent` file. Holds passkeys.
    File(Bytes),
    /// A magnet link. Holds passkeys.
    Link(String),
}

/// Whether a torrent of several files gets a folder of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ContentLayout {
    /// As the torrent says.
    #[default]
    Original,
    /// Always.
    Subfolder,
    /// Never.
    NoSubfolder,
}

/// A torrent to be added. `None` leaves a setting to the server.
#[derive(Clone, PartialEq)]
pub struct AddTorrent {
    /// What it is made from.
    pub source: TorrentSource,
    /// Final folder, as the server sees it.
    pub save_path: Option<String>,
    /// Folder for incomplete data (4.4 and later).
    pub download_path: Option<String>,
    /// Category, made if there is none of this name.
    pub category: Option<String>,
    /// Tags (4.3.2 and later).
    pub tags: Vec<String>,
    /// Stopped from the beginning. Without [`AddTorrent::skip_checking`] it shows progress 0 then, whatever is on
    /// the disk, until somebody asks for a recheck (seen on 4.5.2, 5.1.0, 5.3.0).
    pub stopped: bool,
    /// Take the data for complete without looking (ignored from 5.3 on without `seedMode`, which is sent too).
    pub skip_checking: bool,
    /// Automatic torrent management; must be off for `save_path` to hold.
    pub auto_tmm: Option<bool>,
    /// Bytes per second.
    pub download_limit: Option<u64>,
    /// Bytes per second.
    pub upload_limit: Option<u64>,
    /// Limits on sharing (4.3.4 and later).
    pub share_limits: Option<ShareLimits>,
    /// Display name, if not the torrent's own.
    pub rename: Option<String>,
    /// Layout of its files.
    pub content_layout: ContentLayout,
}

impl AddTorrent {
    /// A torrent with the server's own settings, checked and started by them.
    pub fn new(source: TorrentSource) -> Self {
        Self {
            source,
            save_path: None,
            download_path: None,
            category: None,
            tags: Vec::new(),
            stopped: false,
            skip_checking: false,
            auto_tmm: None,
            download_limit: None,
            upload_limit: None,
            share_limits: None,
            rename: None,
            content_layout: ContentLayout::Original,
        }
    }
}

impl Qbittorrent {
    /// Adds a torrent. `Refused` if it is there already, which 4.2 answers with `Done`: read back.
    pub async fn add(&self, torrent: &AddTorrent) -> ActionOutcome {
        let call = Call::upload("torrents/add", WHAT, parts(torrent));
        let mut session = self.session.lock().await;
        match self.act(&mut session, &call).await {
            Ok((status, body)) => added(status, &body),
            Err(ended) => ended,
        }
    }
}

/// Unknown fields are ignored by every version, so both spellings of those that changed are sent.
fn parts(torrent: &AddTorrent) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut field = |name: &'static str, value: String| {
        parts.push(Part {
            name,
            file_name: None,
            content: Bytes::from(value),
        });
    };
    let AddTorrent {
        source,
        save_path,
        download_path,
        category,
        tags,
        stopped,
        skip_checking,
        auto_tmm,
        download_limit,
        upload_limit,
        share_limits,
        rename,
        content_layout,
    } = torrent;
    for name in ["paused", "stopped"] {
        field(name, stopped.to_string());
    }
    for name in ["skip_checking", "seedMode"] {
        field(name, skip_checking.to_string());
    }
    let (layout, root_folder) = match content_layout {
        ContentLayout::Original => ("Original", None),
        ContentLayout::Subfolder => ("Subfolder", Some(true)),
        ContentLayout::NoSubfolder => ("NoSubfolder", Some(false)),
    };
    field("contentLayout", layout.to_owned());
    let mut maybe = |name: &'static str, value: Option<String>| {
        if let Some(value) = value {
            field(name, value);
        }
    };
    maybe("root_folder", root_folder.map(|yes| yes.to_string()));
    maybe("savepath", save_path.clone());
    maybe(
        "useDownloadPath",
        download_path
            .as_ref()
            .map(|path| (!path.is_empty()).to_string()),
    );
    maybe("downloadPath", download_path.clone());
    maybe("category", category.clone());
    // A blank after the comma would become part of the tag (4.5).
    maybe("tags", (!tags.is_empty()).then(|| tags.join(",")));
    maybe("autoTMM", auto_tmm.map(|on| on.to_string()));
    maybe("dlLimit", download_limit.map(|limit| limit.to_string()));
    maybe("upLimit", upload_limit.map(|limit| limit.to_string()));
    if let Some(limits) = share_limits {
        maybe("ratioLimit", Some(limits.ratio.to_string()));
        maybe("seedingTimeLimit", Some(limits.seeding_time.to_string()));
        maybe(
            "inactiveSeedingTimeLimit",
            Some(limits.inactive_seeding_time.to_string()),
        );
    }
    maybe("rename", rename.clone());
    parts.push(match source {
        TorrentSource::File(content) => Part {
            name: "torrents",
            file_name: Some("restored.torrent".to_owned()),
            content: content.clone(),
        },
        TorrentSource::Link(link) => Part {
            name: "urls",
            file_name: None,
            content: Bytes::from(link.clone()),
        },
    });
    parts
}

/// Up to 5.1 `Ok.` or `Fails.`; from 5.2 on a JSON object with counts, 202 while a link is being fetched, 409 when
/// nothing was added.
fn added(status: u16, body: &Said) -> ActionOutcome {
    let refused = |why: &str| ActionOutcome::Refused(format!("{WHAT}: {why}"));
    match (status, body.as_sent()) {
        (200, "Fails.") => refused("the server has it already, or cannot read it"),
        (409, _) => refused("nothing was added; the server has it already, or cannot read it"),
        (415, _) => refused("the server says that this is no torrent"),
        (200 | 202, json) if json.starts_with('{') => match counted(json) {
            Some(0) => refused("the server added nothing"),
            Some(_) => ActionOutcome::Done,
            None => ActionOutcome::Unknown(format!("{WHAT}: unexpected answer")),
        },
        (404, _) => refused("the server has no such call"),
        (status, _) => outcome(WHAT, status, body),
    }
}

/// How many were added or are being fetched.
fn counted(json: &str) -> Option<i64> {
    let told: Value = serde_json::from_str(json).ok()?;
    let count = |name: &str| told.get(name).and_then(int_of);
    Some(count("success_count")? + count("pending_count").unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::said::Secrets;

    #[test]
    fn understands_answers_of_every_version() {
        #[track_caller]
        fn check(status: u16, body: &str, expected: &str) {
            let said = Said::new(body.as_bytes(), Secrets::default());
            let outcome = added(status, &said).to_string();
            assert!(outcome.starts_with(expected), "{status} {body}: {outcome}");
        }
        check(200, "Ok.", "done");
        check(200, "", "done");
        check(204, "", "done");
        check(200, "Fails.", "refused");
        check(415, "x is not a valid torrent", "refused");
        check(409, "", "refused");
        check(
            200,
            r#"{"success_count":1,"failure_count":0,"pending_count":0,"added_torrent_ids":["a"]}"#,
            "done",
        );
        check(
            202,
            r#"{"success_count":0,"failure_count":0,"pending_count":1,"added_torrent_ids":[]}"#,
            "done",
        );
        check(
            200,
            r#"{"success_count":0,"failure_count":1,"pending_count":0}"#,
            "refused",
        );
        check(200, r#"{"error":"x"}"#, "outcome unknown");
        check(200, "<html>", "outcome unknown");
        check(502, "<html>", "outcome unknown");
        check(404, "", "refused");
        check(403, "Forbidden", "not carried out");
    }

    #[test]
    fn sends_both_spellings_and_only_what_is_set() {
        let mut torrent = AddTorrent::new(TorrentSource::File(Bytes::from_static(b"d4:infoe")));
        torrent.stopped = true;
        torrent.tags = vec!["a".into(), "b c".into()];
        let sent = |torrent: &AddTorrent| -> Vec<String> {
            let show =
                |part: &Part| format!("{}={}", part.name, String::from_utf8_lossy(&part.content));
            parts(torrent).iter().map(show).collect()
        };
        let expected = [
            "paused=true",
            "stopped=true",
            "skip_checking=false",
            "seedMode=false",
            "contentLayout=Original",
            "tags=a,b c",
            "torrents=d4:infoe",
        ];
        assert_eq!(sent(&torrent), expected);
        assert_eq!(
            parts(&torrent).last().and_then(|p| p.file_name.as_deref()),
            Some("restored.torrent")
        );
    }
}
