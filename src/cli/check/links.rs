//! What the `hardlinks` block will find of links between torrents.

use super::report::Report;
use crate::cli::paint::Progress;
use crate::config::policy::{AccountPolicy, Limits, Service};
use crate::core::decide::Mode;
use crate::core::ledger::Book;
use crate::core::plan::counted;
use crate::shell::eyes::{Eyes, Optics};
use crate::shell::look::{Glasses, linked_to_each_other};
use jiff::Timestamp;

/// Links between torrents keep none of them from the `hardlinks` block, which not everybody expects.
pub async fn check(
    report: &mut Report,
    policy: &AccountPolicy,
    eyes: &mut Eyes,
    optics: &Optics,
    now: Timestamp,
) {
    let Service::Qbittorrent(service) = &policy.service else {
        return;
    };
    if service.hardlinks.is_none() {
        return;
    }
    let glasses = Glasses {
        policy,
        limits: &Limits::default(),
        zone: &optics.zone,
        book: &Book::default(),
        now,
        mode: Mode::Full {
            adds: true,
            last_resorts: true,
        },
        explain: false,
    };
    let found = {
        let _progress = Progress::show(&format!("looking at files of {}", policy.name));
        linked_to_each_other(eyes, glasses).await.len()
    };
    if found > 0 {
        let text = counted(found, "torrent is", "torrents are");
        report.ok(
            &format!("{} files", policy.name),
            &format!(
                "{text} linked to other torrents only, which does not keep them from `hardlinks`"
            ),
        );
    }
}
