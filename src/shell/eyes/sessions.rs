//! The sessions at the servers of a process, ended together when it is done with them. A server keeps few, and an orphan
//! can throw somebody else's out.

use crate::clients::qbittorrent::Qbittorrent;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// Longest time for all of them: nobody waits at the end of a program for a server that does not answer.
const WITHIN: Duration = Duration::from_secs(3);

/// Clients that may have a session. Clones are the same.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<Vec<Arc<Qbittorrent>>>>);

impl Sessions {
    /// The client, whose session will be ended with the others.
    pub(super) fn of(&self, client: Qbittorrent) -> Arc<Qbittorrent> {
        let client = Arc::new(client);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(client.clone());
        client
    }

    /// Ends them all, each at its server. The work that used them must be over, or have been dropped.
    pub async fn end(&self) {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut ending = JoinSet::new();
        for client in all {
            ending.spawn(async move { client.log_out().await });
        }
        let all_ended = async { while ending.join_next().await.is_some() {} };
        // One that did not end in time ends by itself at the server, an hour later by default.
        let _ = tokio::time::timeout(WITHIN, all_ended).await;
    }
}
