//! Names of accounts and items, as types.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Name of a configured account, unique in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Arc<str>);

/// What an account calls an item: the info-hash of a torrent (lower case) or the id of a magnet (decimal digits).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemId(pub Arc<str>);

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name(Arc::from(text))
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                $name(Arc::from(text))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(AccountId);
text_id!(ItemId);

impl ItemId {
    /// Whether this is the id of a magnet: a short decimal number, where an info-hash has 40 digits or more.
    pub fn is_magnet(&self) -> bool {
        self.0.len() < 40 && self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Whether an item was added anew under its id: both times are known, and differ. A time that was not sent is no news.
pub fn is_added_anew(before: Option<i64>, listed: Option<i64>) -> bool {
    before.is_some_and(|before| listed.is_some_and(|listed| listed != before))
}
