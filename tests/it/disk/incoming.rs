//! What others bring while the disk is full: sources and partners wait without losing a thing,
//! recalls are heard all the same, and whoever reads notices nothing.

use super::small::{SmallDisk, inside, settings};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use world_tests::clock::until;
use world_tests::collection::{Entries, entries};
use world_tests::entente::Running;
use world_tests::python::text;
use world_tests::scripted::{Reply, Server};
use world_tests::turn;

/// Rows of a list: many parts, each a commit of its own.
const LISTED: usize = 8_000;
/// Rows of a list that does not fit.
const FILLING: usize = 40_000;
/// Bounds of a small disk: below the first bulk is refused, below the second everything.
const BOUNDS: (&str, &str) = ("96MiB", "8MiB");

/// A node on a small disk that runs, or `None` where nothing can be mounted.
fn small(name: &str) -> Option<(Running, SmallDisk)> {
    let mut node = Running::init(name);
    settings(&node, BOUNDS.0, BOUNDS.1);
    let disk = SmallDisk::under(&node.data(), 192)?;
    node.serve();
    Some((node, disk))
}

/// So many domains of a series, as a list.
fn domains(series: &str, count: usize) -> String {
    let mut list = "type,value,name\n".to_owned();
    for n in 0..count {
        list.extend(["domain,", &n.to_string(), ".", series, ".example,x\n"]);
    }
    list
}

/// Whether a thing of this id is among them.
fn holds(entries: &Entries, id: &str) -> bool {
    entries.keys().any(|(known, _)| known == id)
}

fn source(node: &Running) -> Value {
    node.json(&["source", "list"]).pointer("/0").cloned().expect("a source")
}

/// Whether it said that it had no room for what a source brought.
fn refused(node: &Running) -> bool {
    node.complaints().contains("no room for what a source brings")
}

#[test]
fn a_source_waits_for_room_and_then_brings_everything_once() {
    const NAME: &str = "disk::incoming::a_source_waits_for_room_and_then_brings_everything_once";
    let _turn = turn::shared();
    let Some((node, disk)) = small("CERT Alpha") else { return inside(NAME) };
    let objects = Running::objects(&node.circle("ring", "green"));
    let token = node.token("reader", &["--circle", "ring", "--read"]);
    // The server gives the first half, and the rest not before the disk is full.
    let (list, open) = (domains("listed", LISTED), Arc::new(AtomicBool::new(false)));
    let opened = Arc::clone(&open);
    let server = Server::start(move |request| {
        if request.header("if-none-match") == Some("\"v1\"") {
            return Reply::status(304);
        }
        let whole = Reply::ok(list.clone()).with("ETag", "\"v1\"");
        if opened.load(Ordering::Acquire) { whole } else { whole.cut(list.len() / 2) }
    });
    node.ok(&["source", "add", "feed", "list", &server.url("/list.csv"), "--circle", "ring"]);
    let first = until("the pull broke off", 60, || {
        let source = source(&node);
        source["error"].as_str().is_some_and(|e| e.contains("E-SOURCE-016")).then_some(source)
    });
    let came = entries(&node, &token, &objects);
    assert!(!came.is_empty() && came.len() < LISTED, "{} came: {first}", came.len());

    disk.fill(16 << 20);
    let full = until("the source has no room", 20, || {
        let source = source(&node);
        (source["state"] == "no room").then_some(source)
    });
    assert!(full["error"].as_str().is_some_and(|error| error.starts_with("E-DISK-001")), "{full}");
    assert!(full["hint"].as_str().is_some_and(|hint| hint.contains("room")), "{full}");
    open.store(true, Ordering::Release);
    let asked = server.seen().len();
    let ran = node.cli(&["source", "pull", "feed"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("E-DISK-001"), "{}", ran.out);
    assert_eq!(entries(&node, &token, &objects), came, "nothing is taken, and reading goes on");
    assert_eq!(server.seen().len(), asked, "nobody is asked in vain");
    assert_eq!(source(&node)["accepted"], first["accepted"]);

    disk.fill(2 << 20);
    until("not even the wish is taken", 20, || {
        let ran = node.cli(&["source", "pull", "feed"]);
        (ran.code != 1 && ran.err.contains("E-DISK-001")).then_some(())
    });
    assert_eq!(entries(&node, &token, &objects), came, "reading goes on");

    disk.empty();
    let end = until("all is there", 120, || {
        let source = source(&node);
        (!source["last_success"].is_null()).then_some(source)
    });
    let held = entries(&node, &token, &objects);
    assert_eq!(held.len(), LISTED, "{end}");
    assert!(held.values().all(|count| *count == 1), "something is there twice");
    assert_eq!(end["accepted"], LISTED, "{end}");
    assert_eq!(node.json(&["source", "pull", "feed"])["accepted"], LISTED, "and it is known");
    assert_eq!(node.cli(&["verify", text(&node.data())]).code, 0);
}

#[test]
fn a_disk_that_fills_under_a_pull_keeps_what_was_committed() {
    const NAME: &str = "disk::incoming::a_disk_that_fills_under_a_pull_keeps_what_was_committed";
    let _turn = turn::shared();
    let mut node = Running::init("CERT Alpha");
    // Nothing warns it: the disk itself refuses.
    settings(&node, "0B", "0B");
    let Some(disk) = SmallDisk::under(&node.data(), 80) else { return inside(NAME) };
    node.serve();
    let objects = Running::objects(&node.circle("ring", "green"));
    let token = node.token("reader", &["--circle", "ring", "--read"]);
    let list = domains("filling", FILLING);
    let server = Server::start(move |request| match request.header("if-none-match") {
        Some("\"v1\"") => Reply::status(304),
        _ => Reply::ok(list.clone()).with("ETag", "\"v1\""),
    });
    // What the store has laid out beforehand takes the source's own row, and not the whole list.
    disk.fill(0);
    node.ok(&["source", "add", "feed", "list", &server.url("/list.csv"), "--circle", "ring"]);
    until("the disk refuses", 60, || refused(&node).then_some(()));
    let came = entries(&node, &token, &objects);
    assert!(came.len() < FILLING, "the disk was too large for this test");
    let asked = server.seen().len();
    assert!(asked < 10, "the server is not asked in a circle: {asked}");
    disk.empty();
    let end = until("all is there", 120, || {
        let source = source(&node);
        (!source["last_success"].is_null()).then_some(source)
    });
    let held = entries(&node, &token, &objects);
    assert_eq!(held.len(), FILLING, "{end}");
    assert!(held.values().all(|count| *count == 1), "something is there twice");
    assert!(came.keys().all(|id| held.contains_key(id)), "what came stays");
    assert_eq!(end["accepted"], FILLING, "{end}");
    assert_eq!(node.cli(&["verify", text(&node.data())]).code, 0);
}

#[test]
fn a_backfill_that_is_fetched_waits_for_room_and_recalls_do_not() {
    const NAME: &str =
        "disk::incoming::a_backfill_that_is_fetched_waits_for_room_and_recalls_do_not";
    let _turn = turn::shared();
    let Some((beta, disk)) = small("CERT Beta") else { return inside(NAME) };
    let alpha = Running::new("CERT Alpha");
    let objects = Running::objects(&alpha.circle("ring", "green"));
    alpha.link_with(&beta, &["ring"]);
    backfill(&alpha, (&beta, &disk), &objects);
}

#[test]
fn a_backfill_that_is_sent_waits_for_room_and_recalls_do_not() {
    const NAME: &str = "disk::incoming::a_backfill_that_is_sent_waits_for_room_and_recalls_do_not";
    let _turn = turn::shared();
    let Some((beta, disk)) = small("CERT Beta") else { return inside(NAME) };
    let alpha = Running::new("CERT Alpha");
    // Who joined dials, and nobody else can.
    let objects = Running::objects(&beta.circle("ring", "green"));
    beta.link_with(&alpha, &["ring"]);
    backfill(&alpha, (&beta, &disk), &objects);
}

/// A backfill from one node to another whose disk is full, and then is not.
fn backfill(alpha: &Running, (beta, disk): (&Running, &SmallDisk), objects: &str) {
    let publish = |series: &str, count| {
        let list = alpha.file(&format!("{series}.csv"), domains(series, count));
        alpha.ok(&["publish", &list, "--circle", "ring"]);
    };
    publish("early", 300);
    let [at_alpha, at_beta] =
        [alpha, beta].map(|node| node.token("reader", &["--circle", "ring", "--read"]));
    let early = until("the first ones are there", 60, || {
        let held = entries(beta, &at_beta, objects);
        (held.len() == 300).then_some(held)
    });
    let recall = |id: &str| {
        alpha.ok(&["recall", id, "--reason", "taken back while there is no room"]);
        until("the recall is heard", 60, || {
            (!holds(&entries(beta, &at_beta, objects), id)).then_some(())
        });
    };
    let ids: Vec<&String> = early.keys().map(|(id, _)| id).collect();

    // So far below the bound that no write-ahead log that is taken up reaches it again.
    disk.fill(20 << 20);
    until("there is no room at beta", 20, || {
        let ran = beta.cli(&["publish", &beta.file("one.csv", "1.2.3.4\n"), "--circle", "ring"]);
        ran.err.contains("E-DISK-001").then_some(())
    });
    // What beta itself may have placed before it looked at its disk.
    let before = entries(beta, &at_beta, objects).len();
    publish("late", LISTED);
    recall(ids[7]);
    let held = entries(beta, &at_beta, objects).len();
    assert_eq!(held, before - 1, "bulk waits, reading goes on");
    disk.fill(4 << 20);
    until("there is none at all", 20, || {
        let ran = beta.cli(&["token", "create", "later", "--circle", "ring", "--read"]);
        (ran.code != 0).then_some(())
    });
    recall(ids[11]);
    let held = entries(beta, &at_beta, objects).len();
    assert_eq!(held, before - 2, "bulk waits, reading goes on");

    disk.empty();
    until("both ends are equal", 120, || {
        let there = entries(alpha, &at_alpha, objects);
        (there.len() == before - 2 + LISTED && entries(beta, &at_beta, objects) == there)
            .then_some(())
    });
    until("the receipts are in", 60, || {
        let partners = alpha.json(&["partner", "list"]);
        (partners.pointer("/0/lag_records") == Some(&Value::from(0))).then_some(())
    });
    for node in [alpha, beta] {
        assert_eq!(node.cli(&["verify", text(&node.data())]).code, 0);
    }
}
