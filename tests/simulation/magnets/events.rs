//! What happens to magnets without us.

use crate::dice::Dice;
use seedwarden_sim::NowMs;
use seedwarden_sim::alldebrid::{AllDebrid, Change, Endpoint, Forced, Magnet, Outcome, Shape};
use std::time::Duration;

/// A magnet with a name of its own.
pub fn magnet(id: u64, dice: &mut Dice, now: NowMs) -> Magnet {
    let name = format!("M{id}q{:06x}", dice.below(1 << 24));
    let hash = format!("{:016x}{:016x}{:08x}", dice.next(), dice.next(), id);
    let magnet = Magnet::new(id)
        .named(&name)
        .hashed(&hash)
        .added_at(now / 1000)
        .sized(1 << (20 + dice.below(20)));
    destined(magnet, dice)
}

/// What restarts of a magnet will lead to.
fn destined(magnet: Magnet, dice: &mut Dice) -> Magnet {
    let minutes = |dice: &mut Dice| Duration::from_secs(60 * dice.between(1, 45) as u64);
    match dice.below(10) {
        0 => magnet.then([Outcome::Ready(minutes(dice))]),
        1 => {
            let first = Outcome::Fails(code(dice), minutes(dice));
            magnet.then([first, Outcome::Ready(minutes(dice))])
        }
        2 => magnet.then([Outcome::Stuck]),
        3 => magnet.then([Outcome::Cached]),
        _ => {
            let (code, after) = (code(dice), minutes(dice));
            magnet.then([Outcome::Fails(code, after)])
        }
    }
}

fn code(dice: &mut Dice) -> i64 {
    *dice.of(&[5, 6, 7, 8, 9, 10, 11, 15])
}

/// A number for a magnet of an account: no two accounts share one, and there are few, so that they come up again.
pub fn number(account: &str, dice: &mut Dice) -> u64 {
    let first = if account == "second" { 120 } else { 100 };
    first + dice.below(20) as u64
}

/// Numbers of uploads begin above those of [`number`].
pub fn number_uploads_apart(service: &mut AllDebrid, accounts: &[String]) {
    if let Some(account) = accounts.first() {
        service.add(account, Magnet::new(1000));
        service.account(account).magnets.clear();
    }
}

/// Something happens to an account; says what. `may_replace`: another magnet may get the number of one.
pub fn happen(
    service: &mut AllDebrid,
    account: &str,
    dice: &mut Dice,
    now: NowMs,
    may_replace: bool,
) -> String {
    let ids = service.ids(account);
    let one = (!ids.is_empty()).then(|| *dice.of(&ids));
    match (dice.below(100), one) {
        (0..30, Some(id)) => {
            let code = code(dice);
            service.set_code(account, id, code, now);
            format!("magnet {id} fails with {code}")
        }
        (30..42, Some(id)) => {
            service.set_code(account, id, 4, now);
            format!("magnet {id} is ready")
        }
        (42..45, Some(id)) => {
            let code = *dice.of(&[0, 1, 2, 3]);
            service.set_code(account, id, code, now);
            format!("magnet {id} goes to {code}")
        }
        (45..49, Some(id)) => {
            service.vanish(account, id, now);
            format!("magnet {id} is removed by somebody else")
        }
        (49..53, Some(id)) if may_replace => {
            service.vanish(account, id, now);
            let again = magnet(id, dice, now).code(code(dice));
            service.add(account, again);
            format!("magnet {id} is added anew under its old number")
        }
        (53..55, _) => {
            for id in &ids {
                if dice.percent(80) {
                    service.set_code(account, *id, 15, now);
                }
            }
            "most magnets fail together".to_owned()
        }
        (55..57, _) => {
            let mut portion = 0;
            for id in &ids {
                let is_well = service
                    .magnet(account, *id)
                    .is_some_and(|m| m.code == Some(4));
                if is_well && dice.percent(35) {
                    service.set_code(account, *id, 15, now);
                    portion += 1;
                }
            }
            format!("a portion of {portion} magnets fails")
        }
        (57..60, _) => {
            for id in &ids {
                service.set_code(account, *id, 4, now);
            }
            "all magnets are ready".to_owned()
        }
        (60..68, _) => {
            let forced = match dice.below(12) {
                0 => Forced::BadKey,
                1 => Forced::Blocked,
                2 => Forced::Banned,
                3 => Forced::NoServer,
                4 => Forced::Maintenance(*dice.of(&[200, 503])),
                5 => Forced::Code("GENERIC".to_owned()),
                6 => Forced::NoStatus,
                7 => Forced::NoData,
                8 => Forced::Empty,
                9 => Forced::Throttled,
                10 => Forced::MissingKey,
                _ => Forced::Code("AUTH_BAD_APIKEY".to_owned()),
            };
            let text = format!("{forced:?}");
            match dice.percent(50) {
                true => service.force(account, forced),
                false => service.force_on(
                    account,
                    *dice.of(&[Endpoint::Status, Endpoint::Restart, Endpoint::Delete]),
                    forced,
                ),
            }
            format!("the service answers {text}")
        }
        (68..80, _) => {
            service.unforce(account);
            "the service answers as usual".to_owned()
        }
        (80..86, _) => {
            let code = *dice.of(&[
                "MAGNET_PROCESSING_COOLDOWN",
                "MAGNET_PROCESSING",
                "MAGNET_TOO_MANY_ACTIVE",
                "GENERIC",
                "MAGNET_INVALID_ID",
            ]);
            let endpoint = *dice.of(&[Endpoint::Restart, Endpoint::Delete]);
            let times = dice.between(1, 3) as u32;
            service.refuse(account, endpoint, None, code, times);
            format!("the next {times} {endpoint:?} are refused with {code}")
        }
        (86..90, _) => {
            let shape = *dice.of(&[
                Shape::Keyed,
                Shape::ListWithJunk,
                Shape::Null,
                Shape::Missing,
                Shape::Text,
                Shape::Empty,
                Shape::Short,
                Shape::Undated,
            ]);
            service.shape_next([shape]);
            format!("the next listing is {shape:?}")
        }
        (90..92, Some(id)) => {
            service.before_next(Endpoint::Delete, account, Change::Vanish(id));
            format!("magnet {id} will vanish right before the next deletion")
        }
        (92..94, Some(id)) => {
            service.before_next(Endpoint::Delete, account, Change::Code(id, 4));
            format!("magnet {id} will be ready right before the next deletion")
        }
        (94..95, _) => {
            let listings = *dice.of(&[0, 1, 1, 2]);
            service.account(account).lingers_for = listings;
            format!("what is deleted goes after {listings} listings")
        }
        (95..96, _) => {
            service.limiter.retry_after_seconds = *dice.of(&[None, Some(3), Some(7200)]);
            service.limiter.windows = dice
                .of(&[vec![(12, 1_000), (600, 60_000)], vec![(2, 10_000)]])
                .clone();
            "the rate limit changes".to_owned()
        }
        _ => {
            let id = number(account, dice);
            if service.magnet(account, id).is_some() {
                return "nothing".to_owned();
            }
            let code = *dice.of(&[0, 1, 4, 4, 5, 11, 15]);
            let new = magnet(id, dice, now).code(code);
            service.add(account, new);
            format!("magnet {id} is added with {code}")
        }
    }
}

/// Everybody behaves from here on; what fails will fail for ever or get well for ever. Answers the ones that are beyond help.
pub fn calm_down(service: &mut AllDebrid, account: &str, dice: &mut Dice) -> Vec<u64> {
    service.unforce(account);
    service.account(account).lingers_for = 0;
    service.forget_scripts();
    service.limiter = Default::default();
    let mut hopeless = Vec::new();
    for (id, magnet) in &mut service.account(account).magnets {
        let is_sick = magnet.says_expired() || magnet.code.is_some_and(|code| code >= 5);
        if is_sick && dice.percent(70) {
            let after = Duration::from_secs(60 * dice.between(1, 40) as u64);
            magnet.outcomes = [Outcome::Fails(15, after)].into();
            hopeless.push(*id);
        } else {
            magnet.outcomes = [Outcome::Ready(Duration::from_secs(300))].into();
        }
    }
    hopeless
}
