//! The real clock and real randomness: nothing else in the program reads either.

use model::time::Instant;

/// The clock: the only place that reads it.
#[expect(clippy::disallowed_methods, reason = "the one reader of the clock")]
pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// Randomness from the operating system, through the one crypto provider.
pub(crate) fn random(bytes: &mut [u8]) {
    if aws_lc_rs::rand::fill(bytes).is_err() {
        // Without randomness nothing that follows would be safe.
        std::process::abort();
    }
}
