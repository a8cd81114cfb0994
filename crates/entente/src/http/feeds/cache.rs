//! Feeds that were rendered, until something changes. It renders nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// Rendered feeds.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// Rises whenever a feed may have changed.
    changes: AtomicU64,
}

impl Cache {
    /// Whatever was rendered is out of date.
    pub(crate) fn stale(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }
}
