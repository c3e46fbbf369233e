//! Shared files and mounts, with real files.

use super::*;
use crate::core::facts::Mount;

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
fn remote_server_is_not_ours() {
    let mut world = World::new();
    world.torrent("a", "tv", &[("e1.mkv", 900)]);
    world.policy = policy(PathMap::default());
    world.policy.hardlinks = None;
    assert_eq!(world.mount("/dl/tv"), "not ours");
}
