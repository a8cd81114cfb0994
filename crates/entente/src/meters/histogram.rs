//! How long things took, in fixed classes of duration.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the classes in microseconds, and as seconds in Prometheus' form.
pub(crate) const BUCKETS: [(u64, &str); 11] = [
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (10_000_000, "10"),
    (60_000_000, "60"),
];

/// Durations of one kind of thing.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    classes: [AtomicU64; BUCKETS.len()],
    all: AtomicU64,
    micros: AtomicU64,
}

impl Histogram {
    /// Something took so long.
    pub(crate) fn took(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let class = BUCKETS.iter().zip(&self.classes).find(|((end, _), _)| micros <= *end);
        if let Some((_, class)) = class {
            class.fetch_add(1, Ordering::Relaxed);
        }
        self.all.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// How many took at most as long as each bucket's end: Prometheus counts upwards.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let mut sum = 0;
        BUCKETS.iter().zip(&self.classes).map(move |((_, end), class)| {
            sum += class.load(Ordering::Relaxed);
            (*end, sum)
        })
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }

    /// Seconds that all of them took.
    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64()
    }
}
