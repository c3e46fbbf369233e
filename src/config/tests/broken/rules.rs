//! Wrong rules, and accounts that use them wrongly.

use super::{check, check_top};

#[test]
fn checks_rules() {
    let rule = |keys: &str| format!("\"rules\": [{{ \"name\": \"r\", {keys} }}]");
    check_top(
        "\"rules\": [§{ \"name\": \"r\" }]",
        &["rules[0]: without a body…exactly one of"],
    );
    check_top(
        "\"rules\": [§{ \"name\": \"r\", \"javascript\": \"x\", \"javascript_file\": \"y\" }]",
        &["rules[0]: more than one body"],
    );
    check_top(
        "\"rules\": [§{ \"javascript\": \"x\" }]",
        &["rules[0].name: missing"],
    );
    let twice = "\"rules\": [{ \"name\": \"r\", \"javascript\": \"x\" }, { \"name\": §\"r\", \"javascript\": \"x\" }]";
    check_top(
        twice,
        &["rules[1].name: a name that is taken…rules[0] has the same name"],
    );
    check_top(
        &rule("\"javascript\": §\"syntax error\""),
        &["rules[0].javascript: unexpected word in line 1"],
    );
    check_top(
        &rule("\"javascript_file\": §\"wrong.js\""),
        &["rules[0].javascript_file: unexpected word"],
    );
    check_top(
        &rule("\"javascript_file\": §\"none.js\""),
        &[
            "rules[0].javascript_file: no readable file /etc/seedwarden/none.js…relative to the folder",
        ],
    );
    check_top(
        &rule("\"javascript\": \"x\", \"limit\": §0"),
        &["rules[0].limit: from 1 on"],
    );
    check_top(
        &rule("\"javascript\": \"x\", \"action\": §\"delete_file\""),
        &["rules[0].action: did you mean"],
    );
    check_top(
        &rule("\"javascript\": \"x\", \"action\": §{}"),
        &["rules[0].action: exactly one of"],
    );
    check_top(
        &rule("\"javascript\": \"x\", \"action\": { \"limit_download\": §\"fast\" }"),
        &["rules[0].action.limit_download: a size above zero"],
    );
    check_top(
        &rule("\"javascript\": \"x\", \"priority\": §\"high\""),
        &["rules[0].priority: expected a number"],
    );
}

#[test]
fn checks_conditions() {
    let rule = |conditions: &str| {
        format!("\"rules\": [{{ \"name\": \"r\", \"conditions\": {conditions} }}]")
    };
    let test = |key: &str, compare: &str, value: &str| {
        rule(&format!(
            "[{{ \"key\": {key}, \"compareType\": {compare}, \"value\": {value} }}]"
        ))
    };
    check_top(
        &rule("§[]"),
        &["rules[0].conditions: an empty list…at least one condition"],
    );
    check_top(
        &rule("§{}"),
        &["rules[0].conditions: an object…a list of conditions"],
    );
    check_top(&rule("[§5]"), &["rules[0].conditions[0]: found a number"]);
    check_top(&rule("[§{}]"), &["rules[0].conditions[0]: "]);
    check_top(
        &test("§\"ratoi\"", "\"bigger\"", "\"1\""),
        &["rules[0].conditions[0].key: \"ratoi\"…did you mean `ratio`"],
    );
    check_top(
        &test("\"ratio\"", "§\"biger\"", "\"1\""),
        &["rules[0].conditions[0].compareType: \"biger\"…did you mean `bigger`"],
    );
    check_top(
        &test("\"ratio\"", "\"bigger\"", "§\"much\""),
        &["rules[0].conditions[0].value: found a text, expected "],
    );
    check_top(
        &test("\"state\"", "\"equals\"", "§\"actve\""),
        &["rules[0].conditions[0].value: found a text, expected a state…did you mean \"active\"?"],
    );
    check_top(
        &test("\"category\"", "\"includeIn\"", "§\"KEEP, KEEP2\""),
        &["rules[0].conditions[0].value: without blanks…write \"KEEP,KEEP2\""],
    );
    check_top(
        &test("\"name\"", "\"regExp\"", "§\"(\""),
        &["rules[0].conditions[0].value: a regular expression"],
    );
    check_top(
        &rule(
            "[{ \"key\": \"ratio\", \"compareType\": \"bigger\", \"value\": \"1\", \"vlaue\": §2 }]",
        ),
        &["rules[0].conditions[0].vlaue: found an unknown key…did you mean `value`"],
    );
    check_top(
        &rule(
            "[{ \"any\": [{ \"not\": { \"key\": \"ratio\", \"compareType\": \"bigger\", \"value\": §\"\" } }] }]",
        ),
        &["rules[0].conditions[0].any[0].not.value: an empty text"],
    );
}

#[test]
fn checks_until_and_order() {
    let rule =
        |keys: &str| format!("\"rules\": [{{ \"name\": \"r\", \"javascript\": \"x\", {keys} }}]");
    let until = |key: &str| {
        rule(&format!(
            "\"until\": {{ \"key\": {key}, \"compareType\": \"bigger\", \"value\": \"1 GiB\" }}"
        ))
    };
    check_top(&until("§\"size\""), &["rules[0].until.key: \"freeSpace\""]);
    check_top(
        &until("§\"freeSpac\""),
        &["rules[0].until.key: did you mean `freeSpace`"],
    );
    check_top(
        &rule("\"order_by\": §\"siez\""),
        &["rules[0].order_by: did you mean \"size\""],
    );
    check_top(
        &rule("\"order_by\": { \"key\": \"size\", \"direction\": §\"up\" }"),
        &["rules[0].order_by.direction: \"ascending\" or \"descending\""],
    );
}

#[test]
fn checks_how_accounts_use_rules() {
    let rules = r#""rules": [ { "name": "slow", "javascript": "x", "for": §"30s" },
        { "name": "stop", "javascript": "x", "action": "pause" } ]"#;
    let plain = rules.replace('§', "");
    let with = |account: &str, rules: &str| {
        format!(
            "{{ \"accounts\": [{{ \"name\": \"a\", \"type\": \"alldebrid\", \"api_key\": \"k\", {account} }}],\n{rules} }}"
        )
    };
    check(
        &with("\"rules\": [§\"slwo\"]", &plain),
        &["accounts[0].rules[0]: \"slwo\"…did you mean \"slow\""],
    );
    check(
        &with("\"rules\": [\"slow\", §\"slow\"]", &plain),
        &["accounts[0].rules[1]: each rule once"],
    );
    check(
        &with("\"protect\": { \"rules\": [\"slow\"] }", rules),
        &["rules[0].for: in a protect rule"],
    );
    check(
        &with("\"rules\": [§\"stop\"]", &plain),
        &["accounts[0].rules[0]: \"delete\" or \"restart\"…rules[1]"],
    );
    let ready = r#""rules": [{ "name": "again", "conditions": [{ "key": "state", "compareType": "equals", "value": "ready" }] }]"#;
    let account = r#""name": "q", "type": "qbittorrent", "url": "http://h", "api_key": "k", "protect": { "rules": [§"again"] }"#;
    check(
        &format!("{{ \"accounts\": [{{ {account} }}], {ready} }}"),
        &[
            "accounts[0].protect.rules[0]: states that this service does not have…stalledUP…rules[0]",
        ],
    );
    check(
        &with(
            "\"rules\": [§\"again\"]",
            &ready.replace("ready", "stalledUP"),
        ),
        &["accounts[0].rules[0]: states that this service does not have…active, ready"],
    );
    let restart = r#""rules": [{ "name": "again", "javascript": "x", "action": "restart" }]"#;
    let account = r#""name": "q", "type": "qbittorrent", "url": "http://h", "api_key": "k", "rules": [§"again"]"#;
    let words = "accounts[0].rules[0]: a rule whose action this service does not have";
    check(
        &format!("{{ \"accounts\": [{{ {account} }}], {restart} }}"),
        &[words],
    );
}
