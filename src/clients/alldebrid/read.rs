//! Readings: the list, one magnet, the account; and the upload that undoes a deletion.

use super::Alldebrid;
use super::envelope::failure_of;
use super::magnets::{entries, id_of, magnet};
use crate::clients::lenient::{bool_of, int_of, text_of};
use crate::clients::{ReadError, ReadErrorKind};
use crate::core::model::{ItemId, Magnet};
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// All magnets of an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// The magnets; one that came twice is here once.
    pub magnets: BTreeMap<ItemId, Magnet>,
    /// Entries that were no magnets with an id. If there are any, who is not in the list is not gone for that.
    pub skipped: usize,
    /// AllDebrid announces that it will switch this call off.
    pub deprecated: bool,
}

/// An account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct User {
    /// Whether it is premium.
    pub is_premium: Option<bool>,
    /// Until when, in Unix seconds; 0 if it is not.
    pub premium_until: Option<i64>,
}

/// A magnet that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// Its new id; sometimes absent for one that was there already.
    pub id: Option<ItemId>,
    /// Its name; `noname` while there is no metadata.
    pub name: String,
    /// It is ready at once.
    pub ready: bool,
}

impl Alldebrid {
    /// All magnets, by one unfiltered call. `was_empty`: the account had none the last time, so that no
    /// `magnets` in the answer means that it still has none.
    ///
    /// # Errors
    /// Whatever keeps us from reading all; a success without `magnets` is `Malformed`.
    pub async fn list(&self, was_empty: bool) -> Result<Listing, ReadError> {
        let what = "the list of magnets";
        let answer = self.read("v4.1/magnet/status", &[], what).await?;
        let mut listing = Listing {
            deprecated: answer.deprecated,
            ..Listing::default()
        };
        let magnets = answer.data.get("magnets");
        let is_absent = magnets.is_none_or(Value::is_null);
        let Some(found) = entries(magnets) else {
            if is_absent && was_empty {
                return Ok(listing);
            }
            return Err(ReadError::malformed(format!(
                "{what}: a success without magnets"
            )));
        };
        for entry in found {
            match magnet(entry, self.keep_raw) {
                Some((id, magnet)) => add(&mut listing.magnets, id, magnet),
                None => listing.skipped += 1,
            }
        }
        Ok(listing)
    }

    /// One magnet, read afresh.
    ///
    /// # Errors
    /// `Gone` if there is no such magnet; `Malformed` if the answer is about another one.
    pub async fn by_id(&self, id: &ItemId) -> Result<Magnet, ReadError> {
        let what = "the magnet";
        let answer = self
            .read("v4.1/magnet/status", &[("id", id.as_str())], what)
            .await?;
        let found = entries(answer.data.get("magnets")).unwrap_or_default();
        let [entry] = found[..] else {
            return Err(ReadError::malformed(format!(
                "{what}: {} entries for one id",
                found.len()
            )));
        };
        if let Some(error) = entry.get("error") {
            return Err(self.read_error(what, &failure_of(error)));
        }
        match magnet(entry, self.keep_raw) {
            Some((found, magnet)) if found == *id => Ok(magnet),
            _ => Err(ReadError::malformed(format!(
                "{what}: the answer is about another one"
            ))),
        }
    }

    /// The account itself: the test of a key.
    ///
    /// # Errors
    /// Whatever keeps us from reading.
    pub async fn user(&self) -> Result<User, ReadError> {
        let what = "the account";
        let answer = self.read("v4/user", &[], what).await?;
        let Some(user) = answer.data.get("user").filter(|user| user.is_object()) else {
            return Err(ReadError::malformed(format!(
                "{what}: a success without a user"
            )));
        };
        Ok(User {
            is_premium: user.get("isPremium").and_then(bool_of),
            premium_until: user.get("premiumUntil").and_then(int_of),
        })
    }

    /// Adds a magnet by its info-hash or link. One that is there already is found again. From the bare hash of a
    /// private torrent nothing ever comes.
    ///
    /// # Errors
    /// `Refused` if AllDebrid does not take it; it may have been added if the answer was lost.
    pub async fn upload(&self, hash: &str) -> Result<Uploaded, ReadError> {
        let what = "the upload";
        let answer = self
            .read("v4/magnet/upload", &[("magnets[]", hash)], what)
            .await?;
        let found = entries(answer.data.get("magnets")).unwrap_or_default();
        let Some(entry) = found.first() else {
            return Err(ReadError::malformed(format!(
                "{what}: a success without magnets"
            )));
        };
        if let Some(error) = entry.get("error") {
            let error = self.read_error(what, &failure_of(error));
            // Nothing is gone that is not there yet.
            let kind = if error.is_gone() {
                ReadErrorKind::Refused
            } else {
                error.kind
            };
            return Err(ReadError { kind, ..error });
        }
        Ok(Uploaded {
            id: entry.get("id").and_then(id_of),
            name: entry
                .get("name")
                .and_then(text_of)
                .map(|name| self.secrets.clean(name))
                .unwrap_or_default(),
            ready: entry.get("ready").and_then(bool_of) == Some(true),
        })
    }
}

/// Of two entries with one id, the one that looks better counts: nothing is deleted on a contradiction.
fn add(magnets: &mut BTreeMap<ItemId, Magnet>, id: ItemId, magnet: Magnet) {
    match magnets.entry(id) {
        Entry::Vacant(place) => {
            place.insert(magnet);
        }
        Entry::Occupied(mut place) => {
            if place.get().class().is_failed() && !magnet.class().is_failed() {
                place.insert(magnet);
            }
        }
    }
}

#[cfg(test)]
mod tests;
