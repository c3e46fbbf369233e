//! Readings over the model of every version, and over prepared answers.

use super::super::testing::*;
use super::*;
use seedwarden_sim::faults::Fault;
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, TrackerResult};

const URL: &str = "http://tracker.example/announce/passkey";

fn spec() -> TorrentSpec {
    TorrentSpec::new("a").tracker(URL, TrackerResult::failure("unregistered torrent"))
}

fn unknown() -> ItemId {
    HASH.into()
}

#[tokio::test(start_paused = true)]
async fn reads_the_real_trackers_on_every_version() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(spec());
        world.wait(5).await;
        let client = world.client();
        let trackers = client.trackers(&item).await.unwrap();
        let status = if era >= Era::V5_2 { 5 } else { 4 };
        let expected = Tracker {
            url: URL.into(),
            status,
            updating: false,
            message: "unregistered torrent".into(),
        };
        assert_eq!(trackers, [expected], "{era:?}");
        let bulk = client
            .trackers_in_bulk(&[item.clone(), unknown()])
            .await
            .unwrap();
        let expected = (era >= Era::V5_1).then(|| [(item, trackers)].into());
        assert_eq!(bulk, expected, "{era:?}");
        let gone = client.trackers(&unknown()).await.unwrap_err();
        assert!(gone.is_gone(), "{era:?}: {gone}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_fresh_rows_of_what_was_asked_for() {
    for era in Era::ALL {
        let world = World::new(era);
        let items: Vec<ItemId> = (0..250)
            .map(|i| world.add(TorrentSpec::new(&format!("n{i}"))))
            .collect();
        world.add(TorrentSpec::new("not asked for"));
        let client = world.client();
        let mut asked = items.clone();
        asked.extend([unknown(), "all".into(), "".into()]);
        let found = client.info(&asked, &FieldSet::none()).await.unwrap();
        assert_eq!(found.keys().len(), items.len(), "{era:?}");
        assert!(
            items
                .iter()
                .all(|item| found[item].state.as_str() == "stalledUP"),
            "{era:?}"
        );
        assert_eq!(world.log.count("torrents/info"), 2, "{era:?}");
        let nothing = client
            .info(&["all".into()], &FieldSet::none())
            .await
            .unwrap();
        assert!(nothing.is_empty());
        assert_eq!(world.log.count("torrents/info"), 2, "{era:?}");
        let library = world.afresh().await;
        let (item, row) = found.iter().next().unwrap();
        let mut listed = library.torrents[item].clone();
        // Only the list has these.
        listed.has_tracker_error = None;
        listed.has_other_announce_error = None;
        assert_eq!(*row, listed, "{era:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_files_in_order() {
    for era in Era::ALL {
        let world = World::new(era);
        let item = world.add(
            TorrentSpec::new("a")
                .file("x/b.mkv", 5 << 30)
                .file("x/a.nfo", 9),
        );
        let files = world.client().files(&item).await.unwrap();
        let found: Vec<_> = files
            .iter()
            .map(|f| (&*f.name, f.size_bytes, f.progress))
            .collect();
        assert!(
            found[0].0.ends_with("b.mkv") && found[1].0.ends_with("a.nfo"),
            "{found:?}"
        );
        assert_eq!((found[0].1, found[0].2, found[1].1), (5 << 30, 1.0, 9));
        assert!(
            world
                .client()
                .files(&unknown())
                .await
                .unwrap_err()
                .is_gone(),
            "{era:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn knows_privacy_on_every_version() {
    for era in Era::ALL {
        let world = World::new(era);
        let private = world.add(spec().private());
        let public = world.add(TorrentSpec::new("b"));
        let without = world.add(TorrentSpec::new("c").magnet());
        let client = world.client();
        assert_eq!(client.privacy(&private).await, Ok(Some(true)), "{era:?}");
        assert_eq!(client.privacy(&public).await, Ok(Some(false)), "{era:?}");
        let early = client.privacy(&without).await.unwrap();
        // Servers before 4.5.1 do not say that they do not know.
        assert!(early.is_none() || era < Era::V4_5_2, "{era:?}: {early:?}");
        assert!(
            client.privacy(&unknown()).await.unwrap_err().is_gone(),
            "{era:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn understands_what_properties_say_about_privacy() {
    let cases = [
        (r#"{"private":true}"#, Some(true)),
        (r#"{"private":false,"is_private":false}"#, Some(false)),
        (
            r#"{"private":null,"is_private":false,"total_size":5}"#,
            None,
        ),
        (r#"{"is_private":true}"#, Some(true)),
        (r#"{"is_private":false,"total_size":5}"#, Some(false)),
        (r#"{"is_private":false,"total_size":-1}"#, None),
        (r#"{"is_private":false}"#, None),
        (r#"{"private":null}"#, None),
    ];
    for (body, expected) in cases {
        let (raw, client) = raw_client("2.11.4");
        raw.then(200, body);
        assert_eq!(client.privacy(&unknown()).await, Ok(expected), "{body}");
    }
    let rows = [
        (
            r#"[{"url":"** [DHT] **","tier":"","status":0,"msg":"This torrent is private"}]"#,
            Some(true),
        ),
        (
            r#"[{"url":"** [DHT] **","tier":"","status":2,"msg":""}]"#,
            Some(false),
        ),
        (
            r#"[{"url":"** [DHT] **","tier":"","status":0,"msg":""}]"#,
            None,
        ),
        (
            r#"[{"url":"http://t/","tier":0,"status":2,"msg":"x"}]"#,
            None,
        ),
    ];
    for (body, expected) in rows {
        let (raw, client) = raw_client("2.5.1");
        raw.then(200, r#"{"save_path":"/d"}"#).then(200, body);
        assert_eq!(client.privacy(&unknown()).await, Ok(expected), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn exports_where_the_version_can() {
    for era in Era::ALL {
        let world = World::new(era);
        let (item, without) = (world.add(spec()), world.add(TorrentSpec::new("c").magnet()));
        let client = world.client();
        let exports = [client.export(&item).await, client.export(&without).await];
        if era < Era::V4_5_2 {
            assert_eq!(exports, [Ok(Export::NotOffered), Ok(Export::NotOffered)]);
            continue;
        }
        let [Ok(Export::Torrent(bytes)), Ok(Export::NoMetadata)] = exports else {
            panic!("{era:?}: {exports:?}");
        };
        assert!(
            bytes.starts_with(b"d8:announce") || bytes.starts_with(b"d13:announce-list"),
            "{era:?}"
        );
        assert!(
            client.export(&unknown()).await.unwrap_err().is_gone(),
            "{era:?}"
        );
        for fault in [
            Fault::Html200,
            Fault::Html502,
            Fault::Torn(20),
            Fault::Status(500, String::new()),
        ] {
            world.faults.next(1, "export", fault.clone());
            assert!(client.export(&item).await.is_err(), "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn drops_pseudo_rows_by_name_or_tier_and_tolerates_odd_ones() {
    let (raw, client) = raw_client("2.5.1");
    raw.then(
        200,
        r#"[{"url":"** [DHT] **","tier":"","status":2},{"url":"** [PeX] **","status":2},{"url":"x","tier":-1},
           {"url":"http://t/a","tier":"0","status":"4","msg":null,"updating":1},{"url":7},null,
           {"url":"http://t/b","tier":1,"status":"works","msg":"\ud83d\ude00"}]"#,
    );
    let found = client.trackers(&unknown()).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|t| (&*t.url, t.status, t.updating, &*t.message))
        .collect();
    assert_eq!(
        found,
        [("http://t/a", 4, true, ""), ("http://t/b", -1, false, "😀")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_of_files_with_holes_is_none() {
    for body in [
        r#"[{"name":"a","size":1},{"name":"b"}]"#,
        r#"[null]"#,
        r#"{"a":1}"#,
        "<html>",
        "",
    ] {
        let (raw, client) = raw_client("2.5.1");
        raw.then(200, body);
        let error = client.files(&unknown()).await.unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Malformed, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads_categories_tags_and_preferences() {
    for era in Era::ALL {
        let world = World::new(era);
        world.add(TorrentSpec::new("a").category("films").tag("seen"));
        let client = world.client();
        let categories = client.categories().await.unwrap();
        assert_eq!(categories.keys().collect::<Vec<_>>(), ["films"], "{era:?}");
        assert_eq!(client.tags().await.unwrap(), ["seen".to_owned()].into());
        let preferences = client.preferences().await.unwrap();
        assert_eq!(
            preferences
                .save_path
                .as_deref()
                .map(|p| p.trim_end_matches('/')),
            Some("/downloads")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn says_nothing_that_it_should_not() {
    let world = World::new(Era::V5_1);
    let item = world.add(spec());
    let client = world.client_with(password("hunter2"));
    let mut texts = vec![client.trackers(&item).await.unwrap_err().message];
    world.server(|server| server.settings.password = "hunter2".to_owned());
    client.version().await.unwrap();
    let faults = [
        Fault::Html200,
        Fault::Html502,
        Fault::CloseBefore,
        Fault::Silence,
        Fault::Torn(3),
    ];
    for fault in faults {
        world.faults.next(2, "", fault);
        texts.extend(
            client
                .trackers(&item)
                .await
                .err()
                .map(|error| error.message),
        );
        world
            .faults
            .next(2, "", Fault::Status(400, format!("bad {URL}")));
        texts.push(client.add_tracker(&item, URL).await.to_string());
        world.faults.clear();
    }
    assert!(texts.len() > 8);
    for text in texts {
        for secret in ["hunter2", "SID", "seedbox"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn refuses_more_rows_than_any_torrent_has() {
    let (raw, client) = raw_client("2.11.4");
    let row = r#"{"name":"a","size":1}"#;
    let most = vec![row; MOST_ROWS].join(",");
    raw.then(200, format!("[{most}]"));
    assert_eq!(client.files(&HASH.into()).await.unwrap().len(), MOST_ROWS);
    raw.then(200, format!("[{most},{{}}]"));
    let error = client.files(&HASH.into()).await.unwrap_err();
    assert!(
        error.message.contains("more than 200000 entries"),
        "{error}"
    );
}
