//! One delete rule of Vertex, in one of its two roles.

use serde_json::Value as Json;

use crate::config::ScriptCheck;
use crate::import::amount;
use crate::import::document::Value;
use crate::import::remark::Remarks;

use super::condition::{Carried as Conditions, carry as carry_conditions};
use super::{Fields, script};

/// What a client names a rule for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Its matches are acted on (`deleteRules`).
    Act,
    /// Its matches are left alone (`rejectDeleteRules`).
    Protect,
}

/// A rule as Vertex stores it.
pub(super) struct OldRule {
    /// The name of its file, for remarks.
    pub(super) file: String,
    /// By which clients name it.
    pub(super) id: String,
    alias: String,
    fields: Fields,
}

/// A rule of the new configuration.
pub(super) struct NewRule {
    pub(super) name: String,
    pub(super) body: (&'static str, Value),
    pub(super) hold_for: Option<String>,
    pub(super) limit: Option<u32>,
    pub(super) priority: Option<f64>,
    pub(super) action: Option<Value>,
}

impl NewRule {
    pub(super) fn into_value(self) -> Value {
        let mut entries = vec![("name", Value::Text(self.name))];
        entries.extend(self.hold_for.map(|text| ("for", Value::Text(text))));
        entries.extend(self.limit.map(|limit| ("limit", Value::number(limit))));
        entries.extend(
            self.priority
                .map(|priority| ("priority", Value::number(priority))),
        );
        entries.extend(self.action.map(|action| ("action", action)));
        entries.push(self.body);
        Value::Object(entries)
    }
}

/// What became of a rule.
pub(super) struct Carried {
    /// Nothing if it was left out.
    pub(super) rule: Option<NewRule>,
    /// It asks for the time.
    pub(super) uses_clock: bool,
}

/// Why a rule is not carried over.
pub(super) enum Lost {
    /// It never matched in Vertex either.
    Dead(String),
    /// It may have matched, but what is meant cannot be said.
    Unclear(String),
}

impl OldRule {
    pub(super) fn new(file: &str, fields: Fields) -> OldRule {
        let text = |key: &str| fields.get(key).and_then(Json::as_str).map(amount::name);
        let stem = file.rsplit('/').next().unwrap_or(file);
        let stem = stem.strip_suffix(".json").unwrap_or(stem);
        let id = text("id")
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| stem.to_owned());
        let alias = text("alias")
            .filter(|alias| !alias.is_empty())
            .unwrap_or_else(|| id.clone());
        OldRule {
            file: file.to_owned(),
            id,
            alias,
            fields,
        }
    }

    /// How remarks speak of it.
    pub(super) fn about(&self) -> String {
        format!("rule {:?}", self.alias)
    }

    /// The rule for one role.
    pub(super) fn carry(
        &self,
        role: Role,
        check_script: ScriptCheck<'_>,
        remarks: &mut Remarks,
    ) -> Carried {
        let carried = self
            .body(role, check_script, remarks)
            .and_then(|(body, uses_clock)| {
                let rule = match role {
                    Role::Act => self.acting(body, remarks)?,
                    Role::Protect => self.protecting(body, remarks),
                };
                Ok((rule, uses_clock))
            });
        let text = match carried {
            Ok((rule, uses_clock)) => {
                return Carried {
                    rule: Some(rule),
                    uses_clock,
                };
            }
            Err(Lost::Dead(why)) => format!("{why} It never matched in Vertex either."),
            Err(Lost::Unclear(why)) if role == Role::Protect => format!(
                "{why} It protected torrents, so leave dry_run on until you have written it anew."
            ),
            Err(Lost::Unclear(why)) => why,
        };
        remarks.left_out(&self.about(), text);
        Carried {
            rule: None,
            uses_clock: false,
        }
    }

    /// Conditions or script, and whether they ask for the time.
    fn body(
        &self,
        role: Role,
        check_script: ScriptCheck<'_>,
        remarks: &mut Remarks,
    ) -> Result<((&'static str, Value), bool), Lost> {
        let about = self.about();
        if self.fields.get("type").and_then(Json::as_str) == Some("javascript") {
            let code = self
                .fields
                .get("code")
                .and_then(Json::as_str)
                .unwrap_or_default();
            let code = script::carry(code, role, &about, remarks)?;
            check_script(&self.alias, &code)
                .map_err(|mistake| Lost::Dead(format!("the script has a mistake ({mistake}).")))?;
            let uses_clock = code.contains("moment") || code.contains("Date");
            return Ok((("javascript", Value::Text(code)), uses_clock));
        }
        let Some(Json::Array(list)) = self.fields.get("conditions") else {
            let why = "there are no conditions; a rule of an older Vertex, with one field for each limit, must be \
                 saved anew there or written anew here.";
            return Err(Lost::Dead(why.to_owned()));
        };
        let Conditions { list, uses_clock } = carry_conditions(list, role, &about, remarks)?;
        Ok((("conditions", Value::List(list)), uses_clock))
    }

    fn protecting(&self, body: (&'static str, Value), remarks: &mut Remarks) -> NewRule {
        if self.fields.get("fitTime").is_some_and(is_true) {
            remarks.differs(
                &self.about(),
                "it protects at once. With fitTime on a reject rule, Vertex ended each run without deleting anything.",
            );
        }
        NewRule {
            name: self.alias.clone(),
            body,
            hold_for: None,
            limit: None,
            priority: None,
            action: None,
        }
    }

    fn acting(&self, body: (&'static str, Value), remarks: &mut Remarks) -> Result<NewRule, Lost> {
        let hold_for = self.hold_for(remarks)?;
        let action = self.action(remarks)?;
        let mut limit = self.limit(remarks)?;
        if action == Value::text("delete_torrent") && limit.is_some_and(|limit| limit > 1) {
            limit = None;
            remarks.note(
                &self.about(),
                "limit 1: with onlyDeleteTorrent Vertex ended the run after one torrent.",
            );
        }
        Ok(NewRule {
            name: self.alias.clone(),
            body,
            hold_for,
            limit,
            priority: self.priority(remarks),
            action: Some(action),
        })
    }

    /// `fitTime`: seconds, compared as a number and without products.
    fn hold_for(&self, remarks: &mut Remarks) -> Result<Option<String>, Lost> {
        let Some(written) = self.fields.get("fitTime").filter(|value| is_true(value)) else {
            return Ok(None);
        };
        let Some(seconds) = number(written) else {
            return Err(Lost::Dead(format!(
                "its fitTime {written} is no number (Vertex multiplies only in conditions); write \"for\" with a unit."
            )));
        };
        if seconds <= 0.0 {
            remarks.note(
                &self.about(),
                "\"for\": \"1s\": with such a fitTime Vertex asked for one earlier match.",
            );
            return Ok(Some("1s".to_owned()));
        }
        if !seconds.is_finite() {
            return Err(Lost::Dead("its fitTime has no end.".to_owned()));
        }
        Ok(Some(amount::duration(seconds)))
    }

    /// `deleteNum`: most actions in a run; 1 if there is none.
    fn limit(&self, remarks: &mut Remarks) -> Result<Option<u32>, Lost> {
        let Some(written) = self.fields.get("deleteNum").filter(|value| is_true(value)) else {
            return Ok(None);
        };
        let limit = match number(written) {
            None => {
                remarks.differs(
                    &self.about(),
                    "its deleteNum is no number, which Vertex took for no limit; limit 1 is used.",
                );
                return Ok(None);
            }
            Some(limit) if limit <= 0.0 => {
                return Err(Lost::Dead(format!("its deleteNum is {written}.")));
            }
            Some(limit) => limit.ceil().min(f64::from(u32::MAX)) as u32,
        };
        Ok((limit > 1).then_some(limit))
    }

    fn priority(&self, remarks: &mut Remarks) -> Option<f64> {
        let written = self.fields.get("priority")?;
        let priority = number(written).filter(|number| number.is_finite());
        if priority.is_none() {
            remarks.differs(
                &self.about(),
                "its priority is no number, which left the order to chance; 0 is used.",
            );
        }
        priority.filter(|priority| *priority != 0.0)
    }

    /// `limitSpeed` wins over `pause`, which wins over deleting.
    fn action(&self, remarks: &mut Remarks) -> Result<Value, Lost> {
        let is_on = |key: &str| self.fields.get(key).is_some_and(is_true);
        let about = self.about();
        let again = "Vertex did it once and remembered that until it was restarted; here the torrent's own state says \
             whether it is done.";
        if let Some(written) = self.fields.get("limitSpeed").filter(|value| is_true(value)) {
            let speed = number(written).filter(|speed| speed.is_finite() && *speed >= 1.0);
            let Some(speed) = speed else {
                return Err(Lost::Unclear(format!(
                    "its limitSpeed {written} is no speed in bytes per second."
                )));
            };
            remarks.note(&about, again);
            return Ok(Value::Object(vec![(
                "limit_download",
                Value::number(speed as u64),
            )]));
        }
        if is_on("pause") {
            remarks.note(&about, again);
            return Ok(Value::text("pause"));
        }
        let word = if is_on("onlyDeleteTorrent") {
            "delete_torrent"
        } else {
            "delete_files"
        };
        Ok(Value::text(word))
    }
}

/// Whether JavaScript takes a value for true.
pub(super) fn is_true(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(_) | Json::Object(_) => true,
    }
}

/// The number that JavaScript makes of a value; nothing for one that is none.
fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) if text.trim().is_empty() => Some(0.0),
        Json::String(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| !number.is_nan()),
        Json::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}
