//! What a foreign server's headers ask for and promise. It asks nobody.

use model::limits::{SOURCE_BACKOFF_SECONDS_MAX, SOURCE_VALIDATOR_BYTES_MAX};
use model::time::Instant;

/// Seconds that a server which names none wants to rest.
pub(crate) const REST: u64 = 60;

/// Seconds to wait, from either form of `Retry-After`, within our own bound.
///
/// SPEC: RFC 9110 §10.2.3
pub(crate) fn rest(text: &str, now: Instant) -> u64 {
    let bound = u64::try_from(SOURCE_BACKOFF_SECONDS_MAX).unwrap_or(u64::MAX);
    let seconds = match text.trim().parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => Instant::from_http_date(text).map_or(REST, |at| {
            let micros = at.micros().saturating_sub(now.micros());
            u64::try_from(micros / 1_000_000).unwrap_or(0)
        }),
    };
    seconds.clamp(1, bound)
}

/// An `ETag` or a date as it is shown again; one that is too long is none.
pub(crate) fn validator(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= SOURCE_VALIDATOR_BYTES_MAX).then(|| text.to_owned())
}
