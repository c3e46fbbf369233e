//! The magnet watcher script (kesurof/Manage_Magnets_Alldebrid): config.json, and retry_counts.json, the counts.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{Entries, Value};
use super::remark::Remarks;
use super::{ImportError, Source, amount, json_of};

type Settings = serde_json::Map<String, Json>;

const KNOWN: [&str; 6] = [
    "api_keys",
    "cycle_seconds",
    "max_retries",
    "discord_webhook_url",
    "log_level",
    "retry_counts_path",
];

/// One configuration out of one config.json; files of counts are judged, and said what to do with.
pub(super) fn import(sources: &[Source], remarks: &mut Remarks) -> Result<Entries, ImportError> {
    let mut settings: Option<(&str, Settings)> = None;
    let mut counts: Vec<(&str, Settings)> = Vec::new();
    for source in sources {
        let unreadable = |found: &str| ImportError::Unreadable {
            name: source.name.clone(),
            found: found.to_owned(),
            expected: "config.json with api_keys, or retry_counts.json".to_owned(),
        };
        let Json::Object(object) = json_of(source)? else {
            return Err(unreadable("JSON that is no object"));
        };
        if KNOWN.iter().any(|key| object.contains_key(*key)) {
            if settings.is_some() {
                return Err(unreadable("a second config.json"));
            }
            settings = Some((&source.name, object));
        } else if object.keys().all(|key| is_id(key)) {
            counts.push((&source.name, object));
        } else {
            return Err(unreadable("settings of something else"));
        }
    }
    let Some((name, settings)) = settings else {
        return Err(ImportError::Nothing(
            "the script's config.json; retry_counts.json alone holds no settings",
        ));
    };
    remarks.about_file(Some(name));
    let config = config(name, &settings, remarks)?;
    let max_failures = max_failures(&settings, &mut Remarks::default());
    for (name, counts) in &counts {
        remarks.about_file(Some(name));
        remark_on_counts(counts, max_failures, remarks);
    }
    remarks.about_file(None);
    if counts.is_empty() {
        remarks.note(
            "retry_counts.json",
            "not given, so the counts begin at zero. To carry them over, stop the script and copy that file to \
             state.json in the state folder before the first start.",
        );
    }
    Ok(config)
}

fn is_id(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn config(name: &str, settings: &Settings, remarks: &mut Remarks) -> Result<Entries, ImportError> {
    let keys = api_keys(name, settings, remarks)?;
    let cycle = cycle(settings, remarks);
    let max_failures = max_failures(settings, remarks);
    let mut config = vec![("cycle", Value::text(cycle))];
    config.push(("log_level", Value::text(log_level(settings, remarks))));
    if let Some(url) = webhook(settings, remarks) {
        config.push((
            "discord",
            Value::Object(vec![("webhook_url", Value::text(url))]),
        ));
    }
    let is_only = keys.len() == 1;
    let accounts = keys.into_iter().enumerate().map(|(index, key)| {
        let name = if is_only {
            "alldebrid".to_owned()
        } else {
            format!("alldebrid-{}", index + 1)
        };
        let failed = vec![
            ("max_failures", Value::number(max_failures)),
            ("last_resort", Value::text("delete")),
        ];
        Value::Object(vec![
            ("name", Value::Text(name)),
            ("type", Value::text("alldebrid")),
            ("api_key", Value::Text(key)),
            ("failed", Value::Object(failed)),
        ])
    });
    config.push(("accounts", Value::List(accounts.collect())));
    for key in settings.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        remarks.left_out(
            &amount::name(key),
            "no setting that the script is known to have.",
        );
    }
    remark_on_all(remarks);
    Ok(config)
}

fn remark_on_all(remarks: &mut Remarks) {
    remarks.note(
        "api_keys",
        "they stand in the configuration as text. Better: {\"credential\": NAME}, {\"file\": PATH} or {\"env\": NAME}; \
         else let nobody but the service read the file. The accounts can be renamed before the first start.",
    );
    remarks.differs(
        "counting",
        "a magnet counts once per cycle, also if it is in both lists; its count is dropped once it is ready, where \
         the script kept it for ever; and a remedy that AllDebrid refused for reasons outside of the magnet \
         does not lead to a deletion.",
    );
    remarks.differs(
        "deleting",
        "each magnet is read again right before it is deleted, and announced only once it is gone. At most 20 are \
         deleted per cycle and 200 a day, and many that fail together are taken for an outage; `limits` changes that.",
    );
    remarks.note(
        "log_level",
        "logs name the account; the script showed the beginning of its key.",
    );
}

/// The keys, each once.
fn api_keys(
    name: &str,
    settings: &Settings,
    remarks: &mut Remarks,
) -> Result<Vec<String>, ImportError> {
    let about = "api_keys";
    let listed = match settings.get(about) {
        Some(Json::Array(list)) => list.as_slice(),
        Some(key @ Json::String(_)) => {
            remarks.differs(
                about,
                "a text, not a list, which the script walked letter by letter; taken as one key.",
            );
            std::slice::from_ref(key)
        }
        None | Some(_) => &[],
    };
    let mut keys: Vec<String> = Vec::new();
    for (index, listed) in listed.iter().enumerate() {
        let number = index + 1;
        let key = listed.as_str().unwrap_or_default().trim();
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_graphic()) {
            remarks.left_out(about, format!("number {number} is no key."));
        } else if keys.iter().any(|known| known == key) {
            remarks.left_out(
                about,
                format!("number {number} is there before; the script counted its magnets twice."),
            );
        } else {
            if matches!(key, "API_KEY") || key.starts_with("VOTRE_CLE") {
                remarks.note(
                    about,
                    format!(
                        "number {number} is the placeholder of the example; put the key there."
                    ),
                );
            }
            keys.push(key.to_owned());
        }
    }
    if keys.is_empty() {
        return Err(ImportError::Unreadable {
            name: name.to_owned(),
            found: "no key in api_keys".to_owned(),
            expected: "a list with at least one AllDebrid key".to_owned(),
        });
    }
    Ok(keys)
}

/// A number, also one in quotes, on which the script stops.
fn number(settings: &Settings, key: &str, default: f64, remarks: &mut Remarks) -> f64 {
    match settings.get(key) {
        None => default,
        Some(Json::Number(number)) => number.as_f64().unwrap_or(default),
        Some(Json::String(text)) if text.trim().parse().is_ok_and(f64::is_finite) => {
            remarks.differs(
                key,
                "a number in quotes, on which the script stops; taken as the number.",
            );
            text.trim().parse().unwrap_or(default)
        }
        Some(_) => {
            remarks.differs(
                key,
                format!("no number; the script's default {default} is used."),
            );
            default
        }
    }
}

fn cycle(settings: &Settings, remarks: &mut Remarks) -> String {
    let seconds = number(settings, "cycle_seconds", 1800.0, remarks);
    if seconds <= 0.0 {
        remarks.differs("cycle_seconds", "no pause at all; a minute is used.");
        return "1m".to_owned();
    }
    let cycle = amount::duration(seconds.max(0.001));
    remarks.note(
        "cycle_seconds",
        format!("{cycle} from start to start; the script paused that long after each pass, and began anew at a restart."),
    );
    cycle
}

/// The script adds one, then compares with `>=`: the Nth sighting deletes, as here.
fn max_failures(settings: &Settings, remarks: &mut Remarks) -> u32 {
    let retries = number(settings, "max_retries", 5.0, remarks);
    if retries < 1.0 {
        remarks.note(
            "max_retries",
            "below 1 the script deleted at the first sighting, so max_failures is 1.",
        );
        return 1;
    }
    if retries.fract() != 0.0 {
        remarks.note(
            "max_retries",
            "a fraction, which the script reached at the next whole number.",
        );
    }
    retries.ceil().min(f64::from(u32::MAX)) as u32
}

fn webhook(settings: &Settings, remarks: &mut Remarks) -> Option<String> {
    let about = "discord_webhook_url";
    let url = settings
        .get(about)
        .and_then(Json::as_str)
        .unwrap_or_default()
        .trim();
    let path = url::Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let has_token = path.is_some_and(|url| url.path().trim_end_matches('/') != "/api/webhooks");
    if !has_token {
        remarks.left_out(about, "there is no webhook's address, so nothing is sent.");
        return None;
    }
    remarks.note(
        about,
        "whoever has this address can post, and it stands in the configuration as text; the same ways as for \
         api_keys keep it elsewhere. Notices are sent again until Discord has them.",
    );
    Some(url.to_owned())
}

fn log_level(settings: &Settings, remarks: &mut Remarks) -> &'static str {
    let written = settings
        .get("log_level")
        .and_then(Json::as_str)
        .unwrap_or("INFO");
    match written.trim().to_uppercase().as_str() {
        "DEBUG" | "NOTSET" => "debug",
        "INFO" => "info",
        "WARNING" | "WARN" => "warn",
        "ERROR" => "error",
        "CRITICAL" | "FATAL" => {
            remarks.differs("log_level", "the gravest level here is \"error\".");
            "error"
        }
        _ => {
            remarks.differs(
                "log_level",
                "no level that the script knows; \"info\" is used.",
            );
            "info"
        }
    }
}

/// What carrying the counts over will do.
fn remark_on_counts(counts: &Settings, max_failures: u32, remarks: &mut Remarks) {
    let mut fails: BTreeMap<&str, u64> = BTreeMap::new();
    let mut unreadable = 0;
    for (id, entry) in counts {
        match entry.get("fails").unwrap_or(entry).as_u64() {
            Some(count) => {
                fails.insert(id, count);
            }
            None => unreadable += 1,
        }
    }
    remarks.note(
        "counts",
        format!(
            "{} in this file. To carry them over, stop the script and copy this file to state.json in the state \
             folder before the first start; each count goes to the account that lists the magnet.",
            fails.len()
        ),
    );
    if unreadable > 0 {
        remarks.left_out(
            "counts",
            format!("{unreadable} without a whole number in \"fails\" begin at zero."),
        );
    }
    let last = u64::from(max_failures.saturating_sub(1));
    let near = fails.values().filter(|count| **count >= last).count();
    if near > 0 {
        remarks.note(
            "counts",
            format!("{near} of them need one more sighting until the magnet is deleted, as with the script."),
        );
    }
}
