//! What a bundle may not make dear.

use super::{Imported, RefusedView, end_behind, lines};
use crate::bundle::file::BundleError;
use model::limits::CHANGE_LINES_MAX;

fn batch(first: u64, count: u64) -> Vec<u8> {
    let entry = |o| format!("{{\"o\":{o},\"gone\":\"x\"}}\n");
    let entries: String = (0..count).map(|n| entry(first + n)).collect();
    format!("{entries}{{\"checkpoint\":\"x\"}}\n").into_bytes()
}

#[test]
fn a_batch_begins_where_the_one_before_it_ended_or_later() {
    assert_eq!(lines(&batch(0, 3)), 3);
    let end = end_behind(0, &batch(0, 3)).unwrap();
    assert_eq!(end, 3);
    assert_eq!(end_behind(end, &batch(3, 1)).unwrap(), 4);
    assert_eq!(end_behind(end, &batch(7, 2)).unwrap(), 9, "a gap has a word of its own");
    for again in [batch(0, 3), batch(2, 5), batch(u64::MAX, 1), b"{}\n".to_vec()] {
        assert!(matches!(end_behind(end, &again), Err(BundleError::Damaged)));
    }
}

#[test]
fn a_million_refusals_are_counted_and_not_held() {
    let mut told = Imported::default();
    for number in 0..1_000_000 {
        told.refuse(RefusedView { number, reason: String::new() });
    }
    assert_eq!(told.refused.len(), CHANGE_LINES_MAX);
    assert_eq!(told.refused_more, 1_000_000 - CHANGE_LINES_MAX as u64);
}
