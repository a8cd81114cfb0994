//! Power cuts of a node that pulls a list and a TAXII collection from other servers.

use super::series::Series;
use super::writing::verify;
use serde_json::Value;
use std::time::Duration;
use world_tests::clock::until;
use world_tests::collection::entries;
use world_tests::entente::Running;
use world_tests::scripted::{Reply, Request, Server};
use world_tests::stix::indicator;
use world_tests::turn;

const COLLECTION: &str = "/api/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/";
/// Objects of the collection, and on one of its pages: many commits.
const PAGED: u64 = 6_000;
const ON_A_PAGE: usize = 50;
/// Rows of the list.
const LISTED: u64 = 8_000;
/// A cut comes within this time after the last start: all of them within what the pulls take.
const WITHIN: Duration = Duration::from_millis(150);

#[test]
fn sources_cut_off_while_they_are_pulled_bring_everything_once() {
    let _turn = turn::shared();
    let mut series = Series::of("source pulls", 3, 8);
    for _ in 0..series.rounds() {
        round(&mut series);
    }
    series.end("; everything came once");
}

/// When the collection got its object `n`.
fn date(n: usize) -> String {
    format!("2026-03-01T{:02}:{:02}:{:02}.000000Z", n / 3_600, n / 60 % 60, n % 60)
}

/// A page of the collection: after a date, or from where the last one ended.
fn page(request: &Request) -> Reply {
    let all = usize::try_from(PAGED).expect("few");
    let since = request.parameter("added_after");
    let passed = since.map_or(0, |since| (0..all).take_while(|n| *date(*n) <= *since).count());
    let next = request.parameter("next").map(|next| next.parse().expect("a number of ours"));
    let start: usize = next.unwrap_or(passed);
    let end = all.min(start + ON_A_PAGE);
    let objects: Vec<String> =
        (start..end).map(|n| indicator(13, n as u64, &format!("{n}.paged.example"))).collect();
    let more = if end < all { format!(r#""more":true,"next":"{end}","#) } else { String::new() };
    Reply::ok(format!(r#"{{{more}"objects":[{}]}}"#, objects.join(",")))
        .with("Content-Type", "application/taxii+json;version=2.1")
        .with("X-TAXII-Date-Added-First", date(start))
        .with("X-TAXII-Date-Added-Last", date(end.saturating_sub(1)))
}

/// A server with a list and a collection.
fn server() -> Server {
    let mut list = "type,value,name\n".to_owned();
    (0..LISTED).for_each(|n| list += &["domain,", &n.to_string(), ".pulled.example,x\n"].concat());
    Server::start(move |request| match request.path.as_str() {
        "/list.csv" => Reply::ok(list.clone()).with("Content-Type", "text/csv"),
        path if path.starts_with(COLLECTION) && path.ends_with("/objects/") => page(request),
        _ => Reply::status(404),
    })
}

fn round(series: &mut Series) {
    let mut node = Running::new("CERT Alpha");
    let [paged, listed] = ["paged", "listed"].map(|name| {
        let objects = Running::objects(&node.circle(name, "green"));
        (objects, node.token(name, &["--circle", name, "--read"]))
    });
    let server = server();
    let counts = |node: &Running| {
        [&paged, &listed].map(|(objects, token)| {
            let held = entries(node, token, objects);
            assert!(held.values().all(|count| *count == 1), "something is there twice");
            u64::try_from(held.len()).expect("few")
        })
    };
    node.ok(&["source", "add", "paged", "taxii", &server.url(COLLECTION), "--circle", "paged"]);
    node.ok(&["source", "add", "listed", "list", &server.url("/list.csv"), "--circle", "listed"]);
    let mut came = [0, 0];
    for cycle in 0..series.cuts {
        series.wait(WITHIN);
        node.kill();
        node.serve();
        let held = counts(&node);
        assert!(held[0] >= came[0] && held[1] >= came[1], "cycle {cycle}: {held:?} < {came:?}");
        came = held;
        series.count(came != [PAGED, LISTED]);
    }
    until("all of both is there", 120, || (counts(&node) == [PAGED, LISTED]).then_some(()));
    until("both pulls ended well", 60, || {
        let sources = node.json(&["source", "list"]);
        let mut sources = sources.as_array().into_iter().flatten();
        sources.all(|source| source["last_success"].is_string()).then_some(())
    });
    for source in node.json(&["source", "list"]).as_array().into_iter().flatten() {
        assert_eq!(source["refused"], Value::from(0), "{source}");
        let all = if source["name"] == "paged" { PAGED } else { LISTED };
        assert_eq!(source["accepted"], all, "counted once, as it was committed once: {source}");
    }
    verify(&node);
}
