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

#[test]
fn a_copy_finds_what_its_first_finds() {
    let mut places = Places::default();
    (0..5_000).for_each(|n| places.insert(check(n), n));
    let copy = places.clone();
    assert_eq!((copy.used, copy.taken), (places.used, places.taken));
    assert!((0..5_000).all(|n| copy.find(check(n), |at| at == n) == Some(n)));
}

#[test]
fn slots_that_are_not_in_use_hold_nothing_for_those_that_come() {
    let mut places = Places::default();
    (0..5_000).for_each(|n| places.insert(check(n), n));
    places.clear();
    (0..10).for_each(|n| places.insert(check(n), n));
    places.clear();
    assert!(places.used() < places.bytes(), "what lies behind was not wiped");
    (10_000..10_500).for_each(|n| places.insert(check(n), n));
    for n in 0..5_000 {
        assert_eq!(places.find(check(n), |at| at < 10_000), None);
    }
    assert!((10_000..10_500).all(|n| places.find(check(n), |at| at == n) == Some(n)));
}

#[test]
fn the_last_slot_is_cleared_as_the_others_are() {
    let mut places = Places::default();
    (0..5_000).for_each(|n| places.insert(check(n), n));
    assert_ne!(places.slots.get(places.used - 1), Some(EMPTY), "nothing would be tested");
    places.clear();
    assert!(places.slots.iter().all(|slot| slot == EMPTY));
}
