//! One account: the login, what its server can do, and whether its files are where the configuration says.

use super::links;
use super::report::Report;
use crate::cli::paint::Progress;
use crate::clients::ReadErrorKind;
use crate::config::policy::{AccountPolicy, QbtPolicy, RuleBody, Service, TorrentType};
use crate::core::file_systems::{doubt, keeps_links};
use crate::core::free_space::OurDeletions;
use crate::core::hardlinks::{shown_path, trouble};
use crate::core::model::{ApiVersion, Library, Torrent};
use crate::core::mounts::{SAMPLE, sample};
use crate::core::plan::{counted, duration_text};
use crate::ports::{Disk, FileKind, FileStat};
use crate::shell::absent_names::absent_names;
use crate::shell::eyes::{Eyes, MagnetEyes, Optics, TorrentEyes};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

/// Rule cycles below this are too much for servers that send the whole list each time.
const SHORT_RULE_CYCLE: Duration = Duration::from_secs(60);

/// Premium that ends within this time is worth a warning.
const PREMIUM_ENDS_SOON_SECONDS: i64 = 3 * 24 * 60 * 60;

/// Checks one account.
pub async fn check(report: &mut Report, policy: &AccountPolicy, optics: &Optics) {
    let now = optics.ports.clock.now();
    let name = policy.name.to_string();
    let mut eyes = Eyes::new(policy, optics);
    let read = {
        let _progress = Progress::show(&format!("reading {name}"));
        eyes.read(now, true, OurDeletions::default()).await
    };
    let whole = match read {
        Ok(whole) => whole,
        Err(error) if error.kind == ReadErrorKind::Unreachable => {
            return report.broken(&name, &format!("{}: {error}", host(&policy.service)));
        }
        Err(error) => return report.broken(&name, &error.to_string()),
    };
    if !whole {
        report.warning(&name, "some of its items cannot be understood");
    }
    match (&eyes, &policy.service) {
        (Eyes::Torrents(eyes), Service::Qbittorrent(service)) => {
            torrents(report, policy, service, eyes).await;
            paths(report, &name, service, eyes.library(), &*optics.ports.disk).await;
        }
        (Eyes::Magnets(eyes), _) => {
            magnets(report, &name, eyes, now).await;
        }
        (Eyes::Torrents(_), Service::Alldebrid(_)) => {}
    }
    links::check(report, policy, &mut eyes, optics, now).await;
    if whole {
        for sentence in absent_names(&mut eyes, policy, now).await {
            report.warning(&name, &sentence);
        }
    }
}

/// Host and port of a service; the rest of its address can hold secrets.
fn host(service: &Service) -> String {
    let url = match service {
        Service::Qbittorrent(service) => &service.url,
        Service::Alldebrid(service) => &service.url,
    };
    let port = url.port_or_known_default();
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

async fn torrents(
    report: &mut Report,
    policy: &AccountPolicy,
    service: &QbtPolicy,
    eyes: &TorrentEyes,
) {
    let name = policy.name.to_string();
    let library = eyes.library();
    let version = match eyes.client.version().await {
        Ok(version) => version.text,
        Err(error) => return report.broken(&name, &error.to_string()),
    };
    let ApiVersion(major, minor, patch) = library.api;
    report.ok(
        &name,
        &format!(
            "logged in: qBittorrent {version}, Web API {major}.{minor}.{patch}, {}",
            counted(library.torrents.len(), "torrent", "torrents")
        ),
    );
    for warning in warnings(policy, service, library) {
        report.warning(&name, &warning);
    }
    for warning in states_of_another_generation(policy, library.api) {
        report.warning(&name, &warning);
    }
}

/// What this server cannot do of what the configuration asks for.
fn warnings(policy: &AccountPolicy, service: &QbtPolicy, library: &Library) -> Vec<String> {
    let mut warnings = Vec::new();
    let api = library.api;
    if !policy.rules.is_empty()
        && policy.rule_cycle < SHORT_RULE_CYCLE
        && api < ApiVersion::CHEAP_DELTAS
    {
        warnings.push(format!(
            "rule_cycle of {}: servers before 4.6 send all torrents each time; a minute or more is kinder",
            duration_text(policy.rule_cycle)
        ));
    }
    let asks_privacy = service.unregistered.is_some()
        || service.failed_trackers.is_some()
        || service.select.torrent_type != TorrentType::Any;
    if asks_privacy && api < ApiVersion::IS_PRIVATE {
        warnings.push(
            "servers before 4.5.1 show whether a torrent is private only beside DHT, PeX and LSD; where none of these works, public torrents are unknown: unregistered, failed_trackers and torrent_type leave them alone"
                .to_owned(),
        );
    }
    if api < ApiVersion::EXPORT {
        warnings.push(
            "servers before 4.5 cannot export torrents: what is deleted can be restored from its magnet link only"
                .to_owned(),
        );
    }
    let needs_seeding_time = service
        .hardlinks
        .as_ref()
        .is_some_and(|block| !block.min_seeding_time.is_zero());
    let has_none = |torrent: &Torrent| torrent.seeding_time.is_none();
    if needs_seeding_time && !library.torrents.is_empty() && library.torrents.values().all(has_none)
    {
        warnings.push(
            "servers before 4.3.4 do not tell the seeding time: hardlinks.min_seeding_time keeps every torrent"
                .to_owned(),
        );
    }
    warnings
}

/// States in rules that servers of this generation never send.
fn states_of_another_generation(policy: &AccountPolicy, api: ApiVersion) -> Vec<String> {
    let which = if api >= ApiVersion::STOP_START {
        "from 5.0 on"
    } else {
        "before 5.0"
    };
    let mut warnings = Vec::new();
    for rule in policy.rules.iter().chain(&policy.protect_rules) {
        let RuleBody::Conditions(condition) = &rule.body else {
            continue;
        };
        for (written, here) in condition.states_of_another_generation(api) {
            let here = here.map_or(String::new(), |word| format!("; theirs is \"{word}\""));
            warnings.push(format!(
                "rule \"{}\" asks for the state \"{written}\", which servers {which} do not have{here}",
                rule.name
            ));
        }
    }
    warnings
}

/// A sample of complete torrents must be visible where the path map says.
async fn paths(
    report: &mut Report,
    name: &str,
    service: &QbtPolicy,
    library: &Library,
    disk: &dyn Disk,
) {
    let is_needed = service.hardlinks.is_some();
    if !is_needed && service.path_map.entries().is_empty() {
        return;
    }
    let what = format!("{name} files");
    let (places, noun) = places(library);
    if places.is_empty() {
        let text = "no complete torrent to look for on disk";
        return report.warning(&what, text);
    }
    let mut tried: Vec<PathBuf> = Vec::new();
    let mut unmapped: Vec<&str> = Vec::new();
    for place in &places {
        match service.path_map.map(place) {
            Some(path) => tried.push(path),
            None => unmapped.push(place),
        }
    }
    let found = disk.stat_many(tried.clone()).await;
    let missing: Vec<String> = tried
        .iter()
        .zip(&found)
        .filter_map(|(path, found)| {
            let error = found.as_ref().err()?;
            Some(format!("{}: {}", shown_path(path), trouble(error.kind())))
        })
        .chain(
            unmapped
                .iter()
                .map(|path| format!("{path}: no entry of path_map covers it")),
        )
        .collect();
    let all = places.len();
    let visible = all - missing.len();
    let (systems, doubts) = file_systems(&tried, &found, disk).await;
    let on = match visible {
        0 => String::new(),
        _ => format!(", on {}", systems.join(", ")),
    };
    let head = format!("{visible} of {all} {noun} are visible{on}");
    for doubt in doubts {
        report.warning(&what, &doubt);
    }
    match missing.first() {
        None => report.ok(&what, &head),
        Some(first) if visible == 0 => report.broken(
            &what,
            &format!("{head}, so nothing is known of hardlinks; tried {first}"),
        ),
        Some(first) => report.warning(&what, &format!("{head}; not visible is {first}")),
    }
}

/// The file systems that these paths lie on, and what follows where link counts are not believed.
async fn file_systems(
    tried: &[PathBuf],
    found: &[std::io::Result<FileStat>],
    disk: &dyn Disk,
) -> (Vec<String>, Vec<String>) {
    let mut devices: BTreeMap<u64, (&PathBuf, bool)> = BTreeMap::new();
    for (path, stat) in tried.iter().zip(found) {
        if let Ok(stat) = stat {
            let seen = devices.entry(stat.device).or_insert((path, false));
            seen.1 |= stat.kind == FileKind::File && stat.links > 1;
        }
    }
    let (mut systems, mut doubts) = (BTreeSet::new(), Vec::new());
    for (path, has_links) in devices.into_values() {
        let Ok(name) = disk.file_system(path).await else {
            continue;
        };
        if !keeps_links(&name) && !has_links {
            let path = shown_path(path);
            let why = doubt(&name);
            doubts.push(format!(
                "{path}: {why}, so hardlinks are unknown there until a second name of some file is seen"
            ));
        }
        systems.insert(name);
    }
    (systems.into_iter().collect(), doubts)
}

/// Where content of complete torrents lies by the server's word, and what these places are. Servers before 4.3.1 tell
/// the folders only.
fn places(library: &Library) -> (Vec<&str>, &'static str) {
    let contents: Vec<&str> = sample(library, "/", |_| true)
        .into_iter()
        .filter_map(|(_, torrent)| torrent.content_path.as_deref())
        .collect();
    if !contents.is_empty() {
        return (contents, "sampled torrents");
    }
    let complete = library
        .torrents
        .values()
        .filter(|torrent| torrent.is_complete());
    let folders: BTreeSet<&str> = complete.map(|torrent| &*torrent.save_path).collect();
    (folders.into_iter().take(SAMPLE).collect(), "save paths")
}

async fn magnets(report: &mut Report, name: &str, eyes: &MagnetEyes, now: Timestamp) {
    let user = match eyes.client.user().await {
        Ok(user) => user,
        Err(error) => return report.broken(name, &error.to_string()),
    };
    let head = format!(
        "logged in: AllDebrid, {}",
        counted(eyes.magnets().len(), "magnet", "magnets")
    );
    let until = user.premium_until.filter(|until| *until > 0);
    let day = until
        .and_then(|until| Timestamp::from_second(until).ok())
        .map(|at| at.strftime("%F").to_string());
    match (user.is_premium, until, day) {
        (Some(false), _, _) => report.warning(name, &format!("{head}, not premium")),
        (_, Some(until), Some(day)) if until < now.as_second() => {
            report.warning(name, &format!("{head}, premium ended on {day}"));
        }
        (_, Some(until), Some(day)) if until - now.as_second() < PREMIUM_ENDS_SOON_SECONDS => {
            report.warning(name, &format!("{head}, premium ends on {day}"));
        }
        (_, _, Some(day)) => report.ok(name, &format!("{head}, premium until {day}")),
        (_, _, None) => report.ok(name, &head),
    }
}
