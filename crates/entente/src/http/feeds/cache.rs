//! Feeds as they were rendered, until something changes. It renders nothing.

use bytes::Bytes;
use detect::known_good::Lists;
use model::limits::{FEED_CACHE_BYTES_MAX, FEED_FRESH_MILLIS, FEEDS_AT_ONCE_MAX, FEEDS_CACHED_MAX};
use model::time::Instant;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Rendered feeds.
#[derive(Debug)]
pub(crate) struct Cache {
    /// Rises whenever a feed may have changed.
    changes: AtomicU64,
    made: Mutex<HashMap<String, Arc<Made>>>,
    /// Feeds that are rendered at once.
    pub(super) turns: Semaphore,
}

impl Default for Cache {
    fn default() -> Self {
        let turns = Semaphore::new(FEEDS_AT_ONCE_MAX);
        Self { changes: AtomicU64::new(0), made: Mutex::default(), turns }
    }
}

/// What a feed was rendered from: commits, what is watched, the lists of good values.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    changes: u64,
    commits: u64,
    good: Arc<Lists>,
}

impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        (self.changes, self.commits) == (other.changes, other.commits)
            && Arc::ptr_eq(&self.good, &other.good)
    }
}

/// A feed as it was rendered.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) bytes: Bytes,
    /// The digest of the bytes.
    pub(super) tag: String,
    /// The places in the log of what it shows, as ranges.
    pub(super) shows: Vec<(u64, u64)>,
    pub(super) stamp: Stamp,
    /// When it was begun.
    pub(super) at: Instant,
    /// Until when time alone changes nothing.
    pub(super) until: Option<Instant>,
}

impl Cache {
    /// Whatever was rendered is out of date.
    pub(crate) fn stale(&self) {
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// What a feed that is begun now is rendered from.
    pub(super) fn stamp(&self, commits: u64, good: Arc<Lists>) -> Stamp {
        Stamp { changes: self.changes.load(Ordering::Acquire), commits, good }
    }

    /// The feed, if it is still as it would be rendered now.
    pub(super) fn fresh(&self, key: &str, stamp: &Stamp, now: Instant) -> Option<Arc<Made>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(key).filter(|made| made.holds(stamp, now)).map(Arc::clone)
    }

    /// Keeps a feed; the oldest go when there are too many.
    pub(super) fn keep(&self, key: String, feed: Arc<Made>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(key, feed);
        while made.len() > FEEDS_CACHED_MAX
            || made.values().map(|made| made.weight()).sum::<usize>() > FEED_CACHE_BYTES_MAX
        {
            let oldest = made.iter().min_by_key(|(_, made)| made.at).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            made.remove(&oldest);
        }
    }
}

impl Made {
    /// Bytes of memory, about: of what is sent, and of the places that it shows.
    fn weight(&self) -> usize {
        self.bytes.len().saturating_add(size_of_val(self.shows.as_slice()))
    }

    fn holds(&self, stamp: &Stamp, now: Instant) -> bool {
        if self.until.is_some_and(|until| until <= now) {
            return false;
        }
        let age = now.micros().saturating_sub(self.at.micros());
        // A clock that was set back proves nothing.
        let young = (0..FEED_FRESH_MILLIS * 1_000).contains(&age);
        young || self.stamp == *stamp
    }
}

#[cfg(test)]
mod tests;
