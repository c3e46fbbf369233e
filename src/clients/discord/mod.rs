//! Discord webhooks: posting a message, and looking whether a webhook is there. What a message may hold is settled
//! in [`message`]; when to try again is the caller's business.

mod answer;
pub mod markdown;
pub mod message;

pub use markdown::{cut, escape};
pub use message::{Embed, Field, Message};

use super::said::Secrets;
use crate::config::policy::Secret;
use crate::ports::{Method, Request, RequestBody, Transport};
use answer::{read_checked, read_posted};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Until the whole answer is there.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Answers hold the message that was sent, with what Discord adds to it.
const BODY_LIMIT: usize = 1 << 20;
/// From version 8 on, times to wait are seconds; addresses without a version still mean version 6.
const API: &str = "v10";

/// What became of a message. The texts hold no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// It is there.
    Ok,
    /// Too many messages; after this time it can be sent.
    RetryAfter(Duration),
    /// The webhook is not there any more, or we may not use it. Repeating this gets the address banned.
    RemovedForGood,
    /// This message will never be taken.
    RefusedForGood(String),
    /// Discord or the way to it is in trouble. The message may be there all the same.
    TryLater(String),
}

/// Posts to webhooks.
#[derive(Clone)]
pub struct Discord {
    transport: Arc<dyn Transport>,
}

impl Discord {
    /// A client; nothing is sent yet.
    pub fn new(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// Posts a message and waits until Discord has kept it.
    pub async fn post(&self, webhook: &Secret, message: &Message) -> Posted {
        let Some(mut url) = address(webhook) else {
            return Posted::RefusedForGood("the webhook has no address".to_owned());
        };
        let others: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != "wait")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        // Without it a message that was not kept gives no error.
        url.query_pairs_mut()
            .clear()
            .extend_pairs(others)
            .append_pair("wait", "true");
        let body = RequestBody::Json(message.to_json());
        match self.send(Method::Post, url, body).await {
            Ok((status, retry_after, body)) => {
                read_posted(status, retry_after.as_deref(), &body, &secrets_of(webhook))
            }
            Err(why) => Posted::TryLater(why),
        }
    }

    /// Looks whether the webhook is there, without posting anything.
    pub async fn check(&self, webhook: &Secret) -> Posted {
        let Some(mut url) = address(webhook) else {
            return Posted::RefusedForGood("the webhook has no address".to_owned());
        };
        url.set_query(None);
        match self.send(Method::Get, url, RequestBody::Empty).await {
            Ok((status, retry_after, body)) => {
                read_checked(status, retry_after.as_deref(), &body, &secrets_of(webhook))
            }
            Err(why) => Posted::TryLater(why),
        }
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        body: RequestBody,
    ) -> Result<(u16, Option<String>, Vec<u8>), String> {
        let request = Request {
            method,
            url,
            headers: vec![("user-agent", user_agent())],
            body,
            timeout: TIMEOUT,
            ca_file: None,
        };
        let answer = self
            .transport
            .send(request)
            .await
            .map_err(|error| error.to_string())?;
        let status = answer.status;
        let retry_after = answer.header("retry-after").map(str::to_owned);
        // The status decides; the body only explains it.
        let body = answer.read_all(BODY_LIMIT).await.unwrap_or_default();
        Ok((status, retry_after, body))
    }
}

/// The address, and the token in it, which is all that it takes to post.
fn secrets_of(webhook: &Secret) -> Secrets {
    let url = webhook.expose();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let token = path.trim_end_matches('/').rsplit('/').next();
    Secrets::new([url, token.unwrap_or_default()])
}

/// The webhook's address, in the version of the API that is spoken here. Its query stays. One that does not look like
/// Discord's is used as it stands.
fn address(webhook: &Secret) -> Option<Url> {
    let mut url = Url::parse(webhook.expose()).ok()?;
    let parts: Vec<&str> = url.path().split('/').collect();
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let Some(at) = parts.iter().position(|part| *part == "webhooks") else {
        return Some(url);
    };
    let (before, rest) = parts.split_at(at);
    let before = match before {
        [before @ .., version] if is_version(version) => before,
        before => before,
    };
    let mut path = before.join("/");
    if before.last() == Some(&"api") {
        path = format!("{path}/{API}");
    }
    url.set_path(&format!("{path}/{}", rest.join("/")));
    Some(url)
}

/// The form that Discord demands: this word, an address of the program, its version. Others may be blocked before it
/// looks at them.
fn user_agent() -> String {
    let known = [
        env!("CARGO_PKG_REPOSITORY"),
        env!("CARGO_PKG_HOMEPAGE"),
        // Nobody's address, where the package names none of its own.
        concat!("https://", env!("CARGO_PKG_NAME"), ".invalid"),
    ];
    let address = known.into_iter().find(|address| !address.is_empty());
    let address = address.unwrap_or_default();
    format!("DiscordBot ({address}, {})", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests;
