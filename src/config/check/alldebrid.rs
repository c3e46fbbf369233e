//! What is particular to AllDebrid accounts.

use url::Url;

use crate::config::policy::{AdPolicy, Failed, MagnetLastResort};
use crate::config::raw::{BlockOrBool, RawAccount, RawFailed, RawMagnetLastResort};
use crate::config::text::Path;

use super::Check;
use super::unique::is_this_machine;

/// Where the service is.
const SERVICE: &str = "https://api.alldebrid.com/";

pub fn alldebrid(cx: &mut Check<'_>, raw: &RawAccount, path: &Path) -> Option<AdPolicy> {
    refuse_keys_of_torrents(cx, raw, path);
    let url_path = path.key("url");
    let url = match &raw.url {
        Some(url) => cx.url(url, &url_path),
        None => Url::parse(SERVICE).ok(),
    };
    if let Some(url) = url
        .as_ref()
        .filter(|url| url.scheme() == "http" && !is_this_machine(url))
    {
        let problem = format!(
            "the API key goes to {} unencrypted",
            url.host_str().unwrap_or_default()
        );
        cx.warn(&url_path, problem, Some("use https"));
    }
    let key_path = path.key("api_key");
    if raw.api_key.is_none() {
        cx.require(&key_path, "an API key, as made at alldebrid.com/apikeys");
    }
    let api_key = raw
        .api_key
        .as_ref()
        .and_then(|key| cx.api_key(key, &key_path));
    let failed = failed(cx, raw.failed.as_ref(), &path.key("failed"));
    Some(AdPolicy {
        url: url?,
        api_key: api_key?,
        failed,
    })
}

fn refuse_keys_of_torrents(cx: &mut Check<'_>, raw: &RawAccount, path: &Path) {
    let protect = raw.protect.as_ref();
    let keys = [
        ("username", raw.username.is_some()),
        ("password", raw.password.is_some()),
        ("tls", raw.tls.is_some()),
        ("select", raw.select.is_some()),
        ("path_map", raw.path_map.is_some()),
        ("errored", raw.errored.is_some()),
        ("unregistered", raw.unregistered.is_some()),
        ("failed_trackers", raw.failed_trackers.is_some()),
        ("hardlinks", raw.hardlinks.is_some()),
        (
            "protect.categories",
            protect.is_some_and(|protect| protect.categories.is_some()),
        ),
        (
            "protect.tags",
            protect.is_some_and(|protect| protect.tags.is_some()),
        ),
    ];
    for (key, _) in keys.iter().filter(|(_, is_given)| *is_given) {
        let advice = match *key {
            "errored" | "unregistered" | "failed_trackers" => {
                Some("for AllDebrid there is \"failed\"")
            }
            "username" | "password" => Some("AllDebrid takes an \"api_key\""),
            "select" | "protect.categories" | "protect.tags" => {
                Some("protect magnets by \"protect\": {\"rules\": […]}")
            }
            _ => None,
        };
        cx.refuse(
            &path.join_written(key),
            "a key for qBittorrent accounts",
            "no such key here",
            advice,
        );
    }
}

fn failed(cx: &mut Check<'_>, raw: Option<&BlockOrBool<RawFailed>>, path: &Path) -> Option<Failed> {
    let default = Failed::default();
    let RawFailed {
        max_failures,
        last_resort,
    } = match raw {
        None | Some(BlockOrBool::Bool(true)) => return Some(default),
        Some(BlockOrBool::Bool(false)) => return None,
        Some(BlockOrBool::Block(raw)) => raw,
    };
    let last_resort = match last_resort {
        None => default.last_resort,
        Some(RawMagnetLastResort::Delete) => MagnetLastResort::Delete,
        Some(RawMagnetLastResort::Keep) => MagnetLastResort::Keep,
    };
    Some(Failed {
        max_failures: cx.max_failures(*max_failures, path, default.max_failures),
        last_resort,
    })
}
