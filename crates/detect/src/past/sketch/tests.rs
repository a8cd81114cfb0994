//! A sketch asked by places is the filter, and an odd shape denies nothing.

use super::*;

#[test]
fn a_sketch_asked_by_places_is_the_filter() {
    let marks: Vec<u64> = (0..5_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    let (shape, bytes) = build(&marks).expect("a sketch");
    assert_eq!(cells(&shape), u64::try_from(bytes.len()).ok());
    let hold = |mark| {
        let found = places(&shape, mark).expect("a shape");
        holds(&shape, mark, found.map(|at| bytes[usize::try_from(at).unwrap()]))
    };
    assert!(marks.iter().all(|mark| hold(*mark)));
    let wrong = (1..20_000_u64).filter(|n| hold(n.wrapping_mul(3) << 32 | 1)).count();
    assert!(wrong < 20_000 / 100, "one in 256: {wrong}");
}

#[test]
fn a_shape_that_no_sketch_has_denies_nothing() {
    let odd = [u8::MAX; SHAPE_BYTES];
    assert_eq!((places(&odd, 1), cells(&odd)), (None, None));
    assert!(holds(&odd, 1, [0; 3]));
}
