use super::sink::{Look, names_stream, text};
use super::*;
use std::io::Write;
use std::sync::mpsc::{Sender, channel};
use tracing::dispatcher::with_default;

/// Sends what is written to the test.
struct Wire(Sender<String>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _ = self.0.send(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the log writes while `work` runs, without times.
fn logged(level: Level, work: impl FnOnce(&Logging)) -> Vec<String> {
    let (wire, written) = channel();
    let sink = move || Sink::Text {
        to: Box::new(Wire(wire)),
        look: Look::Plain,
    };
    let (logging, collect) = start_with(level, sink);
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(collect));
    with_default(&dispatch, || work(&logging));
    logging.finish();
    let without_time = |line: String| line.split_once(' ').unwrap().1.to_owned();
    written.try_iter().map(without_time).collect()
}

#[test]
fn writes_what_the_level_lets_through() {
    let lines = logged(Level::Info, |logging| {
        let story = Story::default();
        story.debug("one");
        story.info("two");
        logging.set_level(Level::Error);
        story.warn("three");
        story.error("four");
        logging.set_level(Level::Debug);
        story.debug("five");
    });
    assert_eq!(lines, ["INFO  two\n", "ERROR four\n", "DEBUG five\n"]);
}

#[test]
fn keeps_events_of_libraries_out() {
    let lines = logged(Level::Debug, |_| {
        tracing::error!(target: "reqwest", "https://discord.example/api/webhooks/1/secret");
        tracing::error!(target: "seedwardenish", "no");
        tracing::info!(target: "seedwarden::shell", answer = 42, text = "x", "yes");
    });
    assert_eq!(lines, ["INFO  yes answer=42 text=x\n"]);
}

#[test]
fn carries_the_fields_of_a_story() {
    let (queue, entries) = sync_channel(10);
    let collect = Collect {
        level: Arc::new(AtomicU8::new(Level::Info as u8)),
        queue,
        dropped: Arc::default(),
    };
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(collect));
    let story = Story {
        account: Some("seedbox"),
        item_name: Some("a\nb"),
        failures: Some(3),
        ..Story::default()
    };
    with_default(&dispatch, || story.warn("told"));
    let Ok(Entry::Line(line)) = entries.try_recv() else {
        panic!("no line");
    };
    let expected = [
        ("ACCOUNT", "seedbox"),
        ("ITEM_NAME", "a b"),
        ("FAILURES", "3"),
    ];
    assert_eq!(
        line.fields,
        expected.map(|(name, value)| (name, value.to_owned()))
    );
    assert_eq!(
        (line.field("ACCOUNT"), line.field("RULE")),
        (Some("seedbox"), None)
    );
    assert_eq!(
        (line.level, &line.message[..]),
        (tracing::Level::WARN, "told")
    );
}

#[test]
fn lets_nobody_command_the_terminal() {
    let lines = logged(Level::Info, |_| {
        Story::default().info("a\u{1b}[31mb\u{7}c\u{9b}d\u{202e}e\rf\tg é 漢\nERROR forged");
    });
    let expected =
        "INFO  a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f g é 漢\n    ERROR forged\n";
    assert_eq!(lines, [expected]);
}

#[test]
fn never_waits_for_a_stuck_log() {
    let (release, held) = channel::<()>();
    let (wire, written) = channel();
    struct Stuck(std::sync::mpsc::Receiver<()>, Wire);
    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            // Ends when the other end is dropped.
            let _ = self.0.recv();
            self.1.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (logging, collect) = start_with(Level::Info, move || Sink::Text {
        to: Box::new(Stuck(held, Wire(wire))),
        look: Look::Plain,
    });
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(collect));
    let lines = QUEUE + 100;
    with_default(&dispatch, || {
        for _ in 0..lines {
            Story::default().info("x");
        }
    });
    // Full: gives up at once. The test would hang here, and above, if anything waited.
    logging.finish();
    drop(release);
    let mut arrived = 0;
    let told = written.iter().find(|line| {
        arrived += 1;
        line.contains("lines of the log were lost")
    });
    let told = told.unwrap();
    let lost: usize = told.split(' ').nth(3).unwrap().parse().unwrap();
    assert!((99..=100).contains(&lost), "{told}");
    assert_eq!(
        arrived, 2,
        "told right after the first line that could be written"
    );
}

#[test]
fn looks_right_in_each_place() {
    let mut line = Line::new(tracing::Level::WARN, "one\ntwo".to_owned());
    line.at = "2026-11-20T10:00:00.5Z".parse().unwrap();
    for (look, expected) in [
        (Look::Plain, "2026-11-20T10:00:00Z WARN  one\n    two\n"),
        (Look::ForJournal, "<4>one\n<4>    two\n"),
        (
            Look::Coloured,
            "\u{1b}[2m2026-11-20T10:00:00Z\u{1b}[0m \u{1b}[1m\u{1b}[33mWARN \u{1b}[0m one\n    two\n",
        ),
    ] {
        assert_eq!(text(&line, look), expected, "{look:?}");
    }
}

#[test]
fn knows_the_journal_by_device_and_inode() {
    for (variable, expected) in [
        (Some("8:123"), true),
        (Some("8:124"), false),
        (Some("9:123"), false),
        (Some("123"), false),
        (Some("8:123:4"), false),
        (Some(""), false),
        (None, false),
    ] {
        assert_eq!(names_stream(variable, 8, 123), expected, "{variable:?}");
    }
}
