//! Remedies that have reached their items.

use super::AccountState;
use crate::core::decide::Ailment;
use crate::core::model::ItemId;

impl AccountState {
    /// Notes a remedy that has reached its item: the next sighting counts.
    pub fn remedied(&mut self, id: &ItemId, ailment: Ailment) {
        let Some(item) = self.items.get_mut(id) else {
            return;
        };
        for failures in ailment.all_failures_mut(item) {
            failures.remedy_refused = false;
        }
    }
}
