//! Answers of Vertex's own code (see `tests/data/vertex/README.md`), compared with ours.
//!
//! A line without an exempting tag must come out exactly. Where it has one, we may differ, and only as said here:
//! - `quirk:unknown-compare`, `quirk:blank-condition`, `quirk:empty-list-item`, `quirk:not-a-number`,
//!   `quirk:empty-factor`, `quirk:equals-product`, `quirk:list-on-number`, `quirk:order-on-text`, `quirk:bad-regexp`,
//!   `quirk:unknown-key`, `value-not-string`, `malformed-rule`: the rule is refused when it is loaded;
//! - `quirk:fit-time-value`, `quirk:delete-num`: a duration or limit that is none is refused;
//! - `quirk:promise`: a Promise is an error, not a match;
//! - `host:*`, `locale`: what the sandbox does not offer is an error, or is the engine's own;
//! - `quirk:priority-not-number`: it counts as 0;
//! - `quirk:torrent-away`, `client-away`: timers start anew after a gap.
//!
//! Other files of these formats: `VERTEX_VECTORS`, `VERTEX_MAPPING`, `VERTEX_TIMELINES`; each line's answer is
//! appended to `VERTEX_REPORT`.

mod job;
mod lines;
mod mapping;
mod report;
mod rule;
mod single;
mod subject;
mod timeline;
mod worker;

#[tokio::test]
async fn single_verdicts_are_those_of_vertex() {
    let lines = lines::read("VERTEX_VECTORS", "vertex-rules-sample.jsonl");
    report::compare(single::judge(&lines).await);
}

#[tokio::test]
async fn maindata_is_made_as_vertex_makes_it() {
    let lines = lines::read("VERTEX_MAPPING", "vertex-mapping-sample.jsonl");
    report::compare(mapping::map(&lines).await);
}

#[tokio::test]
async fn timelines_end_as_those_of_vertex() {
    let lines = lines::read("VERTEX_TIMELINES", "vertex-timelines-sample.jsonl");
    report::compare(timeline::play(&lines).await);
}
