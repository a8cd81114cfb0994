//! The hourly bucket: full, it waits; with time it empties; nothing waits for ever.

use super::{Allowance, Cost, Quotas};
use model::id::NodeId;
use model::time::Instant;

const B: NodeId = NodeId::new([2; 16]);

fn allowed(records_per_hour: u64) -> Allowance {
    Allowance { records_per_hour, ..Allowance::default() }
}

fn batch(records: u64) -> Cost {
    Cost { records, bytes: records * 100 }
}

#[test]
fn an_hours_allowance_comes_back_within_the_hour() {
    let (mut quotas, start) = (Quotas::default(), Instant::from_micros(0));
    let mut spend = |records, seconds| {
        quotas.spend(B, allowed(3_600), batch(records), start.plus_seconds(seconds))
    };
    assert_eq!(spend(3_600, 0), Ok(()));
    assert_eq!(spend(100, 0), Err(100));
    assert_eq!(spend(100, 99), Err(1));
    assert_eq!(spend(100, 100), Ok(()));
    // A refusal costs nothing, and a clock that was set back forgives nothing.
    assert_eq!(spend(1, 50), Err(1));
    assert_eq!(spend(3_600, 4_000), Ok(()));
}

#[test]
fn a_batch_larger_than_an_hours_allowance_is_taken_once_nothing_is_owed() {
    let (mut quotas, start) = (Quotas::default(), Instant::from_micros(0));
    assert_eq!(quotas.spend(B, allowed(10), batch(1_000), start), Ok(()));
    let wait = quotas.spend(B, allowed(10), batch(1_000), start).unwrap_err();
    assert_eq!(wait, 3_600, "asked again within the hour, whatever is owed");
    let paid = start.plus_seconds(100 * 3_600);
    assert_eq!(quotas.spend(B, allowed(10), batch(1_000), paid), Ok(()));
}

#[test]
fn nothing_is_taken_from_whom_nothing_is_allowed() {
    let mut quotas = Quotas::default();
    let now = Instant::from_micros(0);
    assert_eq!(quotas.spend(B, allowed(0), batch(1), now), Err(1));
}

#[test]
fn bytes_count_as_records_do() {
    let (mut quotas, now) = (Quotas::default(), Instant::from_micros(0));
    let allowed = Allowance { bytes_per_hour: 1_000, ..Allowance::default() };
    assert_eq!(quotas.spend(B, allowed, batch(10), now), Ok(()));
    assert!(quotas.spend(B, allowed, batch(1), now).is_err());
}
