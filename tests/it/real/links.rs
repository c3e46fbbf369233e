//! Hardlinks and shared files of real torrents on real servers.

use std::fs;
use std::path::Path;

use seedwarden::core::facts::{Mount, Wanted};
use seedwarden::core::hardlinks::LinkResult;

use super::observed::{Observed, item, items, map};
use super::server::Server;
use super::torrent::{Torrent, content};
use super::{on_each_release, until};
use crate::product::Product;
use serde_json::json;

/// Gives a file another name in a folder beside the downloads.
fn link(server: &Server, file: &Path, name: &str) {
    let library = server.downloads().with_file_name("library");
    fs::create_dir_all(&library).expect("a folder");
    fs::hard_link(file, library.join(name)).expect("a link");
}

/// What was found of a torrent's links: "LINKED/ALL", or why unknown.
fn found(observed: &mut Observed, torrent: &Torrent) -> String {
    let wanted = Wanted {
        links: items([torrent]),
        ..Wanted::default()
    };
    match &observed.fetch(&wanted).links[&item(torrent)].result {
        LinkResult::Seen(share) => format!("{}/{}", share.linked_bytes, share.total_bytes),
        LinkResult::Unknown(why) => why.clone(),
    }
}

/// Torrents that the other one shares files with.
fn shared(observed: &mut Observed, torrent: &Torrent) -> Vec<String> {
    let wanted = Wanted {
        shared: items([torrent]),
        ..Wanted::default()
    };
    let shared = observed.fetch(&wanted).shared[&item(torrent)].clone();
    shared
        .expect("known")
        .into_iter()
        .map(|shared| shared.name)
        .collect()
}

/// Two torrents with one file under two names, seeding.
fn linked_pair(server: &Server) -> [Torrent; 2] {
    let data = content("pair", 50_000);
    let one = Torrent::named("one")
        .file_with("one.mkv", data.clone())
        .made();
    let two = Torrent::named("two")
        .file_with("two.mkv", data)
        .file("two.nfo", 100)
        .made();
    server.seed_unchecked(std::slice::from_ref(&one), &[]);
    two.write_data(&server.downloads());
    let (first, second) = (
        &one.paths(&server.downloads())[0],
        &two.paths(&server.downloads())[0],
    );
    fs::remove_file(second).expect("removed");
    fs::hard_link(first, second).expect("a link");
    // Written again through the second name, the data stays one file.
    server.seed_unchecked(std::slice::from_ref(&two), &[]);
    [one, two]
}

on_each_release! {
    fn links_are_found_as_they_are_on_disk(release) {
        let server = Server::start(release);
        let linked = Torrent::named("linked").file("linked.mkv", 60_000).made();
        let alone = Torrent::named("alone").file("alone.mkv", 60_000).made();
        let nfo = Torrent::named("nfo").file("film.mkv", 90_000).file("film.nfo", 500).made();
        let odd = Torrent::named("odd #?&%+").file("-é 種子 [*?] %2F.bin", 9_000).file("$(x) 'q'.bin", 1_000).made();
        server.seed_unchecked(&[linked.clone(), alone.clone(), nfo.clone(), odd.clone()], &[]);
        let downloads = server.downloads();
        link(&server, &linked.paths(&downloads)[0], "linked.mkv");
        link(&server, &nfo.paths(&downloads)[1], "film.nfo");
        link(&server, &odd.paths(&downloads)[0], "odd");
        let mut observed = Observed::new(&server);
        assert_eq!(found(&mut observed, &linked), "60000/60000");
        assert_eq!(found(&mut observed, &alone), "0/60000");
        assert_eq!(found(&mut observed, &nfo), "500/90500");
        assert_eq!(found(&mut observed, &odd), "9000/10000");
    }

    fn cross_seeded_pair_is_not_linked_outside_and_check_says_so(release) {
        let server = Server::start(release);
        let [one, two] = linked_pair(&server);
        let product = Product::watching(&server, json!({ "hardlinks": {} }), json!({}));
        let told = product.run(&["check"]).stdout;
        assert!(told.contains("2 torrents are linked to other torrents only"), "{told}");
        let mut observed = Observed::new(&server);
        assert_eq!(found(&mut observed, &one), "0/50000");
        assert_eq!(found(&mut observed, &two), "0/50100");
        assert_eq!(shared(&mut observed, &one), Vec::<String>::new());
        // Once the other torrent is gone and its file is not, that name is one outside.
        server.api().delete(&two, false);
        until("the torrent is gone", || server.api().info(&two.hash).is_none().then_some(()));
        observed.refresh();
        observed.forget(&one);
        assert_eq!(found(&mut observed, &one), "50000/50000");
    }

    fn same_files_in_two_torrents_are_shared(release) {
        let server = Server::start(release);
        let data = content("same", 50_000);
        let one = Torrent::named("same.mkv").file_with("same.mkv", data.clone()).made();
        let two = Torrent::named("same.mkv").file_with("same.mkv", data).private().made();
        let other = Torrent::named("other").file("other.mkv", 1_000).made();
        assert_ne!(one.hash, two.hash);
        server.seed_unchecked(&[one.clone(), two.clone(), other.clone()], &[]);
        let mut observed = Observed::new(&server);
        assert_eq!(shared(&mut observed, &one), ["same.mkv"]);
        assert_eq!(shared(&mut observed, &other), Vec::<String>::new());
        assert_eq!(found(&mut observed, &one), "0/50000");
    }

    fn skipped_and_renamed_files_are_looked_at_as_the_server_has_them(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("pack").file("a.mkv", 50_000).file("b.mkv", 40_000).made();
        server.seed(&torrent);
        let hash = torrent.hash.as_str();
        server.api().post("torrents/filePrio", &[("hash", hash), ("id", "1"), ("priority", "0")]);
        let new_form = [("hash", hash), ("oldPath", "pack/a.mkv"), ("newPath", "pack/renamed & moved.mkv")];
        server.api().post("torrents/renameFile", &new_form);
        let renamed = server.downloads().join("pack/renamed & moved.mkv");
        until("the file is renamed", || renamed.exists().then_some(()));
        link(&server, &renamed, "library.mkv");
        let mut observed = Observed::new(&server);
        let seen = until("the list has settled", || {
            observed.refresh();
            observed.forget(&torrent);
            Some(found(&mut observed, &torrent)).filter(|found| found.contains('/') && !found.contains(' '))
        });
        assert_eq!(seen, "50000/50000");
    }

    fn wrong_map_and_absent_data_are_unknown_and_name_the_path(release) {
        let server = Server::start(release);
        let torrent = Torrent::named("film").file("film.mkv", 60_000).made();
        server.seed_unchecked(std::slice::from_ref(&torrent), &[]);
        let downloads = server.downloads();
        let nowhere = downloads.with_file_name("nowhere");
        let mut observed = Observed::mapped(&server, map(&downloads, &nowhere));
        let why = found(&mut observed, &torrent);
        assert!(why.contains(&*nowhere.join("film.mkv").to_string_lossy()), "{why}");
        let save_path: Box<str> = downloads.to_string_lossy().into();
        let wanted = Wanted { mounts: [save_path.clone()].into(), ..Wanted::default() };
        let mount = &observed.fetch(&wanted).mounts[&save_path];
        assert!(matches!(mount, Mount::Absent(why) if why.contains("nowhere")), "{mount:?}");

        let mut observed = Observed::mapped(&server, map(&downloads.join("elsewhere"), &nowhere));
        let why = found(&mut observed, &torrent);
        assert!(why.contains("no entry of path_map covers it"), "{why}");

        // An empty folder stands where the disk was.
        let mut observed = Observed::new(&server);
        assert_eq!(observed.fetch(&wanted).mounts[&save_path], Mount::Present);
        let away = downloads.with_file_name("away");
        fs::rename(&downloads, &away).expect("moved");
        fs::create_dir(&downloads).expect("a folder");
        observed.refresh();
        observed.forget(&torrent);
        assert!(matches!(observed.fetch(&wanted).mounts[&save_path], Mount::Absent(_)));
        let why = found(&mut observed, &torrent);
        assert!(why.contains("film.mkv: not found"), "{why}");
        fs::remove_dir(&downloads).expect("removed");
        fs::rename(&away, &downloads).expect("moved back");
    }
}
