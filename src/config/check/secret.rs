//! Secrets: the one source that is given, and its value. Errors name the source, never the value.

use std::path::Path as FilePath;

use crate::config::policy::{Secret, SecretSource};
use crate::config::raw::{RawSecret, RawSecretSource};
use crate::config::text::Path;

use super::Check;

/// Longer secrets can only be the wrong file.
const LONGEST: usize = 64 * 1024;

impl Check<'_> {
    /// The secret at `path`; an error is recorded if there is none to be had.
    pub fn secret(&mut self, raw: &RawSecret, path: &Path) -> Option<Secret> {
        let source = match raw {
            RawSecret::Text(text) => {
                if text.trim().is_empty() {
                    self.refuse(path, "an empty text", "a secret", None);
                    return None;
                }
                self.text_secrets.push(path.clone());
                return Some(Secret::new(text.clone(), SecretSource::Text));
            }
            RawSecret::Source(source) => self.source(source, path)?,
        };
        match self.value_of(&source) {
            Ok(value) => Some(Secret::new(value, source)),
            Err(problem) if self.outside.is_offline => {
                self.warn(path, format!("{problem}; the secret is missing"), None);
                Some(Secret::missing(source))
            }
            Err(problem) => {
                self.refuse(path, &problem, "a secret there", None);
                None
            }
        }
    }

    /// An API key: a secret that fits into a header.
    pub fn api_key(&mut self, raw: &RawSecret, path: &Path) -> Option<Secret> {
        let key = self.secret(raw, path)?;
        if !key.expose().chars().all(|c| c.is_ascii_graphic()) {
            let found = "an API key with blanks or other strange characters";
            self.refuse(path, found, "letters, digits and signs only", None);
            return None;
        }
        Some(key)
    }

    fn source(&mut self, raw: &RawSecretSource, path: &Path) -> Option<SecretSource> {
        let RawSecretSource {
            env,
            file,
            credential,
        } = raw;
        let given = [("env", env), ("file", file), ("credential", credential)];
        let given: Vec<(&str, &String)> = given
            .iter()
            .filter_map(|(key, name)| Some((*key, name.as_ref()?)))
            .collect();
        let [(key, name)] = given[..] else {
            let has_refused_part = given.is_empty()
                && self
                    .root
                    .get(path)
                    .is_some_and(|node| !node.entries().is_empty());
            if !has_refused_part {
                let found = if given.is_empty() {
                    "no source"
                } else {
                    "more than one source"
                };
                self.refuse(
                    path,
                    found,
                    "exactly one of \"env\", \"file\" and \"credential\"",
                    None,
                );
            }
            return None;
        };
        let path = path.key(key);
        let name = self.proper_text(Some(name), &path, "where the secret is")?;
        if key == "file" {
            return Some(SecretSource::File(self.resolve(name)));
        }
        if name.contains(['/', '=']) {
            self.refuse(&path, "a text with \"/\" or \"=\"", "a name", None);
            return None;
        }
        let name = name.to_owned();
        Some(if key == "env" {
            SecretSource::Env(name)
        } else {
            SecretSource::Credential(name)
        })
    }

    fn value_of(&self, source: &SecretSource) -> Result<String, String> {
        let value = match source {
            SecretSource::Text => return Err("no source".to_owned()),
            SecretSource::Env(name) => {
                let value = (self.outside.env)(name);
                value.ok_or_else(|| format!("no environment variable {name}"))?
            }
            SecretSource::File(path) => self.read_secret(path, &source.to_string())?,
            SecretSource::Credential(name) => {
                let folder = (self.outside.env)("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    format!("no $CREDENTIALS_DIRECTORY for {source} (systemd sets it for LoadCredential=)")
                })?;
                self.read_secret(&FilePath::new(&folder).join(name), &source.to_string())?
            }
        };
        if value.trim().is_empty() {
            return Err(format!("nothing in {source}"));
        }
        Ok(value)
    }

    fn read_secret(&self, path: &FilePath, source: &str) -> Result<String, String> {
        let bytes =
            (self.outside.read)(path).map_err(|error| format!("no readable {source}: {error}"))?;
        if bytes.len() > LONGEST {
            return Err(format!("more than 64 KiB in {source}"));
        }
        let mut text = String::from_utf8(bytes)
            .map_err(|_| format!("something other than UTF-8 text in {source}"))?;
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Ok(text)
    }
}
