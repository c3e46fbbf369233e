//! Wrong durations, numbers, and the blocks at the top.

use super::{check_qbittorrent, check_top};

#[test]
fn checks_durations() {
    check_top(
        "\"cycle\": §\"0s\"",
        &["cycle: found \"0s\", expected a duration above zero"],
    );
    check_top(
        "\"cycle\": §\"5M\"",
        &["cycle: found \"5M\"…would be months; write \"5m\" for minutes"],
    );
    check_top("\"cycle\": §\"1800\"", &["cycle: add a unit: \"1800s\""]);
    check_top(
        "\"cycle\": §\"half an hour\"",
        &["cycle: found a text, expected a duration such as \"30m\""],
    );
    check_top(
        "\"trash\": { \"keep_for\": §\"0d\" }",
        &["trash.keep_for: above zero"],
    );
    check_top(
        "\"trash\": { \"keep_for\": §\"500y\" }",
        &["trash.keep_for: at most 100 years"],
    );
    check_qbittorrent(
        "\"rule_cycle\": §\"0s\"",
        &["accounts[0].rule_cycle: above zero"],
    );
}

#[test]
fn checks_numbers() {
    check_qbittorrent(
        "\"errored\": { \"max_failures\": §0 }",
        &[
            "accounts[0].errored.max_failures: found the number 0, expected a whole number from 1 on…leave the block out",
        ],
    );
    check_qbittorrent(
        "\"errored\": { \"max_failures\": §-1 }",
        &["accounts[0].errored.max_failures: number -1"],
    );
    check_qbittorrent(
        "\"errored\": { \"max_failures\": §2.5 }",
        &["accounts[0].errored.max_failures: number 2.5"],
    );
    check_qbittorrent(
        "\"errored\": { \"max_failures\": §\"5\" }",
        &[
            "accounts[0].errored.max_failures: found \"5\", expected a whole number…leave out the quotes",
        ],
    );
    check_top(
        "\"limits\": { \"deletions_per_day\": §5000000000 }",
        &["limits.deletions_per_day: 5000000000"],
    );
    check_top(
        "\"limits\": { \"outage_share\": §50 }",
        &["limits.outage_share: the number 50…50 % is written 0.5"],
    );
    check_top(
        "\"limits\": { \"outage_share\": §0 }",
        &["limits.outage_share: a share above 0"],
    );
    check_top(
        "\"limits\": { \"outage_min_items\": §0 }",
        &["limits.outage_min_items: from 1 on"],
    );
    check_qbittorrent(
        "\"hardlinks\": { \"min_linked_share\": §1.1 }",
        &["accounts[0].hardlinks.min_linked_share: found the number 1.1"],
    );
    check_top("\"dry_run\": §\"true\"", &["dry_run: leave out the quotes"]);
}

#[test]
fn checks_discord() {
    check_top("\"discord\": §{ }", &["discord.webhook_url: missing"]);
    check_top(
        "\"discord\": { \"webhook_url\": §\"abc\" }",
        &["discord.webhook_url: no web address"],
    );
    check_top(
        "\"discord\": { \"webhook_url\": \"https://d/x\", \"username\": §\"Discord bot\" }",
        &["discord.username: a reserved name"],
    );
    check_top(
        "\"discord\": [{ \"webhook_url\": \"https://d/x\" }, { \"webhook_url\": §\"https://d/x\" }]",
        &["discord[1].webhook_url: each webhook once"],
    );
    check_top(
        "\"discord\": { \"webhook_url\": §\"https://d/x/slack\" }",
        &["discord.webhook_url: ends in /slack"],
    );
    check_top(
        "\"time_zone\": §\"Paris\"",
        &["time_zone: an unknown time zone"],
    );
}
