//! Commands that only look: `check`, `plan`, and what is generated from the program itself.

use super::world::World;
use seedwarden_sim::alldebrid::{Forced, Magnet};
use seedwarden_sim::qbittorrent::{Era, TorrentSpec, Trouble};
use serde_json::json;

/// A good and a bad item in each account.
fn world() -> World {
    let world = World::new();
    world.add(TorrentSpec::new("Good Film").size(700 << 20));
    let broken = TorrentSpec::new("Broken Film").size(5 << 30);
    world.add(broken.trouble(Trouble::PeerRead));
    world.add_magnet(Magnet::new(11).named("Good Magnet").code(4));
    world.add_magnet(Magnet::new(12).named("Dead Magnet").code(7));
    world
}

#[test]
fn plan_says_what_it_would_do_and_why_and_does_nothing() {
    let world = world();
    let told = world.run(0, &["plan"]).stdout;
    let expected = "\
seedbox: 2 items, 1 remedy

  Remedies
    recheck     Broken Film
      why: errored 1 of 2: error

  Stay
    Good Film  healthy

debrid: 2 items, 1 remedy

  Remedies
    restart     Dead Magnet
      why: failed 1 of 2: Not downloaded in 20 min

  Stay
    Good Magnet  healthy
";
    assert_eq!(told, expected);
    assert!(world.server().effects().is_empty() && world.debrid().effects().is_empty());
    assert!(!world.product.state_dir().exists());
    let quiet = world.run(0, &["plan", "--quiet", "--account", "debrid"]);
    assert!(!quiet.stdout.contains("Good") && !quiet.stdout.contains("seedbox"));
}

#[test]
fn plan_as_json_goes_on_behind_an_unreadable_account_and_exits_with_1() {
    let world = world();
    world.with_account(|account| account.forced.push((None, Forced::BadKey)));
    let json = world.json(1, &["plan", "--json"]);
    let [seedbox, debrid] = &json["accounts"].as_array().expect("accounts")[..] else {
        panic!("{json}")
    };
    assert_eq!(seedbox["remedies"][0]["name"], "Broken Film");
    assert_eq!(seedbox["kept"][0]["reasons"], json!(["healthy"]));
    assert!(
        debrid["error"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
}

#[test]
fn plan_refuses_an_unknown_account_and_a_broken_configuration_with_2() {
    let mut world = world();
    let refused = world.run(2, &["plan", "--account", "sedbox"]);
    assert!(
        refused.stderr.contains("seedbox, debrid"),
        "{}",
        refused.stderr
    );
    world.configure(|config| config["cycel"] = "5m".into());
    let refused = world.run(2, &["plan"]);
    assert!(refused.stderr.contains("cycle") && refused.stdout.is_empty());
}

#[test]
fn check_finds_everything_well() {
    let mut world = world();
    world.configure(|config| config["cycle"] = json!("30m"));
    let told = world.run(0, &["check"]).stdout;
    for part in [
        "ok       seedbox         logged in: qBittorrent v5.1.0, Web API 2.11.4, 2 torrents",
        "ok       debrid          logged in: AllDebrid, 2 magnets, premium until 2030-03-17",
        "ok       webhook 1       is there",
        "password from text in the configuration",
        "no daemon runs",
        "\nall is well\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn check_names_what_is_broken_and_exits_with_1() {
    let mut world = world();
    world.configure(|config| {
        config["cycle"] = json!("30m");
        config["accounts"][0]["password"] = json!("wrong");
        config["accounts"][1]["api_key"] = json!({ "env": "NOT_SET" });
    });
    world.doors[2].refuse(true);
    let told = world.run(1, &["check"]).stdout;
    for part in [
        "broken   seedbox",
        "broken   debrid",
        "environment variable NOT_SET",
        "broken   webhook 1",
        "\n3 broken\n",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let offline = world.run(0, &["check", "--offline"]).stdout;
    assert!(offline.contains("warning  debrid"), "{offline}");
    assert!(!offline.contains("logged in"), "{offline}");
}

#[test]
fn check_looks_for_a_sample_of_torrents_on_disk() {
    let mut world = World::of(Era::V4_5_2);
    world.add(TorrentSpec::new("Film").file("Film/film.mkv", 1 << 20));
    world.configure(|config| {
        config["accounts"][0]["path_map"] = json!([{ "from": "/", "to": "/nowhere" }]);
        config["accounts"][0]["hardlinks"] = json!({});
    });
    let told = world.run(1, &["check"]).stdout;
    assert!(told.contains("broken   seedbox files   0 of 1"), "{told}");
    assert!(told.contains("/nowhere/"), "{told}");
}

#[test]
fn generated_papers_and_help_are_complete() {
    let world = World::new();
    assert_eq!(world.json(0, &["schema"])["type"], "object");
    assert!(
        world
            .run(0, &["completions", "bash"])
            .stdout
            .contains("seedwarden")
    );
    assert!(world.run(0, &["man"]).stdout.contains(".TH seedwarden"));
    let help = world.run(0, &["--help"]).stdout;
    for command in [
        "run",
        "plan",
        "explain",
        "check",
        "status",
        "history",
        "restore",
        "reset",
        "accept",
        "init",
        "import",
        "rules",
        "notify-test",
        "schema",
        "completions",
        "man",
    ] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}\n{help}"
        );
    }
    world.run(2, &["plan", "--jsn"]);
}

#[test]
fn init_writes_once_and_never_overwrites() {
    let world = World::new();
    std::fs::remove_file(world.product.configuration()).expect("a configuration");
    world.run(0, &["init"]);
    let before = std::fs::read(world.product.configuration()).expect("a configuration");
    let refused = world.run(1, &["init"]);
    assert!(
        refused.stderr.contains("stays as it is"),
        "{}",
        refused.stderr
    );
    assert_eq!(
        std::fs::read(world.product.configuration()).expect("still there"),
        before
    );
    world.run(0, &["check", "--offline"]);
}

#[test]
fn notify_test_sends_through_each_webhook() {
    let world = World::new();
    world.run(0, &["notify-test"]);
    assert_eq!(world.announced().len(), 1);
    world.doors[2].refuse(true);
    world.run(1, &["notify-test"]);
}

#[test]
fn check_warns_of_what_an_old_server_cannot_tell() {
    let mut world = World::of(Era::V4_2_5);
    world.add(TorrentSpec::new("Film"));
    world.configure(|config| {
        let account = &mut config["accounts"][0];
        account["unregistered"] = json!({});
        account["hardlinks"] = json!({});
        account["rule_cycle"] = json!("5s");
        account["rules"] = json!(["big"]);
        config["rules"] = json!([{ "name": "big", "conditions": [
            { "key": "size", "compareType": "bigger", "value": "1 GiB" } ] }]);
    });
    let told = world.run(1, &["check"]).stdout;
    for part in [
        "before 4.6 send all",
        "before 4.5.1 show whether",
        "before 4.5 cannot export",
        "before 4.3.4",
        "0 of 1 save paths are visible",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}
