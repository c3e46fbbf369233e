//! What tests say to the model: accounts, magnets, forced answers, interference, and a look at the effects.
//! An account is called by its name; a name or id that does not exist is a mistake in the test and panics.

use super::{
    AllDebrid, Endpoint,
    account::{Account, Forced},
    book::{Change, When},
    effect::{Effect, What},
    magnet::{Magnet, Torrent},
    outcome::Outcome,
    switches::Shape,
};
use crate::NowMs;

impl AllDebrid {
    /// Adds a premium account.
    pub fn add_account(&mut self, name: &str, key: &str) {
        self.accounts.push(Account::new(name, key));
    }

    /// An account, to look at or change directly.
    pub fn account(&mut self, name: &str) -> &mut Account {
        let found = self
            .accounts
            .iter_mut()
            .find(|account| account.name == name);
        found.unwrap_or_else(|| panic!("the model has no account {name:?}"))
    }

    /// Adds a magnet, replacing one with the same id. Its torrent becomes known to uploads: a new upload of the hash leads
    /// to what the next restart of the magnet would lead to.
    pub fn add(&mut self, account: &str, magnet: Magnet) {
        let known = Torrent {
            name: magnet.filename.clone(),
            size: magnet.size,
            is_private: magnet.is_private,
            outcome: magnet.outcomes.front().copied().unwrap_or(Outcome::NO_PEER),
            restarts: magnet.outcomes.clone(),
            file: None,
        };
        self.torrents.entry(magnet.hash.clone()).or_insert(known);
        self.book.last_id = self.book.last_id.max(magnet.id);
        self.account(account).magnets.insert(magnet.id, magnet);
    }

    /// Makes a torrent known to uploads, or changes what uploads of it lead to.
    pub fn know(&mut self, hash: &str, torrent: Torrent) {
        self.torrents.insert(hash.to_ascii_lowercase(), torrent);
    }

    /// The magnet, if it is still there.
    pub fn magnet(&self, account: &str, id: u64) -> Option<&Magnet> {
        let account = self.accounts.iter().find(|one| one.name == account)?;
        account.magnets.get(&id)
    }

    /// Ids of the magnets of an account, ascending.
    pub fn ids(&self, account: &str) -> Vec<u64> {
        let found = self.accounts.iter().find(|one| one.name == account);
        found
            .map(|one| one.magnets.keys().copied().collect())
            .unwrap_or_default()
    }

    /// Sets a code at once, dropping the steps that the magnet was to take.
    pub fn set_code(&mut self, account: &str, id: u64, code: i64, now: NowMs) {
        assert!(
            self.magnet(account, id).is_some(),
            "{account} has no magnet {id}"
        );
        self.apply(account, Change::Code(id, code), now);
    }

    /// Removes a magnet as if another tool had deleted it.
    pub fn vanish(&mut self, account: &str, id: u64, now: NowMs) {
        self.apply(account, Change::Vanish(id), now);
    }

    /// Lets something happen at the first call at or after `at`.
    pub fn at(&mut self, at: NowMs, account: &str, change: Change) {
        self.book
            .changes
            .push((When::At(at), account.to_owned(), change));
    }

    /// Lets something happen right before the account's next call to `endpoint` is carried out.
    pub fn before_next(&mut self, endpoint: Endpoint, account: &str, change: Change) {
        self.book
            .changes
            .push((When::Before(endpoint), account.to_owned(), change));
    }

    /// Forces an answer on every call of an account until [`AllDebrid::unforce`].
    pub fn force(&mut self, account: &str, forced: Forced) {
        self.account(account).forced.insert(0, (None, forced));
    }

    /// Forces an answer on the calls of an account to one endpoint.
    pub fn force_on(&mut self, account: &str, endpoint: Endpoint, forced: Forced) {
        self.account(account)
            .forced
            .insert(0, (Some(endpoint), forced));
    }

    /// Ends all forced answers of an account.
    pub fn unforce(&mut self, account: &str) {
        self.account(account).forced.clear();
    }

    /// Refuses the next `times` restarts or deletions of a magnet (`None`: any) with a code, such as
    /// `MAGNET_PROCESSING_COOLDOWN`, without carrying them out.
    pub fn refuse(
        &mut self,
        account: &str,
        endpoint: Endpoint,
        id: Option<u64>,
        code: &str,
        times: u32,
    ) {
        self.book.script(account, endpoint, id, code, times);
    }

    /// Forgets refusals, shapes and changes that are still to come.
    pub fn forget_scripts(&mut self) {
        self.book.forget_scripts();
        self.next_shapes.clear();
    }

    /// The next `magnet/status` answer of any account comes in this shape, the one after in the next, and so on.
    pub fn shape_next(&mut self, shapes: impl IntoIterator<Item = Shape>) {
        self.next_shapes.extend(shapes);
    }

    /// Everything that calls, time or the test changed, oldest first.
    pub fn effects(&self) -> &[Effect] {
        &self.book.effects
    }

    /// Takes the effects out, so that an oracle sees each once.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.book.effects)
    }

    /// Ids of the magnets of an account that calls deleted, in order.
    pub fn deleted(&self, account: &str) -> Vec<u64> {
        self.ids_of(account, |what| matches!(what, What::Deleted(_)))
    }

    /// Ids of the magnets of an account that calls restarted, in order.
    pub fn restarted(&self, account: &str) -> Vec<u64> {
        self.ids_of(account, |what| matches!(what, What::Restarted(_)))
    }

    /// Ids of the magnets of an account that calls added, in order.
    pub fn uploaded(&self, account: &str) -> Vec<u64> {
        self.ids_of(account, |what| matches!(what, What::Uploaded(_)))
    }

    /// Carries out what is due by `now`. Every call does this by itself.
    pub fn advance(&mut self, now: NowMs) {
        for account in &mut self.accounts {
            for (at, id, from, to) in account.advance(now) {
                self.book.note(
                    at,
                    &account.name,
                    What::Moved {
                        id,
                        from,
                        to: Some(to),
                    },
                );
            }
        }
        for (account, change) in self
            .book
            .due(|when, _| matches!(when, When::At(at) if at <= now))
        {
            self.apply(&account, change, now);
        }
    }

    pub(crate) fn interfere(&mut self, endpoint: Endpoint, account: &str, now: NowMs) {
        let due = |when, name: &str| when == When::Before(endpoint) && name == account;
        for (account, change) in self.book.due(due) {
            self.apply(&account, change, now);
        }
    }

    fn apply(&mut self, account: &str, change: Change, now: NowMs) {
        let what = match change {
            Change::Code(id, code) => {
                let Some(magnet) = self.account(account).magnets.get_mut(&id) else {
                    return;
                };
                let from = magnet.code;
                magnet.steps.clear();
                magnet.text = None;
                magnet.code = Some(code);
                magnet.completed_at = if code == 4 { now / 1000 } else { 0 };
                What::Moved {
                    id,
                    from,
                    to: Some(code),
                }
            }
            Change::Vanish(id) => match self.account(account).magnets.remove(&id) {
                Some(gone) => What::Vanished(gone),
                None => return,
            },
            Change::Appear(magnet) => return self.add(account, *magnet),
        };
        self.book.note(now, account, what);
    }

    fn ids_of(&self, account: &str, kind: impl Fn(&What) -> bool) -> Vec<u64> {
        let effects = self.book.effects.iter();
        let ours = effects.filter(|effect| effect.account == account && kind(&effect.what));
        ours.map(|effect| effect.what.id()).collect()
    }
}
