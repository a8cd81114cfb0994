//! The disk is full under what was seen: matching goes on, and what is not kept is counted.

use super::small::{SmallDisk, inside};
use serde_json::json;
use world_tests::clock::until;
use world_tests::entente::{Running, number};
use world_tests::stix::{envelope, indicator};
use world_tests::turn;

fn hand_in(node: &Running, names: &[String]) {
    let event = |name| json!({"timestamp": "2026-02-01T00:00:01.000000+0000", "query": name});
    let lines: Vec<String> = names.iter().map(|name| event(name).to_string()).collect();
    let reply = node.api().post("/telemetry", "application/x-ndjson", lines.join("\n"));
    assert!(matches!(reply.status, 200..=299), "{}: {}", reply.status, reply.text());
}

fn seen(node: &Running, value: &str) -> u64 {
    number(&node.json(&["seen", value]), "count")
}

#[test]
fn a_full_disk_stops_the_look_back_and_not_the_matching() {
    let _turn = turn::shared();
    let mut node = Running::init("CERT Alpha");
    let folder = node.data().join("seen");
    std::fs::create_dir(&folder).expect("a folder");
    let Some(disk) = SmallDisk::under(&folder, 1) else {
        return inside("disk::seen::a_full_disk_stops_the_look_back_and_not_the_matching");
    };
    node.serve();
    let objects = Running::objects(&node.circle("ring", "green"));
    let body = envelope(&[indicator(1, 1, "evil.example")]);
    let reply = node.api().post(&objects, "application/taxii+json;version=2.1", body);
    assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
    hand_in(&node, &["before.example".to_owned()]);
    disk.fill_up();
    // More than the rest of a page: the last file's page has room for a little.
    let mut many: Vec<String> = (0..5_000_u32).map(|n| format!("{n}-{}.example", n * 7)).collect();
    many.push("a.evil.example".to_owned());
    hand_in(&node, &many);
    until("what matches is sighted", 20, || {
        let page = node.api().get("/api/v1/sightings").json();
        page["sightings"].as_array().filter(|all| all.len() == 1).map(drop)
    });
    let kept = [seen(&node, "before.example"), seen(&node, "a.evil.example")];
    assert_eq!(kept, [1, 0], "what was kept stays, and nothing half-kept answers");
    until("what is skipped is counted", 40, || {
        let page = node.api().get("/metrics").text();
        let line = page.lines().find(|line| line.starts_with("entente_seen_skipped_total"))?;
        (!line.ends_with(" 0")).then_some(())
    });
    assert!(node.complaints().contains("not kept for looking back"), "{}", node.complaints());
    disk.empty();
    until("it is kept again", 40, || {
        hand_in(&node, &["after.example".to_owned()]);
        (seen(&node, "after.example") > 0).then_some(())
    });
    node.kill();
    node.serve();
    assert_eq!(seen(&node, "before.example"), 1);
    assert!(seen(&node, "after.example") > 0, "what came after the full disk is no torn journal");
    assert_eq!(seen(&node, "a.evil.example"), 0);
    node.kill();
}
