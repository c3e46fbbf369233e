//! Accounts as commands that only look see them: opened with what is on disk, and read all at the same time, as the
//! daemon does, so that one that is down does not delay the others.

use super::paint::Progress;
use super::records::Records;
use super::setup::accounts;
use crate::clients::ReadError;
use crate::config::policy::AccountPolicy;
use crate::core::decide::{Explanation, Mode};
use crate::core::free_space::OurDeletions;
use crate::core::model::ItemId;
use crate::core::plan::Plan;
use crate::core::snapshot::Snapshot;
use crate::core::state::AccountState;
use crate::shell::absent_names::absent_names;
pub use crate::shell::acquaint::at_once;
use crate::shell::acquaint::{acquaint, is_needed};
use crate::shell::eyes::{Eyes, Optics};
use crate::shell::lasting::Lasting;
use crate::shell::look::{Blind, Glasses, explain_one, fetch_for_rules, look};
use std::sync::Arc;

/// An account that is looked at.
pub struct Reading {
    /// Its policy.
    pub policy: AccountPolicy,
    /// The eyes on it.
    pub eyes: Eyes,
    records: Arc<Records>,
    before: AccountState,
    whole: bool,
}

impl Reading {
    /// Opens the eyes on the accounts of a command; nothing is sent yet.
    ///
    /// # Errors
    /// The exit code, after saying that there is no such account.
    pub fn open(
        records: &Arc<Records>,
        lasting: &Lasting,
        only: Option<&str>,
    ) -> Result<Vec<Reading>, u8> {
        let chosen = accounts(&records.policy, only)?;
        let optics = Optics::of(
            lasting,
            records.ports.clone(),
            records.policy.time_zone.clone(),
        );
        let one = |policy: &AccountPolicy| Reading {
            policy: policy.clone(),
            eyes: Eyes::new(policy, &optics),
            records: records.clone(),
            before: records.state_of(&policy.name),
            whole: false,
        };
        Ok(chosen.into_iter().map(one).collect())
    }

    /// Reads it.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn read(&mut self) -> Result<(), ReadError> {
        let had_items = self.before.had_items;
        let (name, mark) = (&self.policy.name, self.before.free_space.as_ref());
        let (book, now) = (&self.records.book, self.records.now);
        let ours = OurDeletions::of(book, name, mark, now, None);
        self.whole = self.eyes.read(now, had_items, ours).await?;
        let state = &self.records.state;
        if let Some((before, _)) = state.with_old_counts(&self.policy.name, self.eyes.seen()) {
            self.before = before;
        }
        Ok(())
    }

    /// Everything that rules can ask of it, to be saved.
    pub async fn snapshot(&mut self) -> Snapshot {
        let glasses = glasses(&self.records, &self.policy, false);
        fetch_for_rules(&mut self.eyes, glasses, &self.before).await;
        let (name, now) = (&self.policy.name, self.records.now);
        self.eyes.snapshot(name, now, &self.before)
    }

    /// What a full cycle would do now; `explain` also says of every item why it stays.
    ///
    /// # Errors
    /// Why there is no plan.
    pub async fn plan(&mut self, explain: bool) -> Result<Plan, Blind> {
        let glasses = glasses(&self.records, &self.policy, explain);
        let looked = look(&mut self.eyes, glasses, &self.before, self.whole).await?;
        Ok(looked.decision.plan)
    }

    /// What the configuration names and the account does not have.
    pub async fn absent_names(&mut self) -> Vec<String> {
        if !self.whole {
            return Vec::new();
        }
        absent_names(&mut self.eyes, &self.policy, self.records.now).await
    }

    /// Everything that bears on one item; `None` if it is not listed.
    ///
    /// # Errors
    /// Why nothing can be said.
    pub async fn explain(&mut self, id: &ItemId) -> Result<Option<Explanation>, Blind> {
        // The verdict depends on the other items, too: outages, limits, order.
        self.plan(false).await?;
        let glasses = glasses(&self.records, &self.policy, false);
        Ok(explain_one(&mut self.eyes, glasses, &self.before, self.whole, id).await)
    }
}

fn glasses<'a>(records: &'a Records, policy: &'a AccountPolicy, explain: bool) -> Glasses<'a> {
    Glasses {
        policy,
        limits: &records.policy.limits,
        zone: &records.policy.time_zone,
        book: &records.book,
        now: records.now,
        mode: Mode::Full {
            adds: true,
            last_resorts: true,
        },
        explain,
    }
}

/// Reads all of them at the same time; gives each with what came of it, in the same order. Those in the same folders
/// know of one another then.
pub async fn read_all(readings: Vec<Reading>) -> Vec<(Reading, Result<(), ReadError>)> {
    let _progress = Progress::show(&format!("reading {}", names(&readings)));
    let Some(now) = readings.first().map(|reading| reading.records.now) else {
        return Vec::new();
    };
    let is_needed = is_needed(readings.iter().map(|reading| &reading.policy));
    let read = at_once(readings, |mut reading| async move {
        let read = reading.read().await;
        (reading, read)
    })
    .await;
    if !is_needed {
        return read;
    }
    let look = |(mut reading, read): (Reading, Result<(), ReadError>)| async move {
        if read.is_ok() {
            // The next plan is the one that counts.
            let _ = reading.plan(false).await;
        }
        (reading, read)
    };
    acquaint(read, now, look, |(reading, _)| &mut reading.eyes).await
}

fn names(readings: &[Reading]) -> String {
    let names: Vec<&str> = readings.iter().map(|r| r.policy.name.as_str()).collect();
    names.join(", ")
}
