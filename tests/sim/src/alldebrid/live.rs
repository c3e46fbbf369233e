//! Live mode of `magnet/status`: a session gets all magnets once and then only what changed (API notes, 5.4).

use super::{account::Account, field, params::Params, switches::Switches};
use crate::NowMs;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What each session of each account was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    told: BTreeMap<(String, String), Told>,
}

#[derive(Debug, Clone, Default)]
struct Told {
    counter: u64,
    magnets: BTreeMap<u64, Map<String, Value>>,
}

impl Sessions {
    /// Answers a call with `session`: everything if `counter` is out of step, else the changed fields of each magnet.
    /// A removed magnet comes as its id with `status: null`, which is a guess from what one client drops.
    pub fn answer(
        &mut self,
        account: &Account,
        params: &Params,
        switches: &Switches,
        now: NowMs,
    ) -> Value {
        let session = params.one("session").unwrap_or_default().to_owned();
        let counter = params
            .one("counter")
            .and_then(|text| text.parse::<u64>().ok());
        let told = self
            .told
            .entry((account.name.clone(), session))
            .or_default();
        let in_step = told.counter > 0 && counter == Some(told.counter);
        let before = std::mem::take(&mut told.magnets);
        for (id, magnet) in &account.magnets {
            if let Value::Object(fields) = field::magnet(magnet, switches, now, false) {
                told.magnets.insert(*id, fields);
            }
        }
        told.counter += 1;
        let counter = told.counter;
        if !in_step {
            let all: Vec<&Map<String, Value>> = told.magnets.values().collect();
            return json!({"magnets": all, "counter": counter, "fullsync": true});
        }
        let mut changed: Vec<Value> = Vec::new();
        for (id, fields) in &told.magnets {
            let old = before.get(id);
            let differs =
                |name: &String, value: &Value| old.and_then(|old| old.get(name)) != Some(value);
            let new = fields.iter().filter(|(name, value)| differs(name, value));
            let mut delta: Map<String, Value> = new
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            if !delta.is_empty() {
                delta.insert("id".to_owned(), field::number(*id, switches));
                changed.push(Value::Object(delta));
            }
        }
        let gone = before.keys().filter(|id| !told.magnets.contains_key(id));
        changed.extend(gone.map(|id| json!({"id": id, "status": null})));
        json!({"magnets": changed, "counter": counter})
    }
}
