//! The configuration: one JSON file in, a validated [`Policy`] or every error at once out.
//! Nothing here talks to a server; the only files read are the configuration, its scripts and its secrets.
//!
//! The way is text → tree with places (`text`) → raw types (`decode`, `raw`) → policy (`check`).

mod check;
mod decode;
mod excerpt;
mod finding;
mod load;
pub mod paths;
pub mod policy;
mod raw;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use check::ScriptCheck;
pub use finding::{ConfigErrors, Finding, report_warnings};
pub use load::{Loaded, load};
pub use policy::Policy;
pub use schema::{STARTER, json_schema};
