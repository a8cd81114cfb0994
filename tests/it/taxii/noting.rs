//! What a token reads is kept before it has it: also through `kill -9`, and at no cost when it reads
//! the same again. An administrator's reading is not kept.

use serde_json::Value;
use world_tests::entente::{Running, word};
use world_tests::http::Http;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

/// The names of the readers of an indicator of this test's series.
fn readers(node: &Running, number: u64) -> Vec<String> {
    let told = node.json(&["receipts", &indicator_id(12, number)]);
    let lines = told.as_array().expect("lines");
    lines.iter().filter(|line| line.get("reader").is_some()).map(|l| word(l, "reader")).collect()
}

fn commits(node: &Running) -> u64 {
    let page = node.api().get("/metrics").text();
    let line = page.lines().find_map(|line| line.strip_prefix("entente_commit_seconds_count "));
    line.and_then(|count| count.parse().ok()).expect("commits are counted")
}

#[test]
fn what_a_token_reads_is_on_disk_before_it_has_it() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let ring = node.circle("ring", "green");
    let objects: Vec<String> =
        (0..600).map(|n| indicator(12, n, &format!("{n}.noted.example"))).collect();
    let file = node.file("objects.json", envelope(&objects));
    node.ok(&["publish", &file, "--circle", "ring"]);
    let names = ["pager", "single", "searcher"];
    let tokens = names.map(|name| node.token(name, &["--circle", "ring", "--read"]));
    let [pager, single, searcher] = tokens.each_ref().map(|token| Http::with(&node.http, token));
    let (mut pager, mut single, mut searcher) = (pager, single, searcher);
    let page = format!("{}?limit=250", Running::objects(&ring));
    let first = pager.get(&page);
    assert_eq!((first.status, first.json()["objects"].as_array().map(Vec::len)), (200, Some(250)));
    // CRASH: the page has left; whoever reads it cannot have read it unnoted.
    node.kill();
    node.serve();
    assert_eq!(readers(&node, 0), ["pager"]);
    assert_eq!(readers(&node, 249), ["pager"]);
    assert_eq!(readers(&node, 250), [""; 0], "that page was not asked for");
    let one = format!("/api/v1/objects/{}", indicator_id(12, 400));
    assert_eq!(single.get(&one).status, 200);
    assert!(searcher.get("/api/v1/search?q=401.noted.example").text().contains("indicator--"));
    assert_eq!(node.api().get(&one).status, 200);
    let mut narrow = Http::with(&node.http, &tokens[0]);
    let picked = format!("{}?match[id]={}", Running::objects(&ring), indicator_id(12, 500));
    assert_eq!(narrow.get(&picked).status, 200);
    assert_eq!(readers(&node, 400), ["single"], "and not the administrator");
    assert_eq!(readers(&node, 401), ["searcher"]);
    assert_eq!(readers(&node, 402), [""; 0]);
    assert_eq!(readers(&node, 500), ["pager"]);
    assert_eq!(readers(&node, 499), [""; 0]);
    // The same pages again: nothing is written but what the clock asks for.
    let before = commits(&node);
    for _ in 0..200 {
        assert_eq!(narrow.get(&page).status, 200);
    }
    assert!(commits(&node) - before < 60, "a page that was had costs no commit");
    let told: Value = node.json(&["recall", &indicator_id(12, 3), "--reason", "x", "--wait", "0"]);
    let line = &told.as_array().expect("lines")[0];
    assert_eq!((word(line, "partner"), word(line, "state")), ("pager".into(), "to be told".into()));
}
