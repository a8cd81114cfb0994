//! A backup of a running node, the end of that node, and its return from the file: nothing that was
//! acknowledged before the backup is lost, nobody misses anything, and nothing comes twice.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use world_tests::clock::until;
use world_tests::data::say;
use world_tests::entente::{Running, number, word};
use world_tests::http::Http;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
/// Objects that are there before the backup begins: so that it takes more than a moment.
const BEFORE: u64 = 20_000;
/// Objects in one request.
const AT_ONCE: u64 = 100;

/// Posts objects of a series until told to stop; gives how many were acknowledged.
fn write(client: &mut Http, objects: &str, series: u32, told: &AtomicU64, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        let first = told.load(Ordering::Acquire);
        let body: Vec<String> = (first..first + AT_ONCE)
            .map(|n| indicator(series, n, &format!("{n}.s{series}.example")))
            .collect();
        let reply = client.post(objects, TAXII, envelope(&body));
        assert_eq!(number(&reply.json(), "success_count"), AT_ONCE, "{}", reply.text());
        told.store(first + AT_ONCE, Ordering::Release);
    }
}

/// All ids that a reader gets from a place on, page by page; the last date; how many entries.
fn follow(client: &mut Http, objects: &str, after: &str) -> (BTreeSet<String>, String, usize) {
    let (mut ids, mut entries) = (BTreeSet::new(), 0);
    let (mut last, mut query) = (after.to_owned(), format!("?added_after={after}"));
    loop {
        let reply = client.get(&format!("{objects}{query}"));
        assert_eq!(reply.status, 200, "{}", reply.text());
        let page = reply.json();
        for object in page.get("objects").and_then(Value::as_array).into_iter().flatten() {
            ids.insert(word(object, "id"));
            entries += 1;
        }
        last = reply.header("x-taxii-date-added-last").map_or(last, str::to_owned);
        match page.get("next").and_then(Value::as_str) {
            Some(next) => query = format!("?added_after={after}&next={next}"),
            None => return (ids, last, entries),
        }
    }
}

fn held(node: &Running, series: u32, n: u64) -> bool {
    node.cli(&["show", &indicator_id(series, n)]).code == 0
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn a_node_comes_back_from_a_backup_made_during_ingest_and_nobody_misses_anything() {
    let _turn = turn::shared();
    let (mut alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let circle = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let writer = alpha.token("writer", &["--circle", "ring", "--write"]);
    let reader = alpha.token("reader", &["--circle", "ring", "--read"]);
    let objects = Running::objects(&circle);
    let first: Vec<String> =
        (0..BEFORE).map(|n| format!("domain,{n}.first.example,first {n}\n")).collect();
    let file = alpha.file("first.csv", format!("type,value,name\n{}", first.concat()));
    alpha.ok(&["publish", &file, "--circle", "ring"]);

    // The backup, while tools write.
    let file = alpha.beside("alpha.backup");
    let (told, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (before, made, during) = thread::scope(|scope| {
        scope.spawn(|| {
            write(&mut Http::with(&alpha.http, &writer), &objects, 1, &told, &stop);
        });
        until("some are acknowledged", 60, || (told.load(Ordering::Acquire) > 500).then_some(()));
        let before = told.load(Ordering::Acquire);
        let made = alpha.json(&["backup", text(&file)]);
        let during = told.load(Ordering::Acquire) - before;
        until("and some later", 60, || {
            (told.load(Ordering::Acquire) >= before + during + 300).then_some(())
        });
        stop.store(true, Ordering::Release);
        (before, made, during)
    });
    let total = told.load(Ordering::Acquire);
    assert_eq!(number(&made, "bytes"), file.metadata().expect("the backup").len());
    say(&format!(
        "backup: {} bytes, {during} objects acknowledged beside it",
        number(&made, "bytes")
    ));
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().expect("it").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let mut client = Http::with(&alpha.http, &reader);
    let (seen, date, _) = follow(&mut client, &objects, "1970-01-01T00:00:00Z");
    assert!(seen.contains(&indicator_id(1, total - 1)), "the reader has all of the lost time");
    until("Beta has everything", 120, || held(&beta, 1, total - 1).then_some(()));

    // The end of the node, and its return elsewhere, on the same link port.
    alpha.kill();
    let place = alpha.beside("restored");
    let came = world_tests::entente::run(&["restore", text(&file), "--data", text(&place)]);
    assert_eq!(came.code, 0, "{}{}", came.out, came.err);
    assert!(came.out.contains("one partner will notice"), "{}", came.out);
    alpha.move_to(&place);
    alpha.serve();
    let mut client = Http::with(&alpha.http, &reader);
    let (all, _, entries) = follow(&mut client, &objects, "1970-01-01T00:00:00Z");
    assert_eq!(all.len(), entries, "nothing twice");
    for n in 0..before {
        assert!(all.contains(&indicator_id(1, n)), "{n} was acknowledged before the backup");
    }
    assert_eq!(all.iter().filter(|id| !seen.contains(*id)).count(), 0);

    // The partner notices, goes on, and holds nothing twice.
    let new = alpha.file("new.json", envelope(&[indicator(2, 1, "new.example")]));
    alpha.ok(&["publish", &new, "--circle", "ring"]);
    until("Beta has the new", 120, || held(&beta, 2, 1).then_some(()));
    assert!(held(&beta, 1, total - 1), "and keeps what Alpha lost");
    let versions = beta.json(&["show", &indicator_id(1, 1)]);
    assert_eq!(versions.as_array().map_or(1, Vec::len), 1, "{versions}");
    let partners = beta.json(&["partner", "list"]);
    assert!(partners.pointer("/0/restored").is_some_and(Value::is_string), "{partners}");
    assert!(beta.ok(&["partner", "list"]).contains("RESTORED"), "for people too");
    assert!(beta.complaints().contains("restored from a backup"), "and in the log");
    until("Beta's receipts are of the new life", 60, || {
        let partners = alpha.json(&["partner", "list"]);
        (partners.pointer("/0/lag_records") == Some(&Value::from(0))).then_some(())
    });

    // Beta's own come back to Alpha, and the reader by date misses nothing.
    let back = beta.file("back.json", envelope(&[indicator(3, 1, "back.example")]));
    beta.ok(&["publish", &back, "--circle", "ring"]);
    until("Alpha has what Beta publishes", 60, || held(&alpha, 3, 1).then_some(()));
    let (new, _, _) = follow(&mut client, &objects, &date);
    assert!(new.contains(&indicator_id(2, 1)) && new.contains(&indicator_id(3, 1)), "{new:?}");
    assert_eq!(alpha.cli(&["verify", text(&place)]).code, 0);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn what_is_no_backup_or_damaged_or_goes_to_the_wrong_place_is_refused_and_changes_nothing() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let file = node.file("one.json", envelope(&[indicator(1, 1, "one.example")]));
    node.ok(&["publish", &file, "--circle", "ring"]);
    let good = node.beside("good.backup");
    node.ok(&["backup", text(&good)]);
    let again = node.cli(&["backup", text(&good)]);
    assert_ne!(again.code, 0);
    assert!(again.err.contains("exists") && again.err.contains("Hint:"), "{}", again.err);
    let nowhere = node.beside("no/such/folder/x.backup");
    assert_ne!(node.cli(&["backup", text(&nowhere)]).code, 0);
    let read = node.token("r", &["--circle", "ring", "--read"]);
    let body = format!(r#"{{"file":{:?}}}"#, text(&node.beside("thief.backup")));
    let thief = Http::with(&node.http, &read).post("/api/v1/backup", "application/json", body);
    assert_eq!(thief.status, 403, "{}", thief.text());
    for wrong in [r#"{"file":"relative.backup"}"#, r#"{"file":""}"#, r#"{"path":"/x"}"#, "{}"] {
        let reply = node.api().post("/api/v1/backup", "application/json", wrong);
        assert!((400..500).contains(&reply.status), "{wrong}: {}", reply.status);
    }

    let bytes = std::fs::read(&good).expect("the backup");
    let place = node.beside("place");
    let restore = |file: &str, place: &Path| {
        world_tests::entente::run(&["restore", file, "--data", text(place)])
    };
    let mut cases = vec![("no backup", b"hello".to_vec()), ("nothing", Vec::new())];
    cases.push(("cut short", bytes[..bytes.len() / 2].to_vec()));
    for at in [20, bytes.len() / 3, bytes.len() - 400, bytes.len() - 90, bytes.len() - 10] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        cases.push(("one bit", flipped));
    }
    for (what, bytes) in cases {
        let file = node.file("bad.backup", bytes);
        let told = restore(&file, &place);
        assert_eq!(told.code, 2, "{what}: {}", told.err);
        assert!(told.err.contains("Hint:"), "{what}: {}", told.err);
        assert!(!place.exists(), "{what}: nothing is left");
    }
    let missing = restore(text(&node.beside("missing")), &place);
    assert_eq!(missing.code, 2, "{}", missing.err);
    let full = restore(text(&good), &node.data());
    assert_eq!(full.code, 2, "{}", full.err);
    assert!(full.err.contains("not an empty folder"), "{}", full.err);
    // The old folder is in use as long as its node runs.
    let busy = world_tests::entente::run(&[
        "restore",
        text(&good),
        "--data",
        text(&place),
        "--erasures",
        text(&node.data()),
    ]);
    assert_eq!(busy.code, 75, "{}", busy.err);
    assert!(!place.exists());

    // A node that does not run is backed up as well; what was recalled since stays away.
    node.ok(&["publish", &node.file("two.csv", "domain,two.example,two\n"), "--circle", "ring"]);
    let id = node.json(&["search", "two.example"]);
    let id = id.pointer("/0/id").and_then(Value::as_str).expect("it").to_owned();
    node.stop();
    let still = node.beside("still.backup");
    node.ok(&["backup", text(&still)]);
    node.serve();
    node.ok(&["recall", &id, "--reason", "wrong"]);
    node.stop();
    for (place, flags, there) in [
        ("without", vec![], true),
        ("with", vec!["--erasures".to_owned(), text(&node.data()).to_owned()], false),
    ] {
        let place = node.beside(place);
        let mut arguments = vec!["restore", text(&still), "--data", text(&place)];
        arguments.extend(flags.iter().map(String::as_str));
        let told = world_tests::entente::run(&arguments);
        assert_eq!(told.code, 0, "{}", told.err);
        let mut restored = Running::at(&place, &node);
        restored.serve();
        assert_eq!(restored.cli(&["show", &id]).code == 0, there, "{flags:?}");
        assert!(held(&restored, 1, 1), "{circle}");
    }
}

#[test]
fn expired_indicators_go_by_their_age_and_are_counted_before() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let _circle = node.circle("ring", "green");
    let old = |n: u64| {
        let text = indicator(1, n, &format!("{n}.old.example"));
        text.replacen(r#","pattern""#, r#","valid_until":"2026-02-01T00:00:00Z","pattern""#, 1)
    };
    let mut bodies: Vec<String> = (0..20).map(old).collect();
    bodies.push(indicator(2, 1, "kept.example"));
    let file = node.file("old.json", envelope(&bodies));
    node.ok(&["publish", &file, "--circle", "ring"]);
    let shown = node.json(&["retention", "--dry-run"]);
    assert_eq!(shown.pointer("/0/days"), Some(&Value::Null), "{shown}");
    node.stop();
    std::fs::write(node.data().join("entente.toml"), "[retention]\nexpired_indicators_days = 1\n")
        .expect("the settings");
    node.serve();
    until("the expired ones go", 60, || (!held(&node, 1, 19)).then_some(()));
    assert!(held(&node, 2, 1));
    let shown = node.json(&["retention", "--dry-run"]);
    assert_eq!(shown.pointer("/0/due"), Some(&Value::from(0)), "{shown}");
    let data = node.data();
    until("no file holds anything of them", 90, || {
        let files = ["store.db", "store.db-wal"].map(|name| std::fs::read(data.join(name)));
        let found = files
            .iter()
            .flatten()
            .any(|bytes| bytes.windows(11).any(|window| window == b"old.example"));
        (!found).then_some(())
    });
    node.stop();
    let verified = node.json(&["verify", text(&data)]);
    assert_eq!(number(&verified, "erased"), 20, "{verified}");
}
