//! Settings that people change now and then.

use crate::dice::Dice;

/// Settings that people change now and then.
#[derive(Debug, Clone)]
pub struct Knobs {
    pub(super) max_failures: u32,
    pub(super) last_resort: &'static str,
    pub(super) cycle: &'static str,
    pub(super) per_cycle: u32,
    pub(super) per_day: u32,
    pub(super) outage_min_items: u32,
}

impl Knobs {
    /// Any reasonable setting.
    pub fn any(dice: &mut Dice) -> Self {
        Self {
            max_failures: dice.between(1, 5) as u32,
            last_resort: if dice.percent(8) { "keep" } else { "delete" },
            cycle: *dice.of(&["5m", "5m", "10m"]),
            per_cycle: *dice.of(&[1, 2, 3, 20]),
            per_day: *dice.of(&[6, 12, 200]),
            outage_min_items: dice.between(3, 6) as u32,
        }
    }

    /// Whether last resorts delete.
    pub fn deletes(&self) -> bool {
        self.last_resort == "delete"
    }

    /// Limits that are never reached.
    pub fn raise_limits(&mut self) {
        self.per_cycle = 20;
        self.per_day = 200;
    }

    /// One of them changed.
    pub fn change(&mut self, dice: &mut Dice) {
        let other = Self::any(dice);
        match dice.below(4) {
            0 => self.max_failures = other.max_failures,
            1 => self.per_cycle = other.per_cycle,
            2 => self.per_day = other.per_day,
            _ => self.outage_min_items = other.outage_min_items,
        }
    }
}
