//! `magnet/status`: listings with and without filter, one magnet by id, in every shape that was seen; `magnet/files`.

use super::{
    account::Account,
    envelope::Refusal,
    field,
    magnet::Magnet,
    params::Params,
    switches::{Shape, Switches, UnknownFilter},
};
use crate::NowMs;
use serde_json::{Map, Value, json};

/// Answers `magnet/status`; `shape` replaces the shape that the switches name.
pub(crate) fn status(
    account: &Account,
    params: &Params,
    switches: &Switches,
    shape: Option<Shape>,
    now: NowMs,
) -> Result<Value, Refusal> {
    if let Some(id) = params.one("id") {
        return by_id(account, id, switches, shape.unwrap_or(switches.by_id), now);
    }
    let filter = params.one("status");
    let shape = shape.unwrap_or(match filter {
        Some(_) => switches.filtered,
        None => switches.listing,
    });
    let mut chosen = Vec::new();
    for (index, magnet) in account.magnets.values().enumerate() {
        if is_listed(magnet, filter, switches)? {
            chosen.push((index, field::magnet(magnet, switches, now, false)));
        }
    }
    Ok(shaped(chosen, shape))
}

/// Answers `magnet/files`: ids as texts, unknown ones as item errors.
pub(crate) fn files(account: &Account, params: &Params, switches: &Switches) -> Value {
    let one = |id: &&str| match find(account, id) {
        Some(magnet) if magnet.code == Some(4) => {
            json!({"id": id, "files": field::files(magnet, switches)})
        }
        Some(_) => json!({"id": id, "error": Refusal::new("MAGNET_PROCESSING").json()}),
        None => json!({"id": id, "error": Refusal::new("MAGNET_INVALID_ID").json()}),
    };
    json!({"magnets": params.many("id").iter().map(one).collect::<Vec<_>>()})
}

/// The magnet with this id, sent as text.
pub(crate) fn find<'a>(account: &'a Account, id: &str) -> Option<&'a Magnet> {
    account.magnets.get(&id.parse::<u64>().ok()?)
}

/// Expired as the filter sees it: by code, or by a text that begins so whatever the code.
pub(crate) fn is_expired(magnet: &Magnet, switches: &Switches) -> bool {
    let by_code = |code: i64| switches.expired_codes.contains(&code);
    magnet.says_expired() || magnet.code.is_some_and(by_code)
}

fn is_listed(magnet: &Magnet, filter: Option<&str>, switches: &Switches) -> Result<bool, Refusal> {
    let expired = is_expired(magnet, switches);
    let error = magnet
        .code
        .is_some_and(|code| switches.error_codes.contains(&code));
    Ok(match filter {
        None => true,
        Some("active") => magnet.is_active(),
        Some("ready") => magnet.code == Some(4) && !expired,
        Some("expired") => expired,
        Some("error") => (error && !expired) || (expired && switches.filters_overlap),
        Some(_) => match switches.unknown_filter {
            UnknownFilter::All => true,
            UnknownFilter::Nothing => false,
            UnknownFilter::Error => return Err(Refusal::new("GENERIC")),
        },
    })
}

fn by_id(
    account: &Account,
    id: &str,
    switches: &Switches,
    shape: Shape,
    now: NowMs,
) -> Result<Value, Refusal> {
    match find(account, id) {
        Some(magnet) => {
            let one = field::magnet(magnet, switches, now, true);
            Ok(match shape {
                Shape::Single | Shape::Empty | Shape::Short => json!({"magnets": one}),
                other => shaped(vec![(0, one)], other),
            })
        }
        None if switches.unknown_id_is_item_error => {
            Ok(json!({"magnets": [{"id": id, "error": Refusal::new("MAGNET_INVALID_ID").json()}]}))
        }
        None => Err(Refusal::new("MAGNET_INVALID_ID")),
    }
}

/// Puts magnets, each with its index in the whole list, into the shape.
fn shaped(magnets: Vec<(usize, Value)>, shape: Shape) -> Value {
    let list = |magnets: Vec<(usize, Value)>| {
        magnets
            .into_iter()
            .map(|(_, magnet)| magnet)
            .collect::<Vec<_>>()
    };
    match shape {
        Shape::Empty => json!({"magnets": []}),
        Shape::Short => {
            let third = magnets.len().div_ceil(3);
            json!({"magnets": list(magnets.into_iter().take(third).collect())})
        }
        Shape::Undated => {
            let mut all = list(magnets);
            for magnet in all.iter_mut().filter_map(Value::as_object_mut) {
                magnet.remove("uploadDate");
            }
            json!({"magnets": all})
        }
        Shape::List | Shape::Single => json!({"magnets": list(magnets)}),
        Shape::Keyed => {
            let keyed = magnets
                .into_iter()
                .map(|(index, magnet)| (index.to_string(), magnet));
            json!({"magnets": keyed.collect::<Map<_, _>>()})
        }
        Shape::ListWithJunk => {
            let mut all = vec![json!(null), json!("junk")];
            all.extend(list(magnets));
            all.push(json!({"id": "404404", "error": Refusal::new("MAGNET_INVALID_ID").json()}));
            all.push(json!({"filename": "without id", "statusCode": 15}));
            json!({"magnets": all})
        }
        Shape::Null => json!({"magnets": null}),
        Shape::Missing => json!({}),
        Shape::Text => json!({"magnets": "none"}),
    }
}
