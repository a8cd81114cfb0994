//! Looking back: what was seen is found again, whatever became of the process, and an indicator
//! that comes after the event finds it. The days are those of the folders.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use world_tests::clock::until;
use world_tests::data::{folder, say, unpacked};
use world_tests::entente::{Running, number, word};
use world_tests::python::{succeeds, text};
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
const NDJSON: &str = "application/x-ndjson";

/// A name that was asked for at a second of 2026-02-01.
fn asked(name: &str, second: u32) -> String {
    let at = format!("2026-02-01T00:00:{second:02}.000000+0000");
    format!("{}\n", json!({"timestamp": at, "event_type": "dns", "dns": {"rrname": name}}))
}

/// Hands events in as an agent does, under a name of this source.
fn hand_in(node: &Running, events: &str) {
    let reply = node.api().post("/telemetry", NDJSON, events);
    assert!(matches!(reply.status, 200..=299), "{}: {}", reply.status, reply.text());
}

/// What the node says of one value.
fn seen(node: &Running, value: &str) -> Value {
    node.json(&["seen", value])
}

/// A day of 2026-02 on which this version was made.
fn publish(node: &Running, circle: &str, (id, version): (u64, u64), domain: &str) {
    let made = |day: u64| format!("\"modified\":\"2026-02-0{day}T");
    let object = indicator(1, id, domain);
    let at = object.find("\"modified\":\"").expect("a version");
    let (before, after) = object.split_at(at);
    let rest = after.split_once('T').expect("a time").1;
    let body = envelope(&[format!("{before}{}{rest}", made(version))]);
    let reply = node.api().post(&Running::objects(circle), TAXII, body);
    assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
}

fn sightings(node: &Running) -> Vec<Value> {
    let page = node.api().get("/api/v1/sightings").json();
    page["sightings"].as_array().cloned().unwrap_or_default()
}

/// The only sighting, once there is one.
fn sighting(node: &Running) -> Value {
    until("the look-back is a sighting", 20, || sightings(node).into_iter().next())
}

/// Every file of this kind among what was seen.
fn files(node: &Running, kind: &str) -> Vec<PathBuf> {
    let days = fs::read_dir(node.data().join("seen")).expect("the folder").flatten();
    let inside = days
        .filter(|day| day.path().is_dir())
        .flat_map(|day| fs::read_dir(day.path()).expect("a day").flatten().map(|file| file.path()));
    let mut all: Vec<_> =
        inside.filter(|path| path.extension().is_some_and(|name| name == kind)).collect();
    all.sort();
    all
}

/// Moves what was seen to a day before.
fn made_older(node: &Running, day: &str) {
    let folder = node.data().join("seen");
    let today = files(node, "parquet").first().and_then(|file| file.parent().map(Path::to_owned));
    fs::rename(today.expect("a day"), folder.join(format!("day={day}"))).expect("the day moves");
}

/// The day before the one that its name has, of the test's own machine.
fn yesterday() -> String {
    let told = std::process::Command::new("date").args(["-u", "-d", "yesterday", "+%F"]).output();
    String::from_utf8(told.expect("date runs").stdout).expect("text").trim().to_owned()
}

#[test]
fn a_value_of_yesterday_is_found_after_a_restart() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    hand_in(&node, &(asked("old.example", 1) + &asked("old.example", 2)));
    assert_eq!(number(&seen(&node, "old.example"), "count"), 2, "before it is in a segment");
    assert_eq!(node.stop(), Some(0));
    made_older(&node, &yesterday());
    node.serve();
    hand_in(&node, &asked("old.example", 3));
    let found = seen(&node, "old.example");
    assert_eq!(number(&found, "count"), 3, "{found}");
    assert!(word(&found, "first").starts_with("2026-02-01T00:00:01"), "{found}");
    assert!(word(&found, "last").starts_with("2026-02-01T00:00:03"), "{found}");
    assert_eq!(number(&seen(&node, "new.example"), "count"), 0);
}

#[test]
fn an_indicator_published_after_the_event_is_sighted_with_the_events_time() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    hand_in(&node, &(asked("a.evil.example", 1) + &asked("fine.example", 1)));
    assert_eq!(node.stop(), Some(0));
    made_older(&node, &yesterday());
    node.serve();
    hand_in(&node, &asked("b.evil.example", 9));
    publish(&node, &circle, (1, 1), "evil.example");
    let found = sighting(&node);
    assert_eq!(word(&found, "indicator"), indicator_id(1, 1));
    assert_eq!(number(&found, "count"), 2, "yesterday's segment and today's journal: {found}");
    assert!(word(&found, "first").starts_with("2026-02-01T00:00:01"), "{found}");
    assert!(word(&found, "last").starts_with("2026-02-01T00:00:09"), "{found}");

    // Another version of it, and another start, find nothing new.
    publish(&node, &circle, (1, 2), "evil.example");
    publish(&node, &circle, (2, 1), "fine.example");
    until("the second is sighted", 20, || (sightings(&node).len() == 2).then_some(()));
    assert_eq!(node.stop(), Some(0));
    node.serve();
    publish(&node, &circle, (3, 1), "a.evil.example");
    until("the third is sighted", 20, || (sightings(&node).len() == 3).then_some(()));
    let counts: Vec<u64> = sightings(&node).iter().map(|each| number(each, "count")).collect();
    assert_eq!(counts, [2, 1, 1]);
}

#[test]
fn a_parent_domain_finds_its_children_and_a_prefix_its_addresses() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let address = |address: &str| format!("{}\n", json!({"src_ip": address}));
    let events = asked("a.b.example", 1)
        + &asked("xb.example", 1)
        + &asked("shop.co.uk", 1)
        + &address("192.0.2.7")
        + &address("192.0.2.200")
        + &address("2001:db8::1")
        + "{\"url\": \"http://h.example/p?q=1\"}\n";
    hand_in(&node, &events);
    for _ in ["in the journal", "in a segment"] {
        let count = |value: &str| number(&seen(&node, value), "count");
        assert_eq!([count("b.example"), count("a.b.example"), count("b.a.example")], [1, 1, 0]);
        assert_eq!([count("192.0.2.0/24"), count("192.0.2.0/25"), count("192.0.0.0/8")], [2, 1, 2]);
        assert_eq!([count("192.0.3.0/24"), count("192.0.2.7"), count("192.0.2.8")], [0, 1, 0]);
        assert_eq!([count("2001:db8::/48"), count("2001:db8:1::/48")], [1, 0]);
        assert_eq!([count("http://h.example/p"), count("http://h.example/p?q=2")], [1, 0]);
        assert_eq!([count("h.example"), count("co.uk")], [1, 0], "a suffix is itself alone");
        assert_eq!(node.stop(), Some(0));
        node.serve();
    }
}

#[test]
fn a_killed_node_forgets_no_acknowledged_value() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    for round in 0..3_u32 {
        for value in 0..20 {
            hand_in(&node, &asked(&format!("n{round}-{value}.kill.example"), round));
        }
        node.kill();
        assert!(files(&node, "parquet").len() < 4, "nothing but what an earlier start wrote");
        node.serve();
        let found = seen(&node, "kill.example");
        assert_eq!(number(&found, "count"), u64::from(round + 1) * 20, "{found}");
    }
    // A journal that was cut off in the middle of an entry keeps all before it, and says so.
    hand_in(&node, &asked("whole.kill.example", 1));
    hand_in(&node, &asked("torn.kill.example", 1));
    node.kill();
    let journals = fs::read_dir(node.data().join("seen")).expect("the folder").flatten();
    let journal = journals
        .map(|file| file.path())
        .find(|path| path.to_string_lossy().contains("journal-"))
        .expect("a journal");
    let bytes = fs::read(&journal).expect("the journal");
    fs::write(&journal, &bytes[..bytes.len() - 3]).expect("cut off");
    let verified = world_tests::entente::run(&["verify", text(&node.data())]);
    assert!(verified.out.contains("journal-"), "{}{}", verified.out, verified.err);
    node.serve();
    assert_eq!(number(&seen(&node, "whole.kill.example"), "count"), 1);
    assert_eq!(number(&seen(&node, "torn.kill.example"), "count"), 0);
    assert!(node.complaints().contains("ends in the middle"), "{}", node.complaints());
}

#[test]
fn clocks_of_1970_and_2100_make_no_new_days() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let at = |time: &str| format!("{}\n", json!({"timestamp": time, "query": "odd.example"}));
    hand_in(&node, &(at("1970-01-01T00:00:00Z") + &at("2100-01-01T00:00:00Z")));
    assert_eq!(node.stop(), Some(0));
    assert_eq!(files(&node, "parquet").len(), 1, "one day, the one on which they came");
    node.serve();
    let found = seen(&node, "odd.example");
    assert_eq!(number(&found, "count"), 2, "{found}");
    assert!(word(&found, "last").starts_with("2100-01-01"), "{found}");
}

#[test]
fn old_days_go_and_small_segments_of_a_day_become_one() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    for part in 0..3 {
        hand_in(&node, &(asked("often.example", part) + &asked(&format!("p{part}.example"), part)));
        assert_eq!(node.stop(), Some(0));
        node.serve();
    }
    assert_eq!(node.stop(), Some(0));
    assert_eq!(files(&node, "parquet").len(), 3);
    made_older(&node, &yesterday());
    node.serve();
    until("they are one", 40, || (files(&node, "parquet").len() == 1).then_some(()));
    assert_eq!(number(&seen(&node, "often.example"), "count"), 3);
    assert_eq!(number(&seen(&node, "p1.example"), "count"), 1);
    assert_eq!(node.stop(), Some(0));
    made_older(&node, "2026-01-01");
    node.serve();
    until("the day is gone", 40, || files(&node, "parquet").is_empty().then_some(()));
    assert_eq!(number(&seen(&node, "often.example"), "count"), 0);
}

#[test]
fn damage_to_a_segment_is_told_and_no_answer_hides_it() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    hand_in(&node, &asked("kept.example", 1));
    assert_eq!(node.stop(), Some(0));
    let whole = world_tests::entente::run(&["verify", text(&node.data())]);
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    let file = files(&node, "parquet").remove(0);
    let bytes = fs::read(&file).expect("the segment");
    for at in (0..bytes.len()).step_by(211) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        fs::write(&file, &damaged).expect("damage");
        let told = world_tests::entente::run(&["verify", text(&node.data())]);
        assert_eq!(told.code, 1, "byte {at} of {}: {}{}", bytes.len(), told.out, told.err);
        assert!(told.out.contains("000001.parquet"), "{}", told.out);
    }
    fs::write(&file, &bytes[..bytes.len() / 2]).expect("half of it");
    node.serve();
    let found = seen(&node, "kept.example");
    assert!(found["unread"][0].as_str().is_some_and(|why| why.contains("000001")), "{found}");
    let doctor = node.cli(&["doctor"]);
    assert!(doctor.out.contains("000001.parquet"), "{}{}", doctor.out, doctor.err);
}

#[test]
fn duckdb_counts_what_we_count() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let events = match folder("looking back") {
        Some(folder) => unpacked(&folder.join("telemetry/zeek-dns.json.gz")),
        None => asked("arena1.wrccdc.cpp.edu", 1).into_bytes(),
    };
    let lines = events.iter().filter(|byte| **byte == b'\n').count();
    let log = node.file("dns.log", &events);
    node.ok(&["watch", &log]);
    assert_eq!(node.stop(), Some(0));
    let segments = node.data().join("seen");
    let (value, never) = ("arena1.wrccdc.cpp.edu", "never-seen.example");
    let told = succeeds("seen_duckdb.py", &[text(&segments), value, never]);
    let told: Value = serde_json::from_str(&told).expect("a line of JSON");
    node.serve();
    let ours = seen(&node, value);
    let exact = ours["values"].as_array().is_some_and(|values| values.len() == 1);
    assert!(exact, "no names below it are in this log: {ours}");
    assert_eq!(number(&told, "count"), number(&ours, "count"));
    assert_eq!((word(&told, "kind"), number(&told, "days")), ("domain".to_owned(), 1));
    assert_eq!(number(&told, "disorder"), 0, "the rows lie in the order of their keys");
    assert_eq!(number(&told, "never"), 0, "the blooms say that it is nowhere");
    assert!((1..=number(&told, "groups")).contains(&number(&told, "maybe")), "{told}");
    let bytes: u64 = ["parquet", "sketch"]
        .iter()
        .flat_map(|kind| files(&node, kind))
        .map(|file| fs::metadata(file).expect("a file").len())
        .sum();
    let each = bytes as f64 / lines as f64;
    say(&format!("{lines} events, {} values, {bytes} bytes: {each:.2} an event", told["rows"]));
    assert!(each < 40.0 || lines < 100);
}
