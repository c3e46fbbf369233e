//! Decisions in small worlds: data in, plans out.

mod ailments;
mod counts;
mod guards;
mod hardlinks;
mod outages;
mod protect;
mod rules;
mod second_look;
mod trackers;
mod until;
pub(crate) mod world;

/// An account's ailment that three sightings make a deletion.
const ERRORED: &str = r#""errored": { "max_failures": 3 }"#;
