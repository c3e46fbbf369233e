//! What requests to AllDebrid showed and did, held against invariants 1, 3, 6 and 8.

use super::{Oracle, failures};
use seedwarden_sim::alldebrid::Magnet;
use std::collections::BTreeMap;

/// A listing as the client got it, with the truth of that moment.
#[derive(Debug, Clone)]
pub struct MagnetListing {
    /// Number of the request.
    pub request: u64,
    /// The magnets that were in it.
    pub magnets: BTreeMap<u64, Magnet>,
    /// Nothing in it was unreadable, so that what is missing is gone.
    pub is_whole: bool,
    /// It is much shorter than one of the two before.
    pub is_doubtful: bool,
}

/// What a magnet's status says, by the API notes: a text of expiry wins over the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// In error or expired.
    Sick,
    /// Ready.
    Well,
    /// On its way, or nobody can say.
    Between,
}

/// The sign of a magnet.
pub fn sign(magnet: &Magnet) -> Sign {
    match magnet.code {
        _ if magnet.says_expired() => Sign::Sick,
        Some(4) => Sign::Well,
        Some(5..=15) => Sign::Sick,
        _ => Sign::Between,
    }
}

/// The name that the service shows of a magnet.
pub fn shown_name(magnet: &Magnet) -> String {
    match magnet.has_metadata {
        true => magnet.filename.clone(),
        false => "noname".to_owned(),
    }
}

impl Oracle {
    /// A listing was asked for: what the client got of it.
    pub fn magnets_listed(
        &mut self,
        account: &str,
        listing: Option<(BTreeMap<u64, Magnet>, bool)>,
    ) {
        self.requests += 1;
        let request = self.requests;
        let eye = self.accounts.entry(account.to_owned()).or_default();
        let is_good = listing.is_some();
        eye.unanswered = 0;
        eye.magnets = listing.map(|(magnets, is_whole)| {
            let longest = eye.lengths.iter().copied().max().unwrap_or(0);
            let is_doubtful = magnets.len() * 2 < longest;
            eye.lengths = [eye.lengths[1], magnets.len()];
            MagnetListing {
                request,
                magnets,
                is_whole,
                is_doubtful,
            }
        });
        self.listed(account, is_good);
    }

    /// Whether the last listing was much shorter than one before.
    pub fn is_listing_doubtful(&self, account: &str) -> bool {
        let eye = self.accounts.get(account);
        eye.and_then(|eye| eye.magnets.as_ref())
            .is_some_and(|listing| listing.is_doubtful)
    }

    /// One magnet was asked for and the answer was understood.
    pub fn magnet_read(&mut self, account: &str, id: u64, magnet: Option<Magnet>) {
        self.requests += 1;
        let request = self.requests;
        let eye = self.accounts.entry(account.to_owned()).or_default();
        eye.again.insert(id, (request, magnet));
    }

    /// A restart took effect.
    pub fn magnet_restarted(&mut self, account: &str, before: &Magnet) {
        let what = format!("the restart of {}", before.filename);
        self.changes(account, &what);
        if self.in_outage(account, before.id, 0) {
            self.breach(3, format!("{account}: {what}, which is part of an outage"));
        }
    }

    /// Somebody restores something from here on, or is done with it.
    pub fn restoring(&mut self, is_restoring: bool) {
        self.is_restoring = is_restoring;
        // Whatever the process says of it: what came back is to be left alone.
        for (account, name) in std::mem::take(&mut self.came_back).into_values() {
            self.restored(&account, &name, true);
        }
        self.forget_readings();
    }

    /// An upload took effect: only restoring does that.
    pub fn magnet_uploaded(&mut self, account: &str, magnet: &Magnet) {
        if !self.is_restoring {
            let name = &magnet.filename;
            self.breach(1, format!("{account}: {name} is uploaded for no reason"));
        }
        let is_of = (account.to_owned(), magnet.filename.clone());
        self.came_back.insert(magnet.id.to_string(), is_of);
    }

    /// A deletion took effect.
    pub fn magnet_deleted(&mut self, account: &str, before: &Magnet, lingers: bool) {
        // Restoring takes back what AllDebrid finds nothing for.
        if self.is_restoring && self.came_back.remove(&before.id.to_string()).is_some() {
            return;
        }
        // Another one may have come under its number since the second look, and is called by the name of the first.
        let again = self
            .accounts
            .get(account)
            .and_then(|eye| eye.again.get(&before.id));
        let seen = again.and_then(|(_, magnet)| magnet.as_ref());
        let name = seen
            .map_or(&before.filename, |magnet| &magnet.filename)
            .clone();
        self.deleted(account, &name, &shown_name(seen.unwrap_or(before)));
        if let Some(deleted) = self.deleted.last_mut() {
            deleted.lingers = lingers;
        }
        self.changes(account, &format!("the deletion of {name}"));
        let Some(eye) = self.accounts.get(account).cloned() else {
            return;
        };
        let why = match (&eye.magnets, eye.again.get(&before.id)) {
            (None, _) => Some("without a complete listing".to_owned()),
            (Some(listing), _)
                if listing
                    .magnets
                    .get(&before.id)
                    .is_none_or(|m| sign(m) != Sign::Sick) =>
            {
                Some("although the listing did not show it as failed".to_owned())
            }
            (Some(listing), again) => match again {
                None => Some("without a second look".to_owned()),
                Some((request, _)) if *request < listing.request => {
                    Some("without a second look".to_owned())
                }
                Some((_, None)) => Some("although it was gone at the second look".to_owned()),
                Some((_, Some(magnet))) if sign(magnet) != Sign::Sick => {
                    Some("although the second look found it better".to_owned())
                }
                Some((_, Some(magnet)))
                    if listing
                        .magnets
                        .get(&before.id)
                        .is_none_or(|listed| listed.added_at != magnet.added_at) =>
                {
                    Some("although it was added anew".to_owned())
                }
                Some(_) => None,
            },
        };
        if let Some(why) = why {
            self.breach(1, format!("{account}: {name} is deleted {why}"));
        }
        let id = before.id.to_string();
        let seen = eye.again.get(&before.id).map_or(0, |(request, _)| *request);
        let have = failures(
            self.account_state(self.resting_on(account, seen), account),
            &id,
        );
        let most = self
            .terms
            .get(account)
            .filter(|terms| terms.deletes)
            .map(|terms| terms.max_failures);
        match most {
            None => self.breach(
                1,
                format!("{account}: {name} is deleted although nothing asks for it"),
            ),
            Some(most) if have < most => {
                self.breach(
                    8,
                    format!("{account}: {name} is deleted at {have} of {most} failures"),
                );
            }
            Some(_) => {}
        }
        if eye.after_gap {
            self.breach(
                1,
                format!("{account}: {name} is deleted in the first cycle after a long gap"),
            );
        }
        if self.in_outage(account, before.id, seen) {
            self.breach(1, format!("{account}: {name} is deleted in an outage"));
        }
    }

    fn in_outage(&self, account: &str, id: u64, seen: u64) -> bool {
        let id = id.to_string();
        self.account_state(self.resting_on(account, seen), account)
            .is_some_and(|state| {
                state
                    .outages
                    .iter()
                    .any(|outage| outage.items.iter().any(|item| item.as_str() == id))
            })
    }
}
