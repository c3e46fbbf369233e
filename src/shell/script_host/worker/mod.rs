//! The worker process: holds the data of the accounts, runs rules over it, and trusts none of them.
//! It reads requests on standard input and answers on standard output until its input ends.

mod account;
mod clock;
mod fault;
mod mapping;
mod packed;
mod realm;
mod stage;
mod view;

use std::collections::BTreeMap;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::rc::Rc;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::Serialize;

use super::frame;
use super::message::{
    self, Begin, Change, Explain, Judge, Judged, Limits, Load, Loaded, Shape, Source, answer, ask,
};
use account::Account;
use mapping::Mapping;
use packed::Packer;
use realm::{Realm, Task};

/// Address space of the worker; enough for the data of very large accounts and several rules at their limits.
const ADDRESS_SPACE: u64 = 1024 * 1024 * 1024;

/// The longest that one call of a rule can take on the wall, if it can be interrupted.
pub(super) fn longest_call(limits: &Limits) -> std::time::Duration {
    std::time::Duration::from_millis(limits.call_ms) * clock::MOST_WAITING
}

/// Runs the worker until its input ends.
pub fn run() -> io::Result<()> {
    confine();
    let input = BufReader::with_capacity(256 * 1024, io::stdin().lock());
    let output = BufWriter::new(io::stdout().lock());
    serve(input, output)
}

/// Takes away what rules could do harm with if they broke out of the engine. What the system does not grant is
/// left as it is: the engine is the first wall, this is the second.
fn confine() {
    let limits = [
        (Resource::As, ADDRESS_SPACE),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Nofile, 16),
        (Resource::Nproc, 0),
    ];
    for (resource, limit) in limits {
        let limit = Some(limit);
        let _ = setrlimit(
            resource,
            Rlimit {
                current: limit,
                maximum: limit,
            },
        );
    }
}

/// A loaded rule; its engine is made when first needed, and made anew when in doubt.
struct Rule {
    source: Source,
    realm: Option<Realm>,
}

struct Worker<W> {
    output: W,
    packer: Packer,
    accounts: BTreeMap<String, Account>,
    rules: Vec<Rule>,
    limits: Limits,
}

fn serve(mut input: impl Read, output: impl Write) -> io::Result<()> {
    let mut worker = Worker {
        output,
        packer: Packer::default(),
        accounts: BTreeMap::new(),
        rules: Vec::new(),
        limits: Limits::default(),
    };
    let mut content = Vec::new();
    while let Some(kind) = frame::read(&mut input, &mut content)? {
        worker.take(kind, &content)?;
    }
    Ok(())
}

fn parse<'a, T: serde::Deserialize<'a>>(content: &'a [u8]) -> io::Result<T> {
    serde_json::from_slice(content).map_err(io::Error::other)
}

impl<W: Write> Worker<W> {
    fn take(&mut self, kind: u8, content: &[u8]) -> io::Result<()> {
        match kind {
            ask::LOAD => self.load(parse(content)?),
            ask::BEGIN => {
                let Begin { account, shape } = parse(content)?;
                let new = Account::new(&mut self.packer, shape);
                self.accounts.insert(account.to_owned(), new);
                Ok(())
            }
            ask::ITEMS => self.put_items(content),
            ask::CHANGE => self.change(&parse(content)?),
            ask::JUDGE => self.judge(&parse(content)?),
            ask::EXPLAIN => self.explain(&parse(content)?),
            unknown => Err(io::Error::other(format!("unknown frame {unknown}"))),
        }
    }

    fn answer(&mut self, kind: u8, content: &impl Serialize) -> io::Result<()> {
        let content = serde_json::to_vec(content)?;
        frame::write(&mut self.output, kind, &content)?;
        self.output.flush()
    }

    fn load(&mut self, load: Load) -> io::Result<()> {
        self.limits = load.limits;
        self.rules.clear();
        let mut mistakes = Vec::new();
        for (index, source) in load.rules.into_iter().enumerate() {
            let mut rule = Rule {
                source,
                realm: None,
            };
            match Realm::new(&rule.source, &self.limits) {
                Ok(realm) => {
                    mistakes.extend(realm.check(index, &rule.source, &self.limits));
                    if !realm.is_spent() {
                        rule.realm = Some(realm);
                    }
                }
                Err(fault) => mistakes.push(message::SyntaxMistake {
                    rule: index,
                    message: fault.message,
                    line: fault.line,
                }),
            }
            self.rules.push(rule);
        }
        self.answer(answer::LOADED, &Loaded { mistakes })
    }

    fn put_items(&mut self, mut content: &[u8]) -> io::Result<()> {
        let broken = || io::Error::other("a frame of items is broken");
        let name = message::take_text(&mut content).ok_or_else(broken)?;
        let account = self.accounts.get_mut(name).ok_or_else(broken)?;
        while !content.is_empty() {
            let id = message::take_text(&mut content).ok_or_else(broken)?;
            let json = message::take_text(&mut content).ok_or_else(broken)?;
            account
                .put(&mut self.packer, id, json)
                .map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn change(&mut self, change: &Change<'_>) -> io::Result<()> {
        let Some(account) = self.accounts.get_mut(change.account) else {
            return Err(io::Error::other("an account is not known"));
        };
        account.remove(&change.removed);
        if let Some(server) = change.server {
            account
                .put_server(&mut self.packer, server.get())
                .map_err(io::Error::other)?;
        }
        for (id, status) in &change.tracker_status {
            account.put_tracker_status(&mut self.packer, id, status);
        }
        Ok(())
    }

    fn judge(&mut self, judge: &Judge) -> io::Result<()> {
        for &rule in &judge.rules {
            announce(&mut self.output, rule)?;
            let items = judge.items.as_deref();
            let judged = self.with_rule(rule, &judge.account, judge.now_ms, items, Realm::judge);
            let judged = Judged {
                rule,
                ..judged.unwrap_or_else(unasked)
            };
            self.answer(answer::JUDGED, &judged)?;
        }
        self.answer(answer::DONE, &())
    }

    fn explain(&mut self, explain: &Explain) -> io::Result<()> {
        announce(&mut self.output, explain.rule)?;
        let items = std::slice::from_ref(&explain.item);
        let explained = self.with_rule(
            explain.rule,
            &explain.account,
            explain.now_ms,
            Some(items),
            Realm::explain,
        );
        let explained = explained.unwrap_or_else(|message| message::Explained {
            judged: unasked(message),
            returned: String::new(),
        });
        self.answer(answer::EXPLAINED, &explained)
    }

    fn with_rule<T>(
        &mut self,
        rule: usize,
        account: &str,
        now_ms: i64,
        items: Option<&[String]>,
        ask: impl FnOnce(&mut Realm, &Source, &Limits, &Task<'_>, &mut dyn FnMut()) -> T,
    ) -> Result<T, String> {
        let limits = self.limits;
        let account = self
            .accounts
            .get(account)
            .ok_or("the worker has no data of this account")?;
        let output = &mut self.output;
        let mut report = || {
            // A daemon that is gone is noticed at the next answer.
            let _ = announce(output, rule);
        };
        let rule = self
            .rules
            .get_mut(rule)
            .ok_or("the worker does not know this rule")?;
        if rule.realm.is_none() {
            rule.realm = Some(Realm::new(&rule.source, &limits).map_err(|fault| fault.message)?);
        }
        let realm = rule.realm.as_mut().ok_or("the engine did not start")?;
        let maindata = Rc::new(account.maindata(&mut self.packer));
        let mapping = Rc::new(Mapping::new(
            &mut self.packer,
            account.shape,
            account.is_readable(),
        ));
        let places: Vec<usize> = match items {
            Some(ids) => ids.iter().filter_map(|id| account.place(id)).collect(),
            None => (0..account.items.len()).collect(),
        };
        let task = Task {
            now_ms,
            mapping: &mapping,
            maindata: &maindata,
            items: &account.items.iter().map(Rc::clone).collect(),
            places: &places,
        };
        let answer = ask(realm, &rule.source, &limits, &task, &mut report);
        if realm.is_spent() {
            rule.realm = None;
        }
        Ok(answer)
    }
}

/// Tells which rule runs, so that the daemon knows the guilty one if nothing more comes.
fn announce(output: &mut impl Write, rule: usize) -> io::Result<()> {
    let index = (rule as u32).to_le_bytes();
    frame::write(output, answer::STARTED, &index)?;
    output.flush()
}

/// The answer of a rule that could not be asked.
fn unasked(message: String) -> Judged {
    Judged {
        all_failed: true,
        message: Some(message),
        ..Judged::default()
    }
}
