//! An hour of matches, told minute by minute.

use super::{Indicator, Pacing, Seen, Sighting};
use crate::index::Handle;
use model::limits::{BREAKER_MATCHES, PACED_INDICATORS_MAX};
use model::time::Instant;

fn at(seconds: i64) -> Instant {
    Instant::default().plus_seconds(seconds)
}

fn seen(indicator: u128, handle: u64, seconds: Option<i64>) -> Seen {
    Seen {
        indicator: Indicator(indicator),
        handle: Handle(handle),
        count: 1,
        at: seconds.map(|seconds| (at(seconds), at(seconds))),
        role: "dns-query",
    }
}

fn sighting(handle: u64, count: u64, first: i64, last: i64) -> Sighting {
    Sighting { handle: Handle(handle), count, first: at(first), last: at(last), role: "dns-query" }
}

#[test]
fn the_first_match_is_a_sighting_at_once_and_then_one_an_hour_with_its_count() {
    let mut pacing = Pacing::new();
    let first = pacing.matched(seen(1, 10, Some(-50)), at(0));
    assert_eq!(first.sighting, Some(sighting(10, 1, -50, -50)));
    for second in [60, 5, 1_800] {
        assert_eq!(pacing.matched(seen(1, 10, Some(second)), at(1_801)).sighting, None);
    }
    assert_eq!(pacing.due(at(3_599)), []);
    assert_eq!(pacing.due(at(3_600)), [sighting(10, 3, 5, 1_800)]);
    assert_eq!(pacing.matched(seen(1, 10, None), at(3_700)).sighting, None, "the next hour runs");
    assert_eq!(pacing.due(at(7_200)), [sighting(10, 1, 3_700, 3_700)]);
    assert_eq!(pacing.due(at(10_800)), [], "a quiet hour");
    let again = pacing.matched(seen(1, 10, None), at(10_801));
    assert_eq!(again.sighting, Some(sighting(10, 1, 10_801, 10_801)));
}

#[test]
fn a_new_version_is_news_and_an_old_one_beside_it_is_not() {
    let mut pacing = Pacing::new();
    assert!(pacing.matched(seen(1, 10, None), at(0)).sighting.is_some());
    assert!(pacing.matched(seen(1, 10, None), at(1)).sighting.is_none());
    let newer = pacing.matched(seen(1, 11, None), at(2));
    assert_eq!(newer.sighting, Some(sighting(11, 1, 2, 2)));
    assert_eq!(newer.flushed, Some(sighting(10, 1, 1, 1)), "no count is lost");
    assert_eq!(pacing.matched(seen(1, 10, None), at(3)), super::Paced::default());
    assert_eq!(pacing.due(at(3_601)), [], "the hour began with the newer version");
    assert_eq!(pacing.drain(), [sighting(10, 1, 3, 3)]);
}

#[test]
fn an_indicator_that_matches_everything_is_named_once_and_still_counted() {
    let mut pacing = Pacing::new();
    let total = u64::from(BREAKER_MATCHES) + 500;
    let tripped: Vec<u64> =
        (1..=total).filter(|_| pacing.matched(seen(1, 10, None), at(0)).tripped).collect();
    assert_eq!(tripped, [u64::from(BREAKER_MATCHES) + 1]);
    let slow = (1..=total).any(|n| pacing.matched(seen(2, 20, None), at(n.cast_signed())).tripped);
    assert!(!slow, "the same number spread over minutes is no flood");
    assert_eq!(pacing.due(at(3_600))[0].count, total - 1);
}

#[test]
fn ten_thousand_matches_a_second_make_twenty_five_records_a_day() {
    let mut pacing = Pacing::new();
    let (mut records, mut counted) = (0, 0);
    for second in 0..=24 * 3_600 {
        let due = pacing.due(at(second));
        counted += due.iter().map(|one| one.count).sum::<u64>();
        records += due.len();
        // In the ten parts in which telemetry comes.
        for _ in 0..10 {
            let many = Seen { count: 1_000, ..seen(1, 10, None) };
            let paced = pacing.matched(many, at(second));
            counted += paced.sighting.iter().map(|one| one.count).sum::<u64>();
            records += paced.sighting.iter().count() + paced.flushed.iter().count();
        }
    }
    assert_eq!(records, 25);
    // What came at the last of all these instants waits for its hour.
    assert_eq!(counted, 24 * 3_600 * 10_000);
}

#[test]
fn memory_is_bounded_and_what_makes_room_goes_out_early() {
    let mut pacing = Pacing::new();
    assert!(pacing.matched(seen(0, 1, None), at(0)).sighting.is_some());
    assert!(pacing.matched(seen(0, 1, None), at(0)).sighting.is_none());
    let bound = u128::try_from(PACED_INDICATORS_MAX).unwrap();
    for indicator in 1..bound {
        assert_eq!(pacing.matched(seen(indicator, 1, None), at(1)).flushed, None);
    }
    let over = pacing.matched(seen(bound, 1, None), at(2));
    assert_eq!(over.flushed, Some(sighting(1, 1, 0, 0)));
    assert_eq!(pacing.states.len(), PACED_INDICATORS_MAX);
}

#[test]
fn what_is_kept_of_changes_is_enough_to_go_on() {
    let mut pacing = Pacing::new();
    for second in [0, 10, 20] {
        pacing.matched(seen(1, 10, Some(second)), at(second));
    }
    let changed = pacing.changed();
    assert_eq!(pacing.changed(), [], "told once");
    let [(Indicator(1), Some(kept))] = changed.as_slice() else { panic!("{changed:?}") };
    assert_eq!(kept.pending, Some(sighting(10, 2, 10, 20)));
    let mut again = Pacing::new();
    again.resume(kept.clone(), at(30));
    assert_eq!(again.matched(seen(1, 10, Some(40)), at(40)).sighting, None, "its hour runs");
    assert_eq!(again.due(at(3_600)), [sighting(10, 3, 10, 40)]);
    assert_eq!(again.due(at(7_200)), []);
    assert_eq!(again.changed(), [(Indicator(1), None)], "a quiet hour: forgotten");
}
