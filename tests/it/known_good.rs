//! What does not alert, and why: known-good lists at three gates, suppressions, partners who call
//! an indicator a false positive, indicators that match everything.

use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use world_tests::clock::until;
use world_tests::data::{folder, say};
use world_tests::entente::{Running, number, word};

/// A known-good list in MISP's form, as a file beside the node.
fn list(node: &Running, name: &str, form: &str, attributes: &[&str], entries: &[&str]) -> String {
    let list = json!({"name": name, "description": "test", "version": 1, "type": form,
        "matching_attributes": attributes, "list": entries});
    node.file(&format!("{name}.json"), list.to_string())
}

/// Publishes plain values, one a line.
fn publish(node: &Running, circle: &str, values: &[&str]) -> Value {
    let file = node.file("values.txt", values.join("\n"));
    let ran = node.cli(&["publish", &file, "--circle", circle, "--json"]);
    ran.json()
}

/// The events' numbers that alert.
fn alerts(node: &Running, events: &[Value]) -> Vec<u64> {
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    let reply = node.api().post("/api/v1/watch", "application/x-ndjson", lines.join("\n"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let told = reply.text();
    let told = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("a match"));
    let mut lines: Vec<u64> = told.map(|told| number(&told, "line")).collect();
    lines.dedup();
    lines
}

/// Waits until the running node has read its lists again.
fn known(node: &Running, name: &str) {
    until("the list is read", 60, || {
        let lists = node.json(&["known-good", "list"]);
        let lists = lists["lists"].as_array().cloned().unwrap_or_default();
        lists.iter().any(|list| list["name"] == name).then_some(())
    });
}

fn silenced(node: &Running, name: &str) -> u64 {
    let lists = node.json(&["known-good", "list"]);
    let lists = lists["lists"].as_array().cloned().unwrap_or_default();
    let list = lists.iter().find(|list| list["name"] == name).expect("the list");
    number(list, "silenced")
}

fn why(node: &Running, value: &str) -> Value {
    node.cli(&["why", value, "--json"]).json()
}

#[test]
fn a_listed_value_warns_its_author_and_silences_its_matches_where_the_circle_wants_it() {
    let node = Running::new("Alpha");
    drop(node.circle("ring", "green"));
    node.ok(&["circle", "create", "raw", "--known-good", "off"]);
    let names = list(&node, "names", "hostname", &["domain", "url"], &["good.example"]);
    let networks = list(&node, "networks", "cidr", &["ip-dst"], &["198.51.100.0/25"]);
    node.ok(&["known-good", "add", &names, &networks]);
    known(&node, "networks");
    let values = ["www.good.example", "198.51.0.0/16", "evil.example"];
    let told = publish(&node, "ring", &values);
    assert_eq!(told["accepted"], 3, "{told}");
    let codes = told["problems"].as_array().cloned().unwrap_or_default();
    assert_eq!(codes.iter().filter(|one| one["code"] == "W-GOOD-001").count(), 2, "{told}");
    let events = [
        json!({"dns": {"rrname": "www.good.example"}}),
        json!({"dest_ip": "198.51.100.7"}),
        json!({"dest_ip": "198.51.101.7"}),
        json!({"dns": {"rrname": "a.evil.example"}}),
    ];
    assert_eq!(alerts(&node, &events), [3, 4]);
    assert_eq!((silenced(&node, "names"), silenced(&node, "networks")), (1, 1));
    let told = why(&node, "www.good.example");
    assert_eq!(told["alerts"], false);
    assert_eq!(told["indicators"][0]["list"], "names", "{told}");
    assert!(node.api().get("/metrics").text().contains("list=\"names\""));
    // The same values in a circle that wants no lists.
    publish(&node, "raw", &values[..1]);
    assert_eq!(alerts(&node, &events), [1, 3, 4]);
    node.ok(&["known-good", "remove", "names"]);
}

#[test]
fn what_is_our_own_is_never_published_and_a_partners_word_about_it_never_alerts() {
    let (alpha, beta) = (Running::new("Alpha"), Running::new("Beta"));
    drop(alpha.circle("ring", "green"));
    alpha.link_with(&beta, &["ring"]);
    beta.ok(&["known-good", "never", "203.0.113.0/24", "our.example"]);
    known(&beta, "never");
    let told =
        publish(&beta, "ring", &["203.0.113.9", "203.0.0.0/16", "mail.our.example", "x.test"]);
    assert_eq!((&told["accepted"], &told["refused"]), (&json!(1), &json!(3)), "{told}");
    assert!(told.to_string().contains("E-GOOD-003"), "{told}");
    // Received all the same, for it is its signer's to say; and silent.
    assert_eq!(publish(&alpha, "ring", &["our.example", "y.test"])["accepted"], 2);
    until("both have arrived", 30, || {
        let found = node_holds(&beta, "our.example") && node_holds(&beta, "y.test");
        found.then_some(())
    });
    let events = [json!({"dns": {"rrname": "our.example"}}), json!({"dns": {"rrname": "y.test"}})];
    assert_eq!(alerts(&beta, &events), [2]);
    assert_eq!(word(&why(&beta, "our.example")["indicators"][0], "reason"), "listed");
}

fn node_holds(node: &Running, value: &str) -> bool {
    why(node, value)["indicators"].as_array().is_some_and(|all| !all.is_empty())
}

#[test]
fn a_suppression_names_its_reason_and_ends_by_itself_or_by_hand() {
    let mut node = Running::new("Alpha");
    drop(node.circle("ring", "green"));
    publish(&node, "ring", &["evil.example", "other.example"]);
    let events =
        [json!({"dns": {"rrname": "evil.example"}}), json!({"dns": {"rrname": "other.example"}})];
    assert_eq!(alerts(&node, &events), [1, 2]);
    let silence = ["suppress", "EVIL.example", "--reason", "our red team", "--until"];
    node.ok(&[&silence[..], &["3s"]].concat());
    assert_eq!(alerts(&node, &events), [2]);
    let told = why(&node, "evil.example");
    assert!(told["indicators"][0]["says"].to_string().contains("our red team"), "{told}");
    until("it ends by itself", 30, || (alerts(&node, &events) == [1, 2]).then_some(()));
    // By id, and lifted by hand.
    let id = word(&told["indicators"][0], "indicator");
    node.ok(&["suppress", &id, "--reason", "again", "--until", "7d"]);
    assert_eq!(alerts(&node, &events), [2]);
    let number = node.json(&["suppress"])[0]["id"].to_string();
    assert_eq!(node.stop(), Some(0));
    node.serve();
    assert_eq!(alerts(&node, &events), [2], "a restart forgets nothing");
    node.ok(&["suppress", "--remove", &number]);
    assert_eq!(alerts(&node, &events), [1, 2]);
    let past = node.cli(&["suppress", "a.test", "--reason", "x", "--until", "2020-01-01"]);
    assert_eq!(past.code, 1, "{}", past.err);
    assert!(past.err.contains("E-SUPPRESS-003"), "{}", past.err);
}

#[test]
fn a_partners_false_positive_halves_the_confidence_once_and_may_silence() {
    let alpha = Running::new("Alpha");
    let mut beta = Running::new("Beta");
    drop(alpha.circle("ring", "green"));
    alpha.link_with(&beta, &["ring"]);
    assert_eq!(publish(&alpha, "ring", &["evil.example"])["accepted"], 1);
    until("beta has it", 30, || node_holds(&beta, "evil.example").then_some(()));
    let id = word(&why(&beta, "evil.example")["indicators"][0], "indicator");
    let confidence =
        |node: &Running| number(&why(node, "evil.example")["indicators"][0], "confidence");
    assert_eq!((confidence(&alpha), confidence(&beta)), (50, 50));
    let event = [json!({"dns": {"rrname": "evil.example"}})];
    for _ in 0..2 {
        beta.ok(&["false-positive", &id, "--reason", "our own mail server"]);
    }
    until("alpha has heard", 30, || (confidence(&alpha) == 25).then_some(()));
    assert_eq!(confidence(&beta), 25, "said twice, counted once");
    let own = alpha.cli(&["false-positive", &id, "--reason", "x"]);
    assert!(own.err.contains("E-SUPPRESS-006"), "{}", own.err);
    assert_eq!(alerts(&beta, &event), [1]);
    // Below what the operator asks for, it is silent.
    let settings = beta.data().join("entente.toml");
    let text = fs::read_to_string(&settings).expect("the settings");
    let text = text.replace("[watch]\n", "[watch]\nmin_confidence = 30\n");
    fs::write(&settings, text).expect("written");
    assert_eq!(beta.stop(), Some(0));
    beta.serve();
    until("matching", 30, || (why(&beta, "evil.example")["ready"] == true).then_some(()));
    assert_eq!(alerts(&beta, &event), [] as [u64; 0]);
    assert_eq!(word(&why(&beta, "evil.example")["indicators"][0], "reason"), "unconfident");
}

#[test]
fn an_indicator_that_matches_everything_is_named_and_counted_and_told_once() {
    let node = Running::new("Alpha");
    drop(node.circle("ring", "green"));
    publish(&node, "ring", &["com.example"]);
    let events: Vec<Value> =
        (0..10_000).map(|n| json!({"dns": {"rrname": format!("n{n}.com.example")}})).collect();
    for _ in 0..3 {
        assert_eq!(alerts(&node, &events).len(), events.len());
    }
    let cube = node.api().get("/api/v1/cube?tripped=1").json();
    assert_eq!((&cube[0]["count"], &cube[0]["tripped"]), (&json!(30_000), &json!(true)), "{cube}");
    let id = word(&cube[0], "indicator");
    let hours = node.api().get(&format!("/api/v1/cube?indicator={id}")).json();
    let hours = hours.as_array().cloned().unwrap_or_default();
    assert_eq!(hours.iter().map(|hour| number(hour, "count")).sum::<u64>(), 30_000);
    let sightings = node.api().get("/api/v1/sightings").json();
    assert_eq!(sightings["sightings"].as_array().map(Vec::len), Some(1), "{sightings}");
    assert_eq!(why(&node, "a.com.example")["indicators"][0]["trips"], true);
    assert!(node.complaints().contains("matches too much"), "the log names it");
    assert!(node.api().get("/metrics").text().contains("entente_indicators_tripped 1"));
}

#[test]
fn every_published_list_is_read_or_its_entry_is_named() {
    let Some(data) = folder("published known-good lists") else { return };
    let node = Running::new("Alpha");
    let lists = node.beside("lists");
    fs::create_dir_all(&lists).expect("a folder");
    let archive = data.join("warninglists/misp-warninglists.tar.xz");
    let mut tar = Command::new("tar");
    let unpacked = tar.arg("xJf").arg(&archive).arg("-C").arg(&lists).status().expect("tar runs");
    assert!(unpacked.success());
    let ran = node.cli(&["known-good", "add", &lists.to_string_lossy(), "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let kept = ran.json();
    let kept = kept.as_array().cloned().unwrap_or_default();
    assert_eq!(kept.len(), 136);
    let sum = |name: &str| kept.iter().map(|list| number(list, name)).sum::<u64>();
    let (entries, skipped) = (sum("entries"), sum("skipped"));
    assert_eq!(u64::try_from(ran.err.lines().count()), Ok(skipped), "each is named");
    assert!(entries > 520_000 && skipped < 50, "{entries} {skipped}");
    say(&format!("136 lists, {entries} entries, {skipped} named as no entries"));
    known(&node, "tranco10k");
    // The addresses of clouds warn and alert; a resolver's are silent.
    drop(node.circle("ring", "green"));
    publish(&node, "ring", &["52.95.110.1", "1.1.1.1", "evil.duckdns.org"]);
    let events = [
        json!({"dest_ip": "52.95.110.1"}),
        json!({"dest_ip": "1.1.1.1"}),
        json!({"host": "evil.duckdns.org"}),
    ];
    assert_eq!(alerts(&node, &events), [1, 3]);
}

#[test]
fn a_zone_in_which_anybody_gets_a_name_means_that_name_alone() {
    let mut node = Running::new("Alpha");
    drop(node.circle("ring", "green"));
    let zones = list(&node, "dynamic-dns", "hostname", &["domain", "url"], &["dyn.example"]);
    node.ok(&["known-good", "add", &zones]);
    known(&node, "dynamic-dns");
    publish(&node, "ring", &["dyn.example", "evil.dyn.example", "whole.example"]);
    let name = |name: &str| json!({"dns": {"rrname": name}});
    let events = [
        name("dyn.example"),
        name("good.dyn.example"),
        name("evil.dyn.example"),
        name("a.evil.dyn.example"),
        name("a.whole.example"),
    ];
    let alone = [1, 3, 4, 5];
    until("the zone is known", 30, || (alerts(&node, &events) == alone).then_some(()));
    let told = why(&node, "good.dyn.example");
    assert_eq!(word(&told["indicators"][0], "reason"), "zone", "{told}");
    let zone = node.ok(&["export", "rpz", "--circle", "ring"]);
    assert!(!zone.contains("*.dyn.example") && zone.contains("*.evil.dyn.example"), "{zone}");
    // The same after a restart, when the index is filled anew.
    assert_eq!(node.stop(), Some(0));
    node.serve();
    until("the same again", 30, || (alerts(&node, &events) == alone).then_some(()));
    // And without the list the name means all below it.
    node.ok(&["known-good", "remove", "dynamic-dns"]);
    until("the list is gone", 30, || (alerts(&node, &events) == [1, 2, 3, 4, 5]).then_some(()));
}
