//! What an account tells of its cycles: to the journal, and of outages to the webhooks.

use super::{Account, Shared};
use crate::core::decide::Mode;
use crate::core::plan::{Plan, counted};
use crate::core::state::Outage;
use crate::shell::absent_names::absent_names;
use crate::shell::act::Done;
use crate::shell::kept::News;
use crate::shell::logging::Story;
use jiff::Timestamp;

impl Account {
    /// What was decided: warnings and outages, and at debug level why items stay.
    pub(super) fn tell_plan(&mut self, plan: &Plan, mode: Mode) {
        for outage in &plan.outages_begun {
            self.story()
                .warn(&format!("{}: {}", self.name(), self.outage_text(outage)));
        }
        let policy = self.policy.clone();
        let story = Story {
            account: Some(policy.name.as_str()),
            cycle: Some(self.number),
            ..Story::default()
        };
        let head = format!("{}: ", policy.name);
        self.told.tell(plan, mode, story, &head);
        self.told.tell_unknown_links(&self.eyes, story, &head);
        for held in &plan.held {
            let story = Story {
                item: Some(held.item.as_str()),
                item_name: Some(&held.name),
                reason: Some(held.guard.word()),
                ..self.story()
            };
            story.debug(&format!(
                "{}: {} is kept although {}: {}",
                self.name(),
                held.name,
                held.cause,
                held.guard
            ));
        }
        for kept in &plan.kept {
            let story = Story {
                item: Some(kept.item.as_str()),
                item_name: Some(&kept.name),
                ..self.story()
            };
            story.debug(&format!("{}: {kept}", self.name()));
        }
    }

    /// Puts outages on record as owed to the webhooks.
    pub(super) async fn owe_outages(&self, shared: &Shared, plan: &Plan, now: Timestamp) {
        for outage in &plan.outages_begun {
            let news = News {
                account: &self.policy.name,
                title: format!("{}: outage recognised", self.name()),
                text: self.outage_text(outage),
            };
            if let Err(error) = shared.kept.owe(news, &shared.webhooks, now).await {
                self.story().error(&format!(
                    "{}: the outage cannot be announced: {error}",
                    self.name()
                ));
            }
        }
    }

    /// Once while the account is configured in this way.
    pub(super) async fn tell_absent_names(&mut self, now: Timestamp) {
        let policy = self.policy.clone();
        for sentence in absent_names(&mut self.eyes, &policy, now).await {
            self.story().warn(&format!("{}: {sentence}", self.name()));
        }
    }

    fn outage_text(&self, outage: &Outage) -> String {
        let first = if outage.first_reading {
            " This was the first reading of the account."
        } else {
            ""
        };
        format!(
            "{outage}; nothing of it is counted or deleted while it lasts.{first} If they really are that broken: seedwarden accept {}",
            self.name()
        )
    }

    /// What came of the cycle, in one line.
    pub(super) fn tell_done(&self, plan: &Plan, done: &Done, mode: Mode) {
        let items = counted(plan.items, "item", "items");
        let mut text = format!("{}: {items}", self.name());
        let mut part = |count: usize, what: &str| {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        };
        part(done.deleted, "deleted");
        part(done.not_deleted, "not deleted");
        let others = if done.carried_out == 1 {
            "remedy or other action"
        } else {
            "remedies and other actions"
        };
        part(done.carried_out, others);
        part(plan.held.len(), "held back");
        let absent = plan.absent_disks.iter().map(|disk| disk.torrents).sum();
        part(absent, "on a disk that is not there");
        if done.cut_short {
            text.push_str(", cut short");
        }
        let did_something = done.deleted + done.not_deleted + done.carried_out > 0;
        match mode {
            Mode::Full { .. } => self.story().info(&text),
            Mode::Rules if did_something => self.story().info(&text),
            Mode::Rules => self.story().debug(&text),
        }
    }
}
