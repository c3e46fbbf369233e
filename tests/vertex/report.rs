//! Compares answers, writes them down where asked, and fails where a line differs that must not.

use std::fs::OpenOptions;
use std::io::Write;

use serde_json::{Value as Json, json};

/// Our answer to one line.
pub struct Answer {
    pub id: String,
    pub tags: Vec<String>,
    pub expect: Json,
    pub got: Json,
    /// The line may differ though no tag says so.
    pub may_differ: bool,
    /// Why we differ, where we do so on purpose.
    pub reason: Option<String>,
}

impl Answer {
    fn is_exempt(&self) -> bool {
        let exempts = |tag: &String| {
            tag.starts_with("quirk:")
                || tag.starts_with("host:")
                || matches!(
                    tag.as_str(),
                    "value-not-string" | "malformed-rule" | "locale" | "client-away"
                )
        };
        self.may_differ || self.tags.iter().any(exempts)
    }
}

/// Prints every difference, appends all answers to the report, and panics where a line without exemption differs,
/// or one with an exemption differs without a reason.
pub fn compare(answers: Vec<Answer>) {
    write_down(&answers);
    let mut wrong = Vec::new();
    let mut differing = 0;
    for answer in &answers {
        if same(&answer.expect, &answer.got) {
            continue;
        }
        differing += 1;
        let Answer {
            id,
            tags,
            expect,
            got,
            reason,
            may_differ: _,
        } = answer;
        let why = reason.as_deref().unwrap_or("no reason known");
        println!(
            "{id} {tags:?}: expected {}, got {}: {why}",
            short(expect),
            short(got)
        );
        if !answer.is_exempt() || reason.is_none() {
            wrong.push(id.clone());
        }
    }
    println!(
        "{} lines, {differing} differ, {} of them must not",
        answers.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "these lines must agree: {wrong:?}");
}

fn write_down(answers: &[Answer]) {
    let Some(path) = std::env::var_os("VERTEX_REPORT") else {
        return;
    };
    let mut lines = String::new();
    for Answer {
        id,
        tags,
        expect,
        got,
        reason: _,
        may_differ: _,
    } in answers
    {
        lines += &json!({"id": id, "tags": tags, "expect": expect, "got": got}).to_string();
        lines.push('\n');
    }
    // One write, so that tests running side by side do not mix their lines.
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .expect("the report can be opened");
    file.write_all(lines.as_bytes())
        .expect("the report can be written");
}

/// Equal, where whole numbers may be written with or without a fraction.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn short(json: &Json) -> String {
    json.to_string().chars().take(1_500).collect()
}
