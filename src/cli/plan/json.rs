//! A plan as JSON. The shape is stable: keys are added, never renamed or removed.

use crate::core::plan::{AbsentDisk, Change, Deletion, Held, Kept, Plan, Remedy, TrackerRemoval};
use crate::core::state::Outage;
use serde_json::{Value, json};

/// One account's part of the output.
pub fn of(plan: &Plan) -> Value {
    let Plan {
        account,
        at,
        items,
        deletions,
        remedies,
        tracker_removals,
        changes,
        held,
        kept,
        outages_begun,
        outages_ended,
        absent_disks,
        warnings,
    } = plan;
    json!({
        "account": account,
        "at": at,
        "items": items,
        "deletions": deletions.iter().map(deletion).collect::<Vec<_>>(),
        "held": held.iter().map(held_back).collect::<Vec<_>>(),
        "remedies": remedies.iter().map(remedy).collect::<Vec<_>>(),
        "tracker_removals": tracker_removals.iter().map(removal).collect::<Vec<_>>(),
        "changes": changes.iter().map(change).collect::<Vec<_>>(),
        "outages_begun": outages_begun.iter().map(outage).collect::<Vec<_>>(),
        "outages_ended": outages_ended.iter().map(outage).collect::<Vec<_>>(),
        "absent_disks": absent_disks.iter().map(absent_disk).collect::<Vec<_>>(),
        "kept": kept.iter().map(stays).collect::<Vec<_>>(),
        "warnings": warnings,
    })
}

fn failures((have, limit): (u32, u32)) -> Value {
    json!({ "failures": have, "max_failures": limit })
}

fn deletion(deletion: &Deletion) -> Value {
    let Deletion {
        item,
        name,
        cause,
        reason,
        failures: counted,
        began: _,
        delete_files,
        files_kept_because,
        frees_bytes: _,
        size_bytes,
        added_on,
        ratio,
        progress,
        reannounce: _,
    } = deletion;
    json!({
        "item": item,
        "name": name,
        "cause": cause.to_string(),
        "reason": reason,
        "failures": counted.map(failures),
        "delete_files": delete_files,
        "files_kept_because": files_kept_because,
        "size_bytes": size_bytes,
        "added_on": added_on,
        "ratio": ratio,
        "progress": progress,
    })
}

fn held_back(held: &Held) -> Value {
    let Held {
        item,
        name,
        cause,
        reason,
        guard,
    } = held;
    json!({
        "item": item,
        "name": name,
        "cause": cause.to_string(),
        "reason": reason,
        "guard": guard.word(),
        "guard_text": guard.to_string(),
    })
}

fn remedy(remedy: &Remedy) -> Value {
    let Remedy {
        item,
        name,
        kind,
        ailment,
        sign,
        failures: counted,
    } = remedy;
    json!({
        "item": item,
        "name": name,
        "action": kind.word(),
        "ailment": ailment,
        "sign": sign,
        "failures": failures(*counted),
    })
}

fn removal(removal: &TrackerRemoval) -> Value {
    let TrackerRemoval {
        item,
        name,
        tracker: _,
        host,
        reason,
        failures: counted,
    } = removal;
    json!({
        "item": item,
        "name": name,
        "host": host,
        "reason": reason,
        "failures": failures(*counted),
    })
}

fn change(change: &Change) -> Value {
    let Change {
        item,
        name,
        rule,
        kind,
        reason,
    } = change;
    json!({
        "item": item,
        "name": name,
        "rule": rule.as_ref(),
        "action": kind.to_string(),
        "reason": reason,
    })
}

fn outage(outage: &Outage) -> Value {
    let Outage {
        ailment,
        scope,
        since,
        items,
        first_reading,
    } = outage;
    json!({
        "ailment": ailment,
        "scope": scope,
        "since": since,
        "items": items,
        "first_reading": first_reading,
    })
}

fn absent_disk(disk: &AbsentDisk) -> Value {
    let AbsentDisk {
        save_path,
        why,
        torrents,
    } = disk;
    json!({ "save_path": save_path, "why": why, "torrents": torrents })
}

fn stays(kept: &Kept) -> Value {
    let Kept {
        item,
        name,
        reasons,
    } = kept;
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    json!({ "item": item, "name": name, "reasons": reasons })
}
