//! Limits, read from the JSON that goes out.

use super::*;

/// Discord's rules, read from the JSON that goes out.
#[track_caller]
fn check_limits(message: &Message) -> Value {
    let sent: Value = serde_json::from_str(&message.to_json()).unwrap();
    assert_eq!(sent["allowed_mentions"], json!({ "parse": [] }));
    let count = |value: &Value| value.as_str().map_or(0, |text| text.trim().chars().count());
    let embeds = sent["embeds"].as_array().cloned().unwrap_or_default();
    assert!(embeds.len() <= 10);
    assert!(
        count(&sent["content"]) + embeds.len() > 0,
        "an empty message"
    );
    assert!(count(&sent["content"]) <= 2000);
    let mut all = 0;
    for embed in &embeds {
        let fields = embed["fields"].as_array().cloned().unwrap_or_default();
        assert!(fields.len() <= 25);
        for field in &fields {
            assert!((1..=256).contains(&count(&field["name"])));
            assert!((1..=1024).contains(&count(&field["value"])));
            all += count(&field["name"]) + count(&field["value"]);
        }
        let texts = [
            count(&embed["title"]),
            count(&embed["description"]),
            count(&embed["footer"]["text"]),
        ];
        assert!(
            texts[0] <= 256 && texts[1] <= 4096 && texts[2] <= 2048,
            "{texts:?}"
        );
        assert!(
            texts.iter().sum::<usize>() + fields.len() > 0,
            "an empty embed"
        );
        all += texts.iter().sum::<usize>();
    }
    assert!(all <= 6000, "{all}");
    sent
}

fn embed(title: usize, description: usize, fields: usize, field: usize, footer: usize) -> Embed {
    Embed {
        title: "t".repeat(title),
        description: "é".repeat(description),
        color: Some(0xff00_00ff),
        fields: vec![Field::inline("n".repeat(field), "v".repeat(field * 4)); fields],
        footer: "f".repeat(footer),
        timestamp: Some(Timestamp::UNIX_EPOCH),
    }
}

#[test]
fn keeps_every_limit() {
    let embeds = [
        embed(0, 0, 0, 0, 0),
        embed(256, 4096, 0, 0, 2048),
        embed(257, 5000, 30, 300, 3000),
        embed(1, 0, 25, 256, 0),
        embed(0, 0, 3, 0, 0),
        embed(10, 5976, 0, 0, 0),
    ];
    for embed in embeds {
        let (message, count) = Message::of_first(&[embed], Some("Warden"));
        assert_eq!(count, 1);
        let sent = check_limits(&message);
        assert_eq!(sent["username"], "Warden");
        assert_eq!(sent["embeds"][0]["timestamp"], "1970-01-01T00:00:00Z");
        assert_eq!(sent["embeds"][0]["color"], 0xff);
    }
    for text in ["", "  ", "a", &"a".repeat(2001)] {
        check_limits(&Message::text(text, None));
    }
    check_limits(&Message::of_first(&[], None).0);
}

#[test]
fn takes_as_many_embeds_as_fit_in_order() {
    #[track_caller]
    fn check(embeds: &[Embed], expected: &[usize]) {
        let mut rest = embeds;
        let mut counts = Vec::new();
        while !rest.is_empty() {
            let (message, count) = Message::of_first(rest, None);
            let sent = check_limits(&message);
            assert_eq!(sent["embeds"].as_array().map(Vec::len), Some(count));
            assert_eq!(
                sent["embeds"][0]["title"].as_str(),
                Some(rest[0].title.as_str())
            );
            counts.push(count);
            rest = &rest[count..];
        }
        assert_eq!(counts, expected);
    }
    let numbered = |length: usize, count: usize| -> Vec<Embed> {
        let one = |i| Embed {
            title: format!("{i}"),
            description: "d".repeat(length - 1),
            ..Embed::default()
        };
        (0..count).map(one).collect()
    };
    check(&numbered(1, 10), &[10]);
    check(&numbered(600, 10), &[10]);
    check(&numbered(601, 10), &[9, 1]);
    check(&numbered(3000, 5), &[2, 2, 1]);
    check(&numbered(4000, 2), &[1, 1]);
    let mut eleven = numbered(1, 10);
    eleven.extend(numbered(2, 1));
    check(&eleven, &[10, 1]);
}

#[test]
fn leaves_names_away_that_are_refused() {
    let username = |name| check_limits(&Message::text("x", name))["username"].clone();
    assert_eq!(username(Some(" Seedwarden ")), "Seedwarden");
    assert_eq!(username(Some("My DisCord bot")), Value::Null);
    assert_eq!(username(Some("Clyde")), Value::Null);
    assert_eq!(username(Some(" ")), Value::Null);
    assert_eq!(username(None), Value::Null);
    let long = username(Some(&"ü".repeat(81)));
    assert_eq!(long.as_str().map(|name| name.chars().count()), Some(80));
}
