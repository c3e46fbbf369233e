//! `seedwarden accept`: end a recognised outage on its owner's word.

use super::setup::{accounts, block_on, fail, policy_offline, print, state_folder};
use super::{FAILED, FINE, Places};
use crate::core::model::AccountId;
use crate::core::plan::{counted, on_one_line};
use crate::shell::store::Store;

/// End an outage: these items really are that broken.
///
/// While an outage lasts, its items gain no failures and nothing is deleted for it. This ends every outage of the account;
/// from the next cycle on its items are counted and retried as usual, within the limits.
#[derive(clap::Args)]
pub struct Args {
    /// The account, as named in the configuration
    account: String,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    let done = block_on(accept(places, args));
    match done.and_then(|done| done) {
        Ok(code) | Err(code) => code,
    }
}

async fn accept(places: &Places, args: &Args) -> Result<u8, u8> {
    let folder = state_folder(places)?;
    let policy = policy_offline(places)?;
    accounts(&policy, Some(&args.account))?;
    let account = AccountId::from(args.account.as_str());
    let ports = crate::sys::ports();
    let now = ports.clock.now();
    let (store, _) = Store::open(ports.disk.clone(), &folder, now)
        .await
        .map_err(|error| fail(FAILED, error))?;
    let ended = store
        .edit(now, |state| state.accept(&account, now))
        .await
        .map_err(|error| fail(FAILED, error))?;
    if ended.is_empty() {
        print(&format!("{account}: there is no outage\n"));
    }
    for outage in ended {
        print(&format!(
            "{account}: outage ended: {} {} ({}), counted from the next cycle on\n",
            counted(outage.items.len(), "item", "items"),
            outage.ailment,
            on_one_line(&outage.scope)
        ));
    }
    Ok(FINE)
}
