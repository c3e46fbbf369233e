//! `moment()` says what the original (2.29.1) says; the expected texts were made by running it in the same zone at
//! the same time.

use crate::world::*;
use serde_json::json;

const EXPRESSIONS: &[(&str, &str)] = &[
    ("moment().unix()", "1714528984"),
    ("moment().hour()", "10"),
    ("moment().hours() + moment().minutes()", "13"),
    ("moment().format()", "2024-05-01T10:03:04+08:00"),
    (
        "moment().format('YYYY-MM-DD HH:mm:ss')",
        "2024-05-01 10:03:04",
    ),
    (
        "moment().format('dddd, MMMM Do YYYY, h:mm:ss a [x] Q w W E DDDD')",
        "Wednesday, May 1st 2024, 10:03:04 am x 2 18 18 3 122",
    ),
    ("moment.utc().format()", "2024-05-01T02:03:04Z"),
    (
        "moment().utcOffset(-5).format('HH:mm Z ZZ')",
        "21:03 -05:00 -0500",
    ),
    ("moment().toISOString()", "2024-05-01T02:03:04.000Z"),
    ("moment().startOf('day').unix()", "1714492800"),
    (
        "moment().startOf('week').format()",
        "2024-04-28T00:00:00+08:00",
    ),
    (
        "moment().startOf('isoWeek').format()",
        "2024-04-29T00:00:00+08:00",
    ),
    (
        "moment().endOf('month').format('YYYY-MM-DD HH:mm:ss.SSS')",
        "2024-05-31 23:59:59.999",
    ),
    (
        "moment().startOf('quarter').format()",
        "2024-04-01T00:00:00+08:00",
    ),
    (
        "moment().startOf('hour').format()",
        "2024-05-01T10:00:00+08:00",
    ),
    (
        "moment('2024-01-31').add(1, 'month').format('YYYY-MM-DD')",
        "2024-02-29",
    ),
    (
        "moment('2024-02-29').add(1, 'y').format('YYYY-MM-DD')",
        "2025-02-28",
    ),
    (
        "moment('2024-03-31').subtract(1, 'M').format('YYYY-MM-DD')",
        "2024-02-29",
    ),
    (
        "moment().add({ days: 1, hours: 2 }).format()",
        "2024-05-02T12:03:04+08:00",
    ),
    (
        "moment().subtract(90, 'minutes').format()",
        "2024-05-01T08:33:04+08:00",
    ),
    (
        "moment.unix(1700000000).format()",
        "2023-11-15T06:13:20+08:00",
    ),
    ("moment(1700000000).year()", "1970"),
    ("moment(-1500).unix()", "-2"),
    (
        "moment('2024-05-01T10:20:30+02:00').format()",
        "2024-05-01T16:20:30+08:00",
    ),
    (
        "moment('2024-05-01 10:20').format()",
        "2024-05-01T10:20:00+08:00",
    ),
    ("moment('nonsense').isValid()", "false"),
    ("moment(null).isValid()", "false"),
    (
        "moment('22:30', 'HH:mm').format()",
        "2024-05-01T22:30:00+08:00",
    ),
    (
        "moment('08:30 PM', 'hh:mm A').format()",
        "2024-05-01T20:30:00+08:00",
    ),
    ("moment('01-05-2024', 'DD-MM-YYYY', true).isValid()", "true"),
    ("moment('1-5-2024', 'DD-MM-YYYY', true).isValid()", "false"),
    ("moment([2024, 1, 29]).format('YYYY-MM-DD')", "2024-02-29"),
    ("moment({ hour: 5 }).format('HH:mm:ss')", "05:00:00"),
    ("moment().diff(moment.unix(1714000000), 'hours')", "146"),
    ("moment().diff('2024-01-15', 'months')", "3"),
    (
        "moment().diff('2024-01-15', 'months', true)",
        "3.547293209876543",
    ),
    ("moment().diff(moment().add(36, 'hours'), 'days')", "-1"),
    ("moment().isBefore('2024-06-01')", "true"),
    ("moment().isAfter(moment(), 'day')", "false"),
    ("moment().isSame('2024-05-01', 'day')", "true"),
    ("moment().isBetween('2024-04-30', '2024-05-02')", "true"),
    ("moment().isSameOrAfter(moment())", "true"),
    ("moment().day()", "3"),
    ("moment().isoWeekday()", "3"),
    ("moment().weekday(0).format('YYYY-MM-DD')", "2024-04-28"),
    ("moment().week()", "18"),
    ("moment().isoWeek()", "18"),
    ("moment().dayOfYear()", "122"),
    ("moment().daysInMonth()", "31"),
    ("moment().quarter()", "2"),
    (
        "moment().set({ hour: 16, minute: 49, second: 0 }).format()",
        "2024-05-01T16:49:00+08:00",
    ),
    (
        "moment().month('February').format('YYYY-MM-DD')",
        "2024-02-01",
    ),
    (
        "moment().date(31).month(1).format('YYYY-MM-DD')",
        "2024-02-29",
    ),
    ("moment().get('year')", "2024"),
    ("moment().utcOffset()", "480"),
    ("moment().utc().hour()", "2"),
    ("moment().fromNow()", "a few seconds ago"),
    ("moment().subtract(3, 'days').fromNow()", "3 days ago"),
    ("moment().add(50, 'minutes').fromNow()", "in an hour"),
    ("moment().calendar()", "Today at 10:03 AM"),
    ("moment.duration(90, 'minutes').humanize()", "2 hours"),
    ("moment.duration(90, 'minutes').asHours()", "1.5"),
    ("moment.duration(90061, 'seconds').hours()", "1"),
    ("moment.duration({ days: 2, hours: 3 }).asMinutes()", "3060"),
    ("moment.duration('12:34:56').asSeconds()", "45296"),
    ("moment.duration(36, 'hours').toISOString()", "PT36H"),
    ("moment.max(moment(5), moment(9)).valueOf()", "9"),
    ("moment.min([moment(5), moment(9)]).valueOf()", "5"),
    ("moment.isMoment(moment())", "true"),
    ("moment().locale()", "en"),
    ("+moment() - +moment(0)", "1714528984000"),
    (
        "JSON.stringify({ at: moment(0) })",
        "{\"at\":\"1970-01-01T00:00:00.000Z\"}",
    ),
];

#[tokio::test]
async fn moment_says_what_the_original_says() {
    let list = EXPRESSIONS
        .iter()
        .map(|(text, _)| format!("() => String({text})"));
    let text = format!(
        "() => JSON.stringify([{}].map(say => say()))",
        list.collect::<Vec<_>>().join(",")
    );
    let explanation = ask(&text, json!({})).await;
    let said: Vec<String> = serde_json::from_str(&explanation.returned).expect("a list");
    for ((text, expected), said) in EXPRESSIONS.iter().zip(said) {
        assert_eq!(said, *expected, "{text}");
    }
}

#[tokio::test]
async fn moment_can_be_required() {
    let explanation = ask(
        "const m = require('moment'); () => m === moment && m().unix() === 1714528984",
        json!({}),
    )
    .await;
    assert_eq!(
        outcome(&explanation),
        seedwarden::core::rules::Outcome::Yes,
        "{explanation:?}"
    );
}

/// Where clocks change: what does not occur is counted from before the change, what occurs twice is the earlier one.
#[tokio::test]
async fn local_times_are_right_where_clocks_change() {
    use seedwarden::core::model::ItemId;
    use seedwarden::shell::script_host::{Feed, Limits, ScriptHost, Shape};
    for (zone, expression) in [
        (
            "America/New_York",
            "new Date(2023, 10, 5, 2, 30).getTime() === 1699169400000",
        ),
        (
            "America/New_York",
            "new Date(2024, 10, 3, 1, 30).toISOString() === '2024-11-03T05:30:00.000Z'",
        ),
        (
            "America/New_York",
            "new Date(2024, 2, 10, 2, 30).toISOString() === '2024-03-10T07:30:00.000Z'",
        ),
        (
            "Africa/Cairo",
            "new Date(2023, 3, 28, 0, 30).getTime() === 1682634600000",
        ),
        (
            "Europe/Paris",
            "new Date(2023, 2, 26, 1, 30).getTime() === 1679790600000",
        ),
        (
            "Europe/Paris",
            "new Date('2024-03-31T02:30:00').toISOString() === '2024-03-31T01:30:00.000Z'",
        ),
        (
            "Europe/Paris",
            "new Date(1711846800000).setHours(2, 30, 0, 0) === 1711848600000",
        ),
        (
            "Australia/Lord_Howe",
            "moment.unix(1700000000).startOf('quarter').valueOf() === 1696080600000",
        ),
        (
            "America/Santiago",
            "moment('2024-09-08').valueOf() === 1725768000000 && moment('2024-09-08').hour() === 1",
        ),
    ] {
        let mut host = ScriptHost::new(env!("CARGO_BIN_EXE_seedwarden"), zone, Limits::default());
        let rule = source("rule", &format!("() => {expression}"));
        assert_eq!(host.load(vec![rule]).await.expect("the worker starts"), []);
        let mut feed = Feed::full(ACCOUNT, Shape::Qbittorrent);
        feed.item("aa", "{}");
        feed.server(&raw(&json!({})));
        feed.complete();
        host.send(&mut feed).await.expect("the worker reads");
        let answers = judge(&mut host, &["rule"]).await;
        let outcome = answers["rule"].outcome(&ItemId::from("aa"));
        assert_eq!(
            outcome,
            seedwarden::core::rules::Outcome::Yes,
            "{zone}: {expression}"
        );
    }
}
