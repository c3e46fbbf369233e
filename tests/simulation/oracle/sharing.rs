//! Invariant 15: no file that another torrent of the account holds, by whatever path, link or letter case, is deleted with one
//! of them.

use super::Oracle;

impl Oracle {
    /// A file went with its torrent, and so did these other torrents' names of it.
    pub fn file_removed(&mut self, account: &str, path: &str, shared_with: &[String]) {
        let is_fresh = self
            .accounts
            .get(account)
            .is_some_and(|eye| eye.is_list_fresh);
        // Nobody can see what is added between the last look at the list and the deletion that follows it.
        let could_know: Vec<&String> = shared_with
            .iter()
            .filter(|other| !is_fresh || self.is_listed(account, other))
            .collect();
        if !could_know.is_empty() {
            let what = format!("{account}: {path} is deleted, which {could_know:?} hold too");
            self.breach(15, what);
        }
    }

    /// Something was done on an account: what its list showed before is not right before the next deletion.
    pub fn list_is_old(&mut self, account: &str) {
        if let Some(eye) = self.accounts.get_mut(account) {
            eye.is_list_fresh = false;
        }
    }
}
