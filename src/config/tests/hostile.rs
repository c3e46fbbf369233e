//! No input makes the loader panic, run long, or show what it must not.

use proptest::prelude::*;

use super::World;

const EXAMPLES: [&str; 3] = [
    include_str!("design.json"),
    include_str!("../../../config.example.json"),
    include_str!("../starter.json"),
];

/// One change to a text.
#[derive(Debug, Clone)]
enum Change {
    Delete { at: usize, length: usize },
    Insert { at: usize, text: String },
    Repeat { at: usize, length: usize },
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "true",
        "-1",
        "0",
        "1e999",
        "\"0s\"",
        "\"5M\"",
        "\\",
        "//",
        "/*",
        "é",
        "\u{0}",
        "\n",
        "{}",
        "[]",
        "\"x\":",
        "\u{202e}",
        "18446744073709551616",
        "0.5",
        "\"\"",
        "\"All\",",
    ]);
    prop_oneof![
        (any::<usize>(), 1..20_usize).prop_map(|(at, length)| Change::Delete { at, length }),
        (any::<usize>(), pieces).prop_map(|(at, text)| Change::Insert {
            at,
            text: text.to_owned()
        }),
        (any::<usize>(), "[a-z0-9 ]{0,4}").prop_map(|(at, text)| Change::Insert { at, text }),
        (any::<usize>(), 1..200_usize).prop_map(|(at, length)| Change::Repeat { at, length }),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Delete { at, length } => {
            let at = at % (bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            bytes.drain(at..end);
        }
        Change::Insert { at, text } => {
            let at = at % (bytes.len() + 1);
            bytes.splice(at..at, text.bytes());
        }
        Change::Repeat { at, length } => {
            let at = at % (bytes.len() + 1);
            let end = (at + length).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

/// Whatever comes, there is a policy or an error with its place, and both can be shown.
fn check(bytes: &[u8]) {
    match World::complete().load(bytes) {
        Ok(loaded) => assert!(!format!("{loaded:?}").is_empty()),
        Err(errors) => {
            assert!(!errors.findings.is_empty());
            assert!(
                errors
                    .findings
                    .iter()
                    .all(|finding| finding.place.is_some())
            );
            assert!(errors.to_string().contains("config.json"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn survives_changed_examples(which in 0..3_usize, changes in prop::collection::vec(change(), 1..6)) {
        let mut bytes = EXAMPLES[which].as_bytes().to_vec();
        changes.iter().for_each(|change| apply(&mut bytes, change));
        check(&bytes);
    }

    #[test]
    fn survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        check(&bytes);
    }
}

#[test]
fn survives_every_beginning_of_the_example() {
    for end in 0..EXAMPLES[0].len() {
        check(&EXAMPLES[0].as_bytes()[..end]);
    }
}

#[test]
fn many_errors_take_little_time() {
    let started = std::time::Instant::now();
    check(format!("{{ \"accounts\": [{}] }}", "7, ".repeat(20_000)).as_bytes());
    let keys: String = (0..20_000)
        .map(|number| format!("\"k{number}\": {{}},"))
        .collect();
    check(format!("{{ {keys} }}").as_bytes());
    check("[".repeat(1_000_000).as_bytes());
    check(format!("{{ {} }}", "\"cycle\": null, ".repeat(20_000)).as_bytes());
    assert!(
        started.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}
