//! Rows as servers send them, and as they had better not.

use super::*;
use crate::core::model::TextField;

fn read(json: &str) -> Torrent {
    let mut torrent = Torrent::default();
    let read = patch(&mut torrent, json.as_bytes(), &FieldSet::none());
    assert_eq!(read, RowRead::Taken, "{json}");
    torrent
}

#[test]
fn reads_numbers_in_every_form() {
    let t = read(
        r#"{"size":1,"ratio":"1,5","eta":8640000.0,"progress":1,"uploaded":"12","num_seeds":1e2}"#,
    );
    assert_eq!(
        (t.size, t.ratio, t.eta),
        (Some(1), Some(1.5), Some(8_640_000))
    );
    assert_eq!(
        (t.progress, t.uploaded, t.num_seeds),
        (Some(1.0), Some(12), Some(100))
    );
}

#[test]
fn senseless_fields_are_absent_and_spoil_nothing() {
    let t = read(
        r#"{"size":{"a":[1]},"name":"n","ratio":[],"private":null,"state":null,"unheard":{"of":1},"tags":7}"#,
    );
    let mut expected = Torrent {
        name: "n".into(),
        tags: "7".into(),
        ..Torrent::default()
    };
    expected.unsent.note(TextField::State, false);
    assert_eq!(t, expected);
}

#[test]
fn texts_that_were_not_sent_are_told_from_empty_ones() {
    let mut t = Torrent::unread();
    let row = br#"{"category":"","tracker":"","save_path":null}"#;
    patch(&mut t, row, &FieldSet::none());
    let unsent = [
        TextField::Category,
        TextField::Tags,
        TextField::Tracker,
        TextField::State,
        TextField::SavePath,
    ]
    .map(|field| t.unsent.contains(field));
    assert_eq!(unsent, [false, true, false, true, true]);
}

#[test]
fn keeps_what_a_delta_does_not_name() {
    let mut t = read(r#"{"name":"n","size":5,"private":true,"state":"stalledUP"}"#);
    patch(
        &mut t,
        br#"{"state":"madeUp","private":null}"#,
        &FieldSet::none(),
    );
    assert_eq!((&*t.name, t.size, t.private), ("n", Some(5), None));
    assert_eq!(t.state.as_str(), "madeUp");
}

#[test]
fn keeps_other_fields_only_on_request() {
    let json = br#"{"name":"n","popularity":1.5,"comment":"c\u00e9"}"#;
    let mut t = Torrent::default();
    patch(
        &mut t,
        json,
        &FieldSet::from_iter(["popularity", "missing"]),
    );
    let other = t.other.unwrap_or_default();
    let expected = crate::core::model::OtherFields::from([("popularity".into(), 1.5.into())]);
    assert_eq!(*other, expected);
    let mut t = Torrent::default();
    patch(&mut t, json, &FieldSet::none());
    assert_eq!(t.other, None);
}

#[test]
fn tells_no_torrent_from_no_json() {
    #[track_caller]
    fn check(json: &[u8], expected: RowRead) {
        let mut torrent = Torrent::default();
        assert_eq!(
            patch(&mut torrent, json, &FieldSet::from_iter(["deep"])),
            expected
        );
    }
    check(b"null", RowRead::NoTorrent);
    check(b"[1]", RowRead::NoTorrent);
    check(b"\"x\"", RowRead::NoTorrent);
    check(b"nul", RowRead::NotJson);
    check(b"{\"name\":}", RowRead::NotJson);
    check(b"{\"name\":1 \"size\":2}", RowRead::NotJson);
    check(b"{\"name\":\"\xff\"}", RowRead::Taken);
    let deep = format!("{{\"deep\":{}{}}}", "[".repeat(500), "]".repeat(500));
    check(deep.as_bytes(), RowRead::NoTorrent);
}

#[test]
fn remembers_what_an_error_or_a_check_hides() {
    let mut t = read(r#"{"state":"stalledUP","completed":7}"#);
    let mut then = |json: &str| {
        patch(&mut t, json.as_bytes(), &FieldSet::none());
        t.last_good
            .as_deref()
            .map(|good| (good.stopped, good.completed))
    };
    assert_eq!(
        then(r#"{"completed":0,"state":"missingFiles"}"#),
        Some((false, 7))
    );
    assert_eq!(then(r#"{"name":"x"}"#), Some((false, 7)));
    assert_eq!(then(r#"{"state":"checkingUP"}"#), Some((false, 7)));
    assert_eq!(then(r#"{"state":"stoppedUP","completed":5}"#), None);
    assert_eq!(then(r#"{"state":"error","completed":0}"#), Some((true, 5)));
    assert_eq!(read(r#"{"state":"error"}"#).last_good, None);
}

/// Rows one after another, some of them cut off at first, against each read for itself.
#[test]
fn row_before_changes_nothing_of_the_next() {
    let keep = FieldSet::from_iter(["comment"]);
    let mut rows = Rows::new(&keep);
    let texts = [
        r#"{"name":"a","size":1,"comment":"c","ratio":0.5}"#,
        r#"{"name":"b","ratio":1.5,"comment":"d","size":2}"#,
        r#"{"ratio":2,"tags":"t, u","state":"stalledUP"}"#,
        r#"{"name":"e\u00e9","size":"7","x":1,"y":null,"private":true}"#,
        r#"{"comment":"f","name":"b","save_path":"/dl"}"#,
    ];
    for text in texts.iter().chain(texts.iter().rev()) {
        for length in 0..text.len() {
            let read = rows.begin_of(&mut Torrent::default(), &text[..length]);
            assert_eq!(read, None, "{text} cut at {length}");
        }
        let mut expected = Torrent::default();
        assert_eq!(patch(&mut expected, text.as_bytes(), &keep), RowRead::Taken);
        let behind = format!("{text},\"next\":{{}}");
        let mut found = Torrent::default();
        assert_eq!(rows.begin_of(&mut found, &behind), Some(text.len()));
        assert_eq!(found, expected, "{text}");
    }
    assert_eq!(
        rows.begin_of(&mut Torrent::default(), r#"{"size":{"a":1}}"#),
        None
    );
}
