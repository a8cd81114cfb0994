//! A power cut between two pages of a source: what was committed is not asked for again. Cuts at any
//! moment are in `crash::pull`.

use super::collection::{COLLECTION, Collection, Fault};
use super::world::{entries, source};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use world_tests::clock::until;
use world_tests::entente::Running;
use world_tests::scripted::{Reply, Server};
use world_tests::turn;

#[test]
fn a_pull_that_was_cut_off_goes_on_where_it_was() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let mut collection = Collection::new(9, 1_000, 100, Fault::None);
    // The fifth page does not come before the power is cut.
    let (holding, mut pages) = (Arc::new(AtomicBool::new(true)), 0);
    let holds = Arc::clone(&holding);
    let server = Server::start(move |request| {
        pages += 1;
        if pages > 4 && holds.load(Ordering::Acquire) {
            return Reply::never();
        }
        collection.answer(request)
    });
    node.ok(&["source", "add", "feed", "taxii", &server.url(COLLECTION), "--circle", "ring"]);
    until("the fifth page is asked for", 30, || (server.seen().len() >= 5).then_some(()));
    assert_eq!(source(&node, "feed")["state"], "pulling");
    node.kill();
    // Whoever held the fifth page is told so by the connection's end; the next one is another.
    holding.store(false, Ordering::Release);
    let before = server.seen().len();
    node.serve();
    until("all are there", 60, || (entries(&node, &circle).len() == 1_000).then_some(()));
    let asked = server.seen().split_off(before);
    let since =
        asked.first().and_then(|request| request.parameter("added_after").map(str::to_owned));
    assert_eq!(since.as_deref(), Some("2026-03-01T00:00:00.399403Z"), "just before what it has");
    assert!(entries(&node, &circle).values().all(|times| *times == 1));
    let end = until("the pull ended", 30, || {
        let source = source(&node, "feed");
        (!source["last_success"].is_null()).then_some(source)
    });
    assert_eq!(end["accepted"], 1_000);
    assert_eq!(end["duplicate"], 1, "the overlap, and no page");
}
