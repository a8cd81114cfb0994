//! How long is waited between two tries. The queue itself is tested from outside, over a store.

use super::*;

#[test]
fn pauses_grow_from_five_seconds_to_an_hour() {
    let table = [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (10, 2_560), (11, 3_600), (99, 3_600)];
    for (failures, seconds) in table {
        assert_eq!(pause(failures, None), seconds, "after {failures} failures");
    }
}

#[test]
fn who_asks_for_patience_gets_it_within_an_hour() {
    let table = [(1, 3, 5), (1, 60, 60), (3, 7, 20), (1, 86_400, 3_600), (1, u64::MAX, 3_600)];
    for (failures, asked, seconds) in table {
        assert_eq!(pause(failures, Some(asked)), seconds, "{failures} failures, {asked} s asked");
    }
}
