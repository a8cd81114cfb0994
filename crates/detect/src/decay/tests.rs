//! What is left of an indicator, as numbers that a person can check.

use super::{MICROS_PER_DAY, Standing, confidence, half_life_days};
use model::facts::ValueKind;
use model::time::Instant;

fn day(day: i64) -> Instant {
    Instant::from_micros(day * MICROS_PER_DAY)
}

fn address(stated: Option<u8>) -> Standing {
    let (kind, since) = (ValueKind::Ipv4, day(0));
    Standing { stated, kind, since, renewed: None, disputes: 0 }
}

#[test]
fn a_sighting_renews_and_time_halves() {
    let one = address(Some(80));
    let left: Vec<u8> = [-5, 0, 15, 30, 60, 90, 365].map(|at| confidence(&one, day(at))).to_vec();
    assert_eq!(left, [80, 80, 57, 40, 20, 10, 0]);
    let sighted = Standing { renewed: Some(day(60)), ..one };
    assert_eq!(confidence(&sighted, day(60)), 80);
    assert_eq!(confidence(&sighted, day(90)), 40);
    // What was sighted before it was stated anew is as new as its statement.
    let stated_later = Standing { since: day(70), ..sighted };
    assert_eq!(confidence(&stated_later, day(70)), 80);
}

#[test]
fn each_kind_has_its_half_life_and_who_states_nothing_means_half() {
    for (kind, days) in [
        (ValueKind::Ipv6, 30),
        (ValueKind::Url, 60),
        (ValueKind::Domain, 90),
        (ValueKind::Email, 180),
        (ValueKind::Sha256, 365),
    ] {
        assert_eq!(half_life_days(kind), days);
        let one = Standing { kind, ..address(None) };
        assert_eq!(confidence(&one, day(0)), 50);
        assert_eq!(confidence(&one, day(days)), 25);
    }
}

#[test]
fn each_word_of_a_partner_halves_and_a_crowd_cannot_erase() {
    let left = |disputes| confidence(&Standing { disputes, ..address(Some(100)) }, day(0));
    assert_eq!([0, 1, 2, 3, 4, 5, 1_000].map(left), [100, 50, 25, 13, 6, 6, 6]);
}

#[test]
fn it_never_rises_with_time_and_no_time_is_too_long() {
    let one = address(Some(100));
    let mut before = 100;
    for hour in 0..24 * 400 {
        let left = confidence(&one, Instant::from_micros(hour * MICROS_PER_DAY / 24));
        assert!(left <= before, "at hour {hour}");
        before = left;
    }
    assert_eq!(confidence(&one, Instant::from_micros(i64::MAX)), 0);
}
