//! How much an indicator is still worth. It knows no indicator, and asks no clock.

use model::facts::ValueKind;
use model::time::Instant;

/// The confidence of an indicator whose signer states none.
const UNSTATED: u8 = 50;

/// What is known of an indicator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// What its signer states, 0 to 100.
    pub stated: Option<u8>,
    /// What its value is.
    pub kind: ValueKind,
    /// From when it holds.
    pub since: Instant,
    /// When it was sighted last.
    pub renewed: Option<Instant>,
    /// Partners who call it a false positive.
    pub disputes: u32,
}

/// The confidence at `now`, 0 to 100.
#[must_use]
pub fn confidence(standing: &Standing, _now: Instant) -> u8 {
    standing.stated.unwrap_or(UNSTATED).min(100)
}
