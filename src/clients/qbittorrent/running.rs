//! Whether a torrent is stopped, where its state does not show that.

use super::Qbittorrent;
use super::call::Call;
use super::read::explicit;
use crate::clients::ReadError;
use crate::core::model::{ApiVersion, ItemId};

impl Qbittorrent {
    /// Whether a torrent is meant to run, whatever its state is; `None` where the server does not tell.
    ///
    /// # Errors
    /// Whatever keeps us from reading.
    pub async fn is_meant_to_run(&self, item: &ItemId) -> Result<Option<bool>, ReadError> {
        let (stopped, running) = {
            let mut session = self.session.lock().await;
            self.ensure_session(&mut session).await?;
            if !session.has(ApiVersion::STOP_FILTERS) {
                return Ok(None);
            }
            match session.has(ApiVersion::STOP_START) {
                true => ("stopped", "running"),
                false => ("paused", "resumed"),
            }
        };
        let is_stopped = self.passes(item, stopped).await?;
        let is_running = self.passes(item, running).await?;
        // A word that the server does not know lets every torrent pass.
        Ok((is_stopped != is_running).then_some(is_running))
    }

    async fn passes(&self, item: &ItemId, filter: &str) -> Result<bool, ReadError> {
        let item = std::slice::from_ref(item);
        let [hash] = explicit(item)[..] else {
            return Ok(false);
        };
        let params = [("hashes", hash), ("filter", filter)];
        let call = Call::post("torrents/info", "whether it is stopped", &params);
        Ok(!self.rows(call, &[hash]).await?.is_empty())
    }
}
