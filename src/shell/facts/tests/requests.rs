//! What is asked of the server, and what is remembered.

use super::*;

fn tracker(status: i64) -> Tracker {
    Tracker {
        url: "http://t.example/announce".into(),
        status,
        updating: false,
        message: "".into(),
    }
}

fn ids(ids: &[&ItemId]) -> BTreeSet<ItemId> {
    ids.iter().map(|id| (*id).clone()).collect()
}

#[test]
fn warm_facts_cost_no_request() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    let two = world.seed("two", "tv", &[("e2.mkv", 800)]);
    world.link("tv/e1.mkv", "library/e1.mkv");
    world.source.private.insert(one.clone(), Some(true));
    let wanted = Wanted {
        private: ids(&[&one]),
        links: ids(&[&one, &two]),
        ..Wanted::default()
    };
    world.fetch(&wanted);
    assert_eq!(
        world.source.asked(),
        ["private one", "files one", "files two"]
    );
    world.later(7 * 60);
    world.fetch(&Wanted {
        private: BTreeSet::new(),
        ..wanted
    });
    assert_eq!(world.source.asked(), Vec::<String>::new());
    assert_eq!(world.store.facts().private.get(&one), Some(&Ok(Some(true))));
    assert_eq!(world.finding(&one), "900/900 2");
}

#[test]
fn other_lists_are_read_only_where_a_file_has_several_names() {
    let mut world = World::new();
    let one = world.seed("one", "tv", &[("e1.mkv", 900)]);
    world.seed("two", "tv", &[("e2.mkv", 950)]);
    world.seed("smaller", "tv", &[("e3.mkv", 800)]);
    world.check(&one, "0/900 1");
    assert_eq!(world.source.asked(), ["files one"]);
    world.link("tv/e1.mkv", "library/e1.mkv");
    world.store.forget(&one);
    world.check(&one, "900/900 2");
    assert_eq!(world.source.asked(), ["files one", "files two"]);
}

#[test]
fn privacy_waits_for_metadata_without_asking() {
    let mut world = World::new();
    let id = world.torrent("magnet", "tv", &[("e1.mkv", 900)]);
    let torrent = world.library.torrents.get_mut(&id).unwrap();
    (torrent.size, torrent.total_size) = (Some(0), Some(-1));
    let wanted = Wanted {
        private: ids(&[&id]),
        ..Wanted::default()
    };
    world.fetch(&wanted);
    world.later(30);
    assert_eq!(world.store.facts().private.get(&id), Some(&Ok(None)));
    assert_eq!(world.source.asked(), Vec::<String>::new());
    world.library.torrents.get_mut(&id).unwrap().total_size = Some(900);
    world.source.private.insert(id.clone(), Some(false));
    world.later(30);
    world.fetch(&wanted);
    assert_eq!(world.store.facts().private.get(&id), Some(&Ok(Some(false))));
}

#[test]
fn trackers_hold_for_one_cycle_and_come_in_bulk_where_possible() {
    let mut world = World::new();
    let items: Vec<ItemId> = (0..6)
        .map(|i| world.torrent(&i.to_string(), "tv", &[("e", 1)]))
        .collect();
    for (status, id) in (1..).zip(&items) {
        world
            .source
            .trackers
            .insert(id.clone(), vec![tracker(status)]);
    }
    world.source.trackers.remove(&items[5]);
    let wanted = Wanted {
        trackers: items.iter().cloned().collect(),
        ..Wanted::default()
    };
    world.fetch(&wanted);
    assert_eq!(world.source.asked().len(), 6);
    let trackers = &world.store.facts().trackers;
    assert!(matches!(trackers.get(&items[5]), Some(Err(_))));
    let clean: Vec<&ItemId> = world.store.facts().clean_trackers.keys().collect();
    assert_eq!(clean, [&items[1]]);

    world.library.api = ApiVersion::INCLUDE_TRACKERS;
    world.later(30);
    assert!(world.store.facts().trackers.is_empty());
    world.fetch(&wanted);
    assert_eq!(world.source.asked(), ["bulk 6"]);
    assert_eq!(
        world.store.facts().trackers.get(&items[0]),
        Some(&Ok(vec![tracker(1)]))
    );
    let trackers = &world.store.facts().trackers;
    assert!(matches!(trackers.get(&items[5]), Some(Err(_))));
    assert_eq!(world.store.facts().clean_trackers.len(), 1);
}

#[test]
fn many_trackers_are_read_by_turns() {
    let mut world = World::new();
    let items: BTreeSet<ItemId> = (0..5_500)
        .map(|i| world.torrent(&format!("{i:04}"), "tv", &[("e", 1)]))
        .collect();
    for id in &items {
        world.source.trackers.insert(id.clone(), vec![tracker(4)]);
    }
    let wanted = Wanted {
        trackers: items,
        ..Wanted::default()
    };
    world.fetch(&wanted);
    let unread = world
        .store
        .facts()
        .trackers
        .values()
        .filter(|found| found.is_err())
        .count();
    assert_eq!((world.source.asked().len(), unread), (5_000, 500));
    world.later(30);
    world.fetch(&wanted);
    assert_eq!(
        world.source.asked().first().map(String::as_str),
        Some("trackers 5000")
    );
}

#[test]
fn nothing_more_is_asked_of_a_server_that_does_not_answer() {
    let mut world = World::new();
    let items: BTreeSet<ItemId> = (0..3)
        .map(|i| world.torrent(&i.to_string(), "tv", &[("e", 1)]))
        .collect();
    *world.source.failing.lock().unwrap() = Some(ReadErrorKind::Unreachable);
    let wanted = Wanted {
        private: items.clone(),
        shared: items,
        ..Wanted::default()
    };
    world.fetch(&wanted);
    assert_eq!(world.source.asked(), ["private 0"]);
    let facts = world.store.facts();
    assert!(
        facts
            .private
            .values()
            .all(|found| *found == Err("private failed".to_owned()))
    );
    assert_eq!(facts.private.len(), 3);
    assert!(facts.shared.values().all(Result::is_err) && facts.shared.len() == 3);
}

#[test]
fn everything_is_forgotten_with_its_torrent() {
    let mut world = World::new();
    let id = world.seed("one", "tv", &[("e1.mkv", 900)]);
    world.source.private.insert(id.clone(), Some(true));
    world.source.trackers.insert(id.clone(), vec![tracker(2)]);
    let all = ids(&[&id]);
    let wanted = Wanted {
        private: all.clone(),
        trackers: all.clone(),
        links: all,
        ..Wanted::default()
    };
    world.fetch(&wanted);
    world.library.torrents.clear();
    world.later(1);
    let facts = world.store.facts();
    let left =
        facts.private.len() + facts.clean_trackers.len() + facts.files.len() + facts.links.len();
    assert_eq!(left, 0);
}
