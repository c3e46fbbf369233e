//! State and ledger on real disks: killed at random, without space, read-only, and with a system call that fails.
//!
//! The process that is killed is this test program, asked for one test: see `commits_and_says_so`.

mod full;
mod killed;

use jiff::Timestamp;
use seedwarden::core::ledger::{DeletionIntent, KeptAs, Record};
use seedwarden::core::model::AccountId;
use seedwarden::core::state::AccountState;
use seedwarden::shell::ledger::Ledger;
use seedwarden::shell::store::{Commit, Store};
use seedwarden::sys::SystemDisk;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// State folder of a child.
const FOLDER: &str = "SEEDWARDEN_TEST_FOLDER";
/// After how many rounds a child ends.
const ROUNDS: &str = "SEEDWARDEN_TEST_ROUNDS";

/// The records of a folder, and the number that both have reached.
struct Records {
    store: Store,
    ledger: Ledger,
}

fn account() -> AccountId {
    "seedbox".into()
}

impl Records {
    async fn open(folder: &Path) -> Records {
        let disk = Arc::new(SystemDisk);
        let opened = Store::open(disk.clone(), folder, Timestamp::now()).await;
        let (store, loaded) = opened.expect("a state that loads");
        assert_eq!(loaded.notes, []);
        let ledger = Ledger::open(disk, folder)
            .await
            .expect("a ledger that loads");
        Records { store, ledger }
    }

    /// The number in the state: failures of item 1.
    async fn count(&self) -> u32 {
        let state = self.store.state().await;
        let account = state.accounts.get(&account());
        let item = account.and_then(|account| account.items.get("1"));
        item.map_or(0, |item| item.most_failures())
    }

    /// The number in the ledger: of its last intent.
    fn last_intent(&self) -> u64 {
        let book = self.ledger.book();
        book.deletions.keys().next_back().map_or(0, |id| id.0)
    }

    /// Commits the next number.
    async fn commit(&self) -> Result<u32, String> {
        let next = self.count().await + 1;
        let mut new = AccountState::default();
        let item = new.items.entry("1".into()).or_default();
        item.failed.get_or_insert_default().failures = next;
        let base = self.store.base(&account()).await;
        match self.store.commit(base, new, Timestamp::now()).await {
            Ok(Commit::Saved) => Ok(next),
            Ok(Commit::Edited(_)) => Err("edited".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Records the next intent.
    async fn intend(&self) -> Result<u64, String> {
        let appended = self.ledger.append_new(|book| {
            let id = book.next_id();
            vec![Record::Intent(Arc::new(DeletionIntent {
                id,
                at: Timestamp::now(),
                account: account(),
                item: "1".into(),
                name: "a film with a name of some length ".repeat(20),
                size_bytes: None,
                added_on: None,
                ratio: None,
                progress: None,
                cause: "failed".to_owned(),
                reason: String::new(),
                failures: None,
                delete_files: false,
                files_kept_because: None,
                began: None,
                frees_bytes: None,
                kept: KeptAs::Nothing,
                webhooks: Vec::new(),
            }))]
        });
        appended.await.map_err(|error| error.to_string())?;
        Ok(self.last_intent())
    }
}

/// What a child does: it says each number after it was kept, and each error.
#[tokio::test]
#[ignore = "the child of the tests beside it"]
async fn commits_and_says_so() {
    let folder = std::env::var(FOLDER).expect("a folder from the parent");
    let rounds = std::env::var(ROUNDS).map_or(u32::MAX, |rounds| rounds.parse().expect("a number"));
    let records = Records::open(Path::new(&folder)).await;
    println!("said: ready");
    for _ in 0..rounds {
        match records.commit().await {
            Ok(number) => println!("said: state {number}"),
            Err(error) => println!("said: error {error}"),
        }
        match records.intend().await {
            Ok(number) => println!("said: ledger {number}"),
            Err(error) => println!("said: error {error}"),
        }
    }
}

/// A command that runs one ignored test of this program in a process of its own; `before` comes first on the command line.
fn child(before: &[&str], test: &str, folder: &Path) -> Command {
    let program = std::env::current_exe().expect("this program");
    let program = program.to_str().expect("a path in UTF-8");
    let name = format!("disk::{test}");
    let words = [
        before,
        &[program, &name, "--exact", "--ignored", "--nocapture"],
    ]
    .concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env(FOLDER, folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// What a child said on purpose.
fn said(line: &str) -> Option<&str> {
    Some(line.split_once("said: ")?.1)
}
