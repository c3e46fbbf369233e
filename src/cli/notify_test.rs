//! `seedwarden notify-test`: a message through each webhook.

use super::paint::Progress;
use super::setup::{block_on, fail, policy, print};
use super::{FAILED, FINE, Places, WRONG};
use crate::clients::discord::{Discord, Message, Posted};
use crate::core::plan::duration_text;

const TEXT: &str = "This is a test message of Seedwarden. Deletions will be announced here.";

/// Send a test message through each Discord webhook.
#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(places: &Places, _: &Args) -> u8 {
    match block_on(test(places)) {
        Ok(code) | Err(code) => code,
    }
}

async fn test(places: &Places) -> u8 {
    let policy = match policy(places) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    if policy.webhooks.is_empty() {
        return fail(WRONG, "the configuration has no \"discord\" block");
    }
    let discord = Discord::new(crate::sys::ports().transport);
    let mut code = FINE;
    for (number, webhook) in policy.webhooks.iter().enumerate() {
        let number = number + 1;
        let message = Message::text(TEXT, webhook.username.as_deref());
        let posted = {
            let _progress = Progress::show(&format!("sending to webhook {number}"));
            discord.post(&webhook.url, &message).await
        };
        match problem(&posted) {
            None => print(&format!("webhook {number}: the message is there\n")),
            Some(why) => code = fail(FAILED, format!("webhook {number}: {why}")),
        }
    }
    code
}

/// What keeps a webhook from taking messages, in words.
pub fn problem(posted: &Posted) -> Option<String> {
    match posted {
        Posted::Ok => None,
        Posted::RetryAfter(pause) => Some(format!(
            "Discord wants a pause; try again in {}",
            duration_text(*pause)
        )),
        Posted::RemovedForGood => Some(
            "Discord does not know this webhook any more, or refuses us; make a new one and put its address into the configuration"
                .to_owned(),
        ),
        Posted::RefusedForGood(why) => Some(format!("Discord refuses the message: {why}")),
        Posted::TryLater(why) => Some(format!("Discord cannot be reached: {why}")),
    }
}
