//! What goes wrong with the disk, by chance.

use crate::hub::Hub;
use seedwarden_sim::disk::Trouble;
use std::io::ErrorKind;

/// What goes wrong with a call of the disk, by chance.
pub fn trouble(hub: &Hub, call: &'static str) -> Option<Trouble> {
    let (trouble, dies) = hub.with(|core| {
        if let Some(death) = core.call() {
            let is_write = matches!(call, "write" | "append");
            let trouble = match death.after {
                false => Trouble::DieBefore,
                true if is_write && core.dice.percent(50) => {
                    Trouble::DieWithin(core.dice.below(300))
                }
                true => Trouble::DieAfter,
            };
            return (Some(trouble), true);
        }
        let rate = core.rates.disk;
        if !core.dice.per_million(rate) {
            return (None, false);
        }
        let kind = *core.dice.of(&[
            ErrorKind::StorageFull,
            ErrorKind::ReadOnlyFilesystem,
            ErrorKind::Other,
        ]);
        let trouble = match (call, core.dice.below(3)) {
            ("lock" | "read_link" | "stat_many", _) => return (None, false),
            ("write" | "append", 0) => Trouble::Torn(core.dice.below(300), kind),
            ("write" | "append" | "rename" | "remove" | "truncate", 1) => Trouble::FailAfter(kind),
            _ => Trouble::Fail(kind),
        };
        let text = format!("{trouble:?}");
        core.see(&format!(
            "disk: {} of {call}",
            text.split('(').next().unwrap_or_default()
        ));
        core.note(&format!("disk {call} meets {text}"));
        (Some(trouble), false)
    });
    if dies {
        let text = format!("{trouble:?}");
        let text = text
            .trim_start_matches("Some(")
            .split(['(', ')'])
            .next()
            .unwrap_or_default()
            .to_owned();
        hub.kill(&format!("{text} of disk {call}"));
    }
    trouble
}
