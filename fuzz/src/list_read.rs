//! Target: a plain list or CSV, as people export them.
//!
//! It does not check which lines are values; it checks that whatever became one can be written as
//! an indicator that our own reader accepts.

use formats::stix::{list::items, read};
use model::time::Instant;

/// Reads the list and every indicator that comes of it.
///
/// # Panics
/// When a value of the list makes an indicator that cannot be read.
pub fn list_read(bytes: &[u8]) {
    for item in items(bytes).flatten() {
        if let Some(indicator) = item.indicator(Instant::from_micros(0), &[]) {
            let reading = read(indicator.as_bytes());
            assert!(reading.is_ok(), "{item:?} became {indicator}, which is refused: {reading:?}");
        }
    }
}
