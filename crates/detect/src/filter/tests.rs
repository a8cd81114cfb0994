//! A filter forgets nothing and lets few others through.

use super::{Cell as _, Filter, Shape, together};

fn marks(count: u64) -> Vec<u64> {
    (0..count).map(|n| (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect()
}

#[test]
fn a_filter_never_forgets_a_value() {
    for count in [0, 1, 2, 3, 10, 100, 4_096, 100_000] {
        let marks = marks(count);
        let filter = Filter::<u8>::build(&marks).unwrap();
        assert!(marks.iter().all(|mark| filter.may_hold(*mark)), "of {count}");
        let wide = Filter::<u16>::build(&marks).unwrap();
        assert!(marks.iter().all(|mark| wide.may_hold(*mark)), "of {count}");
    }
}

#[test]
fn few_that_are_not_there_are_let_through_and_a_mark_takes_nine_bits() {
    let filter = Filter::<u8>::build(&marks(200_000)).unwrap();
    let through = others(200_000).filter(|mark| filter.may_hold(*mark)).count();
    assert!((500..1_100).contains(&through), "{through} of 200,000; one in 256 is 781");
    assert!(filter.cells().len() < 260_000, "{} bytes", filter.cells().len());
}

#[test]
fn of_a_wide_one_hardly_any_are_let_through() {
    let filter = Filter::<u16>::build(&marks(200_000)).unwrap();
    let through = others(4_000_000).filter(|mark| filter.may_hold(*mark)).count();
    assert!((25..110).contains(&through), "{through} of 4,000,000; one in 65,536 is 61");
}

fn others(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|n| n.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ 0xABCD)
}

#[test]
fn marks_that_are_repeated_do_no_harm() {
    let mut twice = marks(1_000);
    twice.extend(marks(1_000));
    let filter = Filter::<u8>::build(&twice).unwrap();
    assert!(twice.iter().all(|mark| filter.may_hold(*mark)));
}

#[test]
fn a_shape_read_again_finds_the_same_cells() {
    let marks = marks(10_000);
    let filter = Filter::<u8>::build(&marks).unwrap();
    let shape = Shape::read(&filter.shape().write()).unwrap();
    assert_eq!(shape.cells(), filter.cells().len() as u64);
    let places = shape.places(marks[77]);
    assert_eq!(together(filter.cells(), places.cells), u8::of(places.proof));
    assert_eq!(Shape::read(&[0xff; 16]), None);
}
