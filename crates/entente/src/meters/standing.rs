//! Which partners are heard from and which cannot be reached, since when. In memory only: a node
//! that starts knows nothing until it has tried.

use model::id::NodeId;
use model::limits::LINK_QUIET_SECONDS;
use model::time::Instant;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How the links stand.
#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<BTreeMap<NodeId, Link>>);

#[derive(Clone, Copy, Debug, Default)]
struct Link {
    heard: Option<Instant>,
    failing_since: Option<Instant>,
}

impl Standing {
    /// A partner answered, or asked.
    pub(crate) fn heard(&self, partner: NodeId, now: Instant) {
        self.change(partner, |link| *link = Link { heard: Some(now), failing_since: None });
    }

    /// A partner could not be reached, or said something that cannot be gone on with.
    pub(crate) fn failed(&self, partner: NodeId, now: Instant) {
        self.change(partner, |link| {
            link.failing_since.get_or_insert(now);
        });
    }

    /// Whether a partner was heard from a short while ago, and nothing failed since.
    pub(crate) fn is_up(&self, partner: &NodeId, now: Instant) -> bool {
        let quiet = i64::try_from(LINK_QUIET_SECONDS).unwrap_or(i64::MAX);
        let link = self.of(partner);
        let fresh = link.heard.is_some_and(|heard| heard.plus_seconds(quiet) >= now);
        fresh && link.failing_since.is_none()
    }

    /// Since when a partner has not been reached, although it was tried.
    pub(crate) fn failing_since(&self, partner: &NodeId) -> Option<Instant> {
        self.of(partner).failing_since
    }

    fn of(&self, partner: &NodeId) -> Link {
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.get(partner).copied().unwrap_or_default()
    }

    fn change(&self, partner: NodeId, change: impl FnOnce(&mut Link)) {
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(links.entry(partner).or_default());
    }
}

#[cfg(test)]
mod tests;
