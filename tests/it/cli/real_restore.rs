//! Deletions on real servers, taken back.

use crate::product::Product;
use crate::real::server::Server;
use crate::real::torrent::Torrent;
use crate::real::{on_each_release, until};
use serde_json::json;

/// A program with a rule that deletes everything of the category `gone`.
fn product(server: &Server, action: &str) -> Product {
    let rules = json!([{ "name": "gone", "action": action,
        "conditions": [{ "key": "category", "compareType": "equals", "value": "gone" }] }]);
    Product::watching(
        server,
        json!({ "rules": ["gone"] }),
        json!({ "rules": rules }),
    )
}

fn film(server: &Server, fields: &[(&str, &str)]) -> Torrent {
    let film = Torrent::named("film")
        .file("film.bin", 200_000)
        .file("deep/extra.bin", 50_000)
        .private()
        .made();
    let with_category = [fields, &[("category", "gone"), ("tags", "one,two words")]].concat();
    server.seed_with(&film, &with_category);
    film
}

fn restored(product: &Product, hash: &str) -> String {
    let outcome = product.run(&["restore", hash]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    outcome.stdout
}

on_each_release! {
    fn deleted_without_its_files_it_seeds_again_as_it_was(release) {
        let server = Server::start(release);
        let film = film(&server, &[]);
        let before = server.api().info(&film.hash).expect("the torrent");
        let product = product(&server, "delete_torrent");
        product.cycle();
        assert!(server.api().info(&film.hash).is_none() && film.has_data(&server.downloads()));
        let told = restored(&product, &film.hash);
        server.api().wait_for(&film, "stalledUP/1");
        let after = server.api().info(&film.hash).expect("the torrent");
        for field in ["category", "tags", "save_path", "name", "size"] {
            assert_eq!(after[field], before[field], "{field}\n{told}");
        }
        assert!(restored(&product, &film.hash).contains("already there"));
        product.cycle();
        assert_eq!(server.api().standing(&film.hash), "stalledUP/1");
    }

    fn deleted_with_its_files_it_stays_stopped_until_it_is_started(release) {
        let server = Server::start(release);
        let film = film(&server, &[]);
        let product = product(&server, "delete_files");
        product.cycle();
        until("the files are removed", || (!film.has_data(&server.downloads())).then_some(()));
        let told = restored(&product, &film.hash);
        assert!(told.contains("its files are gone: it stays stopped"), "{told}");
        server.api().wait_for(&film, "stoppedDL/0");
        server.api().start(&film);
        server.api().wait_for(&film, "stalledDL/0");
    }

    fn errored_and_given_up_it_waits_stopped_and_runs_again_when_its_files_are_back(release) {
        let server = Server::start(release);
        let film = Torrent::named("lost").file("lost.bin", 200_000).private().made();
        server.add_with_missing_files(&film);
        let product = Product::watching(&server, json!({ "errored": { "max_failures": 2 } }), json!({}));
        until("it is given up", || {
            product.cycle();
            server.api().info(&film.hash).is_none().then_some(())
        });
        let told = restored(&product, "lost");
        assert!(told.contains("stays stopped"), "{told}");
        server.api().wait_for(&film, "stoppedDL/0");
        server.api().delete(&film, false);
        film.write_data(&server.downloads());
        restored(&product, "lost");
        server.api().wait_for(&film, "stalledUP/1");
    }
}
