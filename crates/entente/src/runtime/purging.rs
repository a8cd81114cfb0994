//! How long erased bytes have waited to be gone from every file: 60 seconds are promised. It purges
//! nothing itself.

use model::limits::PURGE_SECONDS_MAX;
use model::time::Instant;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Seconds after the first erasure until the purge begins: it costs the same for one as for the
/// hundred that often come together.
const BEGIN_SECONDS: u64 = 5;

/// Since when; in microseconds, 0 for not at all.
#[derive(Debug, Default)]
pub(super) struct Purging {
    since: AtomicI64,
    told: AtomicBool,
}

impl Purging {
    /// After each commit: whether all is gone.
    pub(super) fn note(&self, gone: bool, now: Instant) {
        if gone {
            self.since.store(0, Ordering::Relaxed);
            self.told.store(false, Ordering::Relaxed);
            return;
        }
        // Whoever came first stays: nobody else writes here.
        let began = self.since.load(Ordering::Relaxed);
        if began == 0 {
            self.since.store(now.micros().max(1), Ordering::Relaxed);
        } else if self.seconds(now) > PURGE_SECONDS_MAX && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::error!(
                "what was erased is not gone from every file after {PURGE_SECONDS_MAX} seconds; \
                 `entente doctor` says what to do"
            );
        }
    }

    /// Whether it is time for a step.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.seconds(now) >= BEGIN_SECONDS
    }

    /// For how many seconds it has waited; 0 when nothing does.
    pub(super) fn seconds(&self, now: Instant) -> u64 {
        match self.since.load(Ordering::Relaxed) {
            0 => 0,
            since => u64::try_from((now.micros() - since) / 1_000_000).unwrap_or(0),
        }
    }
}
