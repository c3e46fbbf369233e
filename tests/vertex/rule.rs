//! Rules as Vertex stores them.

use std::time::Duration;

use seedwarden::core::rules::value::number_of;
use seedwarden::core::rules::{Condition, Dialect, Outcome, Seen, Surroundings};

use crate::lines::Object;
use crate::subject::value_of;

/// What matches.
pub enum Body {
    Conditions(Condition),
    Script(String),
    /// `conditions` are missing, which Vertex finds out only when it evaluates them.
    Nothing,
}

/// A rule that was accepted.
pub struct Rule {
    pub body: Body,
    pub hold_for: Option<Duration>,
}

/// The rule, or why it is refused.
pub fn load(rule: &Object) -> Result<Rule, String> {
    let body = if rule.text("type").as_deref() == Some("javascript") {
        Body::Script(rule.text("code").ok_or("no code")?)
    } else {
        match rule.get("conditions") {
            None => Body::Nothing,
            Some(conditions) => {
                let json = serde_json::from_str(conditions).map_err(|error| error.to_string())?;
                let parsed = Condition::parse_list(&json, Dialect::Vertex);
                Body::Conditions(parsed.map_err(|mistakes| format!("refused: {}", mistakes[0]))?)
            }
        }
    };
    Ok(Rule {
        body,
        hold_for: hold_for(rule)?,
    })
}

/// `fitTime`: absent, empty and the number 0 are none; what is no length of time is refused.
fn hold_for(rule: &Object) -> Result<Option<Duration>, String> {
    let seconds = match rule.get("fitTime") {
        None | Some("null" | "false" | "\"\"" | "0") => return Ok(None),
        Some(json) => value_of(Some(json)).to_number(),
    };
    let duration = Duration::try_from_secs_f64(seconds);
    duration
        .map(Some)
        .map_err(|error| format!("refused: fitTime {seconds}: {error}"))
}

/// `deleteNum`: how many actions in a run; what is none is refused.
pub fn limit(rule: &Object) -> Result<u32, String> {
    let number = match rule.get("deleteNum") {
        None | Some("null" | "\"\"" | "0") => return Ok(1),
        Some(json) => value_of(Some(json)).to_number(),
    };
    if number > 0.0 {
        Ok(number.ceil() as u32)
    } else {
        Err(format!("refused: deleteNum {number}"))
    }
}

/// `priority`: what is no number counts as 0.
pub fn priority(rule: &Object) -> f64 {
    match rule.get("priority") {
        Some(json) if json.starts_with('"') => {
            number_of(&rule.text("priority").unwrap_or_default())
        }
        other => value_of(other).to_number(),
    }
}

/// The answer of a rule of conditions.
pub fn judge(body: &Body, torrent: &Object, surroundings: &Surroundings) -> Outcome {
    let seen = Seen {
        item: torrent,
        surroundings,
    };
    match body {
        Body::Conditions(condition) => condition.judge(&seen),
        Body::Script(_) | Body::Nothing => Outcome::Error,
    }
}
