//! Target: one STIX object, as a partner or a tool may send it.
//!
//! It does not check what was understood, only that reading ends, and ends the same way twice.

use formats::stix::read;

/// Reads the bytes twice.
///
/// # Panics
/// When reading depends on anything but the bytes.
pub fn stix_read(bytes: &[u8]) {
    assert_eq!(read(bytes), read(bytes), "two readings of the same bytes differ");
}
