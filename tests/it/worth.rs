//! How much an indicator is still worth, on the real binary: feeds and matches agree on it and on what
//! is silent, partners' sightings and doubts count, and sightings go as far as their node wants.

use serde_json::{Value, json};
use std::fs;
use world_tests::clock::{until, wall};
use world_tests::entente::{Running, number, word};
use world_tests::http::Http;
use world_tests::stix::indicator_id;
use world_tests::turn;

/// An indicator that is so many days old.
fn aged(n: u64, domain: &str, days: i64) -> String {
    let id = indicator_id(13, n);
    let from = wall().plus_seconds(-days * 86_400);
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2025-01-01T00:00:00.000Z","modified":"2025-01-01T00:00:00.000Z","confidence":80,"pattern":"[domain-name:value = '{domain}']","pattern_type":"stix","valid_from":"{from}"}}"#
    )
}

fn publish(node: &Running, objects: &[String]) {
    let file = node.file("some.json", objects.join("\n"));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

/// The matches of an event with this name, as this caller is told of them.
fn matches(caller: &mut Http, domain: &str) -> Vec<Value> {
    let event = json!({"dns": {"rrname": domain}}).to_string();
    let reply = caller.post("/api/v1/watch", "application/x-ndjson", event);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let told = reply.text();
    told.lines().map(|line| serde_json::from_str(line).expect("a match")).collect()
}

/// What the table of a feed says of a name's confidence, if it has the name.
fn weighed(reader: &mut Http, domain: &str) -> Option<u64> {
    let reply = reader.get("/feeds/ring/csv");
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    let row = text.lines().find(|row| row.starts_with(&format!("{domain},")))?.to_owned();
    row.split(',').nth(4).and_then(|cell| cell.parse().ok())
}

fn listed(reader: &mut Http, query: &str) -> String {
    let reply = reader.get(&format!("/feeds/ring/blocklist.txt{query}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text()
}

fn reader(node: &Running) -> Http {
    Http::with(&node.http, &node.token("firewall", &["--circle", "ring", "--read", "--write"]))
}

#[test]
fn a_feed_and_a_match_say_the_same_confidence_and_sightings_and_doubts_change_it() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    drop(alpha.circle("ring", "green"));
    alpha.link_with(&beta, &["ring"]);
    publish(&alpha, &[aged(1, "old.example", 90), aged(2, "far.example", 180)]);
    let (mut at_alpha, mut at_beta) = (reader(&alpha), reader(&beta));
    until("beta has them", 30, || (weighed(&mut at_beta, "far.example") == Some(20)).then_some(()));
    assert_eq!(weighed(&mut at_beta, "old.example"), Some(40), "a half-life later");
    assert_eq!(listed(&mut at_beta, "?min_confidence=30"), "old.example\n");
    // A match says the same, and its sighting renews it: here, and at whoever published it.
    let told = matches(&mut at_beta, "old.example");
    assert_eq!(told[0]["confidence"], 40, "{told:?}");
    for at in [&mut at_beta, &mut at_alpha] {
        until("the sighting counts", 30, || (weighed(at, "old.example") == Some(80)).then_some(()));
        assert_eq!(listed(at, "?min_confidence=70"), "old.example\n");
    }
    assert_eq!(matches(&mut at_beta, "old.example")[0]["confidence"], 80);
    // The cube of who published it says who counted.
    let cube = alpha.api().get(&format!("/api/v1/cube?indicator={}", indicator_id(13, 1))).json();
    assert_eq!((&cube[0]["by"], &cube[0]["count"]), (&json!("CERT Beta"), &json!(1)), "{cube}");
    let all = alpha.api().get("/api/v1/cube").json();
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    // A partner's doubt halves it at both.
    beta.ok(&["false-positive", &indicator_id(13, 1), "--reason", "our own mail server"]);
    for at in [&mut at_beta, &mut at_alpha] {
        until("the doubt counts", 30, || (weighed(at, "old.example") == Some(40)).then_some(()));
        let chosen = "?min_confidence=70";
        // What was asked for a moment ago is repeated for one.
        until("it left", 5, || listed(at, chosen).is_empty().then_some(()));
    }
    let events = beta.file("events.json", json!({"dns": {"rrname": "old.example"}}).to_string());
    let told = beta.cli(&["watch", &events, "--json"]).lines();
    assert_eq!(told[0]["confidence"], 40, "{told:?}");
    let text = beta.cli(&["watch", &events]).out;
    assert!(text.contains("confidence 40"), "{text}");
    assert_eq!(beta.cli(&["matches", "--json"]).lines()[0]["confidence"], 40);
}

#[test]
fn what_a_person_silences_leaves_every_feed_at_once_and_comes_back_by_itself() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    drop(node.circle("other", "green"));
    publish(&node, &[aged(1, "one.example", 1), aged(2, "two.example", 1)]);
    let mut at = reader(&node);
    assert_eq!(listed(&mut at, ""), "one.example\ntwo.example\n");
    node.ok(&["suppress", "one.example", "--reason", "ours", "--until", "4s"]);
    for name in ["csv", "intel.dat", "rpz.zone", "blocklist.txt", "misp/hashes.csv", "stix.json"] {
        let text = until("it left", 1, || {
            let text = at.get(&format!("/feeds/ring/{name}")).text();
            (!text.contains("one.example")).then_some(text)
        });
        assert!(text.contains("two.example") || name.ends_with("hashes.csv"), "{name}: {text}");
    }
    until("it is back", 30, || (listed(&mut at, "").lines().count() == 2).then_some(()));
    // By id; and in another circle alone, which is nothing to this one.
    let id = indicator_id(13, 2);
    node.ok(&["suppress", &id, "--reason", "x", "--until", "7d", "--circle", "other"]);
    assert_eq!(listed(&mut at, "").lines().count(), 2);
    node.ok(&["suppress", &id, "--reason", "x", "--until", "7d"]);
    until("it left", 10, || (listed(&mut at, "") == "one.example\n").then_some(()));
    // A stricter label takes the other one out as well: the reader has no RED.
    node.ok(&["relabel", &indicator_id(13, 1), "--tlp", "red"]);
    until("it left", 10, || listed(&mut at, "").is_empty().then_some(()));
}

#[test]
fn what_the_node_asks_of_matches_it_asks_of_feeds() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    publish(&node, &[aged(1, "old.example", 90), aged(2, "new.example", 1)]);
    set(&mut node, "[watch]", "min_confidence = 50");
    let mut at = reader(&node);
    until("matching", 30, || (matches(&mut at, "new.example").len() == 1).then_some(()));
    assert_eq!(matches(&mut at, "old.example").len(), 0);
    assert_eq!(listed(&mut at, ""), "new.example\n");
}

/// Writes a line into a section of a node's settings and starts it anew.
fn set(node: &mut Running, section: &str, line: &str) {
    let file = node.data().join("entente.toml");
    let text = fs::read_to_string(&file).expect("the settings");
    let head = format!("{section}\n");
    let text = if text.contains(&head) {
        text.replace(&head, &format!("{head}{line}\n"))
    } else {
        format!("{text}\n{head}{line}\n")
    };
    fs::write(&file, text).expect("written");
    assert_eq!(node.stop(), Some(0));
    node.serve();
}

/// Whether a node has heard of a sighting of an indicator.
fn heard(node: &Running, n: u64) -> bool {
    let told = node.api().get("/api/v1/sightings").json();
    let all = told["sightings"].as_array().cloned().unwrap_or_default();
    all.iter().any(|one| word(one, "indicator") == indicator_id(13, n))
}

/// Matches an indicator at a node and waits until another one has heard.
fn sight(node: &Running, n: u64, hears: &Running) {
    let domain = format!("n{n}.example");
    let mut api = node.api();
    until("it matches", 30, || (!matches(&mut api, &domain).is_empty()).then_some(()));
    until("it is heard", 30, || heard(hears, n).then_some(()));
}

#[test]
fn a_sighting_goes_to_the_signer_or_to_the_circle_and_hidden_no_further_than_its_partners() {
    let _turn = turn::shared();
    let (alpha, hub) = (Running::new("CERT Alpha"), Running::new("CERT Hub"));
    let mut charlie = Running::new("CERT Charlie");
    drop(hub.circle("ring", "amber"));
    hub.link_with(&alpha, &["ring"]);
    hub.link_with(&charlie, &["ring"]);
    publish(&hub, &[1, 2, 3].map(|n| aged(n, &format!("n{n}.example"), 1)));
    sight(&charlie, 1, &hub);
    set(&mut charlie, "[sightings]", "to = \"circle\"\nhide_source = true");
    sight(&charlie, 2, &hub);
    let file = charlie.data().join("entente.toml");
    let text = fs::read_to_string(&file).expect("the settings");
    fs::write(&file, text.replace("hide_source = true", "hide_source = false")).expect("written");
    assert_eq!(charlie.stop(), Some(0));
    charlie.serve();
    sight(&charlie, 3, &alpha);
    // Numbers go in order: what was told before would be here.
    assert!(!heard(&alpha, 1), "to its signer alone");
    assert!(!heard(&alpha, 2), "its source hidden");
    assert!(heard(&hub, 3));
    let told = alpha.api().get("/api/v1/sightings").json();
    assert_eq!(number(&told["sightings"][0], "count"), 1, "{told}");
    assert_eq!(told["sightings"][0]["by"], "CERT Charlie", "{told}");
}
