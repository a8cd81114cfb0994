//! Waiting for conditions, never for a while. The only place that reads the clock.

use std::time::{Duration, Instant};

/// The clock that durations are measured with.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one clock of these tests")]
pub fn now() -> Instant {
    Instant::now()
}

/// The time of day, as the nodes under test have it.
///
/// # Panics
/// When the clock stands before 1970.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one clock of these tests")]
pub fn wall() -> model::time::Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.expect("after 1970").as_micros();
    model::time::Instant::from_micros(i64::try_from(micros).expect("a time"))
}

/// Milliseconds since an instant.
#[must_use]
pub fn millis(since: Instant) -> f64 {
    now().duration_since(since).as_secs_f64() * 1000.0
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When none comes in so many seconds.
pub fn until<T>(what: &str, seconds: u64, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = probe() {
            return answer;
        }
        assert!(now() < end, "after {seconds} s still not: {what}");
        pause(Duration::from_millis(2));
    }
}

/// Gives the processor away between two looks at something that cannot wake us, or lets a stated
/// time of a drawn length pass; whoever unparks this thread ends it early.
pub fn pause(most: Duration) {
    std::thread::park_timeout(most);
}

/// The value below which so many per mille of the samples are.
#[must_use]
pub fn percentile(samples: &[f64], per_mille: usize) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * per_mille).div_ceil(1000).saturating_sub(1);
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
