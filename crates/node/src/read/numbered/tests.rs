//! Ranges against the plain list of their entries.

use super::{Ranges, standing};

#[test]
fn ranges_hold_what_was_added_in_any_order_and_nothing_else() {
    let added = [(10, 12), (12, 15), (3, 4), (14, 20), (30, 30), (1, 3), (25, 26)];
    let mut ranges = Ranges::default();
    for (start, end) in added {
        ranges.add(start, end);
    }
    ranges.sort();
    for seq in 0..40 {
        let held = added.iter().any(|(start, end)| (*start..*end).contains(&seq));
        assert_eq!(ranges.hold(seq), held, "{seq}");
    }
    assert_eq!(ranges.0, [(1, 4), (10, 20), (25, 26)], "what touches is one range");
}

#[test]
fn what_was_withdrawn_does_not_stand() {
    let withdrawn = [(2, 3), (7, 1), (10, 5)];
    for from in 0..18 {
        for end in from..18 {
            let parts = standing((from, end), &withdrawn);
            for number in 0..18 {
                let gone = withdrawn.iter().any(|(first, n)| (*first..first + n).contains(&number));
                let inside = (from..end).contains(&number);
                let stands = parts.iter().any(|(first, end)| (*first..*end).contains(&number));
                assert_eq!(stands, inside && !gone, "{number} in {from}..{end}: {parts:?}");
            }
        }
    }
}
