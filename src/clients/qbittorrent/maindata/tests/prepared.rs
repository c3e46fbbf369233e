//! Prepared answers, for what no server sends as long as all goes well.

use super::*;

const OTHER: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// A library that holds one torrent, and what a second, prepared answer makes of it.
async fn second(answer: &str) -> (Result<Refresh, ReadErrorKind>, Library, Vec<String>) {
    let (raw, client) = raw_client("2.11.4");
    let first = format!(
        r#"{{"rid":5,"full_update":true,"torrents":{{"{HASH}":{{"name":"n","state":"uploading","size":3}}}}}}"#
    );
    raw.then(200, first);
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    raw.then(200, answer.to_owned());
    // For those that ask again, or find that the server has begun anew.
    raw.then(200, answer.to_owned()).then(200, "2.11.4");
    let result = refresh(&client, &mut library)
        .await
        .map_err(|error| error.kind);
    (result, library, raw.requests().split_off(3))
}

#[tokio::test(start_paused = true)]
async fn sends_the_last_number_that_was_taken_over() {
    let (raw, client) = raw_client("2.11.4");
    let mut library = Library::default();
    raw.then(200, r#"{"rid":5,"full_update":true}"#)
        .then(200, r#"{"rid":6"#);
    raw.then(200, r#"{"rid":6}"#).then(200, r#"{"rid":7}"#);
    let mut asked = Vec::new();
    for _ in 0..4 {
        let _ = refresh(&client, &mut library).await;
        asked.extend(raw.requests().pop());
    }
    let url = |rid| format!("GET http://h:1/base/api/v2/sync/maindata?rid={rid}");
    assert_eq!(asked, [0, 5, 5, 6].map(url));
}

#[tokio::test(start_paused = true)]
async fn merges_only_what_makes_sense() {
    let only = |torrent: &Library| torrent.torrents.get(HASH).cloned().unwrap_or_default();
    let (result, library, _) = second(r#"{"rid":6}"#).await;
    assert_eq!(result, Ok(Refresh::default()));
    assert_eq!(only(&library).size, Some(3));

    // A row that is no torrent leaves it as it was; others are taken.
    let (result, library, _) = second(&format!(
        r#"{{"rid":6,"torrents":{{"{HASH}":null,"{OTHER}":{{"name":"o","state":"error"}},"all":{{"name":"x"}}}}}}"#
    ))
    .await;
    assert_eq!(
        result.map(|got| (got.changed, got.bad_rows)),
        Ok((vec![OTHER.into()], 2))
    );
    assert_eq!((&*only(&library).name, library.torrents.len()), ("n", 2));

    // Hashes in capitals are the same torrents.
    let (_, library, _) = second(&format!(
        r#"{{"rid":6,"torrents":{{"{}":{{"size":"4"}}}},"torrents_removed":["x",7,null]}}"#,
        HASH.to_uppercase()
    ))
    .await;
    assert_eq!(only(&library).size, Some(4));

    // Removed and added again: nothing of the old one stays.
    let (result, library, _) = second(&format!(
        r#"{{"rid":6,"torrents_removed":["{HASH}"],"torrents":{{"{HASH}":{{"name":"m","state":"error"}}}}}}"#
    ))
    .await;
    assert_eq!(
        result.map(|got| (got.changed.len(), got.removed.len())),
        Ok((1, 0))
    );
    assert_eq!((only(&library).size, &*only(&library).name), (None, "m"));

    let (result, library, _) =
        second(&format!(r#"{{"torrents_removed":["{HASH}"],"rid":6}}"#)).await;
    assert_eq!(result.map(|got| got.removed), Ok(vec![HASH.into()]));
    assert!(library.torrents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_bad_row_of_a_full_list_keeps_the_torrent_listed() {
    let answer = format!(
        r#"{{"full_update":true,"rid":1,"torrents":{{"{HASH}":[1],"{OTHER}":"x"}},"server_state":null}}"#
    );
    let (result, library, _) = second(&answer).await;
    let got = result.unwrap();
    assert_eq!((got.full, got.bad_rows, got.removed), (true, 2, Vec::new()));
    assert_eq!(&*library.torrents[HASH].name, "n");
    assert_eq!(library.torrents[OTHER], Torrent::unread());
}

#[tokio::test(start_paused = true)]
async fn takes_the_list_for_whole_wherever_it_says_so() {
    let answer = format!(
        r#"{{"torrents":{{"{OTHER}":{{"name":"o","state":"error"}}}},"rid":1,"full_update":true}}"#
    );
    let (result, library, _) = second(&answer).await;
    assert_eq!(
        result.map(|got| (got.full, got.removed)),
        Ok((true, vec![HASH.into()]))
    );
    assert_eq!(library.torrents.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn asks_for_everything_when_changes_do_not_fit() {
    let (result, library, requests) = second(&format!(
        r#"{{"rid":6,"torrents":{{"{OTHER}":{{"size":1}}}}}}"#
    ))
    .await;
    // The second answer is no full list either: no reading.
    assert_eq!(result, Err(ReadErrorKind::Malformed));
    assert_eq!(library.torrents.len(), 1);
    assert!(
        requests[0].ends_with("rid=5") && requests[1].ends_with("rid=0"),
        "{requests:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn refuses_what_is_no_list() {
    let bodies = [
        "",
        "{}",
        "[]",
        "null",
        "<html></html>",
        r#"{"rid":null}"#,
        r#"{"rid":6}{}"#,
        r#"{"rid":6,"torrents":[]}"#,
        r#"{"rid":6,"torrents":{"x":{}}"#,
        r#"{"rid":6,"server_state":7}"#,
        r#"{"error":"x"}"#,
        &format!(r#"{{"rid":6,"torrents":{{"{HASH}":{{"size":}}}}}}"#),
    ];
    for body in bodies {
        let (result, library, _) = second(body).await;
        assert_eq!(result, Err(ReadErrorKind::Malformed), "{body}");
        assert_eq!(library.torrents[HASH].size, Some(3), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn merges_the_state_of_the_server() {
    let (raw, client) = raw_client("2.11.4");
    let state =
        r#"{"free_space_on_disk":7,"dl_info_speed":"3","global_ratio":"1,5","alltime_dl":null}"#;
    raw.then(
        200,
        format!(r#"{{"rid":1,"full_update":true,"server_state":{state}}}"#),
    );
    raw.then(
        200,
        r#"{"rid":2,"server_state":{"free_space_on_disk":-1,"x":{"y":1}}}"#,
    );
    let mut library = Library::default();
    refresh(&client, &mut library).await.unwrap();
    let server = &library.server;
    assert_eq!(
        (server.free_space_on_disk, server.dl_info_speed),
        (Some(7), Some(3))
    );
    assert_eq!((server.alltime_dl, server.alltime_ul), (None, None));
    refresh(&client, &mut library).await.unwrap();
    let server = &library.server;
    assert_eq!(
        (server.free_space_on_disk, server.dl_info_speed),
        (Some(-1), Some(3))
    );
    assert_eq!(server.raw["global_ratio"], "1,5");
    assert_eq!(server.raw["x"]["y"], 1);
}

#[tokio::test(start_paused = true)]
async fn remembers_over_a_full_list_what_an_error_hides() {
    let row = |state: &str, added: i64| {
        format!(
            r#"{{"rid":1,"full_update":true,"torrents":{{"{HASH}":{{"state":"{state}","added_on":{added},"completed":9}}}}}}"#
        )
    };
    let (raw, client) = raw_client("2.11.4");
    let mut library = Library::default();
    let mut last_good = Vec::new();
    for (state, added) in [("stoppedUP", 1), ("error", 1), ("error", 1), ("error", 2)] {
        raw.then(200, row(state, added)).then(200, "2.11.4");
        // Another field each time makes it a full list.
        let keep = FieldSet::from_iter([format!("{}", raw.requests().len())]);
        client.refresh(&mut library, &keep, None).await.unwrap();
        while raw.left() > 0 {
            client.version().await.unwrap();
        }
        last_good.push(
            library.torrents[HASH]
                .last_good
                .as_deref()
                .map(|good| good.completed),
        );
    }
    assert_eq!(last_good, [None, Some(9), Some(9), None]);
}

/// A whole list of so many torrents of which nothing is told.
fn list_of(count: usize) -> String {
    let rows: Vec<String> = (0..count).map(|n| format!("\"{n:040x}\":{{}}")).collect();
    format!(
        r#"{{"rid":9,"full_update":true,"torrents":{{{}}}}}"#,
        rows.join(",")
    )
}

#[tokio::test(start_paused = true)]
async fn refuses_more_torrents_than_any_account_has() {
    let (raw, client) = raw_client("2.11.4");
    let mut library = Library::default();
    let most = list_of(MOST_TORRENTS);
    raw.then(200, most.clone());
    refresh(&client, &mut library).await.unwrap();
    assert_eq!(library.torrents.len(), MOST_TORRENTS);
    let (head, tail) = most.split_at(most.len() - 2);
    let row = format!(r#""{HASH}":{{"name":"n","state":"uploading"}}"#);
    let list = |more: &str| format!("{head},{more}{tail}");
    // As a change it leads to the whole list.
    raw.then(200, format!(r#"{{"rid":10,"torrents":{{{row}}}}}"#));
    raw.then(200, list(&row)).then(200, list(r#""x":1"#));
    for _ in 0..2 {
        let error = refresh(&client, &mut library).await.unwrap_err();
        let expected = "more than 200000 entries";
        assert!(error.message.contains(expected), "{error}");
        assert_eq!(library.torrents.len(), MOST_TORRENTS);
    }
    assert_eq!(raw.left(), 0);
}
