//! What must occur over the default seeds, or the proof is of easy times only.

/// All of it, by kind.
pub const RARE: [&[&str]; 11] = [
    &CROSS_SEEDS,
    &DEATHS,
    &DISK,
    &EFFECTS,
    &EVENTS,
    &FAULTS,
    &GUARDS,
    &INTERFERENCE,
    &LOSSES,
    &SETUPS,
    &SKIPS,
];

/// Ways in which two torrents can hold one file.
const CROSS_SEEDS: [&str; 6] = [
    "cross-seed: folder's link",
    "cross-seed: hard link",
    "cross-seed: of another server",
    "cross-seed: other letters",
    "cross-seed: other way",
    "cross-seed: symbolic link",
];

/// Where the process dies, before, within and after its calls.
const DEATHS: [&str; 25] = [
    "death: DieAfter of disk list",
    "death: DieAfter of disk lock",
    "death: DieAfter of disk make_folder",
    "death: DieAfter of disk read",
    "death: DieAfter of disk read_link",
    "death: DieAfter of disk remove",
    "death: DieAfter of disk rename",
    "death: DieAfter of disk stat_many",
    "death: DieAfter of disk sync_file",
    "death: DieAfter of disk sync_folder",
    "death: DieAfter of disk write",
    "death: DieBefore of disk append",
    "death: DieBefore of disk lock",
    "death: DieBefore of disk make_folder",
    "death: DieBefore of disk read",
    "death: DieBefore of disk read_link",
    "death: DieBefore of disk remove",
    "death: DieBefore of disk rename",
    "death: DieBefore of disk stat_many",
    "death: DieBefore of disk sync_file",
    "death: DieBefore of disk sync_folder",
    "death: DieBefore of disk write",
    "death: DieWithin of disk write",
    "death: after a request",
    "death: before a request",
];

/// What the disk does to calls.
const DISK: [&str; 16] = [
    "disk: Fail of append",
    "disk: Fail of list",
    "disk: Fail of make_folder",
    "disk: Fail of read",
    "disk: Fail of remove",
    "disk: Fail of rename",
    "disk: Fail of sync_file",
    "disk: Fail of sync_folder",
    "disk: Fail of write",
    "disk: FailAfter of append",
    "disk: FailAfter of remove",
    "disk: FailAfter of rename",
    "disk: FailAfter of write",
    "disk: Torn of append",
    "disk: Torn of write",
    "disk: hangs",
];

/// What requests do.
const EFFECTS: [&str; 15] = [
    "effect: addTags",
    "effect: announced",
    "effect: announced to the second webhook",
    "effect: magnet deleted",
    "effect: magnet deleted and still listed",
    "effect: torrent deleted on the second server",
    "effect: notice refused",
    "effect: reannounce",
    "effect: recheck",
    "effect: removeTrackers",
    "effect: restart",
    "effect: start",
    "effect: stop",
    "effect: torrent deleted",
    "effect: torrent deleted with files",
];

/// What people do to the service.
const EVENTS: [&str; 21] = [
    "event: a portion fails",
    "event: a portion is dropped",
    "event: bin emptied",
    "event: clock far ahead set right",
    "event: clock set",
    "event: cycle asked for",
    "event: dry run",
    "event: field not sent",
    "event: listing of nothing",
    "event: listing without dates",
    "event: long gap",
    "event: magnet restored",
    "event: outage accepted",
    "event: owner stops",
    "event: reload",
    "event: restart",
    "event: run once",
    "event: second disk goes",
    "event: state edited",
    "event: torrent restored",
    "listing: much shorter than the last",
];

/// What the network does to requests.
const FAULTS: [&str; 12] = [
    "fault: CloseAfter",
    "fault: CloseBefore",
    "fault: Drip",
    "fault: Empty503",
    "fault: Html200",
    "fault: Html502",
    "fault: Late",
    "fault: Silence",
    "fault: SilenceAfter",
    "fault: Status",
    "fault: Torn",
    "fault: TruncatedJson",
];

/// What holds deletions back.
const GUARDS: [&str; 12] = [
    "guard: after_gap",
    "guard: cycle_limit",
    "guard: day_limit",
    "guard: hardlinked",
    "guard: links_unknown",
    "guard: outage",
    "guard: protect_rule",
    "guard: protect_rule_unknown",
    "guard: protected_category",
    "guard: protected_tag",
    "guard: restored",
    "guard: second look",
];

/// What happens within a cycle.
const INTERFERENCE: [&str; 5] = [
    "interference: magnets change within a cycle",
    "interference: server restarted before a deletion",
    "interference: state edited during a second look",
    "interference: state edited within a cycle",
    "interference: torrents change within a cycle",
];

/// What a loss of power takes.
const LOSSES: [&str; 5] = [
    "loss: Chance",
    "loss: Contents",
    "loss: Names",
    "loss: Nothing",
    "loss: Unsynced",
];

/// Worlds that not every seed has.
const SETUPS: [&str; 2] = ["setup: two servers", "setup: two servers in one folder"];

/// Why items stay.
const SKIPS: [&str; 12] = [
    "skip: failing",
    "skip: guarded",
    "skip: healthy",
    "skip: kept for ever",
    "skip: not selected",
    "skip: nothing asks",
    "skip: rule does not match",
    "skip: rule limit",
    "skip: rule waits",
    "skip: too young",
    "skip: unfinished",
    "skip: unknown",
];
