//! `magnet/restart`, single and batch, and `magnet/delete`: the calls that change a magnet.

use super::{
    Endpoint,
    account::Account,
    book::Book,
    effect::What,
    envelope::Refusal,
    params::Params,
    status,
    switches::{BatchOrder, Switches},
};
use crate::NowMs;
use serde_json::{Value, json};

/// Answers `magnet/restart`.
pub(crate) fn restart(
    account: &mut Account,
    params: &Params,
    switches: &Switches,
    book: &mut Book,
    now: NowMs,
) -> Result<Value, Refusal> {
    if switches.restart_needs_premium && !account.is_premium {
        return Err(Refusal::new("MAGNET_MUST_BE_PREMIUM"));
    }
    let done = "Magnet was successfully restarted";
    if params.one("id").is_some() || !params.has_array("ids") {
        restart_one(
            account,
            params.one("id").unwrap_or_default(),
            switches,
            book,
            now,
        )?;
        return Ok(json!({"message": done}));
    }
    let ids = params.many("ids");
    if ids.len() > switches.batch_most {
        return Err(Refusal::new("GENERIC"));
    }
    if switches.batch_fails_whole && account.active() + ids.len() > switches.most_active {
        return Err(Refusal::new("MAGNET_TOO_MANY_ACTIVE"));
    }
    let mut results = Vec::new();
    for id in ids {
        results.push((id, restart_one(account, id, switches, book, now).err()));
    }
    match switches.batch_order {
        BatchOrder::AsSent => {}
        BatchOrder::Reversed => results.reverse(),
        BatchOrder::Sorted => results.sort_by_key(|(id, _)| id.parse::<u64>().unwrap_or(u64::MAX)),
    }
    let shown = |id: &str| match id.parse::<u64>() {
        Ok(number) if switches.batch_ids_are_numbers => json!(number),
        Ok(_) | Err(_) => json!(id),
    };
    let magnets = results.iter().map(|(id, refused)| match refused {
        None => json!({"magnet": shown(id), "message": done}),
        Some(refused) => json!({"magnet": shown(id), "error": refused.json()}),
    });
    Ok(json!({"magnets": magnets.collect::<Vec<_>>()}))
}

/// Answers `magnet/delete`. Only one id is taken; without one the id is invalid (inferred).
pub(crate) fn delete(
    account: &mut Account,
    params: &Params,
    book: &mut Book,
    now: NowMs,
) -> Result<Value, Refusal> {
    let id = status::find(account, params.one("id").unwrap_or_default()).map(|magnet| magnet.id);
    let id = id.ok_or_else(|| Refusal::new("MAGNET_INVALID_ID"))?;
    book.refused(&account.name, Endpoint::Delete, id)?;
    let lingers_for = account.lingers_for;
    let Some(magnet) = account.magnets.get_mut(&id) else {
        return Err(Refusal::new("MAGNET_INVALID_ID"));
    };
    if magnet.lingers_for.is_none() {
        book.note(now, &account.name, What::Deleted(magnet.clone()));
    }
    if lingers_for == 0 {
        account.magnets.remove(&id);
    } else {
        magnet.lingers_for.get_or_insert(lingers_for);
    }
    Ok(json!({"message": "Magnet was successfully deleted"}))
}

fn restart_one(
    account: &mut Account,
    id: &str,
    switches: &Switches,
    book: &mut Book,
    now: NowMs,
) -> Result<(), Refusal> {
    let found = status::find(account, id).ok_or_else(|| Refusal::new("MAGNET_INVALID_ID"))?;
    let (id, is_active) = (found.id, found.is_active());
    let is_expired = status::is_expired(found, switches);
    let is_ready = found.code == Some(4) && !is_expired;
    book.refused(&account.name, Endpoint::Restart, id)?;
    if is_active || is_ready {
        return Err(Refusal::new("MAGNET_PROCESSING"));
    }
    if let (true, Some(code)) = (is_expired, &switches.restart_expired_refused) {
        return Err(Refusal::new(code));
    }
    if account.active() >= switches.most_active {
        return Err(Refusal::new("MAGNET_TOO_MANY_ACTIVE"));
    }
    if let Some(magnet) = account.magnets.get_mut(&id) {
        book.note(now, &account.name, What::Restarted(magnet.clone()));
        let outcome = magnet.next_outcome();
        magnet.start(outcome, now);
    }
    Ok(())
}
