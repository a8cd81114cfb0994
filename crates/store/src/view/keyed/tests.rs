//! The slices of keys, all together.

use super::{Key, SLICES, keys_of};

#[test]
fn every_key_is_in_one_slice() {
    let mut next = Some(Key::MIN);
    for slice in 0..SLICES {
        let (first, last) = keys_of(slice);
        assert_eq!(Some(first), next, "slice {slice}");
        assert!(last >= first, "slice {slice}");
        next = last.checked_add(1);
    }
    assert_eq!(next, None, "the last slice ends with the last key");
}
