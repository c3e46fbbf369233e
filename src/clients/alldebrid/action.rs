//! Restart and deletion of a magnet.

use super::Alldebrid;
use super::call::{Ended, Failure, Repeat};
use super::envelope::{CodeClass, class_of, failure_of};
use super::magnets::entries;
use crate::clients::ActionOutcome;
use crate::core::model::ItemId;

const TOO_MANY_ACTIVE: &str = "MAGNET_TOO_MANY_ACTIVE";

impl Alldebrid {
    /// Restarts a failed magnet. Done means accepted, no more. `Busy`: it is processing, cooling down, or there
    /// are too many active ones.
    pub async fn restart(&self, id: &ItemId) -> ActionOutcome {
        let what = "the restart";
        let params = [("id", id.as_str())];
        let ended = self
            .call("v4/magnet/restart", &params, Repeat::Always)
            .await;
        match self.outcome(what, &ended) {
            // Our own earlier try, whose answer was lost, set it going.
            ActionOutcome::Busy(_) if ended.maybe_before && is_processing(&ended) => {
                ActionOutcome::Done
            }
            // Harmless if it was carried out, so for once the doubt may count as no.
            ActionOutcome::Unknown(text) if matches!(ended.result, Err(Failure::Overloaded)) => {
                ActionOutcome::NotSent(text)
            }
            other => other,
        }
    }

    /// Deletes a magnet. `Gone` if there is none of this id: that was not us.
    pub async fn delete(&self, id: &ItemId) -> ActionOutcome {
        let params = [("id", id.as_str())];
        let ended = self
            .call("v4/magnet/delete", &params, Repeat::IfNotDone)
            .await;
        self.outcome("the deletion", &ended)
    }

    fn outcome(&self, what: &str, ended: &Ended) -> ActionOutcome {
        let failure = match &ended.result {
            Ok(success) => {
                // As batch answers do it: a success whose only item failed.
                let items = entries(success.data.get("magnets")).unwrap_or_default();
                match items.iter().find_map(|item| item.get("error")) {
                    None => return ActionOutcome::Done,
                    Some(error) => failure_of(error),
                }
            }
            Err(failure) => failure.clone(),
        };
        let text = self.tell(what, &failure);
        match &failure {
            Failure::Code { code, .. } => match class_of(code) {
                CodeClass::Gone => ActionOutcome::Gone,
                CodeClass::Busy => ActionOutcome::Busy(text),
                CodeClass::Other => ActionOutcome::Refused(text),
                // Nothing that lies in the magnet.
                CodeClass::Login(_)
                | CodeClass::Maintenance
                | CodeClass::ApiChanged
                | CodeClass::Account => ActionOutcome::NotSent(text),
            },
            other if other.may_have_happened() => ActionOutcome::Unknown(text),
            _ => ActionOutcome::NotSent(text),
        }
    }
}

/// Whether a restart was refused because too many magnets are active: the others of this cycle will be, too.
pub fn is_too_many_active(outcome: &ActionOutcome) -> bool {
    matches!(outcome, ActionOutcome::Busy(text) if text.contains(TOO_MANY_ACTIVE))
}

fn is_processing(ended: &Ended) -> bool {
    matches!(&ended.result, Err(Failure::Code { code, .. }) if code == "MAGNET_PROCESSING")
}

#[cfg(test)]
mod tests;
