//! What is asked for and how much is told of it, value by value.

use super::{Found, Spent, askable, told};
use model::facts::{Value, ValueKind};
use model::question::{Answers, Band, Days, Told};
use model::time::Instant;

#[test]
fn each_measure_tells_its_own_and_no_more() {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let (first, last) = (at("2026-11-20T05:00:00Z"), at("2026-11-22T06:00:00Z"));
    let seen = Found::Seen { count: 57, first, last };
    let days = Days::of(first, last);
    for (says, told_of_seen) in [
        (Answers::No, Told::Unknown),
        (Answers::YesNo, Told::Yes),
        (Answers::Band, Told::Band(Band::Tens, days)),
        (Answers::Count, Told::Count(57, days)),
    ] {
        assert_eq!(told(seen, says), told_of_seen, "{says}");
        assert_eq!(told(Found::Unknown, says), Told::Unknown, "{says}");
        assert_eq!(told(Found::Never, says), Told::No, "{says}");
    }
    assert_eq!((days.first().as_str(), days.last().as_str()), ("2026-11-20", "2026-11-22"));
}

#[test]
fn networks_are_asked_for_while_they_are_small_and_values_in_one_spelling() {
    let asks = |kind, text: &str| askable(&Value { kind, text: text.to_owned() }).is_some();
    for (kind, text, good) in [
        (ValueKind::Ipv4, "192.0.2.7", true),
        (ValueKind::Ipv4, "192.0.2.0/24", true),
        (ValueKind::Ipv4, "192.0.2.0/23", false),
        (ValueKind::Ipv4, "0.0.0.0/0", false),
        (ValueKind::Ipv4, "192.0.2.1/24", false),
        (ValueKind::Ipv6, "2001:db8::1", true),
        (ValueKind::Ipv6, "2001:db8::/48", true),
        (ValueKind::Ipv6, "2001:db8::/47", false),
        (ValueKind::Domain, "evil.example", true),
        (ValueKind::Domain, "Evil.example", false),
        (ValueKind::Domain, "192.0.2.7", false),
        (ValueKind::Sha256, "abc", false),
    ] {
        assert_eq!(asks(kind, text), good, "{text}");
    }
}

#[test]
fn what_a_day_costs_is_read_as_it_was_written_and_a_new_day_begins_at_nothing() {
    let spent = Spent { day: 20_000, values: 999, refused: 3 };
    let store = store::Store::memory().unwrap();
    let mut tx = store.begin().unwrap();
    tx.put_setting("x", &spent.write()).unwrap();
    tx.commit().unwrap();
    let at = |day: i64| Instant::from_micros(day * super::DAY_MICROS + 5);
    let reading = store.reading();
    assert_eq!(Spent::load(&reading, "x", at(20_000)).unwrap(), spent);
    let next = Spent { day: 20_001, ..Spent::default() };
    assert_eq!(Spent::load(&reading, "x", at(20_001)).unwrap(), next);
}
