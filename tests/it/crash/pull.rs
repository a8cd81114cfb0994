//! Power cuts of a node that pulls a list and a TAXII collection from other servers.

use super::series::Series;
use super::writing::{entries, verify};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use world_tests::clock::until;
use world_tests::collection::{COLLECTION, Collection, Fault};
use world_tests::entente::Running;
use world_tests::scripted::{Reply, Server};
use world_tests::turn;

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

/// A server with a list and a collection.
fn server() -> Server {
    let collection = Arc::new(Mutex::new(Collection::new(13, PAGED, ON_A_PAGE, Fault::None)));
    let mut list = "type,value,name\n".to_owned();
    (0..LISTED).for_each(|n| list += &["domain,", &n.to_string(), ".pulled.example,x\n"].concat());
    Server::start(move |request| {
        if request.path == "/list.csv" {
            return Reply::ok(list.clone()).with("Content-Type", "text/csv");
        }
        collection.lock().unwrap_or_else(PoisonError::into_inner).answer(request)
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
    }
    verify(&node);
}
