//! The slices of keys, all together.

use super::{Key, RECENT_SLICES, SETTLING_SLICES, keys_of};

#[test]
fn every_key_is_in_one_slice() {
    for slices in [RECENT_SLICES, SETTLING_SLICES] {
        let mut next = Some(Key::MIN);
        for slice in 0..slices {
            let (first, last) = keys_of(slice, slices);
            assert_eq!(Some(first), next, "slice {slice} of {slices}");
            assert!(last >= first, "slice {slice} of {slices}");
            next = last.checked_add(1);
        }
        assert_eq!(next, None, "the last of {slices} ends with the last key");
    }
}
