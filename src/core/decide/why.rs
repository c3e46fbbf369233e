//! The condition that settled an answer, in words, with the value seen.

use crate::core::rules::{Explained, Outcome};

/// Why the condition came out this way: every part for a match, else the first part that settled it.
pub fn why(explained: &Explained, outcome: Outcome) -> String {
    let mut found = Vec::new();
    collect(explained, outcome, &mut found);
    if outcome != Outcome::Yes {
        found.truncate(1);
    }
    if found.is_empty() {
        explained.condition.clone()
    } else {
        found.join(" and ")
    }
}

fn collect(explained: &Explained, outcome: Outcome, found: &mut Vec<String>) {
    if explained.parts.is_empty() {
        if explained.outcome == outcome {
            found.push(one(explained));
        }
        return;
    }
    if explained.condition == "not" {
        found.push(format!(
            "not ({})",
            explained
                .parts
                .iter()
                .map(|p| why(p, p.outcome))
                .collect::<String>()
        ));
        return;
    }
    for part in &explained.parts {
        if part.outcome == outcome {
            collect(part, outcome, found);
        }
    }
}

fn one(explained: &Explained) -> String {
    match &explained.seen {
        Some(seen) => format!("{} (seen: {seen})", explained.condition),
        None => explained.condition.clone(),
    }
}
