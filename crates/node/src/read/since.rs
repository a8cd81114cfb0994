//! From an instant to a place in the log, so that a reader's bookmark can be a time: numbers of the
//! log never leave, since their gaps would tell what was withheld.

use model::time::Instant;
use store::{Reading, Seq, StoreError};

/// The last place appended at or before `at`; 0 when there is none.
///
/// # Errors
/// When the store cannot be read.
pub fn place_at(reading: &Reading<'_>, at: Instant) -> Result<Seq, StoreError> {
    let (mut low, mut high) = (0, reading.head()?);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        let later = reading.light(middle)?.is_none_or(|light| light.at > at);
        if later {
            high = middle - 1;
        } else {
            low = middle;
        }
    }
    Ok(low)
}
