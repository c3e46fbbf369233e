//! `seedwarden plan`: what a cycle would do now, and why. Changes nothing.

use super::setup::{accounts, block_on, fail, policy, state_folder};
use super::{FAILED, FINE, Places};
use crate::core::decide::Mode;
use crate::core::plan::Plan;
use crate::core::state::AccountState;
use crate::shell::eyes::{Eyes, Optics};
use crate::shell::look::{Glasses, look};
use crate::shell::{ledger, store};

/// Show what a cycle would do now and why, and change nothing
///
/// Reads every account, decides as the daemon would, and prints each deletion, each one held back and by what, and for
/// every other item why it stays. Sends no request but reads and logins, and writes no file.
#[derive(clap::Args)]
pub struct Args {
    /// Only this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Leave out the items that nothing is done to
    #[arg(long, short)]
    quiet: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    match plan(places, args) {
        Ok(code) | Err(code) => code,
    }
}

fn plan(places: &Places, args: &Args) -> Result<u8, u8> {
    let policy = policy(places)?;
    let chosen = accounts(&policy, args.account.as_deref())?;
    let folder = state_folder(places)?;
    let ports = crate::sys::ports();
    let optics = Optics::new(ports.clone(), policy.time_zone.clone());
    block_on(async {
        let now = ports.clock.now();
        let state = store::read(&*ports.disk, &folder, now)
            .await
            .map_err(|error| fail(FAILED, error))?;
        let book = ledger::read(&*ports.disk, &folder)
            .await
            .map_err(|error| fail(FAILED, error))?;
        let mut code = FINE;
        for account in chosen {
            let mut eyes = Eyes::new(account, &optics);
            let nothing = AccountState::default();
            let before = state.state.accounts.get(&account.name).unwrap_or(&nothing);
            let glasses = Glasses {
                policy: account,
                limits: &policy.limits,
                zone: &policy.time_zone,
                book: &book,
                now,
                mode: Mode::Full {
                    adds: true,
                    last_resorts: true,
                },
                explain: !args.quiet,
            };
            let looked = match eyes.read(now, before.had_items).await {
                Ok(whole) => look(&mut eyes, glasses, before, whole).await,
                Err(error) => Err(error.into()),
            };
            match looked {
                Ok(looked) => print(&looked.decision.plan),
                Err(error) => code = fail(FAILED, format!("{}: {error}", account.name)),
            }
        }
        Ok(code)
    })?
}

fn print(plan: &Plan) {
    println!("{plan}");
}
