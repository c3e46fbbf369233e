//! Links, with real files.

use super::*;
use crate::support::disk::SimDisk;

/// Names that a shell, a URL or a careless join would trip over.
const ODD_NAMES: &[&str] = &[
    " leading and trailing ",
    "new\nline",
    "tab\tand\rreturn",
    "quote'\"`",
    "glob*?[a]{b}",
    "per%cent%2F",
    "back\\slash",
    "#hash?query&and=;",
    "$HOME ~ !x |",
    "-rf",
    "...",
    "ünïcödé 種子 🎬",
    "e\u{301}",
    "\u{202e}gpj.exe",
];

#[test]
fn link_into_a_library_counts_and_none_does_not() {
    let mut world = World::new();
    let linked = world.seed(
        "linked",
        "tv",
        &[("show/e1.mkv", 900), ("show/e1.nfo", 100)],
    );
    let alone = world.seed("alone", "tv", &[("film.mkv", 700)]);
    world.link("tv/show/e1.mkv", "library/e1.mkv");
    world.check(&linked, "900/1000 2");
    world.check(&alone, "0/700 1");
}

#[test]
fn linked_nfo_does_not_protect() {
    let mut world = World::new();
    let id = world.seed(
        "a",
        "tv",
        &[("show/e1.mkv", 9_000_000), ("show/e1.nfo", 100)],
    );
    world.link("tv/show/e1.nfo", "library/e1.nfo");
    world.check(&id, "100/9000100 2");
    let Some(LinkResult::Seen(share)) = world.store.facts().links.get(&id).map(|f| &f.result)
    else {
        panic!("seen")
    };
    assert!(!share.is_linked(0.1));
    assert!(
        share
            .evidence
            .as_ref()
            .is_some_and(|e| e.path.ends_with("e1.nfo"))
    );
}

#[test]
fn count_of_one_is_believed_only_where_file_systems_are_known_to_tell() {
    let doubt = "DL/tv/e1.mkv: fuse may show one name of a file that has several";
    for (system, tells_links, expected) in [
        ("ext4", true, ["0/900 1", "0/800 1", "700/700 2"]),
        ("fuse", true, ["0/900 1", "0/800 1", "700/700 2"]),
        ("fuse", false, [doubt, "tv/e2", "tv/e3"]),
    ] {
        let (mut world, disk) = (World::new(), SimDisk::default());
        let files = [("e1.mkv", 900), ("e2.mkv", 800), ("e3.mkv", 700)];
        let ids = files.map(|file| world.torrent(file.0, "tv", &[file]));
        disk.with(|disk| {
            for (name, size) in files {
                disk.put_sized(&world.path("tv").join(name), size as u64);
            }
            disk.link(&world.path("tv/e3.mkv"), &world.path("library/e3.mkv"));
            disk.set_file_system(world.folder.path(), system);
            if !tells_links {
                disk.hide_links(world.folder.path());
            }
        });
        world.store = FactStore::new("seedbox".into(), Arc::new(disk), Arc::default());
        for (found, expected) in world
            .links(&[&ids[0], &ids[1], &ids[2]])
            .iter()
            .zip(expected)
        {
            assert!(found.contains(expected), "{system}: {found}");
        }
        // A second name that was seen is remembered: the one without is looked at alone.
        world.store.forget(&ids[0]);
        world.later(1);
        assert_eq!(world.links(&[&ids[0]]), [expected[0]], "{system}");
    }
}

#[test]
fn cross_seeded_pair_has_no_name_outside() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("show/e1.mkv", 900)]);
    let two = world.torrent("two", "cross", &[("Show.E1.mkv", 900)]);
    world.link("tv/show/e1.mkv", "cross/Show.E1.mkv");
    assert_eq!(world.links(&[&one, &two]), ["0/900 2", "0/900 2"]);
    world.link("tv/show/e1.mkv", "library/e1.mkv");
    world.later(6 * 60);
    assert_eq!(world.links(&[&one, &two]), ["900/900 3", "900/900 3"]);
}

#[test]
fn name_that_a_removed_torrent_left_behind_is_outside() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    let two = world.torrent("two", "cross", &[("e1.mkv", 900)]);
    world.link("tv/e1.mkv", "cross/e1.mkv");
    world.check(&one, "0/900 2");
    world.library.torrents.remove(&two);
    world.store.forget(&one);
    world.check(&one, "900/900 2");
}

#[test]
fn name_on_record_that_leads_elsewhere_is_not_counted() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    world.torrent("two", "cross", &[("e1.mkv", 900)]);
    world.link("tv/e1.mkv", "cross/e1.mkv");
    world.check(&one, "0/900 2");
    std::fs::rename(world.path("cross/e1.mkv"), world.path("kept.mkv")).unwrap();
    write(&world.path("cross/e1.mkv"), 900);
    world.store.forget(&one);
    world.check(&one, "900/900 2");
}

#[test]
fn unfinished_cross_seed_holds_its_name_with_suffix() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    let two = world.torrent("two", "cross", &[("e1.mkv", 900)]);
    world.library.torrents.get_mut(&two).unwrap().progress = Some(0.5);
    world.link("tv/e1.mkv", "cross/e1.mkv.!qB");
    world.check(&one, "0/900 2");
}

#[test]
fn two_ways_to_one_name_are_one_name() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    world.torrent("two", "other", &[("e1.mkv", 900)]);
    std::os::unix::fs::symlink(world.path("tv"), world.path("other")).unwrap();
    world.link("tv/e1.mkv", "library/e1.mkv");
    world.check(&one, "900/900 2");
}

#[test]
fn skipped_files_do_not_bear_on_it() {
    let mut world = World::new();
    let id = world.seed("a", "tv", &[("show/e1.mkv", 900), ("show/e2.mkv", 800)]);
    world.source.files.get_mut(&id).unwrap()[1].priority = 0;
    std::fs::remove_file(world.path("tv/show/e2.mkv")).unwrap();
    world.check(&id, "0/900 1");
}

#[test]
fn odd_names_are_found() {
    let mut world = World::new();
    for (i, name) in ODD_NAMES.iter().enumerate() {
        let file = format!("{name}/{name}");
        let id = world.seed(&format!("{i}"), "odd", &[(&file, 50)]);
        world.check(&id, "0/50 1");
        world.link(&format!("odd/{file}"), &format!("library/{i}"));
        world.store.forget(&id);
        world.check(&id, "50/50 2");
    }
}

#[test]
fn thousands_of_files_are_looked_at() {
    let mut world = World::new();
    let names: Vec<String> = (0..6_000)
        .map(|i| format!("pack/{:02}/{i}.jpg", i % 50))
        .collect();
    let files: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 10)).collect();
    let id = world.seed("pack", "", &files);
    for i in (0..6_000).step_by(10) {
        world.link(&names[i], &format!("library/{i}"));
    }
    world.check(&id, "6000/60000 2");
}

#[test]
fn what_is_not_as_described_is_unknown_and_names_the_path() {
    let mut world = World::new();
    let visible = world.seed("visible", "", &[("visible", 1)]);
    let missing = world.torrent("missing", "tv", &[("e1.mkv", 900)]);
    let not_found =
        "not found (gone, another path map needed, not mounted, or hidden from the service)";
    world.check(&missing, &format!("DL/tv/e1.mkv: {not_found}"));

    let symlink = world.torrent("symlink", "tv", &[("s.mkv", 1)]);
    std::fs::create_dir_all(world.path("tv")).unwrap();
    std::os::unix::fs::symlink(world.path("visible"), world.path("tv/s.mkv")).unwrap();
    world.check(
        &symlink,
        "DL/tv/s.mkv is no regular file (symbolic links are not followed)",
    );

    let partial = world.seed("partial", "tv", &[("p.mkv", 10)]);
    write(&world.path("tv/p.mkv"), 4);
    world.check(
        &partial,
        "DL/tv/p.mkv has 4 bytes, the torrent's file has 10",
    );

    let below_file = world.torrent("below", "visible", &[("x", 1)]);
    world.check(&below_file, "DL/visible/x: not a directory");

    let circle = world.torrent("circle", "circle", &[("x", 1)]);
    std::os::unix::fs::symlink(world.path("circle"), world.path("circle")).unwrap();
    let found = world.links(&[&circle]).join("");
    assert!(found.starts_with("DL/circle/x: "), "{found}");

    let unmapped = world.torrent("unmapped", "", &[("x", 1)]);
    world.library.torrents.get_mut(&unmapped).unwrap().save_path = "/elsewhere".into();
    world.check(&unmapped, "/elsewhere/x: no entry of path_map covers it");
    world.check(&visible, "0/1 1");
}

/// Root may read everything, so it runs this test again as a user who may not.
#[test]
fn permission_denied_is_unknown() {
    use std::os::unix::fs::PermissionsExt;
    let mut world = World::new();
    let id = world.seed("closed", "closed", &[("x", 5)]);
    let closed = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(world.path("closed"), closed).unwrap();
    if std::fs::read_dir(world.path("closed")).is_ok() {
        let status = std::process::Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .arg(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "shell::facts::tests::links::permission_denied_is_unknown",
            ])
            .env("TMPDIR", "/tmp")
            .output();
        let output = status.expect("setpriv (util-linux) is there");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        return;
    }
    world.seed("visible", "", &[("visible", 1)]);
    world.check(&id, "DL/closed/x: permission denied");
    let open = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(world.path("closed"), open).unwrap();
}

#[test]
fn wrong_map_makes_every_finding_unknown() {
    let mut world = World::new();
    let id = world.seed("a", "tv", &[("e1.mkv", 900)]);
    let wrong = world.path("nowhere");
    world.policy.path_map = PathMap::new([("/dl".to_owned(), wrong)]);
    let found = world.links(&[&id]).join("");
    assert!(
        found.starts_with(
            "no content of this account is visible, not even DL/nowhere/tv/e1.mkv: not found"
        ),
        "{found}"
    );
}

#[test]
fn map_of_a_small_part_of_the_account_is_enough() {
    let mut world = World::new();
    let id = world.seed("a", "tv", &[("e1.mkv", 900)]);
    for i in 0..100 {
        let other = world.torrent(&format!("b{i}"), "", &[("x", 1)]);
        let torrent = world.library.torrents.get_mut(&other).unwrap();
        torrent.save_path = "/elsewhere".into();
        torrent.content_path = Some(format!("/elsewhere/{i}").into());
    }
    world.check(&id, "0/900 1");
}

#[test]
fn finding_is_remembered_and_looked_at_again_in_time() {
    let mut world = World::new();
    let id = world.seed("a", "tv", &[("e1.mkv", 900)]);
    world.check(&id, "0/900 1");
    world.link("tv/e1.mkv", "library/e1.mkv");
    world.later(5 * 60);
    assert_eq!(world.finding(&id), "0/900 1");
    world.later(61);
    assert_eq!(world.finding(&id), "nothing");
    world.check(&id, "900/900 2");
}

#[test]
fn unknown_finding_is_looked_at_again_soon() {
    let mut world = World::new();
    world.seed("visible", "", &[("visible", 1)]);
    let id = world.torrent("a", "tv", &[("e1.mkv", 900)]);
    world.links(&[&id]);
    world.later(5);
    assert_eq!(world.finding(&id), "nothing");
}

#[test]
fn torrent_that_moved_is_looked_at_again() {
    let mut world = World::new();
    let id = world.seed("a", "tv", &[("e1.mkv", 900)]);
    world.check(&id, "0/900 1");
    world.library.torrents.get_mut(&id).unwrap().save_path = "/dl/films".into();
    world.later(1);
    assert_eq!(world.finding(&id), "nothing");
}

#[test]
fn accounts_in_the_same_folders_count_together() {
    let names: Arc<Mutex<NameIndex>> = Arc::default();
    let mut one = World::with(tempfile::tempdir().unwrap(), "one", Arc::clone(&names));
    let shared = tempfile::TempDir::new_in(one.folder.path()).unwrap();
    let below = shared
        .path()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let mut two = World::with(shared, "two", names);
    let id = one.seed("a", "", &[("e1.mkv", 900)]);
    let other = two.torrent("b", "", &[("copy.mkv", 900)]);
    one.link("e1.mkv", &format!("{below}/copy.mkv"));
    one.later(0);
    // Nobody knows yet what the other account has.
    one.check(&id, "900/900 2");
    two.later(0);
    one.later(1);
    let waits = "the torrents of account two lie in the same folders and have not been read yet";
    one.check(&id, waits);
    assert!(two.store.is_asked());
    two.fetch(&Wanted::default());
    assert!(!two.store.is_asked());
    one.later(1);
    one.check(&id, "0/900 2");
    two.library.torrents.remove(&other);
    two.later(1);
    two.fetch(&Wanted::default());
    one.later(1);
    one.check(&id, "900/900 2");
}

#[test]
fn unreadable_list_of_another_torrent_leaves_links_unknown() {
    let mut world = World::new();
    let id = world.seed("one", "tv", &[("e1.mkv", 900)]);
    let other = world.seed("other", "tv", &[("e2.mkv", 950)]);
    let small = world.seed("small", "tv", &[("e3.mkv", 10)]);
    world.link("tv/e1.mkv", "library/e1.mkv");
    world.source.files.remove(&small);
    world.check(&id, "900/900 2");
    world.source.files.remove(&other);
    world.store.forget(&id);
    world.store.forget(&other);
    world.check(
        &id,
        "files of another torrent may be the same: no such torrent",
    );
}
