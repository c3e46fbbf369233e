//! Values of a torrent that may hold passkeys. `Debug` shows of them what may be shown, and they have no `Display`.

use super::tracker::host_of;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Fields of the Web API that hold addresses of trackers.
pub const WITH_ADDRESSES: [&str; 3] = ["magnet_uri", "tracker", "trackers"];

/// An announce address or a magnet link, as sent.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(Arc<str>);

impl Deref for Address {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for Address {
    fn from(text: T) -> Address {
        Address(text.into())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", host_of(self))
    }
}

/// Fields of a torrent beyond those of [`super::Torrent`], by their Web API name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OtherFields(BTreeMap<Box<str>, Value>);

impl Deref for OtherFields {
    type Target = BTreeMap<Box<str>, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for OtherFields {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<const N: usize> From<[(Box<str>, Value); N]> for OtherFields {
    fn from(fields: [(Box<str>, Value); N]) -> OtherFields {
        OtherFields(BTreeMap::from(fields))
    }
}

impl fmt::Debug for OtherFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, value)| {
            let hidden = WITH_ADDRESSES.contains(&&**name);
            (name, if hidden { &Value::Null } else { value })
        });
        f.debug_map().entries(shown).finish()
    }
}
