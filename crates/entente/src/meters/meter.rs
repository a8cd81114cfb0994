//! The counters themselves. What they are called outside, `http::metrics` says.

use super::{Histogram, Standing};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A number that only rises.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// So many more.
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// How many.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a request is about: a part of the interface, never an address with names in it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Resource {
    Taxii,
    Api,
    Stream,
    Telemetry,
    Misp,
    Feeds,
    Operations,
    Other,
}

impl Resource {
    /// All of them, in the order of the page.
    pub(crate) const ALL: [Self; 8] = [
        Self::Taxii,
        Self::Api,
        Self::Stream,
        Self::Telemetry,
        Self::Misp,
        Self::Feeds,
        Self::Operations,
        Self::Other,
    ];

    /// The resource of a path, which may be a route's pattern.
    pub(crate) fn of(path: &str) -> Self {
        let table = [
            ("/taxii2", Self::Taxii),
            ("/api/v1/stream", Self::Stream),
            ("/api/v1/watch", Self::Telemetry),
            ("/api/", Self::Api),
            ("/telemetry", Self::Telemetry),
            ("/services/collector", Self::Telemetry),
            ("/misp", Self::Misp),
            ("/feeds", Self::Feeds),
            ("/metrics", Self::Operations),
            ("/health", Self::Operations),
        ];
        let found = table.iter().find(|(start, _)| path.starts_with(start));
        found.map_or(Self::Other, |(_, resource)| *resource)
    }

    /// Its name in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Taxii => "taxii",
            Self::Api => "api",
            Self::Stream => "stream",
            Self::Telemetry => "telemetry",
            Self::Misp => "misp",
            Self::Feeds => "feeds",
            Self::Operations => "operations",
            Self::Other => "other",
        }
    }
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    /// Objects that were handed in and appended.
    pub(crate) accepted: Count,
    /// Objects that the same submitter had handed in before.
    pub(crate) duplicate: Count,
    /// Objects that were refused.
    pub(crate) refused: Count,
    /// Commits of the writer, from their `fdatasync` to its end.
    pub(crate) commits: Histogram,
    /// Sightings that this node made.
    pub(crate) sighted_here: Count,
    /// Sightings that partners made.
    pub(crate) sighted_there: Count,
    /// Lines of telemetry that were matched against the index.
    pub(crate) events: Count,
    /// Matches in them.
    pub(crate) matches: Count,
    /// Events read, by their form.
    pub(crate) forms: [Count; detect::reading::Kind::ALL.len()],
    /// Lines that could not be read whole.
    pub(crate) bad_lines: Count,
    /// Bytes of lines that were skipped unread.
    pub(crate) skipped_bytes: Count,
    /// Messages that were lost for want of room.
    pub(crate) dropped: Count,
    /// Rows kept for looking back.
    pub(crate) seen_rows: Count,
    /// Rows that were not kept for want of room.
    pub(crate) seen_skipped: Count,
    /// Matches that were counted and not kept at home.
    pub(crate) unkept: Count,
    /// Findings that receivers took.
    pub(crate) findings_sent: Count,
    /// Tries at which one was not taken.
    pub(crate) findings_failed: Count,
    /// Findings that were given up.
    pub(crate) findings_dropped: Count,
    /// Pulls of sources that ended well.
    pub(crate) pulls: Count,
    /// Pulls of sources that did not.
    pub(crate) pulls_failed: Count,
    /// Who is heard from.
    pub(crate) links: Standing,
    requests: Mutex<BTreeMap<(Resource, u16), u64>>,
    durations: [Histogram; Resource::ALL.len()],
}

impl Meters {
    /// A request was answered.
    pub(crate) fn answered(&self, resource: Resource, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((resource, status)).or_default() += 1;
        drop(requests);
        if let Some((_, durations)) = self.durations().find(|(one, _)| *one == resource) {
            durations.took(took);
        }
    }

    /// How many requests were answered, by resource and status.
    pub(crate) fn requests(&self) -> Vec<((Resource, u16), u64)> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().map(|(key, count)| (*key, *count)).collect()
    }

    /// How long answers took, by resource.
    pub(crate) fn durations(&self) -> impl Iterator<Item = (Resource, &Histogram)> {
        Resource::ALL.into_iter().zip(&self.durations)
    }
}

#[cfg(test)]
mod tests;
