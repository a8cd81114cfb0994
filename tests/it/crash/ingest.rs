//! Power cuts of a node that is written to over several connections.

use super::series::Series;
use super::writing::{Writers, verify};
use std::time::Duration;
use world_tests::clock::until;
use world_tests::entente::Running;
use world_tests::turn;

/// Connections that write at once.
const WRITERS: usize = 4;
/// Requests that are begun in each cycle before the cut is drawn.
const BEFORE: u64 = 40;
/// The cut comes within this time then.
const WITHIN: Duration = Duration::from_millis(150);

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_there_twice() {
    let _turn = turn::shared();
    let mut series = Series::of("ingest", 1, 24);
    let (mut acknowledged, mut unanswered) = (0, 0);
    for _ in 0..series.rounds() {
        let mut node = Running::new("CERT Alpha");
        let mut writers = Writers::new(&node);
        for cycle in 0..series.cuts {
            let hit = writers.until_cut(&mut node, WRITERS, |_, flight| {
                let before = flight.begun();
                until("somebody is answered", 20, || {
                    (flight.begun() > before + BEFORE).then_some(())
                });
                series.wait(WITHIN);
                flight.somebody_waits()
            });
            series.count(hit);
            writers.check(&node, 0);
            if cycle % 8 == 7 {
                verify(&node);
            }
        }
        let told = writers.counts();
        acknowledged += told.0;
        unanswered += told.1;
    }
    series.end(&format!(
        "; {acknowledged} objects acknowledged and all there, {unanswered} unanswered"
    ));
}
