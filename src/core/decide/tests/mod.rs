//! Decisions in small worlds: data in, plans out.

mod ailments;
mod guards;
mod hardlinks;
mod rules;
mod second_look;
pub(crate) mod world;
