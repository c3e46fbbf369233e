//! The hardlink check of 200,000 files in a folder of this machine, beside a bare parallel loop over the same names.

use crate::floor::own_ms;
use crate::{Fallible, median, verdict};
use jiff::{SignedDuration, Timestamp};
use seedwarden::clients::ReadError;
use seedwarden::config::policy::{QbtPolicy, Service};
use seedwarden::core::facts::Wanted;
use seedwarden::core::model::{AccountId, ItemId, Library, State, Torrent, TorrentFile, Tracker};
use seedwarden::ports::BoxFuture;
use seedwarden::shell::facts::{FactSource, FactStore, NameIndex, TrackersById};
use seedwarden::sys::SystemDisk;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

const TORRENTS: usize = 400;
const FILES: usize = 500;
/// As many as the real disk uses.
const THREADS: usize = 4;

/// Measures, and gives the table.
pub fn measure() -> Fallible<String> {
    eprintln!("links of {} files", TORRENTS * FILES);
    let folder = tempfile::Builder::new()
        .prefix("seedwarden-bench-")
        .tempdir()?;
    make(folder.path())?;
    let mut text = format!(
        "## Hardlink check of {} files\n\n{} torrents, all looked at in one cycle. The floor is a bare loop of `stat` on as \
         many threads over\nthe same paths. Milliseconds; medians of five with a warm cache, of three with a cold one \
         (which needs the\nright to drop it: `/proc/sys/vm/drop_caches`).\n\n\
         | | floor | check | ratio | floor, clock | check, clock | ratio | at most | |\n|---|---|---|---|---|---|---|---|---|\n",
        TORRENTS * FILES,
        TORRENTS
    );
    text.push_str(&row("one name each, warm", folder.path(), "single", false)?);
    text.push_str(&row("one name each, cold", folder.path(), "single", true)?);
    for torrent in 0..TORRENTS {
        let from = folder.path().join(format!("downloads/{torrent:03}"));
        let to = folder.path().join(format!("media/{torrent:03}"));
        fs::create_dir_all(&to)?;
        for file in 0..FILES {
            fs::hard_link(from.join(name(file)), to.join(name(file)))?;
        }
    }
    text.push_str(&row(
        "two names each, warm",
        folder.path(),
        "linked",
        false,
    )?);
    text.push_str(&row("two names each, cold", folder.path(), "linked", true)?);
    Ok(text)
}

fn row(what: &str, folder: &Path, role: &str, is_cold: bool) -> Fallible<String> {
    if is_cold && !drop_caches() {
        return Ok(format!("| {what} | not permitted | | | | | | | |\n"));
    }
    let out = Command::new(std::env::current_exe()?)
        .args(["role", "links"])
        .arg(folder)
        .arg(role)
        .arg(if is_cold { "cold" } else { "warm" })
        .output()?;
    let text = String::from_utf8(out.stdout)?;
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [floor, check, floor_wall, check_wall] = numbers[..] else {
        let error = String::from_utf8_lossy(&out.stderr);
        return Err(format!("the link check failed: {error}").into());
    };
    // With a cold cache it is the disk that is waited for.
    let (ratio, clock) = (check / floor, check_wall / floor_wall);
    let worst = if is_cold { ratio.max(clock) } else { ratio };
    Ok(format!(
        "| {what} | {floor:.0} | {check:.0} | {ratio:.2} | {floor_wall:.0} | {check_wall:.0} | {clock:.2} | 1.3 | {} |\n",
        verdict(worst <= 1.3)
    ))
}

/// Empties the kernel's caches of files and folders, where that is permitted.
fn drop_caches() -> bool {
    rustix::fs::sync();
    fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

fn name(file: usize) -> String {
    format!("Some.File.Of.The.Usual.Length.{file:04}.mkv")
}

fn size(torrent: usize, file: usize) -> u64 {
    (1 << 20) + (torrent * FILES + file) as u64
}

fn make(folder: &Path) -> Fallible<()> {
    for torrent in 0..TORRENTS {
        let folder = folder.join(format!("downloads/{torrent:03}"));
        fs::create_dir_all(&folder)?;
        for file in 0..FILES {
            fs::File::create(folder.join(name(file)))?.set_len(size(torrent, file))?;
        }
    }
    Ok(())
}

/// The role of the measured process: the floor and the check, each several times, medians.
pub fn run(folder: &str, are_linked: bool, is_cold: bool) -> Fallible<()> {
    let folder = Path::new(folder);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let paths: Vec<PathBuf> = (0..TORRENTS)
        .flat_map(|torrent| (0..FILES).map(move |file| (torrent, file)))
        .map(|(torrent, file)| folder.join(format!("downloads/{torrent:03}/{}", name(file))))
        .collect();
    let library = library();
    let wanted = Wanted {
        links: library.torrents.keys().cloned().collect(),
        ..Wanted::default()
    };
    let policy = policy(folder)?;
    let account = AccountId(Arc::from("box"));
    let mut store = FactStore::new(
        account,
        Arc::new(SystemDisk),
        Arc::<Mutex<NameIndex>>::default(),
    );
    let mut now = Timestamp::UNIX_EPOCH;
    let (mut floor, mut check): ([Vec<f64>; 2], [Vec<f64>; 2]) = Default::default();
    let chill = || is_cold && drop_caches();
    for round in 0..if is_cold { 4 } else { 6 } {
        chill();
        let bare = timed(|| stat_all(&paths));
        now += SignedDuration::from_hours(7);
        store.drop_stale(
            now,
            std::time::Duration::from_secs(6 * 3600),
            &library,
            &policy,
        );
        chill();
        let ours = timed(|| runtime.block_on(store.fetch(&wanted, &Lists, &library, &policy, now)));
        // The first round fills the caches and fetches the file lists.
        if round > 0 {
            for ((list, other), at) in floor.iter_mut().zip(&mut check).zip([0, 1]) {
                list.push([bare.0, bare.1][at]);
                other.push([ours.0, ours.1][at]);
            }
        }
    }
    let found = store
        .facts()
        .links
        .values()
        .filter(|finding| match &finding.result {
            seedwarden::core::hardlinks::LinkResult::Seen(share) => {
                (share.linked_bytes > 0) == are_linked
            }
            seedwarden::core::hardlinks::LinkResult::Unknown(why) => {
                eprintln!("{why}");
                false
            }
        });
    assert_eq!(found.count(), TORRENTS, "every torrent is judged");
    println!(
        "{} {} {} {}",
        median(&floor[0]),
        median(&check[0]),
        median(&floor[1]),
        median(&check[1])
    );
    Ok(())
}

/// Milliseconds of processor time, and by the clock.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, f64) {
    let (before, began) = (own_ms(), Instant::now());
    work();
    (own_ms() - before, began.elapsed().as_secs_f64() * 1e3)
}

fn stat_all(paths: &[PathBuf]) {
    std::thread::scope(|scope| {
        for part in paths.chunks(paths.len().div_ceil(THREADS)) {
            scope.spawn(move || {
                for path in part {
                    std::hint::black_box(fs::symlink_metadata(path).map(|found| found.len()).ok());
                }
            });
        }
    });
}

fn library() -> Library {
    let mut torrents = BTreeMap::new();
    for torrent in 0..TORRENTS {
        let bytes: u64 = (0..FILES).map(|file| size(torrent, file)).sum();
        let bytes = i64::try_from(bytes).ok();
        let item = Torrent {
            name: format!("{torrent:03}").into(),
            save_path: "/downloads".into(),
            content_path: Some(format!("/downloads/{torrent:03}").into()),
            state: State::new("stalledUP"),
            size: bytes,
            total_size: bytes,
            completed: bytes,
            progress: Some(1.0),
            added_on: Some(1),
            ..Torrent::default()
        };
        torrents.insert(ItemId::from(format!("{torrent:040x}")), item);
    }
    Library {
        torrents,
        ..Library::default()
    }
}

fn policy(folder: &Path) -> Fallible<QbtPolicy> {
    let more = json!({ "hardlinks": { "min_seeding_time": "10d" },
        "path_map": [{ "from": "/downloads", "to": folder.join("downloads") }] });
    let account = crate::daemon::account("box", "http://127.0.0.1:1", &more);
    let configured = crate::daemon::Configured::new(&json!({ "accounts": [account] }))?;
    let loaded = seedwarden::config::load(&configured.file(), true, &|_, _| Ok(()));
    let policy = loaded.map_err(|errors| errors.report(false))?.policy;
    match policy.accounts.first().map(|account| &account.service) {
        Some(Service::Qbittorrent(service)) => Ok((**service).clone()),
        Some(Service::Alldebrid(_)) | None => Err("no qBittorrent account".into()),
    }
}

/// File lists from memory.
struct Lists;

impl FactSource for Lists {
    fn files<'a>(&'a self, id: &'a ItemId) -> BoxFuture<'a, Result<Vec<TorrentFile>, ReadError>> {
        let torrent = usize::from_str_radix(id.as_str(), 16).unwrap_or(0);
        let one = move |file| TorrentFile {
            name: format!("{torrent:03}/{}", name(file)).into(),
            size_bytes: i64::try_from(size(torrent, file)).unwrap_or(0),
            progress: 1.0,
            priority: 1,
        };
        Box::pin(async move { Ok((0..FILES).map(one).collect()) })
    }

    fn trackers<'a>(&'a self, _: &'a ItemId) -> BoxFuture<'a, Result<Vec<Tracker>, ReadError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn trackers_of_many<'a>(
        &'a self,
        _: &'a [ItemId],
    ) -> BoxFuture<'a, Result<Option<TrackersById>, ReadError>> {
        Box::pin(async { Ok(None) })
    }

    fn is_private<'a>(&'a self, _: &'a ItemId) -> BoxFuture<'a, Result<Option<bool>, ReadError>> {
        Box::pin(async { Ok(None) })
    }
}
