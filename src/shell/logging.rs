//! The log: native journal entries where standard error is the journal, else text. A log that is stuck never blocks the daemon.

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only what a person must act on.
    Error,
    /// And what should be looked at.
    Warn,
    /// And what a user wants to know.
    Info,
    /// And why things were not done.
    Debug,
}

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

impl Story<'_> {
    /// A person must act.
    pub fn error(&self, message: &str) {
        let _ = message;
    }
    /// Look at it.
    pub fn warn(&self, message: &str) {
        let _ = message;
    }
    /// A user wants to know.
    pub fn info(&self, message: &str) {
        let _ = message;
    }
    /// Why something was not done.
    pub fn debug(&self, message: &str) {
        let _ = message;
    }
}

/// The running log.
pub struct Logging {}

/// Starts the log for the whole process; once.
pub fn start(level: Level) -> Logging {
    let _ = level;
    todo!()
}

impl Logging {
    /// Changes the level (after a reload).
    pub fn set_level(&self, level: Level) {
        let _ = level;
        todo!()
    }

    /// Waits until everything is written, for a second at most.
    pub fn finish(&self) {
        todo!()
    }
}
