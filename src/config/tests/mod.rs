//! The loader at its boundary: a text in, a policy or errors out.

mod broken;
mod good;
mod hostile;
mod secrets;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::check::Outside;
use super::load::load_bytes;
use super::{ConfigErrors, Loaded};

/// What a configuration in a test refers to: variables and files.
#[derive(Default)]
struct World {
    env: BTreeMap<String, String>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    is_offline: bool,
    is_readable_by_others: bool,
}

impl World {
    /// One in which every secret of the examples is there.
    fn complete() -> World {
        let mut world = World::default();
        for (name, value) in [
            ("QBT_PASSWORD", "pass"),
            ("CREDENTIALS_DIRECTORY", "/run/credentials"),
        ] {
            world.env.insert(name.to_owned(), value.to_owned());
        }
        for (path, text) in [
            (
                "/run/credentials/discord",
                "https://discord.com/api/webhooks/1/abc\n",
            ),
            ("/etc/seedwarden/qbittorrent-key", "qbt_key\n"),
            ("/etc/seedwarden/alldebrid-key", "ad_key\r\n"),
            ("/run/secrets/alldebrid", "ad_key"),
            (
                "/etc/seedwarden/rules/free-rider.js",
                "(maindata, torrent) => false",
            ),
            ("/etc/seedwarden/wrong.js", "syntax error"),
        ] {
            world.files.insert(path.into(), text.into());
        }
        world
    }

    fn load(&self, text: impl AsRef<[u8]>) -> Result<Loaded, ConfigErrors> {
        let read = |path: &Path| {
            let bytes = self.files.get(path).cloned();
            bytes.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        };
        let outside = Outside {
            env: &|name| self.env.get(name).cloned(),
            read: &read,
            check_script: &|_, source| {
                if source.contains("syntax error") {
                    Err("unexpected word in line 1".to_owned())
                } else {
                    Ok(())
                }
            },
            is_offline: self.is_offline,
            folder: PathBuf::from("/etc/seedwarden"),
        };
        let file = Path::new("/etc/seedwarden/config.json");
        load_bytes(file, text.as_ref(), &outside, self.is_readable_by_others)
    }
}

/// Loads a text that must be valid.
#[track_caller]
fn load(text: &str) -> Loaded {
    World::complete()
        .load(text)
        .unwrap_or_else(|errors| panic!("{errors}"))
}
