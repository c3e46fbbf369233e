//! `seedwarden plan`: what a cycle would do now, and why. Changes nothing.

mod json;

use super::paint::{Paint, Progress};
use super::records::Records;
use super::setup::{accounts, block_on, fail, print, save};
use super::{FAILED, FINE, Places};
use crate::config::policy::AccountPolicy;
use crate::core::decide::Mode;
use crate::core::plan::Plan;
use crate::shell::eyes::{Eyes, Optics};
use crate::shell::look::{Blind, Glasses, look};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Show what a cycle would do now and why, and change nothing.
///
/// Reads every account, decides as the daemon would, and prints what would be deleted, what is held back and by what,
/// which remedies are due, and for every other item why it stays. Sends no request but reads and the login, and writes
/// no file but the one that you ask for with --save.
#[derive(clap::Args)]
pub struct Args {
    /// Plan for this account only [default: all accounts]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Print JSON: {"accounts": [{"account", "items", "deletions", "held", "remedies", "kept", …}]}
    #[arg(long)]
    json: bool,
    /// Leave out the items that nothing would be done to
    #[arg(long, short)]
    quiet: bool,
    /// Save what was read to this file, for `rules test`; it holds names and paths, but no tracker addresses
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    let planned = block_on(plan(places, args));
    match planned.and_then(|planned| planned) {
        Ok(code) | Err(code) => code,
    }
}

async fn plan(places: &Places, args: &Args) -> Result<u8, u8> {
    let records = Records::read(places).await?;
    let chosen = accounts(&records.policy, args.account.as_deref())?;
    let optics = Optics::new(records.ports.clone(), records.policy.time_zone.clone());
    let paint = Paint::stdout();
    let mut code = FINE;
    let mut parts: Vec<Value> = Vec::new();
    let mut snapshots = Vec::new();
    for account in chosen {
        let mut eyes = Eyes::new(account, &optics);
        if args.save.is_some() {
            eyes.keep_all_fields();
        }
        let planned = one(&records, account, &mut eyes, args).await;
        match planned {
            Ok(plan) if args.json => parts.push(json::of(&plan)),
            Ok(plan) => {
                let gap = if parts.is_empty() { "" } else { "\n" };
                parts.push(Value::Null);
                print(&format!("{gap}{}", paint.plan(&plan.to_string())));
            }
            Err(error) => {
                code = fail(FAILED, format!("{}: {error}", account.name));
                parts.push(json!({ "account": account.name, "error": error.to_string() }));
                continue;
            }
        }
        snapshots.push(eyes.snapshot(&account.name, records.now));
    }
    if args.json {
        print(&format!("{:#}\n", json!({ "accounts": parts })));
    }
    if let Some(file) = &args.save {
        let text = crate::core::snapshot::to_text(snapshots);
        save(file, &text).map_err(|why| fail(FAILED, why))?;
        eprintln!("seedwarden: saved to {}", file.display());
    }
    Ok(code)
}

async fn one(
    records: &Records,
    account: &AccountPolicy,
    eyes: &mut Eyes,
    args: &Args,
) -> Result<Plan, Blind> {
    let _progress = Progress::show(&format!("reading {}", account.name));
    let before = records.state_of(&account.name);
    let glasses = Glasses {
        policy: account,
        limits: &records.policy.limits,
        zone: &records.policy.time_zone,
        book: &records.book,
        now: records.now,
        mode: Mode::Full {
            adds: true,
            last_resorts: true,
        },
        explain: !args.quiet,
    };
    let whole = eyes.read(records.now, before.had_items).await?;
    let looked = look(eyes, glasses, &before, whole).await?;
    Ok(looked.decision.plan)
}
