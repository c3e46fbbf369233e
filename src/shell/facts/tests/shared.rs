//! Shared files and mounts, with real files.

mod beside;

use super::*;
use crate::core::facts::Mount;
use crate::support::disk::SimDisk;

impl World {
    /// What this torrent shares: "OTHER FILE", or why unknown.
    fn shared(&mut self, id: &ItemId) -> String {
        self.fetch(&Wanted {
            shared: BTreeSet::from([id.clone()]),
            ..Wanted::default()
        });
        match self.store.facts().shared.get(id) {
            Some(Ok(shared)) => {
                let words: Vec<String> = shared
                    .iter()
                    .map(|s| format!("{} {}", s.other, s.file))
                    .collect();
                words.join(", ")
            }
            Some(Err(why)) => why.clone(),
            None => "nothing".to_owned(),
        }
    }

    /// What is known of this save path.
    fn mount(&mut self, save_path: &str) -> String {
        self.fetch(&Wanted {
            mounts: BTreeSet::from([save_path.into()]),
            ..Wanted::default()
        });
        match self.store.facts().mounts.get(save_path) {
            Some(Mount::Present) => "present".to_owned(),
            Some(Mount::Absent(why)) => why.replace(&*self.folder.path().to_string_lossy(), "DL"),
            Some(Mount::NotOurs) => "not ours".to_owned(),
            None => "nothing".to_owned(),
        }
    }
}

#[test]
fn same_path_is_shared_though_nothing_is_visible() {
    let mut world = World::new();
    let one = world.torrent("one", "tv", &[("show/e1.mkv", 900), ("show/e2.mkv", 900)]);
    let two = world.torrent("two", "tv/show", &[("e2.mkv", 900)]);
    world.torrent("three", "tv", &[("show/e3.mkv", 900)]);
    world.torrent("far", "films", &[("e1.mkv", 900)]);
    assert_eq!(world.shared(&one), "two /dl/tv/show/e2.mkv");
    assert_eq!(world.shared(&two), "one /dl/tv/show/e2.mkv");
}

#[test]
fn lists_are_asked_for_only_where_contents_overlap() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("a.mkv", 900)]);
    world.seed("two", "tv", &[("b.mkv", 900)]);
    assert_eq!(world.shared(&one), "");
    assert_eq!(world.source.asked(), Vec::<String>::new());
}

#[test]
fn hard_links_are_not_shared_but_one_name_by_two_ways_is() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900), ("e2.mkv", 5)]);
    world.torrent("linked", "cross", &[("e1.mkv", 900)]);
    world.link("tv/e1.mkv", "cross/e1.mkv");
    assert_eq!(world.shared(&one), "");
    std::os::unix::fs::symlink(world.path("tv"), world.path("way")).unwrap();
    let same = world.torrent("same", "way", &[("e1.mkv", 900)]);
    assert_eq!(world.shared(&one), "same /dl/tv/e1.mkv");
    assert_eq!(world.shared(&same), "one /dl/way/e1.mkv");
}

#[test]
fn files_that_others_reach_through_links_are_shared() {
    // Another torrent's files, each as "NAME" or "NAME -> TARGET"; one of `/dl/tv` with `show/e1.mkv` and `show/e2.mkv` goes.
    for (what, folder, files, expected) in [
        ("a file", "x", &["e1 -> tv/show/e1.mkv"][..], true),
        (
            "a file deep inside",
            "x",
            &["top/a", "top/sub/b -> tv/show/e2.mkv"],
            true,
        ),
        (
            "a link to a link",
            "x",
            &["e1 -> way", "../way -> tv/show/e1.mkv"],
            true,
        ),
        (
            "a name in a folder of links",
            "x",
            &["e1 -> links/e1.mkv", "../links -> tv/show"],
            true,
        ),
        (
            "the top folder",
            "x",
            &["top -> tv/show", "top/e1.mkv", "top/e2.mkv"],
            true,
        ),
        (
            "a folder inside",
            "x",
            &["top/sub -> tv/show", "top/a", "top/sub/e2.mkv"],
            true,
        ),
        (
            "the save path",
            "way",
            &["../way -> tv/show", "e2.mkv"],
            true,
        ),
        (
            "above the save path",
            "way/show",
            &["../../way -> tv", "e1.mkv"],
            true,
        ),
        (
            "a link elsewhere",
            "x",
            &["e1 -> other/e1.mkv", "../other/e1.mkv"],
            false,
        ),
        (
            "a link beside it",
            "x",
            &["e1 -> tv/show/e3.mkv", "../tv/show/e3.mkv"],
            false,
        ),
        (
            "a link that leads nowhere",
            "x",
            &["e1 -> tv/none/e1.mkv"],
            false,
        ),
        ("a circle", "x", &["e1 -> x/e2", "e2 -> x/e1"], false),
        ("a hard link", "x", &["e1 = tv/show/e1.mkv"], false),
    ] {
        let mut world = World::new();
        let one = world.seed("one", "tv", &[("show/e1.mkv", 900), ("show/e2.mkv", 900)]);
        let mut names = Vec::new();
        for file in files {
            let (name, target) = file.split_once(" -> ").unwrap_or((file, ""));
            let (name, linked) = name.split_once(" = ").unwrap_or((name, ""));
            let path = world.path(folder).join(name);
            let path = path
                .to_string_lossy()
                .replace("/x/..", "")
                .replace("/way/show/../..", "");
            let path = PathBuf::from(path.replace("/way/..", ""));
            if !target.is_empty() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::os::unix::fs::symlink(world.path(target), &path).unwrap();
            } else if !linked.is_empty() {
                world.link(linked, &format!("{folder}/{name}"));
            } else if !path.exists() {
                write(&path, 900);
            }
            if !name.starts_with("..") && name != "top" {
                names.push((name, 900));
            }
        }
        world.torrent("other", folder, &names);
        let shared = world.shared(&one);
        assert_eq!(shared.contains("other "), expected, "{what}: {shared}");
        world.later(5);
        // Its own link goes with it, and not what that leads to.
        let back = world.shared(&ItemId::from("other"));
        let is_way = folder != "x" || what.contains("folder");
        assert_eq!(
            back.contains("one "),
            expected && is_way && what != "a name in a folder of links",
            "{what}: {back}"
        );
    }
}

#[test]
fn link_is_read_as_the_server_reads_it() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    std::fs::create_dir_all(world.path("x")).unwrap();
    std::os::unix::fs::symlink("/dl/tv/e1.mkv", world.path("x/e1.mkv")).unwrap();
    let other = world.torrent("other", "x", &[("e1.mkv", 900)]);
    assert_eq!(world.shared(&one), "other /dl/tv/e1.mkv");
    std::fs::remove_file(world.path("x/e1.mkv")).unwrap();
    std::os::unix::fs::symlink("/media/e1.mkv", world.path("x/e1.mkv")).unwrap();
    world.later(5);
    let why = "other may hold the same files: /media/e1.mkv: no entry of path_map covers it";
    assert_eq!(world.shared(&one), why);
    world.library.torrents.remove(&other);
    world.later(5);
    assert_eq!(world.shared(&one), "");
}

#[test]
fn link_may_lead_to_files_that_cannot_be_seen() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    std::fs::create_dir_all(world.path("x")).unwrap();
    std::os::unix::fs::symlink(world.path("hidden/e1.mkv"), world.path("x/e1.mkv")).unwrap();
    world.torrent("other", "x", &[("e1.mkv", 900)]);
    assert_eq!(world.shared(&one), "");
    let hidden = world.torrent("hidden", "hidden", &[("e1.mkv", 900)]);
    let why = "other may hold the same files: /dl/x/e1.mkv leads to nothing that can be seen";
    assert_eq!(world.shared(&hidden), why);
}

#[test]
fn paths_that_differ_in_case_are_shared_where_the_disk_does_not_tell() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("Show/e1.mkv", 900)]);
    let other = world.seed("other", "tv", &[("show/E1.mkv", 900)]);
    assert_eq!(world.shared(&one), "");
    std::fs::remove_dir_all(world.path("tv/show")).unwrap();
    world.later(5);
    let why = "other may hold the same files: only the case of letters tells /dl/tv/Show/e1.mkv apart, and it cannot be seen whether the disk does";
    assert_eq!(world.shared(&one), why);
    // As a folder of such a disk shows: two names of it are one.
    std::os::unix::fs::symlink("Show", world.path("tv/show")).unwrap();
    std::fs::hard_link(world.path("tv/Show/e1.mkv"), world.path("tv/Show/E1.mkv")).unwrap();
    world.later(5);
    assert_eq!(world.shared(&one), "other /dl/tv/Show/e1.mkv");
    assert_eq!(world.shared(&other), "one /dl/tv/show/E1.mkv");
}

#[test]
fn torrent_in_a_folder_of_another_one_shares_nothing() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("show/e1.mkv", 900)]);
    let other = world.seed("other", "tv/show", &[("extra/e1.mkv", 900)]);
    std::os::unix::fs::symlink(world.path("tv"), world.path("way")).unwrap();
    let third = world.seed("third", "way/show", &[("more/e1.mkv", 900)]);
    for id in [&one, &other, &third] {
        assert_eq!(world.shared(id), "", "{id}");
    }
}

/// A mount needs root.
#[test]
fn bind_mount_leads_to_the_same_files() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("show/e1.mkv", 900), ("show/e2.mkv", 900)]);
    std::fs::create_dir_all(world.path("bound")).unwrap();
    let mount = |args: &[&std::ffi::OsStr]| {
        let done = std::process::Command::new(if args.len() > 1 { "mount" } else { "umount" })
            .args(args)
            .status();
        done.is_ok_and(|status| status.success())
    };
    let bound = world.path("bound");
    if !mount(&[
        "--bind".as_ref(),
        world.path("tv/show").as_ref(),
        bound.as_ref(),
    ]) {
        return;
    }
    let other = world.torrent("other", "bound", &[("e2.mkv", 900)]);
    let beside = world.seed("beside", "bound", &[("e3.mkv", 900)]);
    let found = [&one, &other, &beside].map(|id| world.shared(id));
    assert!(mount(&[bound.as_ref()]));
    assert_eq!(
        found,
        ["other /dl/tv/show/e2.mkv", "one /dl/bound/e2.mkv", ""]
    );
}

#[test]
fn folders_are_looked_into_now_and_then_and_right_before_a_deletion() {
    let (mut world, disk) = (World::new(), SimDisk::default());
    let one = world.torrent("one", "tv", &[("show/e1.mkv", 900)]);
    disk.with(|disk| disk.put_sized(&world.path("tv/show/e1.mkv"), 900));
    world.store = FactStore::new("seedbox".into(), Arc::new(disk.clone()), Arc::default());
    let looks = || disk.with(|disk| disk.log().filter(|line| line.contains(" list ")).count());
    for (minutes, is_second_look, expected) in [
        (1, false, 1),
        (1, false, 1),
        (1, true, 2),
        (0, true, 3),
        (1, false, 3),
        (5, false, 4),
    ] {
        world.later(minutes);
        if is_second_look {
            world.store.forget(&one);
        }
        assert_eq!((world.shared(&one), looks()), (String::new(), expected));
    }
}

#[test]
fn torrent_added_over_the_same_files_meanwhile_is_found() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    assert_eq!(world.shared(&one), "");
    let cycle = world.library.clone();
    world.torrent("new", "tv", &[("e1.mkv", 900)]);
    world.store.forget_shared(&one);
    let wanted = Wanted {
        shared: BTreeSet::from([one.clone()]),
        ..Wanted::default()
    };
    let both = (&cycle, &world.library);
    run(world
        .store
        .fetch_beside(&wanted, &world.source, both, &world.policy, world.now));
    let shared = world.store.facts().shared.get(&one).unwrap();
    assert_eq!(shared.as_ref().unwrap()[0].name, "new");
}

#[test]
fn name_deep_below_a_link_is_found_too() {
    let mut world = World::new();
    let one = world.seed("one", "", &[("tv/show/e1.mkv", 900)]);
    std::fs::create_dir_all(world.path("ways")).unwrap();
    std::os::unix::fs::symlink(world.path("tv/show"), world.path("ways/show")).unwrap();
    world.torrent("same", "ways/show", &[("e1.mkv", 900)]);
    assert_eq!(world.shared(&one), "same /dl/tv/show/e1.mkv");
}

#[test]
fn unreadable_list_leaves_sharing_unknown() {
    let mut world = World::new();
    let one = world.torrent("one", "tv", &[("show/e1.mkv", 900)]);
    let two = world.torrent("two", "tv", &[("show/e1.mkv", 900)]);
    world.source.files.remove(&two);
    let expected = "files of two, which lies at the same place, are not known: no such torrent";
    assert_eq!(world.shared(&one), expected);
}

#[test]
fn mount_is_seen_by_the_content_of_healthy_torrents() {
    let mut world = World::new();
    world.seed("a", "tv", &[("e1.mkv", 900)]);
    assert_eq!(world.mount("/dl/tv"), "present");
    world.torrent("b", "films", &[("f.mkv", 900)]);
    std::fs::create_dir_all(world.path("films")).unwrap();
    let not_found =
        "not found (gone, another path map needed, not mounted, or hidden from the service)";
    assert_eq!(
        world.mount("/dl/films"),
        format!("DL/films/f.mkv: {not_found}")
    );
    assert_eq!(
        world.mount("/elsewhere"),
        "/elsewhere: no entry of path_map covers it"
    );
}

#[test]
fn empty_folder_before_its_disk_is_mounted_is_absent() {
    let mut world = World::new();
    let id = world.torrent("a", "disk", &[("e1.mkv", 900)]);
    world.library.torrents.get_mut(&id).unwrap().state = State::new("missingFiles");
    std::fs::create_dir_all(world.path("disk")).unwrap();
    assert_eq!(
        world.mount("/dl/disk"),
        "DL/disk is empty, as before its disk is mounted"
    );
    write(&world.path("disk/other"), 1);
    assert_eq!(world.mount("/dl/disk"), "present");
}

#[test]
fn old_server_tells_by_its_files_whether_a_disk_is_there() {
    let mut world = World::new();
    world.policy = policy(PathMap::default());
    world.policy.hardlinks = None;
    let mut add = |id: &str, folder: &str, state: &str, is_there: bool| {
        if is_there {
            write(&world.path(folder).join("show/e1.mkv"), 900);
        }
        let item = world.torrent(id, folder, &[("show/e1.mkv", 900)]);
        let save_path = world.path(folder).to_string_lossy().into();
        let torrent = world.library.torrents.get_mut(&item).unwrap();
        torrent.content_path = None;
        torrent.save_path = save_path;
        torrent.state = State::new(state);
    };
    add("a", "one", "stalledUP", true);
    add("b", "two", "missingFiles", false);
    add("c", "three", "stalledUP", false);
    for folder in ["two", "three"] {
        std::fs::create_dir_all(world.path(folder)).unwrap();
    }
    let mut mount = |folder: &str| {
        let save_path = world.path(folder).to_string_lossy().into_owned();
        world.mount(&save_path)
    };
    assert_eq!(mount("one"), "present");
    assert_eq!(
        mount("two"),
        "DL/two is empty, as before its disk is mounted"
    );
    assert!(mount("three").starts_with("DL/three/show/e1.mkv: not found"));
}

#[test]
fn remote_server_is_not_ours() {
    let mut world = World::new();
    world.torrent("a", "tv", &[("e1.mkv", 900)]);
    world.policy = policy(PathMap::default());
    world.policy.hardlinks = None;
    assert_eq!(world.mount("/dl/tv"), "not ours");
}
