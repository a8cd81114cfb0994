//! Ranges against a set of single numbers.

use super::*;
use std::collections::BTreeSet;

#[test]
fn ranges_say_what_a_set_of_numbers_says() {
    let (mut ranges, mut judge, mut seed) = (Ranges::new(), BTreeSet::new(), 7_u64);
    for _ in 0..4_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (first, length) = ((seed >> 33) % 300, (seed >> 53) % 9);
        let (first, last) = (first, first + length);
        let missing: BTreeSet<u64> =
            uncovered(&ranges, (first, last)).into_iter().flat_map(|(a, b)| a..=b).collect();
        let expected = (first..=last).filter(|n| !judge.contains(n)).collect();
        assert_eq!(missing, expected, "{first}..={last} beside {ranges:?}");
        if seed.is_multiple_of(3) {
            cover(&mut ranges, (first, last));
            judge.extend(first..=last);
        }
        if judge.len() > 200 {
            ranges.clear();
            judge.clear();
        }
        let ends: Vec<_> = ranges.iter().collect();
        assert!(ends.windows(2).all(|pair| *pair[0].1 + 1 < *pair[1].0), "they touch: {ranges:?}");
    }
}
