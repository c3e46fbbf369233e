//! Calls that change something: restart, delete, upload, and others who interfere.

use super::*;

#[test]
fn a_restarted_magnet_runs_through_its_script() {
    let ready = Outcome::Ready(Duration::from_secs(600));
    let mut world = world([Magnet::new(1)
        .code(15)
        .then([Outcome::Fails(7, Duration::from_secs(100)), ready])]);
    let restart = |world: &mut World| world.post("/v4/magnet/restart", "id=1");
    assert_eq!(
        restart(&mut world)["data"]["message"],
        "Magnet was successfully restarted"
    );
    assert_eq!(world.code_of(1), Some(0));
    assert_eq!(code(&restart(&mut world)), "MAGNET_PROCESSING");
    world.wait(10);
    assert_eq!(world.code_of(1), Some(1));
    world.wait(100);
    assert_eq!(world.code_of(1), Some(7));
    restart(&mut world);
    world.wait(300);
    let magnet = world.get("/v4.1/magnet/status?id=1")["data"]["magnets"].take();
    let share = magnet["downloaded"].as_f64().unwrap() / magnet["size"].as_f64().unwrap();
    assert!((0.5..0.6).contains(&share), "{magnet}");
    world.wait(285);
    assert_eq!(world.code_of(1), Some(3));
    world.wait(30);
    assert_eq!(world.code_of(1), Some(4));
    assert_eq!(code(&restart(&mut world)), "MAGNET_PROCESSING");
    assert_eq!(world.service.restarted("a"), [1, 1]);
    let moves = world
        .service
        .effects()
        .iter()
        .filter_map(|effect| match effect.what {
            What::Moved { to, .. } => to,
            _ => None,
        });
    assert_eq!(moves.collect::<Vec<_>>(), [1, 7, 1, 3, 4]);
}

#[test]
fn a_batch_is_judged_magnet_by_magnet() {
    let mut world = world([
        Magnet::new(1).code(15),
        Magnet::new(2),
        Magnet::new(3).code(11),
    ]);
    let answer = world.post("/v4/magnet/restart", "ids[]=3&ids[]=2&ids[]=9&ids[]=1");
    let results = answer["data"]["magnets"].as_array().unwrap().clone();
    let brief = |one: &Value| {
        format!(
            "{}:{}",
            one["magnet"],
            one["error"]["code"].as_str().unwrap_or("ok")
        )
    };
    let brief = |results: &[Value]| results.iter().map(brief).collect::<Vec<_>>().join(" ");
    assert_eq!(
        brief(&results),
        r#""3":ok "2":MAGNET_PROCESSING "9":MAGNET_INVALID_ID "1":ok"#
    );
    world.service.switches.batch_ids_are_numbers = true;
    world.service.switches.batch_order = BatchOrder::Sorted;
    let answer = world.post("/v4/magnet/restart", "ids[0]=3&ids[1]=2");
    assert_eq!(
        brief(answer["data"]["magnets"].as_array().unwrap()),
        "2:MAGNET_PROCESSING 3:MAGNET_PROCESSING"
    );
    world.service.switches.batch_most = 1;
    assert_eq!(
        code(&world.post("/v4/magnet/restart", "ids[0]=3&ids[1]=2")),
        "GENERIC"
    );
}

#[test]
fn the_active_limit_refuses_restarts() {
    let mut world = world((1..=32).map(|id| Magnet::new(id).code(if id < 30 { 1 } else { 15 })));
    assert_eq!(
        world.post("/v4/magnet/restart", "id=30")["status"],
        "success"
    );
    assert_eq!(
        code(&world.post("/v4/magnet/restart", "id=31")),
        "MAGNET_TOO_MANY_ACTIVE"
    );
    let batch = world.post("/v4/magnet/restart", "ids[]=31&ids[]=32");
    assert_eq!(
        batch["data"]["magnets"][1]["error"]["code"],
        "MAGNET_TOO_MANY_ACTIVE"
    );
    world.service.switches.batch_fails_whole = true;
    assert_eq!(
        code(&world.post("/v4/magnet/restart", "ids[]=31&ids[]=32")),
        "MAGNET_TOO_MANY_ACTIVE"
    );
    assert_eq!(world.service.restarted("a"), [30]);
}

#[test]
fn deletes_once_and_records_what_was_there() {
    let mut world = world([Magnet::new(1).code(15).named("gone")]);
    world
        .service
        .refuse("a", Endpoint::Delete, Some(1), "GENERIC", 1);
    assert_eq!(code(&world.post("/v4/magnet/delete", "id=1")), "GENERIC");
    assert_eq!(world.service.ids("a"), [1]);
    assert_eq!(
        world.post("/v4/magnet/delete", "id=1")["data"]["message"],
        "Magnet was successfully deleted"
    );
    assert_eq!(
        code(&world.post("/v4/magnet/delete", "id=1")),
        "MAGNET_INVALID_ID"
    );
    assert_eq!(
        code(&world.post("/v4/magnet/delete", "")),
        "MAGNET_INVALID_ID"
    );
    let effects = world.service.take_effects();
    let [
        Effect {
            at,
            what: What::Deleted(magnet),
            ..
        },
    ] = effects.as_slice()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(
        (*at, magnet.filename.as_str(), magnet.code),
        (T0 + 400, "gone", Some(15))
    );
}

#[test]
fn others_interfere_between_listing_and_action() {
    let mut world = world([Magnet::new(1).code(15), Magnet::new(2).code(15)]);
    world
        .service
        .before_next(Endpoint::Delete, "a", Change::Code(1, 4));
    world
        .service
        .before_next(Endpoint::Restart, "a", Change::Vanish(2));
    world
        .service
        .at(T0 + 5_000, "a", Change::Appear(Box::new(Magnet::new(3))));
    assert_eq!(world.list(""), "1 2");
    assert_eq!(
        code(&world.post("/v4/magnet/restart", "id=2")),
        "MAGNET_INVALID_ID"
    );
    world.post("/v4/magnet/delete", "id=1");
    assert!(
        matches!(&world.service.effects().last().unwrap().what, What::Deleted(magnet) if magnet.code == Some(4))
    );
    world.wait(5);
    assert_eq!(world.list(""), "3");
}

#[test]
fn uploads_by_hash_and_by_magnet_uri() {
    let mut world = world([
        Magnet::new(1)
            .code(15)
            .named("public")
            .then([Outcome::Cached]),
        Magnet::new(2)
            .code(15)
            .named("secret")
            .private()
            .then([Outcome::Cached]),
    ]);
    for form in ["id=1", "id=2"] {
        world.post("/v4/magnet/delete", form);
    }
    let one = |answer: Value| answer["data"]["magnets"][0].clone();
    let public = one(world.post(
        "/v4/magnet/upload",
        "magnets[]=0000000000000000000000000000000000000001",
    ));
    assert_eq!(
        (&public["id"], &public["name"], &public["ready"]),
        (&json!(3), &json!("public"), &json!(true))
    );
    let secret = one(world.post(
        "/v4/magnet/upload",
        "magnets[]=0000000000000000000000000000000000000002",
    ));
    assert_eq!(
        (&secret["name"], &secret["size"], &secret["ready"]),
        (&json!("noname"), &json!(0), &json!(false))
    );
    world.wait(100_000);
    assert_eq!(world.code_of(4), Some(0));
    let uri = "magnets[]=magnet:?xt=urn:btih:00000000000000000000000000000000000000FF%26dn=new&magnets[]=nonsense";
    let answer = world.post("/v4/magnet/upload", uri);
    assert_eq!(answer["data"]["magnets"][0]["id"], 5);
    assert_eq!(
        answer["data"]["magnets"][1]["error"]["code"],
        "MAGNET_INVALID_URI"
    );
    world.wait(60);
    assert_eq!(
        world.get("/v4.1/magnet/status?id=5")["data"]["magnets"]["filename"],
        "new"
    );
    world.service.switches.existing_id = ExistingId::Zero;
    let again = one(world.post(
        "/v4/magnet/upload",
        "magnets=0000000000000000000000000000000000000001",
    ));
    assert_eq!(again["id"], 0);
    assert_eq!(world.service.uploaded("a"), [3, 4, 5]);
    world.service.switches.most_magnets = 3;
    let full = one(world.post(
        "/v4/magnet/upload",
        "magnets[]=0000000000000000000000000000000000000009",
    ));
    assert_eq!(full["error"]["code"], "MAGNET_TOO_MANY");
    assert_eq!(code(&world.post("/v4/magnet/upload", "")), "MAGNET_NO_URI");
    world.service.account("a").is_premium = false;
    assert_eq!(
        code(&world.post("/v4/magnet/upload", "magnets[]=x")),
        "MAGNET_MUST_BE_PREMIUM"
    );
}

#[test]
fn a_private_torrent_starts_from_its_file() {
    let mut world = world([]);
    let torrent = Torrent {
        name: "secret".to_owned(),
        size: 7,
        is_private: true,
        outcome: Outcome::Cached,
        restarts: VecDeque::new(),
        file: Some(Bytes::from("d4:infoe")),
    };
    world
        .service
        .know("00000000000000000000000000000000000000AA", torrent);
    let body = "--X\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"s.torrent\"\r\n\r\nd4:infoe\r\n\
        --X\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"t.torrent\"\r\n\r\nelse\r\n--X--\r\n";
    let request = Request::post("/v4/magnet/upload/file").header("authorization", "Bearer KEY");
    let reply = json_of(&world.send(
        request.header("content-type", "multipart/form-data; boundary=X"),
        body,
    ));
    assert_eq!(reply["data"]["files"][0]["ready"], true);
    assert_eq!(
        reply["data"]["files"][1]["error"]["code"],
        "MAGNET_INVALID_FILE"
    );
}
