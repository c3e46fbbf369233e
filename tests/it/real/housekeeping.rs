//! Hardlinks, unregistered torrents and failed trackers: the whole program against real servers, with real files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::server::Server;
use super::torrent::{Torrent, content};
use super::tracker::{Answer, Tracker};
use super::{on_each_release, until};
use crate::product::Product;

/// The `hardlinks` block that asks for no seeding time.
fn hardlinks() -> Value {
    json!({ "hardlinks": { "min_seeding_time": "0s" } })
}

/// Gives a file another name in a folder beside the downloads.
fn link(server: &Server, file: &Path, name: &str) -> PathBuf {
    let library = server.downloads().with_file_name("library");
    fs::create_dir_all(&library).expect("a folder");
    let link = library.join(name);
    fs::hard_link(file, &link).expect("a link");
    link
}

fn is_listed(server: &Server, torrent: &Torrent) -> bool {
    server.api().info(&torrent.hash).is_some()
}

/// Whether the torrent is listed, and whether its data is there.
fn standing(server: &Server, torrent: &Torrent) -> (bool, bool) {
    (
        is_listed(server, torrent),
        torrent.has_data(&server.downloads()),
    )
}

const KEPT: (bool, bool) = (true, true);

/// The torrent is gone, and so are its files, which servers may remove somewhat later.
fn assert_gone(server: &Server, torrent: &Torrent) {
    assert!(
        !is_listed(server, torrent),
        "{} is still there",
        torrent.name
    );
    let has_files = || {
        torrent
            .paths(&server.downloads())
            .iter()
            .any(|path| path.exists())
    };
    until(
        &format!("the files of {} are removed", torrent.name),
        || (!has_files()).then_some(()),
    );
}

/// The line of `plan` about this torrent; there has to be one.
fn plan_line(product: &Product, torrent: &Torrent) -> String {
    let plan = product.run(&["plan"]);
    assert_eq!(plan.code, Some(0), "{plan:#?}");
    let line = plan
        .stdout
        .lines()
        .find(|line| line.contains(&torrent.name));
    line.unwrap_or_else(|| panic!("nothing about {} in {}", torrent.name, plan.stdout))
        .to_owned()
}

/// Runs cycles until the torrent is no longer listed, as often as its tracker has answered.
fn cycles_until_gone(product: &Product, server: &Server, torrent: &Torrent) {
    until(&format!("{} is deleted", torrent.name), || {
        product.cycle();
        (!is_listed(server, torrent)).then_some(())
    });
}

/// Waits until the server's own API shows this of every tracker of each torrent, and has it announce again where that
/// takes long: an announce asked for while another is under way is lost.
fn wait_for_trackers(server: &Server, torrents: &[Torrent], is_done: impl Fn(&Value) -> bool) {
    for torrent in torrents {
        let mut announced = Instant::now();
        until(
            &format!("the tracker of {} has answered", torrent.name),
            || {
                if announced.elapsed() > Duration::from_secs(5) {
                    server.api().reannounce(torrent);
                    announced = Instant::now();
                }
                let rows = server.api().trackers(&torrent.hash);
                let is_settled = |row: &Value| row["updating"] != json!(true) && is_done(row);
                (!rows.is_empty() && rows.iter().all(is_settled)).then_some(())
            },
        );
    }
}

fn has_refused(row: &Value) -> bool {
    matches!(row["status"].as_i64(), Some(4 | 5))
}

/// Runs a command of the program as a user who may not read everything: root keeps its name, but not that right.
fn run_without_rights(product: &Product, arguments: &[&str]) -> String {
    let inner = product.command(arguments);
    let mut command = Command::new("setpriv");
    let rights = "-dac_override,-dac_read_search";
    command
        .arg(format!("--bounding-set={rights}"))
        .arg(format!("--inh-caps={rights}"))
        .arg("--");
    command.arg(inner.get_program()).args(inner.get_args());
    command.env_clear().envs(
        inner
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    if let Some(folder) = inner.get_current_dir() {
        command.current_dir(folder);
    }
    let output = command
        .env("PATH", "/usr/bin:/bin")
        .output()
        .expect("setpriv (util-linux) is there");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("output in UTF-8")
}

on_each_release! {
    fn many_commands_throw_nobody_out(release) {
        let server = Server::start(release);
        let product = Product::watching(&server, hardlinks(), json!({}));
        let session = server.api().session();
        assert!(session.is_some());
        // 5.3 keeps fifteen sessions.
        for _ in 0..16 {
            let plan = product.run(&["plan"]);
            assert_eq!(plan.code, Some(0), "{plan:#?}");
        }
        assert_eq!(server.api().get("app/version").status, 200);
        assert_eq!(server.api().session(), session);
    }

    fn what_nothing_else_uses_is_deleted_with_its_files(release) {
        let server = Server::start(release);
        let linked = Torrent::named("linked").file("linked.mkv", 60_000).made();
        let alone = Torrent::named("alone").file("alone.mkv", 60_000).file("alone.srt", 100).made();
        let nfo = Torrent::named("nfo").file("film.mkv", 90_000).file("film.nfo", 500).made();
        let kept = Torrent::named("protected").file("protected.mkv", 10_000).made();
        server.seed_unchecked(&[linked.clone(), alone.clone(), nfo.clone()], &[]);
        server.seed_unchecked(std::slice::from_ref(&kept), &[("category", "keep")]);
        let library = link(&server, &linked.paths(&server.downloads())[0], "linked.mkv");
        let small = link(&server, &nfo.paths(&server.downloads())[1], "film.nfo");
        let account = json!({ "hardlinks": { "min_seeding_time": "0s" }, "protect": { "categories": ["keep"] } });
        let product = Product::watching(&server, account, json!({}));
        assert!(plan_line(&product, &linked).contains("linked.mkv has 2 names"));
        assert!(is_listed(&server, &alone), "plan deletes nothing");
        product.cycle();
        assert_eq!(standing(&server, &linked), KEPT);
        assert_eq!(standing(&server, &kept), KEPT);
        assert_gone(&server, &alone);
        assert_gone(&server, &nfo);
        assert!(small.exists() && library.exists());
        let again = product.cycle();
        assert_eq!((standing(&server, &linked), standing(&server, &kept)), (KEPT, KEPT), "{again:#?}");
    }

    fn too_young_is_kept_and_the_time_left_is_named(release) {
        let server = Server::start(release);
        let young = Torrent::named("young").file("young.mkv", 60_000).made();
        server.seed_unchecked(std::slice::from_ref(&young), &[]);
        let product = Product::watching(&server, json!({ "hardlinks": { "min_seeding_time": "10d" } }), json!({}));
        let line = plan_line(&product, &young);
        let is_named = ["for another 9d", "for another 10d"].iter().any(|text| line.contains(text));
        assert!(is_named, "{line}");
        product.cycle();
        assert_eq!(standing(&server, &young), KEPT);
    }

    fn cross_seeded_pair_without_links_outside_goes(release) {
        let server = Server::start(release);
        let data = content("pair", 50_000);
        let one = Torrent::named("one").file_with("one.mkv", data.clone()).made();
        let two = Torrent::named("two").file_with("two.mkv", data).made();
        server.seed_unchecked(std::slice::from_ref(&one), &[]);
        let downloads = server.downloads();
        fs::hard_link(&one.paths(&downloads)[0], &two.paths(&downloads)[0]).expect("a link");
        server.seed_unchecked(std::slice::from_ref(&two), &[]);
        let product = Product::watching(&server, hardlinks(), json!({ "limits": { "deletions_per_cycle": 2 } }));
        product.cycle();
        product.cycle();
        assert_gone(&server, &one);
        assert_gone(&server, &two);
    }

    fn shared_files_stay_with_the_torrent_that_is_left(release) {
        let server = Server::start(release);
        let data = content("same", 50_000);
        let goes = Torrent::named("same.mkv").file_with("same.mkv", data.clone()).made();
        let stays = Torrent::named("same.mkv").file_with("same.mkv", data).private().made();
        server.seed_unchecked(std::slice::from_ref(&goes), &[]);
        server.seed_unchecked(std::slice::from_ref(&stays), &[("category", "keep")]);
        let account = json!({ "hardlinks": { "min_seeding_time": "0s" }, "protect": { "categories": ["keep"] } });
        let product = Product::watching(&server, account, json!({}));
        product.cycle();
        assert!(!is_listed(&server, &goes));
        assert_eq!(standing(&server, &stays), KEPT);
    }

    fn wrong_map_deletes_nothing_and_names_the_path(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("film").file("film.mkv", 60_000).made();
        server.seed_unchecked(std::slice::from_ref(&torrent), &[]);
        let nowhere = server.downloads().with_file_name("nowhere");
        let account = json!({
            "hardlinks": { "min_seeding_time": "0s" },
            "path_map": [{ "from": server.downloads(), "to": nowhere }],
        });
        let product = Product::watching(&server, account, json!({}));
        let line = plan_line(&product, &torrent);
        assert!(line.contains(&*nowhere.join("film.mkv").to_string_lossy()), "{line}");
        product.cycle();
        assert_eq!(standing(&server, &torrent), KEPT);
    }

    fn permission_denied_deletes_nothing_and_names_the_path(release) {
        let server = Server::start(release);
        let open = Torrent::named("open").file("open.mkv", 60_000).made();
        let closed = Torrent::named("closed").file("closed.mkv", 60_000).in_a_folder().made();
        server.seed_unchecked(&[open.clone(), closed.clone()], &[]);
        let folder = server.downloads().join("closed");
        let may = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).expect("its mode is set");
        may(0o000);
        let product = Product::watching(&server, hardlinks(), json!({}));
        let plan = run_without_rights(&product, &["plan"]);
        let denied = format!("{}: permission denied", folder.join("closed.mkv").display());
        assert!(plan.contains(&denied), "{plan}");
        run_without_rights(&product, &["run", "--once"]);
        may(0o755);
        assert_eq!(standing(&server, &closed), KEPT);
        assert_gone(&server, &open);
    }

    fn unmounted_folder_deletes_nothing_and_is_no_failure(release) {
        let mut server = Server::start(release);
        let torrent = Torrent::named("film").file("film.mkv", 60_000).made();
        server.seed(&torrent);
        let downloads = server.downloads();
        let account = json!({
            "hardlinks": { "min_seeding_time": "0s" },
            "errored": { "max_failures": 1, "last_resort": "delete_files" },
        });
        let product = Product::watching(&server, account, json!({}));
        let away = downloads.with_file_name("away");
        server.stop();
        fs::rename(&downloads, &away).expect("moved");
        fs::create_dir(&downloads).expect("the place of the mount");
        server.start_again();
        until("the server misses the files", || {
            ["missingFiles/0", "stalledUP/1"].contains(&server.api().standing(&torrent.hash).as_str()).then_some(())
        });
        let line = plan_line(&product, &torrent);
        assert!(line.contains(&*downloads.to_string_lossy()), "{line}");
        product.cycle();
        product.cycle();
        assert!(is_listed(&server, &torrent));
        assert_eq!(product.failures("seedbox", &torrent.hash, "errored"), 0);
        assert!(torrent.has_data(&away));
    }

    fn unregistered_torrent_goes_after_its_failures_and_its_link_survives(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let url = tracker.url_with_passkey("0123456789abcdef0123456789abcdef");
        let made = |name: &str| Torrent::named(name).file(&format!("{name}.mkv"), 30_000).private().tracker(&url).made();
        let (gone, fine, not_found, limited) = (made("gone"), made("fine"), made("notfound"), made("limited"));
        tracker.answer(&gone, Answer::failure("Unregistered torrent"));
        tracker.answer(&not_found, Answer::Status(404, "Not Found"));
        tracker.answer(&limited, Answer::failure("Rate limit exceeded, try again later"));
        let all = [gone.clone(), fine.clone(), not_found.clone(), limited.clone()];
        server.seed_unchecked(&all, &[]);
        let library = link(&server, &gone.paths(&server.downloads())[0], "gone.mkv");
        wait_for_trackers(&server, std::slice::from_ref(&gone), has_refused);
        let account = json!({ "unregistered": { "max_failures": 3, "last_resort": "delete_files" } });
        let product = Product::watching(&server, account, json!({}));
        let first = product.cycle();
        assert_eq!(product.failures("seedbox", &gone.hash, "unregistered"), 1, "{first:#?}");
        assert!(is_listed(&server, &gone));
        let announces = tracker.announces(&gone);
        until("it is reannounced as a remedy", || (tracker.announces(&gone) >= announces.max(2)).then_some(()));
        cycles_until_gone(&product, &server, &gone);
        assert_gone(&server, &gone);
        assert!(library.exists());
        for torrent in [&fine, &limited, &not_found] {
            assert_eq!(standing(&server, torrent), KEPT, "{}", torrent.name);
        }
        let texts = [product.run(&["plan"]).stdout, fs::read_to_string(product.state_dir().join("state.json")).expect("state")];
        assert!(texts.iter().all(|text| !text.contains("0123456789abcdef")));
    }

    fn half_of_a_tracker_turning_bad_at_once_counts_nothing(release) {
        let (server, tracker) = (Server::start(release), Tracker::start());
        let url = tracker.url();
        let made = |i: usize| Torrent::named(&format!("t{i}")).file(&format!("t{i}.mkv"), 20_000).private().tracker(&url).made();
        let torrents: Vec<Torrent> = (0..8).map(made).collect();
        server.seed_unchecked(&torrents, &[]);
        wait_for_trackers(&server, &torrents, |row| row["status"] == json!(2));
        let account = json!({ "unregistered": { "max_failures": 1, "last_resort": "delete_files" } });
        let product = Product::watching(&server, account, json!({}));
        product.cycle();
        let bad = &torrents[..6];
        for torrent in bad {
            tracker.answer(torrent, Answer::failure("Unregistered torrent"));
            server.api().reannounce(torrent);
        }
        wait_for_trackers(&server, bad, has_refused);
        product.cycle();
        let plan = product.run(&["plan"]);
        assert!(plan.stdout.contains("outage"), "{}", plan.stdout);
        product.cycle();
        for torrent in &torrents {
            assert_eq!(standing(&server, torrent), KEPT, "{}", torrent.name);
            assert_eq!(product.failures("seedbox", &torrent.hash, "unregistered"), 0);
        }
        tracker.answer_all(Answer::Peers);
        bad.iter().for_each(|torrent| server.api().reannounce(torrent));
        wait_for_trackers(&server, bad, |row| row["status"] == json!(2));
        product.cycle();
        let plan = product.run(&["plan"]);
        assert!(!plan.stdout.contains("outage"), "{}", plan.stdout);
    }

    fn failed_tracker_of_public_torrent_is_removed_but_never_the_last(release) {
        let (server, good, bad) = (Server::start(release), Tracker::start(), Tracker::start());
        bad.answer_all(Answer::Status(503, "Service Unavailable"));
        let both = Torrent::named("both").file("both.mkv", 20_000).tracker(&bad.url()).tracker(&good.url()).made();
        let alone = Torrent::named("alone").file("alone.mkv", 20_000).tracker(&bad.url()).made();
        let private = Torrent::named("private").file("private.mkv", 20_000).private().tracker(&bad.url()).tracker(&good.url()).made();
        server.seed_unchecked(&[both.clone(), alone.clone(), private.clone()], &[]);
        let account = json!({ "failed_trackers": { "max_failures": 2, "for": "1s" } });
        let product = Product::watching(&server, account, json!({}));
        let addresses = |torrent: &Torrent| -> Vec<String> {
            let rows = server.api().trackers(&torrent.hash);
            rows.iter().filter_map(|row| row["url"].as_str().map(str::to_owned)).collect()
        };
        until("the failed tracker is removed", || {
            product.cycle();
            (addresses(&both) == [good.url()]).then_some(())
        });
        product.cycle();
        assert_eq!(addresses(&alone), [bad.url()]);
        assert_eq!(addresses(&private).len(), 2);
    }
}
