//! When a source is due. What is taken in is tested from outside, over a store.

use super::*;

const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);

fn source(pulls: Pulls) -> Source {
    Source {
        intake: IntakeId::new([7; 8]),
        name: "feed".to_owned(),
        kind: SourceKind::List,
        url: "https://lists.example/a".to_owned(),
        circle: CircleId::new(uuid::Uuid::nil()),
        default: None,
        every: 600,
        secret: None,
        added: NOW.plus_seconds(-50),
        removed: None,
        position: Position::default(),
        pulls,
    }
}

/// Seconds from now until it is due.
fn wait(pulls: Pulls) -> i64 {
    due(&source(pulls), NOW).micros().saturating_sub(NOW.micros()) / 1_000_000
}

fn ran(seconds_ago: i64, failures: u32) -> Pulls {
    Pulls { last: Some(NOW.plus_seconds(-seconds_ago)), failures, ..Pulls::default() }
}

#[test]
fn a_new_source_and_one_that_was_asked_for_are_due_at_once() {
    assert!(wait(Pulls::default()) <= 0);
    let asked = Some(NOW);
    assert!(wait(Pulls { asked, not_before: Some(NOW.plus_seconds(900)), ..ran(1, 9) }) <= 0);
}

#[test]
fn the_interval_is_kept_within_a_tenth() {
    assert!((540..=660).contains(&wait(ran(0, 0))));
    assert!(wait(ran(700, 0)) < 0);
}

#[test]
fn the_jitter_differs_from_source_to_source_and_from_pull_to_pull() {
    let at = |intake: u8, ago| {
        due(&Source { intake: IntakeId::new([intake; 8]), ..source(ran(ago, 0)) }, NOW)
    };
    assert_eq!(at(1, 3), at(1, 3));
    assert_ne!(at(1, 3), at(2, 3));
    assert_ne!(at(1, 3).plus_seconds(-1), at(1, 2));
    let all = (0..200).map(|n| at(n, 0).micros() - NOW.micros());
    assert!(all.clone().all(|micros| (540_000_000..=660_000_000).contains(&micros)));
    assert!(all.clone().any(|micros| micros < 560_000_000) && all.max() > Some(640_000_000));
}

#[test]
fn failures_double_the_wait_up_to_an_hour() {
    for (failures, seconds) in [(1, 15), (2, 30), (3, 60), (4, 120), (9, 3_600), (u32::MAX, 3_600)]
    {
        let waited = wait(ran(0, failures));
        assert!(
            (seconds * 9 / 10 - 1..=seconds * 11 / 10).contains(&waited),
            "{failures}: {waited}"
        );
    }
}

#[test]
fn a_server_that_wants_rest_has_it_and_no_more_than_an_hour_of_it() {
    let rests = |seconds| wait(Pulls { not_before: Some(NOW.plus_seconds(seconds)), ..ran(0, 1) });
    assert_eq!(rests(300), 300);
    assert_eq!(rests(1_000_000), 3_600);
    assert!(rests(1) >= 13);
}

#[test]
fn a_clock_that_was_set_back_silences_no_source() {
    assert!(wait(ran(-86_400, 0)) <= 0);
}
