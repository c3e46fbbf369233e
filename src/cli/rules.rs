//! `seedwarden rules test`: rules over a saved snapshot. Sends nothing.

use super::columns::columns;
use super::paint::Paint;
use super::setup::{accounts, block_on, fail, policy_offline, print, print_json};
use super::{FAILED, FINE, Places};
use crate::config::policy::{AccountPolicy, Policy, RuleBody, Service};
use crate::core::decide::{Input, Mode, Seen, Tested, TestedItem, free_space_reading, rule_test};
use crate::core::facts::{Facts, Wanted};
use crate::core::free_space::OurDeletions;
use crate::core::ledger::Book;
use crate::core::model::{ItemId, Library, Magnet, row_of};
use crate::core::plan::{counted, cut, on_one_line};
use crate::core::rules::Key;
use crate::core::rules::script::Answers;
use crate::core::snapshot::{Items, Snapshot, from_text};
use crate::shell::script_host::Shape;
use crate::shell::scripts::Scripts;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names are cut at this many characters.
const WIDEST_NAME: usize = 44;

/// Most items listed of one rule; `--all` lists the rest.
const MOST_ITEMS: usize = 20;

/// Try rules on a saved snapshot.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Test(TestArgs),
}

/// Print what each rule matches in a saved snapshot.
///
/// `seedwarden plan --save FILE` writes one. Each account of it is judged by the rules that the configuration gives to the
/// account of that name, without regard to `for`, limits and guards, at the time of the snapshot. What these rules ask and
/// the snapshot does not hold is said first. Sends nothing.
#[derive(clap::Args)]
struct TestArgs {
    /// Files written by `plan --save`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// List every item, not only the first 20 of each rule
    #[arg(long)]
    all: bool,
    /// Print JSON: {"snapshots": [{"file", "account", "rules": [{"rule", "matched", "unknown", …}]}]}
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(places: &Places, args: &Args) -> u8 {
    let Command::Test(args) = &args.command;
    let done = block_on(test(places, args));
    match done.and_then(|done| done) {
        Ok(code) | Err(code) => code,
    }
}

async fn test(places: &Places, args: &TestArgs) -> Result<u8, u8> {
    let policy = policy_offline(places)?;
    accounts(&policy, args.account.as_deref())?;
    let (mut parts, mut code) = (Vec::new(), FINE);
    for file in &args.files {
        let snapshots = read(file).map_err(|why| fail(FAILED, why))?;
        for snapshot in snapshots {
            if args
                .account
                .as_deref()
                .is_some_and(|name| name != snapshot.account.as_str())
            {
                continue;
            }
            let Some(account) = policy.account(&snapshot.account) else {
                let name = &snapshot.account;
                code = fail(
                    FAILED,
                    format!("{}: account \"{name}\" is not configured", file.display()),
                );
                continue;
            };
            let (tested, wanted) = tried(&policy, account, &snapshot).await;
            let lacking = lacking(account, &snapshot, &wanted);
            if args.json {
                parts.push(
                    json!({ "file": file, "account": account.name, "at": snapshot.at,
                    "lacking": lacking, "rules": tested }),
                );
            } else {
                print(&text(&snapshot, &lacking, &tested, args.all));
            }
        }
    }
    if args.json {
        print_json(&json!({ "snapshots": parts }));
    }
    Ok(code)
}

fn read(file: &Path) -> Result<Vec<Snapshot>, String> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    from_text(&text).map_err(|why| format!("{shown}: {why}"))
}

/// What each rule matches, and what the snapshot lacks to judge them.
async fn tried(
    policy: &Policy,
    account: &AccountPolicy,
    snapshot: &Snapshot,
) -> (Vec<Tested>, Wanted) {
    let seen = match (&snapshot.items, &account.service) {
        (Items::Torrents(library), Service::Qbittorrent(_)) => Seen::Torrents(library),
        (Items::Magnets(magnets), Service::Alldebrid(_)) => Seen::Magnets(magnets),
        // The account of this name is of the other service by now.
        (Items::Torrents(_) | Items::Magnets(_), _) => return (Vec::new(), Wanted::default()),
    };
    let beside = snapshot.beside.clone().unwrap_or_default();
    let (facts, book) = (beside.facts(snapshot.at), Book::default());
    let answers = answers(policy, account, snapshot, &facts).await;
    let input = Input {
        policy: account,
        limits: &policy.limits,
        seen,
        facts: &facts,
        book: &book,
        scripts: &answers,
        smoothed_speeds: beside.smoothed_speeds,
        now: snapshot.at,
        zone: &policy.time_zone,
        mode: Mode::Full {
            adds: true,
            last_resorts: true,
        },
        whole: true,
        explain: true,
    };
    rule_test(&input, &beside.state())
}

/// What the rules ask and the snapshot does not hold.
fn lacking(account: &AccountPolicy, snapshot: &Snapshot, wanted: &Wanted) -> Vec<String> {
    let sets = [
        ("the trackers", &wanted.trackers),
        ("the hardlinks", &wanted.links),
        ("the privacy", &wanted.private),
    ];
    let mut lacking: Vec<String> = sets
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(what, items)| format!("{what} of {}", counted(items.len(), "torrent", "torrents")))
        .collect();
    let rules = account.rules.iter().chain(&account.protect_rules);
    let asks = |body: &RuleBody| match body {
        RuleBody::Conditions(condition) => condition.keys().contains(&Key::Failures),
        RuleBody::Script { .. } => false,
    };
    if snapshot.beside.is_none() && rules.into_iter().any(|rule| asks(&rule.body)) {
        lacking.push("failures".to_owned());
    }
    lacking
}

/// What the JavaScript rules answer about the snapshot.
async fn answers(
    policy: &Policy,
    account: &AccountPolicy,
    snapshot: &Snapshot,
    facts: &Facts,
) -> Answers {
    let mut scripts = Scripts::new(account, &policy.time_zone);
    if !scripts.are_there() {
        return Answers::new();
    }
    scripts.begin().await;
    match &snapshot.items {
        Items::Torrents(library) => feed_torrents(&mut scripts, library, snapshot.at).await,
        Items::Magnets(magnets) => scripts.magnets_read(&with_raw(magnets)).await,
    }
    if scripts.read_tracker_status() {
        scripts.trackers_read(&facts.trackers).await;
    }
    scripts.judge(snapshot.at).await;
    scripts.answers().clone()
}

async fn feed_torrents(scripts: &mut Scripts, library: &Library, at: Timestamp) {
    let mut feed = scripts.feed(true, Shape::Qbittorrent);
    for (id, torrent) in &library.torrents {
        if let Ok(row) = serde_json::to_string(&row_of(torrent)) {
            feed.item(id.as_str(), &row);
        }
    }
    let reading = free_space_reading(Seen::Torrents(library), &Facts::default());
    let free = OurDeletions::default().free_space(&reading, at).bytes;
    scripts
        .torrents_read(feed, &[], &library.server, &free)
        .await;
}

/// Magnets with the object that AllDebrid sends, rebuilt where it was not kept.
fn with_raw(magnets: &BTreeMap<ItemId, Magnet>) -> BTreeMap<ItemId, Magnet> {
    let rebuilt = |id: &ItemId, magnet: &Magnet| -> Value {
        json!({
            "id": id.as_str().parse::<u64>().unwrap_or(0),
            "filename": magnet.filename,
            "size": magnet.size,
            "hash": magnet.hash,
            "status": magnet.status,
            "statusCode": magnet.status_code,
            "downloaded": magnet.downloaded,
            "uploaded": magnet.uploaded,
            "seeders": magnet.seeders,
            "downloadSpeed": magnet.download_speed,
            "uploadSpeed": magnet.upload_speed,
            "uploadDate": magnet.upload_date,
            "completionDate": magnet.completion_date,
        })
    };
    let mut magnets = magnets.clone();
    for (id, magnet) in &mut magnets {
        if magnet.raw.is_none() {
            magnet.raw = Some(Box::new(rebuilt(id, magnet)));
        }
    }
    magnets
}

fn text(snapshot: &Snapshot, lacking: &[String], tested: &[Tested], all: bool) -> String {
    let paint = Paint::stdout();
    let head = format!("{}, as read at {:.0}", snapshot.account, snapshot.at);
    let mut text = format!("{}\n", paint.bold(&head));
    if !lacking.is_empty() {
        let what = paint.yellow(&format!("not in this snapshot: {}", lacking.join(", ")));
        text += &format!("  {what}; save it again with these rules (`seedwarden plan --save`)\n");
    }
    if tested.is_empty() {
        text += "  no rules act on this account\n";
    }
    for rule in tested {
        let Tested {
            rule: name,
            protects,
            matched,
            unknown,
            of,
        } = rule;
        let verb = if *protects { "protects" } else { "matches" };
        let count = format!(
            "{verb} {} of {}",
            matched.len(),
            counted(*of, "item", "items")
        );
        text += &format!("\n  {name}: {}\n", paint.yellow(&count));
        text += &listed(matched, all);
        if !unknown.is_empty() {
            text += &format!("    {} unknown:\n", counted(unknown.len(), "item", "items"));
            text += &listed(unknown, all);
        }
    }
    text + "\n"
}

fn listed(items: &[TestedItem], all: bool) -> String {
    let most = if all { usize::MAX } else { MOST_ITEMS };
    let rows: Vec<_> = items
        .iter()
        .take(most)
        .map(|one| {
            vec![
                cut(&one.name, WIDEST_NAME).into(),
                on_one_line(&one.why).into_owned().into(),
            ]
        })
        .collect();
    let mut text: String = columns(&rows)
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect();
    if items.len() > most {
        text += &format!("    … and {} more (--all)\n", items.len() - most);
    }
    text
}
