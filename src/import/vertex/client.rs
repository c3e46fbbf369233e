//! Clients of Vertex become accounts: where the rules act, when, and which of them protect.

use serde_json::Value as Json;

use crate::import::address::{server, web_address, written};
use crate::import::amount;
use crate::import::document::Value;
use crate::import::remark::Remarks;

use super::rule::{NewRule, Role, is_true};
use super::{Fields, Moved, cron};

/// A client as Vertex stores it.
pub(super) struct Client {
    file: String,
    fields: Fields,
}

impl Client {
    pub(super) fn new(file: &str, fields: Fields) -> Client {
        Client {
            file: file.to_owned(),
            fields,
        }
    }

    fn text(&self, key: &str) -> &str {
        self.fields
            .get(key)
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    fn is_on(&self, key: &str) -> bool {
        self.fields.get(key).is_some_and(is_true)
    }

    fn ids(&self, key: &str) -> Vec<String> {
        let list = self.fields.get(key).and_then(Json::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect()
    }
}

/// The accounts of these clients, and the rules they name.
pub(super) fn accounts(
    clients: &[Client],
    moved: &mut Moved<'_>,
    remarks: &mut Remarks,
) -> Vec<Value> {
    let mut accounts = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut logins: Vec<(String, String)> = Vec::new();
    for client in clients {
        remarks.about_file(Some(&client.file));
        let alias = amount::name(client.text("alias"));
        let about = format!("client {alias:?}");
        if let Some(why) = unfit(client) {
            remarks.left_out(&about, why);
            continue;
        }
        let Some(url) = web_address(client.text("clientUrl"), &about, remarks) else {
            continue;
        };
        let url = written(&url);
        let username = amount::name(client.text("username"));
        let login = (server(&url), username.clone());
        if logins.contains(&login) {
            remarks.left_out(
                &about,
                "an earlier client is for the same server and user, which is one account.",
            );
            continue;
        }
        logins.push(login);
        let name = amount::unique(
            if alias.is_empty() {
                "qbittorrent"
            } else {
                &alias
            },
            &names,
        );
        names.push(name.clone());
        accounts.push(account(client, name, url, username, moved, remarks));
    }
    accounts
}

/// Why a client cannot be an account.
fn unfit(client: &Client) -> Option<&'static str> {
    if client.text("type") != "qBittorrent" && !client.text("type").is_empty() {
        return Some("it is no qBittorrent; Vertex deletes nothing on others by rules.");
    }
    (client.fields.contains_key("enable") && !client.is_on("enable"))
        .then_some("it is switched off in Vertex.")
}

fn account(
    client: &Client,
    name: String,
    url: String,
    username: String,
    moved: &mut Moved<'_>,
    remarks: &mut Remarks,
) -> Value {
    let about = format!("client {name:?}");
    remark_on(client, &about, remarks);
    let password = match client.text("password") {
        password if !password.trim().is_empty() => Value::text(password),
        _ => {
            remarks.differs(
                &about,
                "there is no password; it is taken from the environment variable QBT_PASSWORD.",
            );
            Value::secret_in("env", "QBT_PASSWORD")
        }
    };
    let username = if username.is_empty() {
        "admin".to_owned()
    } else {
        username
    };
    let mut entries = vec![
        ("name", Value::text(&name)),
        ("type", Value::text("qbittorrent")),
        ("url", Value::Text(url)),
        ("username", Value::Text(username)),
        ("password", password),
    ];
    let times = Times::of(client, &about, remarks);
    entries.extend(times.spacing.map(|(key, text)| (key, Value::Text(text))));

    let acting = moved.names_of(&client.ids("deleteRules"), Role::Act, remarks);
    let mut protecting = moved.names_of(&client.ids("rejectDeleteRules"), Role::Protect, remarks);
    remarks.about_file(Some(&client.file));
    if times.is_deleting && !acting.is_empty() && !times.silent_hours.is_empty() {
        let rule = quiet_rule(&name, &times.silent_hours);
        let rule = moved.add(rule);
        moved.uses_clock = true;
        remarks.note(
            &about,
            format!("autoDeleteCron leaves hours out; the protect rule {rule:?} keeps everything during them."),
        );
        protecting.push(rule);
    }
    if !protecting.is_empty() {
        entries.push((
            "protect",
            Value::Object(vec![("rules", Value::texts(protecting))]),
        ));
    }
    if times.is_deleting && !acting.is_empty() {
        entries.push(("rules", Value::texts(acting)));
    } else if !acting.is_empty() {
        let list = Value::texts(acting);
        remarks.note(
            &about,
            format!("to let its rules act, give the account \"rules\": {list}."),
        );
    }
    Value::Object(entries)
}

fn remark_on(client: &Client, about: &str, remarks: &mut Remarks) {
    if !client.text("password").trim().is_empty() {
        remarks.note(
        about,
        "the password stands in the configuration as text. Better: {\"credential\": NAME}, {\"file\": PATH} or \
         {\"env\": NAME}; else let nobody but the service read the file.",
    );
    }
    if client.is_on("pushNotify") || client.is_on("pushMonitor") || client.is_on("spaceAlarm") {
        remarks.left_out(
            about,
            "its notices: Seedwarden speaks to Discord only; set `discord` to a webhook.",
        );
    }
    if client.is_on("autoReannounce") {
        remarks.left_out(
            about,
            "autoReannounce, which never did anything in Vertex either.",
        );
    }
    remarks.note(
        about,
        "what decides on adding torrents (limits of speed, space and number) is no part of this.",
    );
}

/// When the rules of a client run.
struct Times {
    /// The key of the account and its value; nothing for the default.
    spacing: Option<(&'static str, String)>,
    silent_hours: Vec<(u32, u32)>,
    /// The rules may act.
    is_deleting: bool,
}

impl Times {
    fn of(client: &Client, about: &str, remarks: &mut Remarks) -> Times {
        /// Vertex's own default.
        const MINUTE: u32 = 60;
        let mut times = Times {
            spacing: Some(("rule_cycle", "1m".to_owned())),
            silent_hours: Vec::new(),
            is_deleting: true,
        };
        if !client.is_on("autoDelete") {
            remarks.note(about, "autoDelete is off, so its rules do not act.");
            times.is_deleting = false;
            return times;
        }
        let Some(spacing) = cron::parse(client.text("autoDeleteCron")) else {
            remarks.differs(
                about,
                "its autoDeleteCron cannot be read; rules run each minute.",
            );
            return times;
        };
        if spacing.is_on_some_days {
            remarks.left_out(
                about,
                "autoDeleteCron is for some days only, which Seedwarden cannot do, so its rules do not act.",
            );
            times.is_deleting = false;
        }
        if spacing.is_uneven {
            remarks.differs(
                about,
                "autoDeleteCron has uneven gaps; the smallest one is used.",
            );
        }
        if spacing.seconds > 3600 {
            remarks.differs(
                about,
                "the spacing of autoDeleteCron is kept, but not its times of the day.",
            );
        }
        let text = amount::duration(f64::from(spacing.seconds));
        // A rule cycle longer than a cycle would make no sense: every cycle runs the rules.
        let key = if spacing.seconds >= 30 * MINUTE {
            "cycle"
        } else {
            "rule_cycle"
        };
        times.spacing = Some((key, text));
        times.silent_hours = if spacing.seconds <= 3600 {
            spacing.silent_hours
        } else {
            Vec::new()
        };
        times
    }
}

/// A protect rule that matches everything during these hours.
fn quiet_rule(account: &str, hours: &[(u32, u32)]) -> NewRule {
    let test = |compare_type: &str, second: u32| {
        Value::Object(vec![
            ("key", Value::text("secondFromZero")),
            ("compareType", Value::text(compare_type)),
            ("value", Value::text(second.to_string())),
        ])
    };
    let mut runs: Vec<Vec<Value>> = Vec::new();
    for (from, to) in hours {
        let mut tests = Vec::new();
        if *from > 0 {
            // The comparison is strict.
            tests.push(test("bigger", from * 3600 - 1));
        }
        if *to < 24 {
            tests.push(test("smaller", to * 3600));
        }
        runs.push(tests);
    }
    let conditions = if runs.len() == 1 {
        runs.remove(0)
    } else {
        let any = runs
            .into_iter()
            .map(|tests| Value::Object(vec![("all", Value::List(tests))]));
        vec![Value::Object(vec![("any", Value::List(any.collect()))])]
    };
    NewRule {
        name: format!("quiet hours of {account}"),
        body: ("conditions", Value::List(conditions)),
        hold_for: None,
        limit: None,
        priority: None,
        action: None,
    }
}
