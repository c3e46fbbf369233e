//! Rules: conditions on items with Vertex's exact results, how long they have held, and the order in which
//! rules act. What JavaScript rules answer comes from the worker process and is an input here.

mod amount;
mod compare;
pub mod condition;
pub mod items;
pub mod key;
pub mod mistake;
pub mod parse;
pub mod pattern;
pub mod run;
pub mod script;
pub mod states;
pub mod subject;
pub mod timers;
pub mod value;

pub use compare::without_blanks;
pub use condition::{Condition, Explained, Outcome, Subject, Unsent};
pub use key::{Cost, Key, Kind};
pub use mistake::Mistake;
pub use parse::{COMPARE_TYPES, Dialect};
pub use subject::{Fields, Seen, Surroundings};
pub use value::Value;
