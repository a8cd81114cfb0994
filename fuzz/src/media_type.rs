//! Target: `Accept` and `Content-Type` as a client writes them.
//!
//! It does not choose an answer; it checks that adding what we write makes any list acceptable.

use formats::taxii::{TAXII, accepts, is_content};
use std::hint::black_box;

/// Reads the bytes as both headers.
///
/// # Panics
/// When a list that ends with our own type is not accepted.
pub fn media_type(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    black_box((accepts(Some(text)), is_content(Some(text))));
    assert!(accepts(Some(TAXII)) && is_content(Some(TAXII)));
}
