//! How bad the times of a world are.

use crate::dice::Dice;
use crate::hub::Rates;

/// Every kind of bad times comes up in turn, so that few seeds meet all of them.
pub fn rates(seed: u64, dice: &mut Dice) -> Rates {
    let rates = match seed % 8 {
        0 => Rates::default(),
        1 => Rates {
            network: 30_000,
            ..Rates::default()
        },
        2 => Rates {
            network: 300_000,
            ..Rates::default()
        },
        3 => Rates {
            disk: 10_000,
            ..Rates::default()
        },
        4 => Rates {
            death: 2_000,
            ..Rates::default()
        },
        5 => Rates {
            network: 30_000,
            disk: 3_000,
            death: 1_000,
            ..Rates::default()
        },
        6 => Rates {
            network: 100_000,
            disk: 10_000,
            death: 3_000,
            ..Rates::default()
        },
        _ => Rates {
            death: 5_000,
            disk: 1_000,
            ..Rates::default()
        },
    };
    Rates {
        interference: *dice.of(&[0, 10_000, 60_000]),
        ..rates
    }
}
