//! The record of what calls really changed, written at the moment of the change, for an oracle to judge by.

use super::magnet::Magnet;
use crate::NowMs;

/// One change of the service's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// When it happened.
    pub at: NowMs,
    /// Name of the account, as given to the model.
    pub account: String,
    /// What happened.
    pub what: What,
}

/// Kinds of change. Only the first three are made by API calls.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A restart was accepted; the magnet as it was right before.
    Restarted(Magnet),
    /// A magnet was deleted; the magnet as it was right before.
    Deleted(Magnet),
    /// A magnet was added; as it is right after.
    Uploaded(Magnet),
    /// The magnet went to another code by itself or by the test's hand.
    Moved {
        /// Magnet id.
        id: u64,
        /// Code before.
        from: Option<i64>,
        /// Code after.
        to: Option<i64>,
    },
    /// The magnet vanished without a call, as if another tool had deleted it.
    Vanished(Magnet),
}

impl What {
    /// Id of the magnet it is about.
    pub fn id(&self) -> u64 {
        match self {
            Self::Restarted(magnet)
            | Self::Deleted(magnet)
            | Self::Uploaded(magnet)
            | Self::Vanished(magnet) => magnet.id,
            Self::Moved { id, .. } => *id,
        }
    }
}
