//! JavaScript rules: a worker process of the same binary runs them, this module starts it, feeds it, and ends it
//! when it does not answer. The worker holds the data of the accounts; the daemon forwards what changes.
//!
//! The engine is C, and some of its functions cannot be interrupted, so nothing of it runs in the daemon itself.

mod feed;
mod frame;
mod host;
mod message;
mod process;
mod redact;
pub mod worker;

pub use feed::Feed;
pub use host::{Explanation, ScriptHost};
pub use message::{Limits, Shape, Source, SyntaxMistake};
pub use process::SUBCOMMAND;
