//! What a rule reads and the server did not send.

use crate::world::*;
use seedwarden::core::model::ItemId;
use serde_json::json;

/// Whether a rule read a field that was not sent, and a tracker where the list names none.
#[tokio::test]
async fn what_a_rule_reads_that_is_not_there_is_noted() {
    let mut rules = Vec::new();
    for (text, unsent, no_tracker) in [
        ("t.originProp.seeding_time > 5", Some("seeding_time"), false),
        (
            "!(t.originProp.seeding_time > 5)",
            Some("seeding_time"),
            false,
        ),
        (
            "'seeding_time' in t.originProp && t.originProp.seeding_time > 5",
            None,
            false,
        ),
        ("t.totalSize > 5", Some("total_size"), false),
        (
            "t.size > 5 && t.nope === undefined && t.originProp.nope === undefined",
            None,
            false,
        ),
        (
            "m.torrents[1].originProp.comment === ''",
            Some("comment"),
            false,
        ),
        ("t.tracker === 't.example'", None, true),
        ("t.originProp.tracker.includes('t.example')", None, true),
        ("t.name === 'x'", None, false),
    ] {
        rules.push((format!("(m, t) => {text}"), unsent, no_tracker));
    }
    let listing = json!({
        "server_state": {},
        "torrents": { "aa": { "name": "x", "size": 9, "tracker": "" }, "bb": { "name": "other" } },
    });
    for (text, unsent, no_tracker) in rules {
        let mut host = host(&[("rule", &text)], &listing).await;
        let item = [ItemId::from("aa")];
        let answers = host.judge(ACCOUNT, now(), &["rule"], Some(&item)).await;
        let answer = &answers["rule"];
        assert_eq!(answer.unsent_field.as_deref(), unsent, "{text}");
        assert_eq!(answer.unsent.contains(&item[0]), unsent.is_some(), "{text}");
        assert_eq!(answer.no_tracker.contains(&item[0]), no_tracker, "{text}");
    }
}
