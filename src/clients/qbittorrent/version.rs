//! Versions as servers tell them.

use super::Qbittorrent;
use super::call::Call;
use crate::clients::ReadError;
use crate::core::model::ApiVersion;

/// What a server says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    /// qBittorrent's own version, such as `v5.1.0`; empty if it cannot be read.
    pub text: String,
    /// Web API version; `None` if it cannot be read.
    pub api: Option<ApiVersion>,
}

impl Qbittorrent {
    /// Logs in if there is no session, and asks for the versions: the test of an account.
    ///
    /// # Errors
    /// Whatever keeps us from logging in or reading.
    pub async fn version(&self) -> Result<ServerVersion, ReadError> {
        let mut session = self.session.lock().await;
        session.refused = None;
        let call = Call::get("app/version", "the version");
        let text = self.read(&mut session, &call).await?;
        Ok(ServerVersion {
            text: self.said(&session, &call, &text).shown(),
            api: session.api,
        })
    }

    /// Asks for something small.
    ///
    /// # Errors
    /// Whatever keeps us from reading.
    pub async fn ping(&self) -> Result<(), ReadError> {
        let call = Call::get("app/version", "the version");
        let mut session = self.session.lock().await;
        self.read(&mut session, &call).await.map(drop)
    }

    /// The Web API version found when the session began; `None` before, and if the server does not tell.
    pub async fn api(&self) -> Option<ApiVersion> {
        self.session.lock().await.api
    }
}

/// Reads `2.11.4`; missing parts are 0.
pub(super) fn parse(text: &str) -> Option<ApiVersion> {
    let mut parts = text.trim().split('.').map(|part| part.parse::<u16>());
    let first = parts.next()?.ok()?;
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let third = parts.next().unwrap_or(Ok(0)).ok()?;
    Some(ApiVersion(first, second, third))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(parse("2.11.4"), Some(ApiVersion(2, 11, 4)));
        assert_eq!(parse(" 2.8.18\n"), Some(ApiVersion(2, 8, 18)));
        assert_eq!(parse("2.16"), Some(ApiVersion(2, 16, 0)));
        assert_eq!(parse(""), None);
        assert_eq!(parse("v5"), None);
        assert_eq!(parse("2.x.1"), None);
    }
}
