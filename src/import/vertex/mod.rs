//! Vertex: its delete rules (data/rule/delete/ID.json) and its clients (data/client/ID.json), which say where the
//! rules act and which of them protect.

mod client;
mod condition;
mod cron;
mod rule;
mod script;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{Entries, Value};
use super::remark::Remarks;
use super::{ImportError, Source, amount, json_of};
use crate::config::ScriptCheck;

use client::Client;
use rule::{NewRule, OldRule, Role};

type Fields = serde_json::Map<String, Json>;

/// One configuration out of rules and clients.
pub(super) fn import(
    sources: &[Source],
    check_script: ScriptCheck<'_>,
    remarks: &mut Remarks,
) -> Result<Entries, ImportError> {
    let (mut rules, clients) = sort(sources, remarks)?;
    if rules.is_empty() && clients.is_empty() {
        return Err(ImportError::Nothing(
            "Vertex's delete rules (data/rule/delete) or clients (data/client)",
        ));
    }
    // Vertex reads the folder in the order of the names, which decides between rules of one priority.
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    let mut moved = Moved::new(&rules, check_script);
    let accounts = if clients.is_empty() {
        vec![account_without_client(&mut moved, remarks)]
    } else {
        client::accounts(&clients, &mut moved, remarks)
    };
    moved.carry_unused(remarks);
    remarks.about_file(None);
    remark_on_all(&moved, remarks);

    let mut config = vec![("cycle", Value::text("30m"))];
    if accounts.is_empty() {
        return Err(ImportError::Nothing(
            "a client of Vertex that is qBittorrent and switched on",
        ));
    }
    config.push(("accounts", Value::List(accounts)));
    if !moved.rules.is_empty() {
        let rules = moved.rules.into_iter().map(NewRule::into_value).collect();
        config.push(("rules", Value::List(rules)));
    }
    Ok(config)
}

/// Rules and clients, told apart by their fields.
fn sort(
    sources: &[Source],
    remarks: &mut Remarks,
) -> Result<(Vec<OldRule>, Vec<Client>), ImportError> {
    let mut rules: Vec<OldRule> = Vec::new();
    let mut clients = Vec::new();
    for source in sources {
        remarks.about_file(Some(&source.name));
        let parts = match json_of(source)? {
            Json::Array(parts) => parts,
            part => vec![part],
        };
        for part in parts {
            match part {
                Json::Object(fields) if fields.contains_key("clientUrl") => {
                    clients.push(Client::new(&source.name, fields));
                }
                Json::Object(fields) if is_rule(&fields) => {
                    let rule = OldRule::new(&source.name, fields);
                    if rules.iter().any(|known| known.id == rule.id) {
                        remarks.left_out(&rule.about(), "a rule with the same id is there before.");
                    } else {
                        rules.push(rule);
                    }
                }
                _ => remarks.left_out("the file", "neither a delete rule nor a client of Vertex."),
            }
        }
    }
    Ok((rules, clients))
}

fn is_rule(fields: &Fields) -> bool {
    let has = |key: &str| fields.contains_key(key);
    has("conditions") || has("code") || has("deleteNum") || (has("alias") && has("priority"))
}

/// The rules that were carried over so far, each once for acting and once for protecting.
struct Moved<'a> {
    old: &'a [OldRule],
    check_script: ScriptCheck<'a>,
    /// By id and role; nothing for one that was left out.
    names: BTreeMap<(String, Role), Option<String>>,
    rules: Vec<NewRule>,
    /// The rules' clock matters.
    uses_clock: bool,
}

impl<'a> Moved<'a> {
    fn new(old: &'a [OldRule], check_script: ScriptCheck<'a>) -> Moved<'a> {
        Moved {
            old,
            check_script,
            names: BTreeMap::new(),
            rules: Vec::new(),
            uses_clock: false,
        }
    }

    /// The names of the new rules for these ids, in the order that decides between equal priorities.
    fn names_of(&mut self, ids: &[String], role: Role, remarks: &mut Remarks) -> Vec<String> {
        for id in ids
            .iter()
            .filter(|id| !self.old.iter().any(|rule| rule.id == **id))
        {
            let about = format!("rule {}", amount::name(id));
            match role {
                Role::Act => remarks.left_out(
                    &about,
                    "the client names it, but its file is not among those given.",
                ),
                Role::Protect => remarks.left_out(
                    &about,
                    "it protects torrents of the client, but its file is not among those given. Leave dry_run on \
                     until you have it: import again with all files.",
                ),
            }
        }
        let old = self.old;
        let used = old.iter().filter(|rule| ids.contains(&rule.id));
        used.filter_map(|rule| self.name_of(rule, role, remarks))
            .collect()
    }

    fn name_of(&mut self, old: &OldRule, role: Role, remarks: &mut Remarks) -> Option<String> {
        let place = (old.id.clone(), role);
        if let Some(name) = self.names.get(&place) {
            return name.clone();
        }
        remarks.about_file(Some(&old.file));
        let carried = old.carry(role, self.check_script, remarks);
        let name = carried.rule.map(|rule| self.add(rule));
        self.uses_clock |= carried.uses_clock;
        self.names.insert(place, name.clone());
        name
    }

    /// Add a rule under a name of its own.
    fn add(&mut self, mut rule: NewRule) -> String {
        let taken: Vec<String> = self.rules.iter().map(|rule| rule.name.clone()).collect();
        rule.name = amount::unique(&rule.name, &taken);
        let name = rule.name.clone();
        self.rules.push(rule);
        name
    }

    /// Rules that no client names stay in the file, where nothing uses them.
    fn carry_unused(&mut self, remarks: &mut Remarks) {
        for rule in self.old {
            let is_used = self.names.keys().any(|(id, _)| *id == rule.id);
            if !is_used && self.name_of(rule, Role::Act, remarks).is_some() {
                remarks.about_file(Some(&rule.file));
                remarks.note(
                    &rule.about(),
                    "no client names it; it is in the file, but no account uses it.",
                );
            }
        }
    }
}

/// Without clients nobody knows where the rules act, and which of them protect.
fn account_without_client(moved: &mut Moved<'_>, remarks: &mut Remarks) -> Value {
    let old = moved.old;
    let names: Vec<String> = old
        .iter()
        .filter_map(|rule| moved.name_of(rule, Role::Act, remarks))
        .collect();
    remarks.about_file(None);
    let list = Value::texts(names).to_string();
    remarks.left_out(
        "clients",
        format!(
            "without Vertex's client files (data/client) it is not known where these rules act, and which of them \
             protect. Set url, username and password of the account; then give it \"rules\": {list}, with each rule \
             that stood among the client's reject rules in \"protect\": {{\"rules\": […]}} instead."
        ),
    );
    Value::Object(vec![
        ("name", Value::text("qbittorrent")),
        ("type", Value::text("qbittorrent")),
        ("url", Value::text("http://127.0.0.1:8080")),
        ("username", Value::text("admin")),
        ("password", Value::secret_in("env", "QBT_PASSWORD")),
    ])
}

fn remark_on_all(moved: &Moved<'_>, remarks: &mut Remarks) {
    remarks.note(
        "limits",
        "Vertex had none beside deleteNum. Seedwarden deletes at most 20 items in any 30 minutes of an account and 200 \
         a day; `limits` changes that.",
    );
    remarks.differs(
        "deleting",
        "each torrent is judged again on fresh data right before it is deleted, and files that another torrent holds \
         too stay. After such a deletion Vertex ended the run; here it goes on.",
    );
    if moved.rules.iter().any(|rule| rule.hold_for.is_some()) {
        remarks.differs(
            "fitTime",
            "Vertex looked every 5 seconds whether a rule still matched; here once per rule_cycle, and what happens \
             between is not seen. A shorter rule_cycle looks more often, but also acts more often.",
        );
    }
    if moved.uses_clock {
        remarks.note(
            "time_zone",
            "some rules go by the time of day, which was that of Vertex's process (its container: Asia/Shanghai). Set \
             `time_zone` if this machine's is another.",
        );
    }
}
