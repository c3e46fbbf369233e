//! `seedwarden explain`: everything that bears on one item. Reads only.

use super::columns::{Cell, columns};
use super::history::told;
use super::paint::{Paint, Progress};
use super::reading::{Reading, read_all};
use super::records::Records;
use super::setup::{block_on_logged_in, fail, print, print_json};
use super::{FAILED, FINE, Places, WRONG};
use crate::core::decide::{AilmentTold, Explanation, RuleTold};
use crate::core::find::{Named, find};
use crate::core::history::{Entry, entries};
use crate::core::model::{AccountId, ItemId};
use crate::core::plan::{counted, duration_text, on_one_line};
use crate::shell::lasting::Lasting;
use crate::shell::trash::Trash;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Explain why one item is deleted, or why not.
///
/// Shows its facts, each ailment with its count, what guards it, each rule with each condition and the value seen, the
/// verdict, and what would have to change. Of an item that is gone it tells what is on record. Sends no request but reads.
#[derive(clap::Args)]
pub struct Args {
    /// The item: its info-hash or the beginning of it, its magnet id, or its name or a part of it
    item: String,
    /// Look for it in this account only [default: all accounts]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Print JSON: {"account", "explanation": {"verdict", "facts", "ailments", "guards", "rules"}, "history": […]}
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    block_on_logged_in(async |lasting| explain(places, args, lasting).await)
}

async fn explain(places: &Places, args: &Args, lasting: &Lasting) -> Result<u8, u8> {
    let records = Arc::new(Records::read(places).await?);
    let mut code = FINE;
    let mut read = Vec::new();
    for (reading, result) in
        read_all(Reading::open(&records, lasting, args.account.as_deref())?).await
    {
        match result {
            Ok(()) => read.push(reading),
            Err(error) => code = fail(FAILED, format!("{}: {error}", reading.policy.name)),
        }
    }
    let past = past(&records, args).await;
    match hits(&read, args).as_slice() {
        [] if past.is_empty() => Err(fail(
            FAILED,
            format!(
                "no item \"{}\" is listed or on record",
                on_one_line(&args.item)
            ),
        )),
        [] => {
            if args.json {
                print_json(&json!({ "explanation": Value::Null, "history": past }));
            } else {
                print("It is not listed any more. On record is:\n\n");
                print(&stories(&past));
            }
            Ok(code)
        }
        [(at, id, _)] => {
            let (at, id) = (*at, id.clone());
            let Some(one) = read.get_mut(at) else {
                return Err(FAILED);
            };
            let name = one.policy.name.clone();
            let explained = {
                let _progress = Progress::show(&format!("looking at {id}"));
                one.explain(&id).await
            };
            let explanation =
                explained.map_err(|error| fail(FAILED, format!("{name}: {error}")))?;
            let Some(explanation) = explanation else {
                return Err(fail(FAILED, "it is gone"));
            };
            show(&name, &explanation, &past, args, records.now);
            Ok(code)
        }
        several => {
            let list: String = several
                .iter()
                .map(|(at, id, name)| {
                    let account = read.get(*at).map_or("", |one| one.policy.name.as_str());
                    format!("\n  {account}  {id}  {}", on_one_line(name))
                })
                .collect();
            let text = format!("several items fit; give one of these ids (and --account):{list}");
            Err(fail(WRONG, text))
        }
    }
}

/// Listed items that fit: the account's place, id, name.
fn hits(read: &[Reading], args: &Args) -> Vec<(usize, ItemId, String)> {
    let mut all = Vec::new();
    for (at, one) in read.iter().enumerate() {
        one.eyes
            .seen()
            .for_each(|id, item| all.push((at, id, item)));
    }
    let found = find(&args.item, all, |(_, id, item)| Named {
        id,
        name: item.title(id),
        hash: item.hash(),
    });
    found
        .into_iter()
        .map(|(at, id, item)| (at, id.clone(), item.title(id).to_owned()))
        .collect()
}

/// What the ledger tells of items that fit.
async fn past(records: &Records, args: &Args) -> Vec<Entry> {
    let trash = Trash::new(records.ports.disk.clone(), &records.folder);
    let kept: BTreeSet<String> = trash.list().await.unwrap_or_default().into_iter().collect();
    let mut all = entries(&records.book, &|name| kept.contains(name));
    all.retain(|entry| {
        let wanted = args.account.as_deref();
        wanted.is_none_or(|wanted| entry.account.as_str() == wanted)
    });
    find(&args.item, all, Entry::named)
}

fn stories(past: &[Entry]) -> String {
    let paint = Paint::stdout();
    let texts: Vec<String> = past.iter().map(|entry| told(entry, paint)).collect();
    texts.join("\n")
}

fn show(
    account: &AccountId,
    explanation: &Explanation,
    past: &[Entry],
    args: &Args,
    now: Timestamp,
) {
    let past: Vec<&Entry> = past
        .iter()
        .filter(|entry| entry.item == explanation.item)
        .collect();
    if args.json {
        let json = json!({ "account": account, "explanation": explanation, "history": past });
        print_json(&json);
        return;
    }
    print(&text(account, explanation, now));
    if !past.is_empty() {
        let past: Vec<Entry> = past.into_iter().cloned().collect();
        print(&format!(
            "\n{}\n{}",
            Paint::stdout().bold("On record"),
            stories(&past)
        ));
    }
}

fn text(account: &AccountId, explanation: &Explanation, now: Timestamp) -> String {
    let Explanation {
        item,
        name,
        verdict,
        facts,
        ailments,
        guards,
        rules,
    } = explanation;
    let paint = Paint::stdout();
    let mut text = format!(
        "{}\n{}\n",
        paint.bold(&format!("{account}: {}", on_one_line(name))),
        paint.dim(item.as_str())
    );
    let head = match verdict.word {
        "delete" => paint.red("It would be deleted now"),
        "held" => paint.yellow("It would be deleted, but is held back"),
        "act" => paint.yellow("It stays, and something is done to it"),
        _ => paint.green("It stays"),
    };
    text += &format!("\n{head}\n");
    for because in &verdict.because {
        text += &format!("  {}\n", on_one_line(because));
    }
    if !verdict.otherwise.is_empty() {
        text += &format!("\n{}\n", paint.bold("What would have to change"));
    }
    for otherwise in &verdict.otherwise {
        text += &format!("  {}\n", on_one_line(otherwise));
    }
    let pairs = |pairs: &[(&'static str, String)]| -> Vec<Vec<Cell>> {
        let row = |(name, value): &(&'static str, String)| {
            vec![Cell::from(*name), on_one_line(value).into_owned().into()]
        };
        pairs.iter().map(row).collect()
    };
    section(&mut text, paint, "Facts", &pairs(facts));
    let rows: Vec<Vec<Cell>> = ailments.iter().map(|one| ailment(one, now)).collect();
    section(&mut text, paint, "Ailments", &rows);
    section(&mut text, paint, "Protected", &pairs(guards));
    if !rules.is_empty() {
        text += &format!("\n{}\n", paint.bold("Rules"));
    }
    for one in rules {
        text += &rule(one, paint, now);
    }
    text
}

fn section(text: &mut String, paint: Paint, title: &str, rows: &[Vec<Cell>]) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!("\n{}\n", paint.bold(title)));
    for line in columns(rows) {
        text.push_str(&line);
        text.push('\n');
    }
}

fn ailment(one: &AilmentTold, now: Timestamp) -> Vec<Cell> {
    let AilmentTold {
        ailment,
        tracker,
        sign,
        status,
        failures,
        max_failures,
        since,
        last_resort,
    } = one;
    let name = match tracker {
        Some(tracker) => format!("{ailment} {tracker}"),
        None => (*ailment).to_owned(),
    };
    let sign = if status.is_empty() {
        sign.clone()
    } else {
        format!("{sign} ({})", on_one_line(status))
    };
    let count = match max_failures {
        Some(most) => format!("{failures} of {}", counted(*most, "failure", "failures")),
        None if *failures > 0 => counted(*failures, "failure", "failures"),
        None => String::new(),
    };
    let since = since.map_or(String::new(), |since| {
        format!("since {} ago", age(since, now))
    });
    let last = last_resort.map_or(String::new(), |word| format!("then {word}"));
    vec![
        name.into(),
        sign.into(),
        count.into(),
        since.into(),
        last.into(),
    ]
}

fn age(since: Timestamp, now: Timestamp) -> String {
    duration_text(Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO))
}

/// A rule's line, and a line for each condition.
pub fn rule(one: &RuleTold, paint: Paint, now: Timestamp) -> String {
    let RuleTold {
        rule,
        action,
        matches,
        for_seconds,
        since,
        conditions,
        returned,
        logged,
    } = one;
    let mut head = format!("{rule} ({action}");
    if let Some(seconds) = for_seconds {
        head += &format!(", for {}", duration_text(Duration::from_secs(*seconds)));
    }
    head += ")";
    if let Some(since) = since {
        head += &format!(", has matched for {}", age(*since, now));
    }
    let matches = on_one_line(matches);
    let word = match matches.as_ref() {
        "yes" => paint.yellow("matches"),
        "no" => "does not match".to_owned(),
        other => paint.yellow(other),
    };
    let mut text = format!("  {head}: {word}\n");
    for condition in conditions {
        let indent = "  ".repeat(condition.depth);
        let seen = condition.seen.as_ref().map_or(String::new(), |seen| {
            paint.dim(&format!("  (seen: {})", on_one_line(seen)))
        });
        let condition_text = on_one_line(&condition.condition);
        text += &format!(
            "    {:<7}  {indent}{condition_text}{seen}\n",
            condition.outcome
        );
    }
    if let Some(returned) = returned {
        text += &format!("    returned {}\n", on_one_line(returned));
    }
    for line in logged {
        text += &format!("    logged {}\n", paint.dim(&on_one_line(line)));
    }
    text
}
