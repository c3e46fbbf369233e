//! Observe, decide, audit: everything of a cycle that changes nothing outside. `plan`, dry runs and real cycles
//! share it.

use super::eyes::{Eyes, wanted_facts};
use crate::clients::ReadError;
use crate::config::policy::{AccountPolicy, Limits};
use crate::core::audit::{Breach, audit};
use crate::core::decide::{
    Decision, Explanation, Input, Mode, Saved, decide, explain,
    linked_to_each_other as among_torrents, rule_test, second_look,
};
use crate::core::ledger::Book;
use crate::core::model::ItemId;
use crate::core::plan::Deletion;
use crate::core::rules::script::LogLine;
use crate::core::state::AccountState;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// A decision asks for facts at most this often: what a fact brings to light can make another one matter, and the
/// longest such chain is privacy, trackers, links, shared files, files again.
const MOST_ROUNDS: usize = 8;

/// What a look is made with.
#[derive(Clone, Copy)]
pub struct Glasses<'a> {
    /// The account's policy.
    pub policy: &'a AccountPolicy,
    /// Limits of all accounts.
    pub limits: &'a Limits,
    /// Zone of the rules' clock.
    pub zone: &'a TimeZone,
    /// What follows from the ledger.
    pub book: &'a Book,
    /// The cycle's time.
    pub now: Timestamp,
    /// What kind of cycle it is.
    pub mode: Mode,
    /// Say of every item why it stays.
    pub explain: bool,
}

/// Why there is no decision.
#[derive(Debug, thiserror::Error)]
pub enum Blind {
    /// The account could not be read; nothing about its items changes.
    #[error("{0}")]
    Unreadable(#[from] ReadError),
    /// The plan breaks an invariant: a bug of ours, nothing of it is carried out.
    #[error(
        "the plan breaks an invariant, so nothing of it is carried out; please report this: {0}"
    )]
    Breach(Breach),
}

/// A decision and whether the listing it was made from held every item.
#[derive(Debug)]
pub struct Look {
    /// The decision.
    pub decision: Decision,
    /// The listing is known to hold every item.
    pub whole: bool,
    /// Facts were fetched for it.
    pub fetched: bool,
}

/// Decides on what was read, fetching what the decision lacks, and audits the plan.
///
/// # Errors
/// A breach.
pub async fn look(
    eyes: &mut Eyes,
    glasses: Glasses<'_>,
    before: &AccountState,
    whole: bool,
) -> Result<Look, Blind> {
    for round in 0.. {
        let input = input(eyes, glasses, whole);
        let decision = decide(&input, before);
        if decision.wanted.is_empty() || round == MOST_ROUNDS {
            audit(&input, before, &decision).map_err(Blind::Breach)?;
            return Ok(Look {
                decision,
                whole,
                fetched: round > 0,
            });
        }
        eyes.fetch(&decision.wanted, glasses.now).await;
    }
    unreachable!("the loop ends at its last round")
}

/// The decision of a cycle that can only come to what the last one came to, which was to do nothing.
pub fn nothing_new(eyes: &Eyes, glasses: Glasses<'_>, before: &AccountState) -> Look {
    Look {
        decision: Decision::nothing(&input(eyes, glasses, true), before),
        whole: true,
        fetched: false,
    }
}

/// Judges a deletion again on what was just read anew of its item.
pub async fn look_again(
    eyes: &mut Eyes,
    glasses: Glasses<'_>,
    before: &AccountState,
    deletion: &Deletion,
) -> Saved {
    for _ in 0..MOST_ROUNDS {
        let input = input(eyes, glasses, true);
        match second_look(&input, before, deletion) {
            Saved::Lacking(wanted) => eyes.fetch(&wanted, glasses.now).await,
            judged @ (Saved::No(_) | Saved::Yes(_)) => return judged,
        }
    }
    Saved::Yes("it could not be looked at again".to_owned())
}

/// Explains one item of what was read, fetching what bears on it. `None` if it is not listed.
pub async fn explain_one(
    eyes: &mut Eyes,
    glasses: Glasses<'_>,
    before: &AccountState,
    whole: bool,
    id: &ItemId,
) -> Option<Explanation> {
    let mut round = 0;
    loop {
        let (mut explanation, wanted) = explain(&input(eyes, glasses, whole), before, id)?;
        if wanted.is_empty() || round == MOST_ROUNDS {
            add_scripts(eyes, &mut explanation, glasses.now).await;
            return Some(explanation);
        }
        eyes.fetch(&wanted, glasses.now).await;
        round += 1;
    }
}

/// Selected torrents that are linked to other torrents only, with the files of all of them looked at.
pub async fn linked_to_each_other(eyes: &mut Eyes, glasses: Glasses<'_>) -> BTreeSet<ItemId> {
    let before = AccountState::default();
    let mut round = 0;
    loop {
        let (found, wanted) = among_torrents(&input(eyes, glasses, true), &before);
        if wanted.is_empty() || round == MOST_ROUNDS {
            return found;
        }
        eyes.fetch(&wanted, glasses.now).await;
        round += 1;
    }
}

/// Fetches what the account's rules can ask of everything that was read, for a snapshot: what they do ask first.
pub async fn fetch_for_rules(eyes: &mut Eyes, glasses: Glasses<'_>, before: &AccountState) {
    for _ in 0..MOST_ROUNDS {
        let (_, wanted) = rule_test(&input(eyes, glasses, true), before);
        if wanted.is_empty() {
            break;
        }
        eyes.fetch(&wanted, glasses.now).await;
    }
    if let Eyes::Torrents(torrents) = eyes {
        let wanted = wanted_facts(glasses.policy, torrents.library());
        torrents.fetch(&wanted, glasses.now).await;
    }
}

/// What the JavaScript rules returned and logged.
async fn add_scripts(eyes: &mut Eyes, explanation: &mut Explanation, now: Timestamp) {
    let scripts = match eyes {
        Eyes::Torrents(eyes) => &mut eyes.scripts,
        Eyes::Magnets(eyes) => &mut eyes.scripts,
    };
    for rule in &mut explanation.rules {
        let Some(told) = scripts.explain(now, &rule.rule, &explanation.item).await else {
            continue;
        };
        let line = |line: &LogLine| format!("{}: {}", line.level, line.text);
        rule.logged = told.answer.log.iter().map(line).collect();
        rule.returned = Some(told.returned);
    }
}

fn input<'a>(eyes: &'a Eyes, glasses: Glasses<'a>, whole: bool) -> Input<'a> {
    Input {
        policy: glasses.policy,
        limits: glasses.limits,
        seen: eyes.seen(),
        facts: eyes.facts(),
        book: glasses.book,
        scripts: eyes.answers(),
        smoothed_speeds: eyes.smoothed_speeds(),
        now: glasses.now,
        zone: glasses.zone,
        mode: glasses.mode,
        whole,
        explain: glasses.explain,
    }
}
