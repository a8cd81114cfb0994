//! Target: a STIX pattern.
//!
//! It does not match anything; it checks that an error names a place inside the pattern, and that
//! whatever can be parsed has its atoms taken.

use detect::pattern::{atoms, parse};

/// Parses the bytes, if they are text.
///
/// # Panics
/// When an error lies outside the pattern, or parsing and taking atoms disagree.
pub fn stix_pattern(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match parse(text) {
        Ok(tree) => {
            assert_eq!(Ok(tree), parse(text));
            assert!(atoms(text).is_ok(), "parsed, and without atoms");
        }
        Err(error) => {
            assert!(error.at <= text.len(), "{error:?} is beyond the end");
            assert!(atoms(text).is_err(), "not parsed, and with atoms");
        }
    }
}
