//! STIX patterns over several events, from one partner to another's live telemetry, with the real
//! binary. Every single pattern against the judge is tested in `detect`.

use serde_json::{Value, json};
use world_tests::clock::until;
use world_tests::entente::{Running, number};
use world_tests::stix::{envelope, indicator, indicator_id};

const NDJSON: &str = "application/x-ndjson";

const SEQUENCE: &str = "([domain-name:value = 'stage.example'] FOLLOWEDBY \
    [network-traffic:dst_ref.value = '192.0.2.66' AND network-traffic:dst_port = 4444]) \
    WITHIN 300 SECONDS";

/// An indicator with this pattern.
fn pattern(number: u64, text: &str) -> String {
    let mut object: Value =
        serde_json::from_str(&indicator(7, number, "a.example")).expect("an indicator");
    object["pattern"] = json!(text);
    object.to_string()
}

fn query(host: &str, name: &str) -> String {
    format!("{}\n", json!({"event_type": "dns", "src_ip": host, "dns": {"rrname": name}}))
}

fn flow(host: &str, port: u16) -> String {
    let flow = json!({"event_type": "flow", "src_ip": host, "dest_ip": "192.0.2.66",
        "dest_port": port, "proto": "TCP"});
    format!("{flow}\n")
}

/// How many of the events match, as the node that is asked says.
fn matches(node: &Running, events: &str) -> u64 {
    let reply = node.api().post("/telemetry/", NDJSON, events);
    assert_eq!(reply.status, 200, "{}", reply.text());
    number(&reply.json(), "matches")
}

fn publish(node: &Running, patterns: &[String]) {
    let file = node.file("patterns.json", envelope(patterns).replace("{\"objects\"", BUNDLE));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

const BUNDLE: &str =
    r#"{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects""#;

fn rules(node: &Running) -> Value {
    node.api().get("/api/v1/rules").json()
}

#[test]
fn a_followedby_published_at_a_alerts_at_b_and_the_sighting_comes_back() {
    let (alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _circle = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    publish(&alpha, &[pattern(1, SEQUENCE)]);
    // It is looked for a moment before it is there, and tells nothing until it is.
    let object = format!("/api/v1/objects/{}", indicator_id(7, 1));
    until("it is there at Beta", 30, || (beta.api().get(&object).status == 200).then_some(()));
    assert_eq!(rules(&beta)["rules"], 1, "and looked for");
    assert_eq!(matches(&beta, &query("10.0.0.1", "stage.example")), 0, "half of it");
    assert_eq!(matches(&beta, &flow("10.0.0.2", 4444)), 0, "another host");
    assert_eq!(matches(&beta, &flow("10.0.0.1", 443)), 0, "another port");
    assert_eq!(matches(&beta, &flow("10.0.0.1", 4444)), 1, "the other half, in another delivery");
    let delivered_again = matches(&beta, &flow("10.0.0.1", 4444));
    assert_eq!(delivered_again, 1, "the same delivery says the same again");
    let sightings = || {
        let page: Value = alpha.api().get("/api/v1/sightings").json();
        page["sightings"].as_array().filter(|all| !all.is_empty()).cloned()
    };
    let sightings = until("Beta's sighting is at Alpha", 30, sightings);
    assert_eq!(number(&sightings[0], "count"), 1, "{sightings:?}");
    assert_eq!(beta.stop(), Some(0));
    beta.serve();
    until("it is looked for again", 30, || (rules(&beta)["rules"] == 1).then_some(()));
    let both = [query("10.0.0.3", "stage.example"), flow("10.0.0.3", 4444)].concat();
    assert_eq!(matches(&beta, &both), 1);
    alpha.ok(&["recall", &indicator_id(7, 1), "--reason", "wrong"]);
    until("it is gone at Beta", 30, || (rules(&beta)["rules"] == 0).then_some(()));
    let both = [query("10.0.0.4", "stage.example"), flow("10.0.0.4", 4444)].concat();
    assert_eq!(matches(&beta, &both), 0, "recalled");
}

#[test]
fn what_has_expired_does_not_alert_and_a_newer_version_takes_the_place_of_the_older() {
    let node = Running::new("CERT Alpha");
    let _circle = node.circle("ring", "green");
    let expired: Value =
        serde_json::from_str(&pattern(1, "[domain-name:value LIKE 'x%.example']")).expect("JSON");
    let mut expired = expired;
    expired["valid_until"] = json!("2026-01-02T00:00:00Z");
    publish(&node, &[expired.to_string(), pattern(2, "[domain-name:value LIKE 'y%.example']")]);
    assert_eq!(matches(&node, &query("10.0.0.1", "x1.example")), 0);
    assert_eq!(matches(&node, &query("10.0.0.1", "y1.example")), 1);
    let newer = pattern(2, "[domain-name:value LIKE 'z%.example']")
        .replace("\"modified\":\"2026-01-01", "\"modified\":\"2026-01-03");
    publish(&node, &[newer]);
    assert_eq!(matches(&node, &query("10.0.0.2", "y1.example")), 0, "the older version");
    assert_eq!(matches(&node, &query("10.0.0.2", "z1.example")), 1);
}

#[test]
fn a_flood_of_machines_is_told_by_metrics_and_doctor() {
    let node = Running::new("CERT Alpha");
    let _circle = node.circle("ring", "green");
    let patterns: Vec<String> = (0..25)
        .map(|number| {
            let text = format!(
                "[domain-name:value = 'stage.example'] FOLLOWEDBY [domain-name:value = \
                 'n{number}.example']"
            );
            pattern(number, &text)
        })
        .collect();
    publish(&node, &patterns);
    let host = |number: u32| format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
    let first = query(&host(0), "stage.example");
    assert_eq!(matches(&node, &first), 0);
    // More machines and patterns than windows are kept.
    let flood: Vec<String> = (1..=4_100).map(|n| query(&host(n), "stage.example")).collect();
    assert_eq!(matches(&node, &flood.concat()), 0);
    let view = rules(&node);
    assert!(number(&view, "forgotten_machines") > 0, "{view}");
    assert_eq!(number(&view, "windows"), 100_000);
    assert_eq!(matches(&node, &query(&host(0), "n3.example")), 0, "the oldest was forgotten");
    assert_eq!(matches(&node, &query(&host(4_100), "n3.example")), 1, "the newest was not");
    let metrics = node.api().get("/metrics").text();
    let forgotten = "entente_windows_forgotten_total{what=\"machines\"} ";
    let told = metrics.lines().find_map(|line| line.strip_prefix(forgotten)).expect("a number");
    assert_ne!(told, "0");
    let doctor = node.cli(&["doctor"]);
    assert!(doctor.out.contains("machines were forgotten"), "{doctor:?}");
}
