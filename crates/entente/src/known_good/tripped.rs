//! Indicators that match too much: named in the log, in metrics and to whoever asks. They go on
//! matching and being counted; their sightings are paced as everybody's.

use crate::runtime::{Runtime, now};
use model::limits::TRIPPED_MAX;
use model::time::Instant;
use node::Seq;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Those that matched too much since the node was started, and when last.
#[derive(Debug, Default)]
pub(crate) struct Tripped(Mutex<BTreeMap<Seq, Instant>>);

impl Tripped {
    fn add(&self, seq: Seq, at: Instant) {
        let mut tripped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tripped.insert(seq, at);
        if tripped.len() > TRIPPED_MAX {
            let oldest = tripped.iter().min_by_key(|(_, at)| **at).map(|(seq, _)| *seq);
            oldest.map(|seq| tripped.remove(&seq));
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> BTreeMap<Seq, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Runtime {
    /// An indicator has just matched more within a minute than anybody wants to hear.
    pub(crate) fn tripped(&self, seq: Seq, matches: u64) {
        self.known_good().tripped().add(seq, now());
        let row = self.read_here(|reading| node::watch::held(reading, seq));
        let indicator = row.ok().flatten().map(|row| row.thing.to_string()).unwrap_or_default();
        tracing::warn!(
            indicator,
            matches,
            "an indicator matches too much: it is counted, and told of once an hour; `entente why` \
             and `entente suppress` help"
        );
    }
}
