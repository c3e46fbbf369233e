//! `seedwarden reset`: forget failure counts and rule timers.

use super::setup::{block_on, fail, policy_offline, print, state_folder};
use super::{FAILED, FINE, Places, WRONG};
use crate::core::find::{Named, find};
use crate::core::model::{AccountId, ItemId};
use crate::core::plan::{counted, on_one_line};
use crate::core::state::{Forgotten, State};
use crate::shell::store::Store;
use std::collections::BTreeSet;

/// Clear failure counts and rule timers.
///
/// Of everything, of one account, or of one item. A daemon that runs takes it over at its next step, and drops what it
/// had planned on the old counts.
#[derive(clap::Args)]
pub struct Args {
    /// Clear those of this account only [default: all accounts]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Clear those of this item only: its info-hash or the beginning of it, its magnet id, or its name [default: all items]
    item: Option<String>,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    let done = block_on(reset(places, args));
    match done.and_then(|done| done) {
        Ok(code) | Err(code) => code,
    }
}

async fn reset(places: &Places, args: &Args) -> Result<u8, u8> {
    let folder = state_folder(places)?;
    let ports = crate::sys::ports();
    let now = ports.clock.now();
    let failed = |error: &dyn std::fmt::Display| fail(FAILED, error);
    let (store, loaded) = Store::open(ports.disk.clone(), &folder, now)
        .await
        .map_err(|error| failed(&error))?;
    // Without a log nobody else says that a state file was moved aside.
    for note in &loaded.notes {
        eprintln!("seedwarden: state.json: {note}");
    }
    let state = store.state().await;
    let account = args.account.as_deref().map(AccountId::from);
    if let Some(account) = &account {
        is_known(places, &state, account)?;
    }
    let items = match &args.item {
        Some(wanted) => Some(chosen(&state, account.as_ref(), wanted)?),
        None => None,
    };
    let forgotten = store
        .edit(now, |state| state.forget(account.as_ref(), items.as_ref()))
        .await
        .map_err(|error| failed(&error))?;
    let Forgotten {
        items,
        failures,
        timers,
    } = forgotten;
    print(&format!(
        "cleared: {} and {} of {}\n",
        counted(
            usize::try_from(failures).unwrap_or(usize::MAX),
            "failure",
            "failures"
        ),
        counted(timers, "rule timer", "rule timers"),
        counted(items, "item", "items")
    ));
    Ok(FINE)
}

/// An account that is neither configured nor in the state is a mistake.
fn is_known(places: &Places, state: &State, account: &AccountId) -> Result<(), u8> {
    if state.accounts.contains_key(account) {
        return Ok(());
    }
    let policy = policy_offline(places)?;
    super::setup::accounts(&policy, Some(account.as_str())).map(|_| ())
}

fn chosen(
    state: &State,
    account: Option<&AccountId>,
    wanted: &str,
) -> Result<BTreeSet<(AccountId, ItemId)>, u8> {
    let items = state
        .accounts
        .iter()
        .filter(|(name, _)| account.is_none_or(|account| account == *name))
        .flat_map(|(name, state)| state.items.iter().map(move |(id, item)| (name, id, item)));
    let found = find(wanted, items, |(_, id, item)| Named {
        id,
        name: &item.name,
        hash: item.hash.as_deref(),
    });
    let ids: BTreeSet<&ItemId> = found.iter().map(|(_, id, _)| *id).collect();
    match ids.len() {
        0 => Err(fail(
            FAILED,
            format!("nothing is counted of an item \"{}\"", on_one_line(wanted)),
        )),
        1 => Ok(found
            .into_iter()
            .map(|(name, id, _)| (name.clone(), id.clone()))
            .collect()),
        _ => {
            let list: String = found
                .iter()
                .map(|(name, id, item)| format!("\n  {name}  {id}  {}", on_one_line(&item.name)))
                .collect();
            Err(fail(
                WRONG,
                format!("several items fit, nothing was cleared; give one of these ids:{list}"),
            ))
        }
    }
}
