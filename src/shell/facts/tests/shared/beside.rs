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
