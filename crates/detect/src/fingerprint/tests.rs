//! The hash against the standard library's own, and the key's effect.

use super::Key;
use std::hash::{DefaultHasher, Hasher as _};

#[test]
fn agrees_with_the_standard_library_for_every_length_under_the_zero_key() {
    let bytes: Vec<u8> = (0..=255).collect();
    for length in 0..bytes.len() {
        let mut theirs = DefaultHasher::new();
        theirs.write(&bytes[..length]);
        assert_eq!(Key::new([0; 16]).fingerprint(0, &bytes[..length]), theirs.finish(), "{length}");
    }
}

#[test]
fn another_key_or_class_gives_another_fingerprint() {
    let one = Key::new(*b"0123456789abcdef");
    assert_ne!(one.fingerprint(1, b"evil.com"), one.fingerprint(2, b"evil.com"));
    let other = Key::new(*b"0123456789abcdeg");
    assert_ne!(one.fingerprint(1, b"evil.com"), other.fingerprint(1, b"evil.com"));
}
