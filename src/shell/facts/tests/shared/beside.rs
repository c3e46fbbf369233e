//! What changes beside a torrent: in another one, or in another account.

use super::*;

#[test]
fn file_that_another_torrent_was_given_by_a_new_name_is_found_before_a_deletion() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("show/e1.mkv", 900)]);
    let two = world.seed("two", "tv", &[("show/x1.mkv", 900), ("show/e2.mkv", 900)]);
    assert_eq!(world.shared(&one), "");
    world.source.files.get_mut(&two).unwrap()[0].name = "show/e1.mkv".into();
    world.source.asked();
    for expected in [&["files one", "files two"][..], &["files one"]] {
        world.store.forget(&one);
        assert_eq!(world.shared(&one), "two /dl/tv/show/e1.mkv");
        assert_eq!(world.source.asked(), expected);
    }
}

#[test]
fn what_lies_where_another_account_has_a_torrent_is_shared_if_it_is_here() {
    // Folder and file of another account's torrent; this one's is `tv/show/e1.mkv`, with the top folder `show`.
    for (folder, file, is_here, expected) in [
        ("tv", "show/e1.mkv", true, true),
        ("tv", "show/e1.mkv", false, false),
        ("tv", "show 2/e1.mkv", true, false),
        ("tv/show", "e1.mkv", true, true),
        ("", "tv/show/e1.mkv", true, true),
        ("films", "show/e1.mkv", true, false),
    ] {
        let names: Arc<Mutex<NameIndex>> = Arc::default();
        let mut one = World::with(tempfile::tempdir().unwrap(), "one", Arc::clone(&names));
        let mut two = World::with(tempfile::tempdir().unwrap(), "two", names);
        two.policy = one.policy.clone();
        let files = [("show/e1.mkv", 900)];
        let show = match is_here {
            true => one.seed("show", "tv", &files),
            false => one.torrent("show", "tv", &files),
        };
        two.torrent("show", folder, &[(file, 900)]);
        one.later(0);
        two.later(0);
        let expected = if expected { "two /dl/tv/show" } else { "" };
        assert_eq!(one.shared(&show), expected, "{folder} {file} {is_here}");
    }
}
