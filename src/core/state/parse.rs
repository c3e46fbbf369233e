//! From the bytes of `state.json` to a state, whatever a person or an older program left there.

use super::{AccountState, State, VERSION};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

/// Longest pause that a server's wish or a refused login can still ask for; later than that is a clock that was wrong.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(48);

/// A state, and what was found on the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The state.
    pub state: State,
    /// How many counts of an old flat `retry_counts.json` it holds, if it is one.
    pub old_counts: Option<usize>,
    /// How many times lay in the future and count as now.
    pub future_times: usize,
}

/// Why bytes are no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A later program wrote it.
    #[error("it has version {0}, and this program knows versions up to {VERSION}")]
    Newer(u64),
    /// It is not what it should be.
    #[error("{0}")]
    Broken(String),
}

/// The keys that tell a state from old counts.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    accounts: Option<IgnoredAny>,
    retry_counts: Option<IgnoredAny>,
}

impl State {
    /// Reads a state. No bytes at all and `{}` are the empty one, a flat object of counts is an old `retry_counts.json`, and
    /// times after `now` count as now.
    ///
    /// # Errors
    /// A newer version, or something else than a state.
    pub fn parse(bytes: &[u8], now: Timestamp) -> Result<Parsed, ParseError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut old_counts = None;
        let mut state = if bytes.trim_ascii().is_empty() {
            State::default()
        } else if !bytes.trim_ascii_start().starts_with(b"{") {
            // serde would take a list for a struct.
            let found = "it does not begin with {, as a state does";
            return Err(ParseError::Broken(found.to_owned()));
        } else if let Some(counts) = flat_counts(bytes)? {
            old_counts = Some(counts.len());
            State {
                retry_counts: counts,
                ..State::default()
            }
        } else {
            read(bytes)?
        };
        state.version = VERSION;
        let future_times = state.count_future_as_now(now);
        Ok(Parsed {
            state,
            old_counts,
            future_times,
        })
    }

    /// Every time after `now` (of a clock that was wrong) becomes now; gives how many.
    pub fn count_future_as_now(&mut self, now: Timestamp) -> usize {
        let accounts = self.accounts.values_mut();
        accounts.map(|account| future_as_now(account, now)).sum()
    }
}

/// A count as the magnet watcher script keeps it: a number, or the failures with the status seen last.
#[derive(Deserialize)]
#[serde(untagged)]
enum OldCount {
    Number(u32),
    Entry { fails: u32 },
    Unreadable {},
}

impl OldCount {
    fn failures(&self) -> Option<u32> {
        match self {
            OldCount::Number(failures) | OldCount::Entry { fails: failures } => Some(*failures),
            OldCount::Unreadable {} => None,
        }
    }
}

/// The counts, if the bytes are a flat object of at least one count. A newer version ends it here.
fn flat_counts(bytes: &[u8]) -> Result<Option<BTreeMap<String, u32>>, ParseError> {
    // What is no object at all is reported by the second reading, with its place.
    if let Ok(head) = serde_json::from_slice::<Head>(bytes) {
        if let Some(version) = head.version.filter(|v| *v > u64::from(VERSION)) {
            return Err(ParseError::Newer(version));
        }
        if head.version.is_some() || head.accounts.is_some() || head.retry_counts.is_some() {
            return Ok(None);
        }
    }
    let Ok(found) = serde_json::from_slice::<BTreeMap<String, OldCount>>(bytes) else {
        return Ok(None);
    };
    let counts = found
        .into_iter()
        .filter_map(|(id, count)| Some((id, count.failures()?)));
    let counts: BTreeMap<String, u32> = counts.collect();
    Ok(Some(counts).filter(|counts| !counts.is_empty()))
}

fn read(bytes: &[u8]) -> Result<State, ParseError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let state: State = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        match path.as_str() {
            "." => ParseError::Broken(error.inner().to_string()),
            path => ParseError::Broken(format!("at {path}: {}", error.inner())),
        }
    })?;
    json.end()
        .map_err(|error| ParseError::Broken(error.to_string()))?;
    Ok(state)
}

fn future_as_now(account: &mut AccountState, now: Timestamp) -> usize {
    // Destructured, so that a new time cannot be forgotten here.
    let AccountState {
        last_cycle_at,
        last_attempt_at,
        last_rules_at,
        left_alone_until,
        refused_login: _,
        refused_login_at,
        was_away: _,
        after_gap: _,
        configured_at,
        had_items: _,
        listed: _,
        short_listing: _,
        items,
        recovered,
        outages,
        free_space,
    } = account;
    let latest = now.saturating_add(LONGEST_PAUSE).unwrap_or(now);
    let is_absurd = left_alone_until.is_some_and(|until| until > latest);
    if is_absurd {
        *left_alone_until = None;
    }
    let mut times: Vec<&mut Timestamp> = Vec::new();
    times.extend(
        [
            last_cycle_at,
            last_attempt_at,
            last_rules_at,
            configured_at,
            refused_login_at,
        ]
        .into_iter()
        .flatten(),
    );
    times.extend(recovered.values_mut());
    times.extend(
        free_space
            .iter_mut()
            .flat_map(|mark| std::iter::once(&mut mark.since).chain(mark.not_grown_since.as_mut())),
    );
    times.extend(outages.iter_mut().map(|outage| &mut outage.since));
    for item in items.values_mut() {
        let ailments = [&mut item.errored, &mut item.unregistered, &mut item.failed];
        let ailments = ailments.into_iter().flatten();
        for failures in ailments.chain(item.failed_trackers.values_mut()) {
            times.extend(
                [&mut failures.since, &mut failures.remedy_at]
                    .into_iter()
                    .flatten(),
            );
        }
        times.extend(item.rules.values_mut().map(|timer| &mut timer.since));
    }
    let future = times.into_iter().filter(|time| **time > now);
    future.map(|time| *time = now).count() + usize::from(is_absurd)
}

#[cfg(test)]
mod tests;
