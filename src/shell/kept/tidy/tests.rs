use super::*;
use crate::core::ledger::testing::{begun, hour, outcome, tracker};
use crate::core::ledger::{DeletionIntent, IntentId, OutcomeKind, Record};
use crate::shell::{ledger::Ledger, store::Store, trash, trash::Trash};
use crate::support::disk::SimDisk;
use std::path::Path;
use std::sync::Arc;

const HOUR: Duration = Duration::from_secs(3600);

async fn kept(disk: &SimDisk) -> Kept {
    let (disk, folder) = (Arc::new(disk.clone()), Path::new("/state"));
    let (store, _) = Store::open(disk.clone(), folder, hour(0)).await.unwrap();
    Kept {
        store,
        ledger: Ledger::open(disk.clone(), folder).await.unwrap(),
        trash: Trash::new(disk, folder),
    }
}

fn terms() -> Terms {
    Terms {
        trash: 10 * HOUR,
        ledger: 10 * HOUR,
        configured: ["here".into()].into(),
    }
}

fn intent(id: u64, stem: &str) -> Record {
    let Record::Intent(intent) = crate::core::ledger::testing::intent(id, 1, "a", "x") else {
        unreachable!()
    };
    Record::Intent(Arc::new(DeletionIntent {
        kept: KeptAs::Torrent(stem.to_owned()),
        ..(*intent).clone()
    }))
}

#[tokio::test]
async fn removes_old_files_that_nothing_open_needs() {
    let disk = SimDisk::default();
    let kept = kept(&disk).await;
    let stem = |at: i64, item: &str| trash::stem(hour(at), &"a".into(), &item.into());
    let (open, settled, removing) = (stem(1, "open"), stem(1, "settled"), stem(1, "tracker"));
    for name in [&open, &settled, &removing, &stem(2, "new")] {
        kept.trash
            .put(&format!("{name}.json"), b"{}")
            .await
            .unwrap();
    }
    let Record::TrackerRemoved(tracker) = tracker(1, "x", "t", false) else {
        unreachable!()
    };
    let tracker = crate::core::ledger::TrackerRemoved {
        kept: removing.clone(),
        ..tracker
    };
    let records = [
        intent(1, &open),
        intent(2, &settled),
        outcome(2, 1, OutcomeKind::Done),
        Record::TrackerRemoved(tracker),
        begun(1, "x"),
    ];
    kept.ledger.append(&records).await.unwrap();
    kept.tidy(&terms(), hour(12)).await;
    let left = kept.trash.list().await.unwrap();
    let expected = [open, removing, stem(2, "new")].map(|stem| format!("{stem}.json"));
    assert_eq!(left, expected);
    assert_eq!(kept.ledger.book().next_id(), IntentId(3));
}

#[tokio::test]
async fn forgets_accounts_that_left_long_ago() {
    let disk = SimDisk::default();
    let kept = kept(&disk).await;
    let add = |state: &mut State| {
        for account in ["here", "gone"] {
            let account = state.accounts.entry(account.into()).or_default();
            account.configured_at = Some(hour(0));
        }
    };
    kept.store.edit(hour(0), add).await.unwrap();
    kept.tidy(&terms(), hour(24 * 30)).await;
    assert_eq!(kept.store.state().await.accounts.len(), 2);
    kept.tidy(&terms(), hour(24 * 30 + 1)).await;
    let left = kept.store.state().await;
    assert_eq!(
        left.accounts.keys().map(|a| a.as_str()).collect::<Vec<_>>(),
        ["here"]
    );
}

#[tokio::test]
async fn goes_on_when_nothing_can_be_removed() {
    let disk = SimDisk::default();
    let kept = kept(&disk).await;
    kept.trash
        .put(&trash::stem(hour(1), &"a".into(), &"x".into()), b"")
        .await
        .unwrap();
    disk.with(|disk| disk.set_read_only(true));
    kept.tidy(&terms(), hour(24 * 60)).await;
    assert_eq!(kept.trash.list().await.unwrap().len(), 1);
}
