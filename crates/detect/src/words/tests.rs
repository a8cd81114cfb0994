//! A number is where it was put, in small memory and in large.

use super::*;

/// In small pages, on the edge, and in large ones.
const COUNTS: [usize; 5] =
    [0, 1, LARGE_BYTES_MIN / 8 - 1, LARGE_BYTES_MIN / 8, LARGE_BYTES_MIN / 8 + 1];

#[test]
fn all_begin_as_zeros_and_each_is_where_it_was_put() {
    for count in COUNTS {
        let mut words = Words::zeros(count);
        assert_eq!((words.len(), words.bytes()), (count, count * 8));
        assert!(words.iter().all(|word| word == 0), "{count}");
        (0..count).for_each(|at| words.set(at, at as u64 + 7));
        assert!(words.iter().eq((0..count).map(|at| at as u64 + 7)), "{count}");
        words.set(count, 1);
        words.bring(count);
        assert_eq!(words.get(count), None, "there is none behind the last");
        assert!((0..count).all(|at| words.get(at) == Some(at as u64 + 7)), "{count}");
    }
}

#[test]
fn many_are_asked_for_in_large_pages_and_few_are_not() {
    let is_large = |count| matches!(Words::zeros(count).0, Memory::Large(_));
    assert_eq!(COUNTS.map(is_large), [false, false, false, true, true]);
}

#[test]
fn as_many_as_are_said_become_zeros_again() {
    for count in COUNTS {
        let mut words = Words::zeros(count);
        (0..count).for_each(|at| words.set(at, 1));
        words.clear(count / 2);
        assert_eq!(words.iter().filter(|word| *word == 0).count(), count / 2);
        assert!(words.iter().take(count / 2).all(|word| word == 0));
        words.clear(usize::MAX);
        assert!(words.iter().all(|word| word == 0));
    }
}
