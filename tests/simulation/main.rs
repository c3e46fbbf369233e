//! Proof by simulation: the real daemon, clients, store and ledger in worlds where everything goes wrong, judged at the
//! moment of effect.
//!
//! A world has AllDebrid accounts, often a qBittorrent server of some version or two, one or two webhooks of Discord, a disk
//! that forgets what was not synced, a clock that people set, and the people themselves: items fail, recover, vanish and come
//! back, mounts go, sessions end, the state file is edited and reset, deletions are restored, the configuration changes, the
//! service is restarted, and the process dies at any call of a port. One generator decides everything, time is tokio's paused clock, and one thread runs it all, so that a seed
//! gives the same trace byte for byte.
//!
//! [`oracle`] knows the thirteen invariants of the design. It hears of requests, effects and answers from the models, follows
//! `state.json` as it is replaced, and never asks the daemon. [`every_call`] lets the process die at every single call of
//! small worlds, before and after its effect.
//!
//! - `cargo test --test simulation` runs the default seeds.
//! - `SEEDWARDEN_SEED=7 cargo test --test simulation holds` replays one with its trace.
//! - `SEEDWARDEN_SEEDS=0..20000 cargo test --test simulation holds` is for a long run.
//!
//! # What it holds against what
//!
//! | invariant | where |
//! | --- | --- |
//! | 1 reasons, on fresh data | each deletion against what its listing and its second look showed, files of torrents against the disk's own names; removed trackers against what was read right before; plans that the audit refuses |
//! | 2 announcements | each message that a webhook keeps, against what was deleted and what is there; what a webhook was not told of at the end |
//! | 3 counts | each version of `state.json` as it is replaced: AllDebrid's counts and outages by an exact model, qBittorrent's by bounds; requests only after what they rest on is durable |
//! | 4 unreadable accounts | counts without a listing; and no account that is well waits longer than its cycle, or its rules' cycle, for one that is not |
//! | 5 distance of cycles | `last_cycle_at` from one version of the state to the next, over restarts and edits |
//! | 6 limits | deletions by the clock of the process |
//! | 7 dry run | requests and calls of the disk while somebody rehearses |
//! | 8 resets | deletions and counts after an edit: one before the second look must have been noticed |
//! | 9 protection | categories, tags, selection, links, files that other torrents hold, the grace of what came back while somebody restored |
//! | 10 secrets | every request, message, log line and file |
//! | 11 starts | after every death and loss of power |
//! | 12 progress | when faults end, what is beyond help is gone and announced within a bounded time, and nothing else is gone |
//! | 13 downloads | what the servers download again, unless their owner or a restart of theirs did it |
//!
//! [`rare`] lists what must occur over the default seeds: faults, deaths, losses, guards, reasons why items stay, and what people
//! do. Too rare for them are the guards `unsettled`, `tried_already`, `shared_unknown` and `shared_with_deleted`, which unit tests have.
//!
//! Not in these worlds: JavaScript rules, as they run in a process of their own, which the paused clock cannot wait for
//! (`tests/scripts` has them); exact counts of torrents, as their course depends on treatments and on which folders can be seen;
//! services that lie in a complete listing; accounts that share folders; changes of the accounts and webhooks in a configuration.
//!
//! # The proof of the proof
//!
//! `tests/simulation/mutants/run FOLDER` puts deliberate bugs into a copy of the sources and looks which of the default seeds
//! finds each first:
//!
//! | bug | found by seed | as a breach of |
//! | --- | --- | --- |
//! | `counts_twice` | 0 | a plan that the audit refuses |
//! | `forgets_nothing_that_got_well` | 0 | invariant 3 |
//! | `counts_after_refused_remedies` | 3 | invariant 3 |
//! | `forgets_what_is_missing_once` | 0 | a plan that the audit refuses |
//! | `keeps_counts_of_another_item` | 3 | a plan that the audit refuses |
//! | `knows_no_outages` | 9 | invariant 3 |
//! | `keeps_half_the_distance` | 0 | invariant 5 |
//! | `judges_gaps_by_when_a_cycle_was_due` | 3 | invariant 1 |
//! | `reads_edits_by_old_clocks` | 2 | invariant 3 |
//! | `delays_other_accounts` | 10 | invariant 4 |
//! | `has_last_resorts_after_a_gap` | 3 | invariant 1 |
//! | `exceeds_the_limit_of_a_cycle` | 0 | a plan that the audit refuses |
//! | `looks_only_once` | 42 | invariant 1 |
//! | `overwrites_edits` | 0 | invariant 3 |
//! | `deletes_in_spite_of_late_edits` | 19 | invariant 8 |
//! | `deletes_in_spite_of_edits` | 11 | invariant 1 |
//! | `never_tells_of_interrupted_deletions` | 13 | invariant 12 |
//! | `removes_any_failing_tracker` | 10 | invariant 1 |
//! | `takes_any_page_for_discord` | 6 | invariant 12 |
//! | `takes_lost_answers_for_not_sent` | 18 | invariant 12 |
//! | `leaves_content_unsynced` | 6 | invariant 3 |
//! | `leaves_names_unsynced` | 0 | invariant 3 |
//! | `leaves_the_ledger_unsynced` | 6 | invariant 12 |
//! | `decides_on_old_listings` | 0 | invariant 3 |
//! | `forgets_counts_of_unreadable_accounts` | 0 | invariant 3 |
//! | `ignores_protected_categories` | 0 | a plan that the audit refuses |
//! | `deletes_what_was_restored` | 4 | a plan that the audit refuses |
//! | `takes_unknown_links_for_none` | 0 | a plan that the audit refuses |
//! | `ignores_links` | 12 | a plan that the audit refuses |
//! | `starts_what_is_incomplete` | 0 | invariant 13 |
//! | `rechecks_what_still_runs` | 0 | invariant 13 |
//! | `deletes_shared_files` | 0 | a plan that the audit refuses |
//! | `tells_the_first_webhook_only` | 0 | invariant 12 |
//! | `takes_one_webhook_for_all` | 0 | invariant 12 |
//! | `restores_off_the_record` | 4 | invariant 9 |

#[path = "../support/mod.rs"]
mod support;

mod dice;
mod discord;
mod disk;
mod every_call;
mod hub;
mod listener;
mod magnets;
mod network_faults;
mod oracle;
mod rare;
mod runs;
mod service;
mod setup;
mod torrents;
mod world;
