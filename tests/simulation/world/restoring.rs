//! What people take back: deletions are restored from the trash, as `seedwarden restore` does.

use super::World;
use crate::disk::FOLDER;
use seedwarden::core::ledger::{DeletionIntent, KeptAs};
use seedwarden::ports::{Clock, Ports};
use seedwarden::shell::eyes::{Eyes, Optics};
use seedwarden::shell::kept::Kept;
use seedwarden::shell::ledger::Ledger;
use seedwarden::shell::restore::{Restored, Restoring, restore};
use seedwarden::shell::store::Store;
use seedwarden::shell::trash::Trash;
use std::path::Path;
use std::sync::Arc;

impl World {
    /// One torrent or magnet that was deleted is wanted back.
    pub(super) async fn restore(&mut self) {
        self.stop().await;
        let calm = self.hub.with(|core| std::mem::take(&mut core.rates));
        let ports = Ports {
            disk: Arc::new(self.disk.below.clone()),
            ..self.ports.clone()
        };
        let disk = self.disk.clone();
        self.hub.with(|core| core.oracle.restoring(true));
        let done = disk.undisturbed(self.restore_with(ports)).await;
        self.hub.with(|core| core.oracle.restoring(false));
        match done {
            Ok(Some((name, kind))) => {
                self.note(&format!("{name} is restored"));
                self.hub
                    .with(|core| core.see(&format!("event: {kind} restored")));
            }
            Ok(None) => {}
            Err(why) => self.note(&format!("not restored: {why}")),
        }
        self.hub.with(|core| core.rates = calm);
    }

    async fn restore_with(
        &mut self,
        ports: Ports,
    ) -> Result<Option<(String, &'static str)>, String> {
        let folder = Path::new(FOLDER);
        let store = Store::open(ports.disk.clone(), folder, self.clock.now()).await;
        let ledger = Ledger::open(ports.disk.clone(), folder).await;
        let kept = Kept {
            store: store.map_err(|error| error.to_string())?.0,
            ledger: ledger.map_err(|error| error.to_string())?,
            trash: Trash::new(ports.disk.clone(), folder),
        };
        let book = kept.ledger.book();
        let deleted: Vec<Arc<DeletionIntent>> = book
            .deletions
            .values()
            .filter(|(_, outcome)| outcome.as_ref().is_some_and(|o| o.result.is_deletion()))
            .filter(|(intent, _)| matches!(intent.kept, KeptAs::Torrent(_) | KeptAs::Hash(_)))
            .map(|(intent, _)| intent.clone())
            .collect();
        let Some(intent) = deleted.get(self.dice.below(deleted.len())) else {
            return Ok(None);
        };
        let Some(policy) = self.policy.account(&intent.account) else {
            return Ok(None);
        };
        let optics = Optics::new(ports.clone(), self.policy.time_zone.clone());
        let restoring = Restoring {
            eyes: &mut Eyes::new(policy, &optics),
            kept: &kept,
            clock: ports.clock.clone(),
        };
        let (account, name) = (intent.account.as_str(), &intent.name);
        // The notice of a deletion may come later than this.
        self.hub
            .with(|core| core.oracle.restored(account, name, false));
        let done = restore(restoring, intent).await?;
        let content = self.disk.state_bytes();
        let is_done = matches!(done, Restored::Done(..));
        self.hub.with(|core| {
            core.oracle.restored(account, name, is_done);
            core.oracle.state_commanded(content.as_deref());
        });
        let kind = match intent.kept {
            KeptAs::Hash(_) => "magnet",
            _ => "torrent",
        };
        Ok(is_done.then(|| (name.clone(), kind)))
    }
}
