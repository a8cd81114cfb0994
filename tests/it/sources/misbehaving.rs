//! Every way in which servers were seen to be wrong, one row each: what the first pulls say, and
//! that in the end every object is there, once, and new ones still come.

use super::collection::{COLLECTION, Collection, Fault};
use super::world::{code, counts, entries, first_pull, pull};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use world_tests::entente::Running;
use world_tests::scripted::Server;
use world_tests::stix::indicator_id;
use world_tests::turn;

/// Objects of each collection, and on a page of it.
const OBJECTS: u64 = 700;
const CAP: usize = 100;
/// Those that come later.
const LATER: u64 = 30;

/// A fault, and the codes of the pulls until it is overcome; an empty one for a success.
const TABLE: [(Fault, &[&str]); 35] = [
    (Fault::None, &[""]),
    (Fault::NextExpires, &[""]),
    (Fault::NextPops(1), &[""]),
    (Fault::NextPops(2), &[""]),
    (Fault::NextNeedsLimit, &[""]),
    (Fault::OddTypes, &[""]),
    (Fault::NoNext, &[""]),
    (Fault::NoNextOneDate, &[""]),
    (Fault::Html(1), &["E-SOURCE-018", ""]),
    (Fault::CalledHtml, &[""]),
    (Fault::DatesUndefined, &[""]),
    (Fault::DatesOdd, &[""]),
    (Fault::DatesMissing, &[""]),
    (Fault::DatesAhead, &[""]),
    (Fault::DatesFall, &[""]),
    (Fault::Items, &[""]),
    (Fault::SamePage(3), &["E-SOURCE-020", ""]),
    (Fault::SamePageNoNext(6), &["E-SOURCE-020", ""]),
    (Fault::Fails(1), &["E-SOURCE-013", ""]),
    (Fault::Fails(3), &["E-SOURCE-013", "E-SOURCE-013", "E-SOURCE-013", ""]),
    (Fault::Spelling, &[""]),
    (Fault::Busy(1), &["E-SOURCE-014", ""]),
    (Fault::Truncated(1), &[""]),
    (Fault::Truncated(4), &["E-SOURCE-016", ""]),
    (Fault::Cut(1), &[""]),
    (Fault::Cut(4), &["E-SOURCE-016", ""]),
    (Fault::Endless(1), &[""]),
    (Fault::Endless(4), &["E-SOURCE-015", ""]),
    (Fault::EmptyPages, &[""]),
    (Fault::OnlyEmpty(9), &["E-SOURCE-020", ""]),
    (Fault::MoreAtEnd, &[""]),
    (Fault::SpecVersion, &[""]),
    (Fault::Html(2), &["E-SOURCE-018", "E-SOURCE-018", ""]),
    (Fault::Busy(2), &["E-SOURCE-014", "E-SOURCE-014", ""]),
    (Fault::SamePage(2), &["E-SOURCE-020", ""]),
];

/// The ids that must be there of so many objects.
fn wanted(series: u32, count: u64, fault: Fault) -> BTreeSet<String> {
    let bad = |n: &u64| fault == Fault::SpecVersion && n.is_multiple_of(10);
    (0..count).filter(|n| !bad(n)).map(|n| indicator_id(series, n)).collect()
}

fn row(node: &Running, series: u32, fault: Fault, codes: &[&str]) {
    let name = format!("row {series} {fault:?}");
    let circle = node.circle(&name, "green");
    let collection = Arc::new(Mutex::new(Collection::new(series, OBJECTS, CAP, fault)));
    let inside = Arc::clone(&collection);
    let server = Server::start(move |request| {
        inside.lock().unwrap_or_else(PoisonError::into_inner).answer(request)
    });
    node.ok(&["source", "add", &name, "taxii", &server.url(COLLECTION), "--circle", &name]);
    let mut last = first_pull(node, &name);
    for (turn, wanted) in codes.iter().enumerate() {
        if turn > 0 {
            last = pull(node, &name);
        }
        assert_eq!(code(&last), *wanted, "{name}, pull {turn}: {last}");
        assert_eq!(last["state"], if wanted.is_empty() { "waiting" } else { "failing" }, "{name}");
    }
    let check = |count: u64, when: &str| {
        let found = entries(node, &circle);
        let ids: BTreeSet<String> = found.keys().map(|(id, _)| id.clone()).collect();
        let missing = wanted(series, count, fault).difference(&ids).count();
        assert_eq!((missing, ids.len()), (0, wanted(series, count, fault).len()), "{name} {when}");
        assert!(found.values().all(|times| *times == 1), "{name} {when}: something twice");
    };
    check(OBJECTS, "at first");
    let [accepted, _, refused] = counts(&last);
    let bad = if fault == Fault::SpecVersion { OBJECTS / 10 } else { 0 };
    assert_eq!((accepted, refused), (OBJECTS - bad, bad), "{name}: {last}");
    collection.lock().unwrap_or_else(PoisonError::into_inner).grow(LATER);
    let later = pull(node, &name);
    assert_eq!(code(&later), "", "{name}, later: {later}");
    check(OBJECTS + LATER, "later");
    for request in server.seen() {
        assert!(request.header("user-agent").is_some_and(|a| a.starts_with("entente/")), "{name}");
        let since = request.parameter("added_after").unwrap_or_default();
        assert!(since < "2100", "{name}: {since} is beyond now");
    }
}

#[test]
fn servers_that_are_wrong_cost_no_object_and_bring_none_twice() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    for (series, (fault, codes)) in (100..).zip(TABLE) {
        row(&node, series, fault, codes);
    }
    let verified = node.cli(&["verify", node.data().to_str().expect("text")]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn a_collection_is_found_from_the_address_that_people_have() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let server = {
        let mut collection = Collection::new(7, 20, CAP, Fault::None);
        Server::start(move |request| collection.answer(request))
    };
    let objects = format!("{COLLECTION}objects/");
    let paths = ["/taxii2/", "/taxii2", "/api/", "/api/collections/", COLLECTION, &objects];
    for (number, path) in paths.into_iter().enumerate() {
        let name = format!("ring {number}");
        let circle = node.circle(&name, "green");
        node.ok(&["source", "add", &name, "taxii", &server.url(path), "--circle", &name]);
        let source = first_pull(&node, &name);
        assert_eq!(
            (code(&source), counts(&source)),
            (String::new(), [20, 0, 0]),
            "{path}: {source}"
        );
        assert_eq!(entries(&node, &circle).len(), 20, "{path}");
    }
}

#[test]
fn a_server_asks_for_patience_and_gets_it() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    drop(node.circle("ring", "green"));
    let mut collection = Collection::new(7, 20, CAP, Fault::Busy(1));
    let server = Server::start(move |request| collection.answer(request));
    node.ok(&["source", "add", "busy", "taxii", &server.url(COLLECTION), "--circle", "ring"]);
    let source = first_pull(&node, "busy");
    assert_eq!(code(&source), "E-SOURCE-014");
    let [ran, next] =
        ["last_run", "next_run"].map(|name| source[name].as_str().unwrap_or_default());
    // Two minutes, where a first failure alone would be answered by a quarter of one.
    let minutes = |text: &str| -> u32 {
        let part = |range: std::ops::Range<usize>| {
            text.get(range).and_then(|digits| digits.parse::<u32>().ok()).expect("digits")
        };
        part(11..13) * 60 + part(14..16)
    };
    let waited = (minutes(next) + 1_440 - minutes(ran)) % 1_440;
    assert!((2..=3).contains(&waited), "{ran} to {next}");
}
