//! One line of the log, with the fields that `journalctl` can filter by.

/// One line of the log and the fields that `journalctl` can filter by. The message must tell the story alone.
///
/// `Story { account: Some("seedbox"), action: Some("delete"), ..Story::default() }.info("…")`
#[derive(Debug, Clone, Copy, Default)]
pub struct Story<'a> {
    /// `ACCOUNT`
    pub account: Option<&'a str>,
    /// `ITEM`: info-hash or magnet id.
    pub item: Option<&'a str>,
    /// `ITEM_NAME`
    pub item_name: Option<&'a str>,
    /// `RULE`
    pub rule: Option<&'a str>,
    /// `ACTION`: as named in the configuration.
    pub action: Option<&'a str>,
    /// `REASON`
    pub reason: Option<&'a str>,
    /// `FAILURES`
    pub failures: Option<u32>,
    /// `CYCLE`
    pub cycle: Option<u64>,
}

/// The fields are named here and nowhere else.
macro_rules! tell {
    ($level:ident, $story:expr, $message:expr) => {
        tracing::event!(
            target: "seedwarden",
            tracing::Level::$level,
            ACCOUNT = $story.account,
            ITEM = $story.item,
            ITEM_NAME = $story.item_name,
            RULE = $story.rule,
            ACTION = $story.action,
            REASON = $story.reason,
            FAILURES = $story.failures,
            CYCLE = $story.cycle,
            "{}",
            $message
        )
    };
}

impl Story<'_> {
    /// A person must act.
    pub fn error(&self, message: &str) {
        tell!(ERROR, self, message);
    }

    /// Look at it.
    pub fn warn(&self, message: &str) {
        tell!(WARN, self, message);
    }

    /// A user wants to know.
    pub fn info(&self, message: &str) {
        tell!(INFO, self, message);
    }

    /// Why something was not done.
    pub fn debug(&self, message: &str) {
        tell!(DEBUG, self, message);
    }

    /// Look at it; what was told already is only repeated for whoever follows closely.
    pub fn warn_if(&self, is_new: bool, message: &str) {
        if is_new {
            self.warn(message);
        } else {
            self.debug(message);
        }
    }
}
