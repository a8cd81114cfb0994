//! What is gathered: one row a value, an event once, sources kept.

use super::*;
use crate::past::ranges;

fn at(second: i64) -> Instant {
    Instant::default().plus_seconds(second)
}

fn gathered() -> Gathered {
    Gathered::new([7; 16], at(1_000))
}

/// One event that has these names.
fn event(gathered: &mut Gathered, names: &[&str], second: Option<i64>) {
    for name in names {
        let sum: u64 = name.bytes().map(u64::from).sum();
        // The upper half, which tables ask for, agrees often as well.
        let fingerprint = (sum % 97) << 32 | sum;
        gathered.saw(ValueKind::Domain, name, Role::Query, fingerprint);
    }
    gathered.end(second.map(at));
}

fn line(row: SeenRow<'_>) -> (&str, u64, i64, i64) {
    let seconds = |at: Instant| at.micros() / 1_000_000;
    (row.value, row.count, seconds(row.first), seconds(row.last))
}

#[test]
fn a_value_is_one_row_and_an_event_counts_once() {
    let mut all = gathered();
    event(&mut all, &["a.example", "a.example", "b.example"], Some(20));
    event(&mut all, &["a.example"], Some(10));
    event(&mut all, &["a.example"], None);
    let rows = all.sorted();
    let lines: Vec<_> = rows.iter().map(line).collect();
    assert_eq!(lines, [("a.example", 3, 10, 1_000), ("b.example", 1, 20, 20)]);
}

#[test]
fn equal_fingerprints_of_different_values_are_two_rows() {
    let mut all = gathered();
    event(&mut all, &["ab.example", "ba.example"], Some(1));
    assert_eq!(all.rows(), 2);
}

#[test]
fn what_is_absorbed_keeps_where_it_came_from() {
    let (mut all, mut one, mut two) = (gathered(), gathered(), gathered());
    event(&mut one, &["a.example"], Some(5));
    event(&mut two, &["a.example", "b.example"], Some(3));
    all.absorb(&one, "dns");
    all.absorb(&two, "proxy");
    let mut whole = gathered();
    whole.absorb(&all, "");
    let rows = whole.sorted();
    assert_eq!(
        rows.iter().map(line).collect::<Vec<_>>(),
        [("a.example", 2, 3, 5), ("b.example", 1, 3, 3)]
    );
    assert_eq!(whole.sources().iter().map(|name| &**name).collect::<Vec<_>>(), ["dns", "proxy"]);
    assert_eq!(rows.iter().map(|row| row.sources).collect::<Vec<_>>(), [0b11, 0b10]);
}

#[test]
fn more_sources_than_there_are_bits_share_the_last() {
    let mut all = gathered();
    for number in 0..100 {
        let mut one = gathered();
        event(&mut one, &["a.example"], Some(number));
        all.absorb(&one, &format!("source {number}"));
    }
    assert_eq!(all.sources().len(), SEEN_SOURCES_MAX);
    assert_eq!(all.sources().last().map(|name| &**name), Some("others"));
    let rows = all.sorted();
    assert_eq!(rows.iter().next().map(|row| (row.count, row.sources)), Some((100, u64::MAX)));
}

#[test]
fn rows_are_found_by_their_keys() {
    let mut all = gathered();
    event(&mut all, &["a.b.example", "xb.example"], Some(5));
    let mut found = Vec::new();
    all.find(&ranges(ValueKind::Domain, "b.example"), &mut |row| found.push(row.value.to_owned()));
    assert_eq!(found, ["a.b.example"]);
}

#[test]
fn what_begins_anew_knows_nothing_of_before_and_is_another_gathering() {
    let mut all = gathered();
    event(&mut all, &["a.example"], Some(1));
    let mut from = gathered();
    event(&mut from, &["b.example"], Some(2));
    all.absorb(&from, "dns");
    let number = all.number();
    all.renew(at(2_000));
    assert!(all.is_empty() && all.sources().is_empty() && all.number() != number);
    event(&mut all, &["b.example"], None);
    assert_eq!(all.sorted().iter().map(line).collect::<Vec<_>>(), [("b.example", 1, 2_000, 2_000)]);
}

#[test]
fn many_rows_are_absorbed_as_one_after_the_other() {
    let names =
        |from: usize| (from..from + 150).map(|n| format!("n{n}.example")).collect::<Vec<_>>();
    let (mut all, mut counts) = (gathered(), std::collections::BTreeMap::new());
    // Half of each delivery was seen before.
    for delivery in 0..4 {
        let mut one = gathered();
        for name in names(delivery * 75) {
            event(&mut one, &[&name], Some(5));
            *counts.entry(name).or_insert(0) += 1;
        }
        all.absorb(&one, "dns");
    }
    let rows = all.sorted();
    let told: std::collections::BTreeMap<_, _> =
        rows.iter().map(|row| (row.value.to_owned(), row.count)).collect();
    assert_eq!(told, counts);
}
