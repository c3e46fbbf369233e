//! Wrong accounts and their blocks.

use super::{check, check_alldebrid, check_qbittorrent};

#[test]
fn checks_accounts() {
    check(
        "{ \"accounts\": [§{ \"name\": \"q\", \"type\": \"alldebrid\" }] }",
        &["accounts[0].api_key: missing, expected an API key"],
    );
    let url = |url: &str| {
        format!(
            "\"name\": \"q\", \"type\": \"qbittorrent\", \"api_key\": \"k\", \"url\": §\"{url}\""
        )
    };
    for (address, words) in [
        ("localhost:8080", "without \\\"http://\\\""),
        ("ftp://h", "of another kind"),
        ("http://u:p@h", "with a user name or password"),
        ("http://h/?a=b", "with \\\"?\\\""),
        ("http://", "no address"),
        ("", "an empty text"),
    ] {
        let words = format!("accounts[0].url: {}", words.replace('\\', ""));
        check(
            &format!("{{ \"accounts\": [{{ {} }}] }}", url(address)),
            &[&words],
        );
    }
    check_qbittorrent(
        "\"api_key\": §\"k\"",
        &["accounts[0].api_key: one way to log in"],
    );
    check_qbittorrent(
        "\"failed\": §{ }",
        &["accounts[0].failed: a block for AllDebrid accounts"],
    );
    check_alldebrid(
        "\"errored\": §{ }",
        &["accounts[0].errored: for qBittorrent…there is \"failed\""],
    );
    check_alldebrid(
        "\"protect\": { \"tags\": §[\"x\"] }",
        &["accounts[0].protect.tags: for qBittorrent"],
    );
    check_alldebrid("\"select\": §{ }", &["accounts[0].select: for qBittorrent"]);
}

#[test]
fn refuses_accounts_that_are_one_and_the_same() {
    let two = |first: &str, second: &str| {
        format!("{{ \"accounts\": [ {{ {first} }},\n {{ {second} }} ] }}")
    };
    let qbt = |name: &str, url: &str, user: &str| {
        format!(
            "\"name\": {name}, \"type\": \"qbittorrent\", \"url\": {url}, \"username\": \"{user}\", \"password\": \"p\""
        )
    };
    let marked = two(
        &qbt("\"q\"", "\"http://a\"", "u"),
        &qbt("§\"q\"", "\"http://b\"", "u"),
    );
    check(&marked, &["accounts[1].name: a name that is taken"]);
    let marked = two(
        &qbt("\"q\"", "\"http://localhost:80/\"", "u"),
        &qbt("\"r\"", "§\"http://127.0.0.1\"", "u"),
    );
    check(
        &marked,
        &["accounts[1].url: the server and user of an earlier account…it is the account \"q\""],
    );
    let ad = |name: &str, key: &str| {
        format!("\"name\": \"{name}\", \"type\": \"alldebrid\", \"api_key\": {key}")
    };
    let marked = two(
        &ad("a", "\"ad_key\""),
        &ad("b", "§{ \"file\": \"/run/secrets/alldebrid\" }"),
    );
    check(
        &marked,
        &["accounts[1].api_key: the API key of an earlier account"],
    );
}

#[test]
fn checks_selection_and_paths() {
    check_qbittorrent(
        "\"select\": { \"categories\": §[] }",
        &["accounts[0].select.categories: an empty list"],
    );
    check_qbittorrent(
        "\"select\": { \"torrent_type\": §\"privat\" }",
        &["accounts[0].select.torrent_type: did you mean \"private\""],
    );
    check_qbittorrent(
        "\"select\": { \"tags\": [\"a\", §\"b,c\"] }",
        &["accounts[0].select.tags[1]: with a comma"],
    );
    check_qbittorrent(
        "\"select\": { \"trackers\": [§\"https://t.example/abc123\"] }",
        &["accounts[0].select.trackers[0]: a text that is no host"],
    );
    check_qbittorrent(
        "\"protect\": { \"categories\": [§\"All\"] }",
        &["accounts[0].protect.categories[0]: All"],
    );
    check_qbittorrent(
        "\"path_map\": [{ \"from\": §\"downloads\", \"to\": §\"dl\" }]",
        &[
            "accounts[0].path_map[0].from: a relative path",
            "accounts[0].path_map[0].to: a relative path",
        ],
    );
    check_qbittorrent(
        "\"path_map\": [{ \"from\": \"/a/\", \"to\": \"/b\" }, { \"from\": §\"/a\", \"to\": \"/c\" }]",
        &["accounts[0].path_map[1].from: mapped already"],
    );
    check_qbittorrent(
        "\"path_map\": [§{ \"from\": \"/a\" }]",
        &["accounts[0].path_map[0].to: missing"],
    );
}

#[test]
fn checks_blocks() {
    check_qbittorrent(
        "\"errored\": { \"last_resort\": §\"remove_tracker\" }",
        &["accounts[0].errored.last_resort: \"delete_torrent\", \"delete_files\" or \"keep\""],
    );
    check_qbittorrent(
        "\"errored\": { \"last_resort\": §\"delete_file\" }",
        &["accounts[0].errored.last_resort: did you mean \"delete_files\""],
    );
    check_qbittorrent(
        "\"failed_trackers\": { \"last_resort\": §\"delete_files\" }",
        &["accounts[0].failed_trackers.last_resort: \"remove_tracker\" or \"keep\""],
    );
    check_qbittorrent(
        "\"hardlinks\": { \"action\": §\"keep\" }",
        &["accounts[0].hardlinks.action: delete_files"],
    );
    check_alldebrid(
        "\"failed\": { \"last_resort\": §\"delete_files\" }",
        &["accounts[0].failed.last_resort: keep"],
    );
    check_alldebrid(
        "\"failed\": §5",
        &["accounts[0].failed: an object, or false to switch it off"],
    );
    check_qbittorrent(
        "\"unregistered\": { \"messages\": §[] }",
        &["accounts[0].unregistered.messages: at least one"],
    );
    check_qbittorrent(
        "\"unregistered\": { \"extra_messages\": [§\" \"] }",
        &["accounts[0].unregistered.extra_messages[0]: would match everything"],
    );
}
