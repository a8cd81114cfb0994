//! What was put in is found, what was not is not, and nothing outlives a clearing.

use super::*;

/// Halves of which many belong to the same places, the last slots among them.
fn check(n: u32) -> u32 {
    if n.is_multiple_of(3) { n % 30 } else { n.wrapping_mul(0x9E37_79B9) }
}

#[test]
fn rows_are_found_by_half_a_fingerprint_and_no_others() {
    let mut places = Places::default();
    assert_eq!(places.find(7, |_| true), None);
    for n in 0..5_000 {
        assert_eq!(places.find(check(n), |at| at == n), None);
        places.insert(check(n), n);
        assert!(places.taken * 4 <= places.used * 3);
    }
    for n in 0..5_000 {
        assert_eq!(places.find(check(n), |at| at == n), Some(n));
        assert!(places.find(check(n), |_| true).is_some_and(|at| check(at) == check(n)));
        places.bring(check(n));
    }
    assert_eq!(places.find(check(5_000), |at| at == 5_000), None);
}

#[test]
fn a_run_goes_on_from_the_last_slot_to_the_first() {
    let mut places = Places::default();
    places.insert(0, 0);
    let last = (0..=u32::MAX).find(|n| places.first(*n) == SLOTS_MIN - 1).expect("one of few");
    for at in 1..10 {
        places.insert(last, at);
    }
    assert!((1..10).all(|wanted| places.find(last, |at| at == wanted) == Some(wanted)));
    assert_eq!(places.find(0, |_| true), Some(0), "it made room for none of them");
}

#[test]
fn what_is_cleared_knows_nothing_and_has_room_for_as_many() {
    let mut places = Places::default();
    (0..5_000).for_each(|n| places.insert(check(n), n));
    let slots = places.used;
    places.clear();
    assert!((0..5_000).all(|n| places.find(check(n), |_| true).is_none()));
    assert_eq!(places.used, slots, "the next delivery is mostly as large");
    places.insert(1, 1);
    places.clear();
    assert_eq!(places.used, SLOTS_MIN, "nobody wipes much for one row");
    (0..100).for_each(|n| places.insert(check(n), n));
    assert!((0..100).all(|n| places.find(check(n), |at| at == n) == Some(n)));
}
