//! Power cuts of a node that builds its views anew while tools write to it: every view is whole
//! afterwards, the old one or the new.

use super::series::Series;
use super::writing::{Writers, verify};
use serde_json::Value;
use std::time::Duration;
use world_tests::clock::{now, until};
use world_tests::entente::Running;
use world_tests::turn;

/// Objects that are there before: so that a rebuild takes more than a moment.
const BEFORE: u64 = 6_000;
/// Tools that write meanwhile.
const WRITERS: usize = 2;

#[test]
fn a_rebuild_cut_off_leaves_whole_views() {
    let _turn = turn::shared();
    let mut series = Series::of("online rebuild", 5, 8);
    for _ in 0..series.rounds() {
        round(&mut series);
    }
    series.end("; every view whole after each");
}

/// How the long work on the node stands.
fn state(node: &Running) -> Value {
    node.api().get("/api/v1/maintenance").json()["state"].clone()
}

fn begin(node: &Running) {
    let reply = node.api().post("/api/v1/rebuild", "application/json", "{}");
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// Rebuilds all views; gives how long it took.
fn whole(node: &Running) -> Duration {
    let begun = now();
    begin(node);
    until("the rebuild is done", 120, || (state(node) != "running").then_some(()));
    assert_eq!(state(node), "done");
    begun.elapsed()
}

fn round(series: &mut Series) {
    let mut node = Running::new("CERT Alpha");
    let mut writers = Writers::new(&node);
    let rows: String = (0..BEFORE).map(|n| format!("domain,{n}.before.example,x\n")).collect();
    let list = node.file("list.csv", format!("type,value,name\n{rows}"));
    node.ok(&["publish", &list, "--circle", "ring"]);
    let others = usize::try_from(BEFORE).expect("few");
    let takes = whole(&node);
    for _ in 0..series.cuts {
        let unfinished = writers.until_cut(&mut node, WRITERS, |node, _| {
            begin(node);
            series.wait(takes);
            state(node) == "running"
        });
        let cut = series.made();
        series.count(unfinished);
        writers.check(&node, others);
        // It compares every view with the log.
        verify(&node);
        let value = format!("{}.before.example", cut * 97 % BEFORE);
        let found = node.json(&["search", &value]);
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{value}: {found}");
    }
    whole(&node);
    verify(&node);
}
