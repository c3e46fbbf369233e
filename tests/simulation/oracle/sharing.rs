//! Invariant 15: no file that another torrent of the account holds, by whatever path, link or letter case, is deleted with one
//! of them.

use super::Oracle;
use super::torrents::LOOKING;
use seedwarden::ports::Clock;

impl Oracle {
    /// A file went with its torrent, and so did these other torrents' names of it.
    pub fn file_removed(&mut self, account: &str, path: &str, shared_with: &[String]) {
        let is_fresh = self
            .accounts
            .get(account)
            .is_some_and(|eye| eye.is_list_fresh);
        // Where no files can be seen, the paths decide.
        let is_blind = self.is_blind();
        let has_path = |other: &str| {
            let listed = self
                .accounts
                .get(account)
                .and_then(|eye| eye.torrents.as_ref());
            let other = listed.and_then(|listing| listing.get(other));
            other.is_some_and(|other| {
                let torrent = &other.torrent;
                let mut files = torrent.files.iter();
                files.any(|file| torrent.path_of(file) == path)
            })
        };
        // Nobody can see what is added between the last look at the list and the deletion that follows it.
        let could_know: Vec<&String> = shared_with
            .iter()
            .filter(|other| !is_fresh || self.is_listed(account, other))
            .filter(|other| !is_blind || has_path(other))
            .collect();
        if !could_know.is_empty() {
            let what = format!("{account}: {path} is deleted, which {could_know:?} hold too");
            self.breach(15, what);
        }
    }

    /// The mount with the data is away from the process, or has just been.
    fn is_blind(&self) -> bool {
        let now = self.time.now();
        let (is_away, since) = self.mount;
        is_away || since.is_some_and(|at| now.duration_since(at) < LOOKING)
    }

    /// The mount with the data goes away from the process, or comes back.
    pub fn mount_changed(&mut self, is_away: bool) {
        self.mount = (is_away, Some(self.time.now()));
        self.links_changed();
    }

    /// Something was done on an account: what its list showed before is not right before the next deletion.
    pub fn list_is_old(&mut self, account: &str) {
        if let Some(eye) = self.accounts.get_mut(account) {
            eye.is_list_fresh = false;
        }
    }
}
