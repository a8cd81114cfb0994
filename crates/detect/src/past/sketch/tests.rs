//! A sketch asked by places is the filter, and an odd shape denies nothing.

use super::*;

#[test]
fn a_sketch_asked_by_places_is_the_filter() {
    let marks: Vec<u64> = (0..5_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    let (shape, bytes) = build(&marks).expect("a sketch");
    let hold = |mark| {
        let found = places(&shape, mark).expect("a shape");
        holds(&shape, mark, found.map(|at| cell(&bytes, at)))
    };
    assert!(marks.iter().all(|mark| hold(*mark)));
    let wrong = (1..200_000_u64).filter(|n| hold(n.wrapping_mul(3) << 32 | 1)).count();
    assert!(wrong < 20, "one in 65,536 is 3: {wrong}");
}

fn cell(bytes: &[u8], at: u64) -> [u8; CELL_BYTES] {
    *bytes[usize::try_from(at).unwrap()..].first_chunk().unwrap()
}

#[test]
fn a_shape_that_no_sketch_has_denies_nothing() {
    let odd = [u8::MAX; SHAPE_BYTES];
    assert_eq!(places(&odd, 1), None);
    assert!(holds(&odd, 1, [[0; CELL_BYTES]; 3]));
}
