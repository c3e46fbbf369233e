//! `seedwarden plan`: what a cycle would do now, and why. Changes nothing.

mod json;

use super::paint::Paint;
use super::reading::{Reading, at_once, read_all};
use super::records::Records;
use super::setup::{block_on_logged_in, fail, print, print_json, save};
use super::{FAILED, FINE, Places};
use crate::shell::lasting::Lasting;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

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
    /// Save to this file what was read and all that the rules can ask, for `rules test`; it holds names and paths, but of trackers only hosts and messages
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    block_on_logged_in(async |lasting| plan(places, args, lasting).await)
}

async fn plan(places: &Places, args: &Args, lasting: &Lasting) -> Result<u8, u8> {
    let records = Arc::new(Records::read(places).await?);
    let mut readings = Reading::open(&records, lasting, args.account.as_deref())?;
    if args.save.is_some() {
        readings.iter_mut().for_each(|r| r.eyes.keep_all_fields());
    }
    let (explain, to_be_saved) = (!args.quiet, args.save.is_some());
    let looked = at_once(
        read_all(readings).await,
        move |(mut reading, read)| async move {
            let planned = match read {
                Ok(()) => reading.plan(explain).await,
                Err(error) => Err(error.into()),
            };
            let planned = match planned {
                Ok(mut plan) => {
                    plan.warnings.extend(reading.absent_names().await);
                    Ok(plan)
                }
                Err(error) => Err(error),
            };
            let snapshot = match &planned {
                Ok(_) if to_be_saved => Some(reading.snapshot().await),
                Ok(_) | Err(_) => None,
            };
            (reading, planned, snapshot)
        },
    );
    let looked = looked.await;
    let paint = Paint::stdout();
    let mut code = FINE;
    let mut parts: Vec<Value> = Vec::new();
    let mut snapshots = Vec::new();
    for (reading, planned, snapshot) in looked {
        let name = &reading.policy.name;
        match planned {
            Ok(plan) if args.json => parts.push(json::of(&plan)),
            Ok(plan) => {
                let gap = if parts.is_empty() { "" } else { "\n" };
                parts.push(Value::Null);
                print(&format!("{gap}{}", paint.plan(&plan.to_string())));
            }
            Err(error) => {
                code = fail(FAILED, format!("{name}: {error}"));
                parts.push(json!({ "account": name, "error": error.to_string() }));
                continue;
            }
        }
        snapshots.extend(snapshot);
    }
    if args.json {
        print_json(&json!({ "accounts": parts }));
    }
    if let Some(file) = &args.save {
        let text = crate::core::snapshot::to_text(snapshots);
        save(file, &text).map_err(|why| fail(FAILED, why))?;
        eprintln!("seedwarden: saved to {}", file.display());
    }
    Ok(code)
}
