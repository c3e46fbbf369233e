//! A webhook: what tests set on it, the messages that it kept, and the answers that a test forces.

use super::rate::Limit;
use crate::NowMs;
use serde_json::{Value, json};

/// A webhook of a channel of its own.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Id, a snowflake.
    pub id: u64,
    /// The secret part of the address.
    pub token: String,
    /// Name under which it posts by default.
    pub name: String,
    /// It was deleted: every call gives 404 with code 10015.
    pub is_removed: bool,
    /// Messages are lost without an error where `wait` is absent, which Discord documents.
    pub loses_unwaited: bool,
    /// Answers forced on the next posts, each with how often.
    pub forced: Vec<(Forced, u32)>,
    /// Messages kept, oldest first.
    pub messages: Vec<Message>,
    /// Messages answered with 204 and not kept.
    pub lost: u64,
    /// Calls that arrived after the removal; repeated ones lead to restrictions.
    pub calls_after_removal: u64,
    /// The bucket in the headers: 5 in 2 s.
    pub bucket: Limit,
    /// The hidden limit of the channel: 30 in 60 s, seen only as a 429.
    pub channel: Limit,
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// When it was kept.
    pub at: NowMs,
    /// Its id.
    pub id: u64,
    /// `content`, empty if absent.
    pub content: String,
    /// Name under which it was posted.
    pub username: String,
    /// `embeds` as sent.
    pub embeds: Vec<Value>,
    /// `allowed_mentions` as sent.
    pub allowed_mentions: Option<Value>,
    /// Whether `wait=true` was asked for.
    pub waited: bool,
    /// The whole message as sent.
    pub sent: Value,
}

impl Message {
    /// Every text of the message: content, then of each embed title, description, field names and values, footer, author.
    pub fn text(&self) -> String {
        let mut texts = vec![self.content.clone()];
        for embed in &self.embeds {
            let mut add = |value: &Value| texts.extend(value.as_str().map(str::to_owned));
            add(&embed["title"]);
            add(&embed["description"]);
            for field in embed["fields"].as_array().into_iter().flatten() {
                add(&field["name"]);
                add(&field["value"]);
            }
            add(&embed["footer"]["text"]);
            add(&embed["author"]["name"]);
        }
        texts.retain(|text| !text.is_empty());
        texts.join("\n")
    }
}

/// An answer that a post gets without being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forced {
    /// A server error with this status: 500, 502, 503, 504.
    Server(u16),
    /// 401 with code 50027.
    WrongToken,
    /// 403 with code 40333, as for a wrong `User-Agent`.
    Blocked,
    /// 400 with code 200000: the channel's auto-moderation. (The status is not documented.)
    AutoModeration,
    /// 400 with code 240000: a harmful link. (The status is not documented.)
    HarmfulLink,
    /// 413 with code 40005. (The status is not documented.)
    TooLarge,
    /// 400 with code 50035 about a field that does not exist.
    BadForm,
    /// 429 from Cloudflare: HTML, `Retry-After` in whole seconds.
    CloudflareThrottle(u32),
    /// 429 of the global limit with this many milliseconds to wait.
    GlobalThrottle(u32),
    /// 429 with this many milliseconds to wait, scope `shared`.
    SharedThrottle(u32),
}

impl Webhook {
    /// A webhook with Discord's usual limits.
    pub fn new(id: u64, token: &str) -> Self {
        Self {
            id,
            token: token.to_owned(),
            name: "Captain Hook".to_owned(),
            is_removed: false,
            loses_unwaited: false,
            forced: Vec::new(),
            messages: Vec::new(),
            lost: 0,
            calls_after_removal: 0,
            bucket: Limit::new(5, 2_000),
            channel: Limit::new(30, 60_000),
        }
    }

    /// The next `times` posts get this answer.
    pub fn force(&mut self, forced: Forced, times: u32) {
        self.forced.push((forced, times));
    }

    /// The path to post to, unversioned, as Discord's own page shows it.
    pub fn path(&self) -> String {
        format!("/api/webhooks/{}/{}", self.id, self.token)
    }

    pub(crate) fn take_forced(&mut self) -> Option<Forced> {
        let (forced, times) = self.forced.first_mut()?;
        let forced = *forced;
        *times = times.saturating_sub(1);
        self.forced.retain(|(_, times)| *times > 0);
        Some(forced)
    }

    /// Id of its channel.
    pub(crate) fn channel_id(&self) -> u64 {
        self.id + 1
    }

    /// The answer to GET: the webhook object without the user.
    pub(crate) fn object(&self) -> Value {
        json!({
            "application_id": null,
            "avatar": null,
            "channel_id": self.channel_id().to_string(),
            "guild_id": (self.id + 2).to_string(),
            "id": self.id.to_string(),
            "name": self.name,
            "type": 1,
            "token": self.token,
        })
    }
}
