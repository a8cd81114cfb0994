//! Kinds keep their numbers.

use super::*;

#[test]
fn the_number_of_a_kind_is_its_place_among_all() {
    let codes: Vec<usize> = ValueKind::ALL.iter().map(|kind| kind.code().into()).collect();
    assert_eq!(codes, (0..ValueKind::ALL.len()).collect::<Vec<_>>());
}
