//! Magnets out of `data.magnets`, which comes as a list, as an object of magnets, or as one magnet.

use crate::clients::lenient::{int_of, text_of};
use crate::core::model::{ItemId, Magnet};
use serde_json::{Map, Value};

/// The entries of `magnets`; `None` if it is null or missing, or nothing that can hold any.
pub(super) fn entries(magnets: Option<&Value>) -> Option<Vec<&Value>> {
    match magnets? {
        Value::Array(list) => Some(list.iter().collect()),
        Value::Object(one) if is_magnet(one) => Some(vec![magnets?]),
        // A PHP list with holes in its numbering.
        Value::Object(keyed) => Some(keyed.values().collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn is_magnet(object: &Map<String, Value>) -> bool {
    ["id", "statusCode", "error"]
        .iter()
        .any(|key| object.contains_key(*key))
}

/// One entry; `None` if it is no magnet with a usable id, or an error about one.
pub(super) fn magnet(entry: &Value, keep_raw: bool) -> Option<(ItemId, Magnet)> {
    let object = entry.as_object()?;
    if object.contains_key("error") {
        return None;
    }
    let text = |name: &str| object.get(name).and_then(text_of);
    let int = |name: &str| object.get(name).and_then(int_of);
    let magnet = Magnet {
        filename: text("filename").unwrap_or_default().into(),
        hash: text("hash").filter(|hash| !hash.is_empty()).map(Box::from),
        size: int("size"),
        status: text("status").unwrap_or_default().into(),
        status_code: int("statusCode"),
        downloaded: int("downloaded"),
        uploaded: int("uploaded"),
        download_speed: int("downloadSpeed"),
        upload_speed: int("uploadSpeed"),
        seeders: int("seeders"),
        upload_date: int("uploadDate"),
        completion_date: int("completionDate"),
        raw: keep_raw.then(|| Box::new(entry.clone())),
    };
    Some((id_of(object.get("id")?)?, magnet))
}

/// An id as the item it names: a positive number, sent as a number or as text.
pub(super) fn id_of(value: &Value) -> Option<ItemId> {
    let id = match value {
        Value::String(digits) => digits.trim().parse::<u64>().ok()?,
        Value::Number(_) => u64::try_from(int_of(value)?).ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (id > 0).then(|| ItemId::from(id.to_string()))
}
