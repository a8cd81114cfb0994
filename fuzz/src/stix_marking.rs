//! Target: a marking's definition, and the checks that people ask for.
//!
//! It does not judge what a marking means, only that it means the same twice.

use formats::stix::{check, classify, id_of};

/// Classifies the bytes and lists what is wrong with them.
///
/// # Panics
/// When a second look sees something else.
pub fn stix_marking(bytes: &[u8]) {
    assert_eq!(classify(bytes), classify(bytes));
    assert_eq!(id_of(bytes), id_of(bytes));
    assert_eq!(check::check(bytes), check::check(bytes));
}
