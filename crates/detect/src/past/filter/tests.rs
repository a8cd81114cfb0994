//! A filter forgets nothing and lets few others through.

use super::{Filter, Shape, together};

fn marks(count: u64) -> Vec<u64> {
    (0..count).map(|n| (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect()
}

fn may_hold(filter: &Filter, mark: u64) -> bool {
    let places = filter.shape().places(mark);
    together(&filter.cells, places.cells) == places.proof
}

#[test]
fn a_filter_never_forgets_a_value() {
    for count in [0, 1, 2, 3, 10, 100, 4_096, 100_000] {
        let marks = marks(count);
        let filter = Filter::build(&marks).unwrap();
        assert!(marks.iter().all(|mark| may_hold(&filter, *mark)), "of {count}");
    }
}

#[test]
fn hardly_any_that_is_not_there_is_let_through_and_a_mark_takes_eighteen_bits() {
    let filter = Filter::build(&marks(200_000)).unwrap();
    let others = (0..4_000_000_u64).map(|n| n.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ 0xABCD);
    let through = others.filter(|mark| may_hold(&filter, *mark)).count();
    assert!((25..110).contains(&through), "{through} of 4,000,000; one in 65,536 is 61");
    assert!(filter.cells.len() < 260_000, "{} cells", filter.cells.len());
}

#[test]
fn marks_that_are_repeated_do_no_harm() {
    let mut twice = marks(1_000);
    twice.extend(marks(1_000));
    let filter = Filter::build(&twice).unwrap();
    assert!(twice.iter().all(|mark| may_hold(&filter, *mark)));
}

#[test]
fn a_shape_read_again_finds_the_same_cells() {
    let marks = marks(10_000);
    let filter = Filter::build(&marks).unwrap();
    let shape = Shape::read(&filter.shape().write()).unwrap();
    assert_eq!(shape, filter.shape());
    assert_eq!(shape.cells(), filter.cells.len() as u64);
    assert_eq!(Shape::read(&[0xff; 16]), None);
}
