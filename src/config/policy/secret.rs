//! A password, key or webhook address that cannot be printed by accident.

use std::fmt;

/// Where a secret comes from. Safe to print: it holds names and paths only.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// Written in the configuration itself.
    Text,
    /// An environment variable.
    Env(String),
    /// A file.
    File(std::path::PathBuf),
    /// A systemd credential, in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => write!(f, "text in the configuration"),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Credential(name) => write!(f, "systemd credential {name}"),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A secret value. It has no `Display`, and `Debug` shows only the source.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    value: Option<String>,
    source: SecretSource,
}

impl Secret {
    /// A secret whose value is known.
    #[must_use]
    pub fn new(value: impl Into<String>, source: SecretSource) -> Self {
        Self {
            value: Some(value.into()),
            source,
        }
    }

    /// A secret whose source is missing; only an offline check lets it pass.
    #[must_use]
    pub fn missing(source: SecretSource) -> Self {
        Self {
            value: None,
            source,
        }
    }

    /// The value, for the request that needs it; empty if it is missing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// Is the value known?
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        self.value.is_some()
    }

    /// Where the value comes from.
    #[must_use]
    pub fn source(&self) -> &SecretSource {
        &self.source
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_source_and_never_value() {
        let secret = Secret::new("hunter2", SecretSource::Env("QBT_PASSWORD".into()));
        assert_eq!(
            format!("{secret:?}"),
            "Secret(environment variable QBT_PASSWORD)"
        );
        assert_eq!(secret.expose(), "hunter2");
    }
}
