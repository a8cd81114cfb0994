//! Power cuts while a source is pulled: what was committed is not asked for again, nothing is lost,
//! nothing is there twice.

use super::collection::{COLLECTION, Collection, Fault};
use super::world::{entries, source};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use world_tests::clock::{pause, until};
use world_tests::data::say;
use world_tests::entente::Running;
use world_tests::scripted::{Reply, Server};
use world_tests::turn;

const OBJECTS: u64 = 6_000;
/// Objects on a page: many commits.
const CAP: usize = 50;
const CYCLES: u64 = 8;

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

/// A fixed series of numbers that look drawn.
fn draw(number: u64) -> u64 {
    let bits = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (bits ^ bits >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11
}

#[test]
fn power_cuts_at_any_moment_lose_nothing_and_repeat_nothing() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let collection = Arc::new(Mutex::new(Collection::new(11, OBJECTS, CAP, Fault::None)));
    let server = Server::start(move |request| {
        collection.lock().unwrap_or_else(PoisonError::into_inner).answer(request)
    });
    node.ok(&["source", "add", "feed", "taxii", &server.url(COLLECTION), "--circle", "ring"]);
    let (mut came, mut hit) = (Vec::new(), 0);
    for cycle in 0..CYCLES {
        pause(Duration::from_micros(20_000 + draw(cycle) % 120_000));
        node.kill();
        node.serve();
        let held = entries(&node, &circle);
        assert!(held.values().all(|times| *times == 1), "cycle {cycle}: something twice");
        hit += u64::from(u64::try_from(held.len()).expect("small") < OBJECTS);
        came.push(held.len());
    }
    assert!(came.windows(2).all(|pair| pair[0] <= pair[1]), "what came stays: {came:?}");
    let all = usize::try_from(OBJECTS).expect("small");
    until("all are there", 120, || (entries(&node, &circle).len() == all).then_some(()));
    let end = until("the pull ended", 30, || {
        let source = source(&node, "feed");
        (!source["last_success"].is_null()).then_some(source)
    });
    assert_eq!(end["accepted"], OBJECTS, "counted once, as it was committed once: {end}");
    say(&format!(
        "sources: {CYCLES} power cuts, {hit} of them while a pull was under way: {came:?}"
    ));
    let verified = node.cli(&["verify", node.data().to_str().expect("text")]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}
