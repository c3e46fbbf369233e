//! `magnet/upload` by hash or magnet URI, and `magnet/upload/file`: what is needed to undo a deletion.

use super::{
    account::Account,
    book::Book,
    effect::What,
    envelope::Refusal,
    field,
    magnet::{Magnet, Torrent},
    outcome::Outcome,
    params::Params,
    switches::{ExistingId, Switches},
};
use crate::NowMs;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Torrents of the world by info hash in small letters.
pub type Torrents = BTreeMap<String, Torrent>;

/// Answers `magnet/upload`.
pub(crate) fn upload(
    account: &mut Account,
    params: &Params,
    torrents: &Torrents,
    switches: &Switches,
    book: &mut Book,
    now: NowMs,
) -> Result<Value, Refusal> {
    let sent = params.many("magnets");
    if !account.is_premium {
        return Err(Refusal::new("MAGNET_MUST_BE_PREMIUM"));
    }
    if sent.is_empty() {
        return Err(Refusal::new("MAGNET_NO_URI"));
    }
    let mut magnets = Vec::new();
    for text in sent {
        let added = match Wanted::parse(text) {
            Some(wanted) => add(account, &wanted, torrents, switches, book, now),
            None => Err(Refusal::new("MAGNET_INVALID_URI")),
        };
        magnets.push(result("magnet", text, added, switches));
    }
    Ok(json!({"magnets": magnets}))
}

/// Answers `magnet/upload/file`; a file is recognised by its bytes, see [`Torrent::file`].
pub(crate) fn upload_file(
    account: &mut Account,
    params: &Params,
    torrents: &Torrents,
    switches: &Switches,
    book: &mut Book,
    now: NowMs,
) -> Result<Value, Refusal> {
    if !account.is_premium {
        return Err(Refusal::new("MAGNET_MUST_BE_PREMIUM"));
    }
    let mut files = Vec::new();
    for (name, content) in &params.files {
        let known = torrents
            .iter()
            .find(|(_, torrent)| torrent.file.as_ref() == Some(content));
        let added = match known {
            Some((hash, torrent)) => {
                let wanted = Wanted {
                    hash: hash.clone(),
                    name: Some(torrent.name.clone()),
                    how: How::File,
                };
                add(account, &wanted, torrents, switches, book, now)
            }
            None => Err(Refusal::new("MAGNET_INVALID_FILE")),
        };
        files.push(result("file", name, added, switches));
    }
    Ok(json!({"files": files}))
}

/// What an upload asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    hash: String,
    name: Option<String>,
    how: How,
}

/// What an upload brings along; it decides whether a private torrent can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Hash,
    UriWithTrackers,
    File,
}

impl Wanted {
    /// A hash of 40 hex digits, bare or as `xt=urn:btih:` of a magnet URI. (Base 32 is not modelled.)
    fn parse(text: &str) -> Option<Self> {
        let Some(query) = text.strip_prefix("magnet:?") else {
            return Self::with_hash(text);
        };
        let pairs = crate::form::urlencoded(query.as_bytes());
        let values = |wanted: &'static str| pairs.iter().filter(move |pair| pair.name == wanted);
        let hash = values("xt")
            .find_map(|pair| pair.text().strip_prefix("urn:btih:").map(str::to_owned))?;
        let mut found = Self::with_hash(&hash)?;
        found.name = values("dn").next().map(|pair| pair.text());
        if values("tr").next().is_some() {
            found.how = How::UriWithTrackers;
        }
        Some(found)
    }

    fn with_hash(hash: &str) -> Option<Self> {
        let is_hash = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = hash.to_ascii_lowercase();
        is_hash.then_some(Self {
            hash,
            name: None,
            how: How::Hash,
        })
    }
}

/// The entry of a hash, and whether it was there before.
struct Added {
    magnet: Magnet,
    existed: bool,
}

fn add(
    account: &mut Account,
    wanted: &Wanted,
    torrents: &Torrents,
    switches: &Switches,
    book: &mut Book,
    now: NowMs,
) -> Result<Added, Refusal> {
    if let Some(magnet) = account
        .magnets
        .values()
        .find(|magnet| magnet.hash == wanted.hash)
    {
        return Ok(Added {
            magnet: magnet.clone(),
            existed: true,
        });
    }
    if account.magnets.len() >= switches.most_magnets {
        return Err(Refusal::new("MAGNET_TOO_MANY"));
    }
    if account.active() >= switches.most_active {
        return Err(Refusal::new("MAGNET_TOO_MANY_ACTIVE"));
    }
    let mut magnet = Magnet::new(book.next_id())
        .hashed(&wanted.hash)
        .code(0)
        .without_metadata();
    magnet.added_at = now / 1000;
    let outcome = match torrents.get(&wanted.hash) {
        Some(torrent) => {
            magnet.filename.clone_from(&torrent.name);
            magnet.size = torrent.size;
            magnet.is_private = torrent.is_private;
            magnet.outcomes.clone_from(&torrent.restarts);
            torrent.outcome
        }
        None => {
            magnet.size = 0;
            magnet.filename = wanted.name.clone().unwrap_or_else(|| wanted.hash.clone());
            Outcome::NO_PEER
        }
    };
    let may_start = match wanted.how {
        How::Hash => !magnet.is_private,
        How::UriWithTrackers => !magnet.is_private || switches.private_uri_starts,
        How::File => true,
    };
    magnet.start(
        if may_start {
            outcome
        } else {
            Outcome::NeverStarts
        },
        now,
    );
    book.note(now, &account.name, What::Uploaded(magnet.clone()));
    account.magnets.insert(magnet.id, magnet.clone());
    Ok(Added {
        magnet,
        existed: false,
    })
}

fn result(kind: &str, sent: &str, added: Result<Added, Refusal>, switches: &Switches) -> Value {
    let Added { magnet, existed } = match added {
        Ok(added) => added,
        Err(mut refused) => {
            if switches.upload_errors_echo {
                sent.clone_into(&mut refused.message);
            }
            return json!({kind: sent, "error": refused.json()});
        }
    };
    let mut fields = json!({
        kind: sent,
        "hash": field::hash(&magnet, switches),
        "name": field::filename(&magnet, switches),
        "size": if magnet.has_metadata { magnet.size } else { 0 },
        "ready": magnet.code == Some(4),
    });
    match (existed, switches.existing_id) {
        (false, _) | (true, ExistingId::Given) => fields["id"] = field::number(magnet.id, switches),
        (true, ExistingId::Zero) => fields["id"] = json!(0),
        (true, ExistingId::Missing) => {}
    }
    fields
}
