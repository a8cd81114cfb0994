//! The lists of a running node, read again whenever their folder changes, and how often each
//! silenced a match. It judges no value.

use super::folder::{Shelf, Stamp};
use super::tripped::Tripped;
use crate::runtime::Runtime;
use detect::known_good::Lists;
use model::limits::KNOWN_GOOD_LOOK_SECONDS;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// What a running node has of its lists.
#[derive(Debug, Default)]
pub(crate) struct Good {
    lists: RwLock<Arc<Lists>>,
    problems: RwLock<Arc<Vec<String>>>,
    stamp: Mutex<Option<Stamp>>,
    silenced: Mutex<BTreeMap<(&'static str, String), u64>>,
    /// Indicators that match too much.
    tripped: Tripped,
}

impl Good {
    /// The lists, as they are now.
    pub(crate) fn lists(&self) -> Arc<Lists> {
        Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What of them could not be read.
    pub(crate) fn problems(&self) -> Arc<Vec<String>> {
        Arc::clone(&self.problems.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Matches were silenced, for a reason and by a list where one did.
    pub(crate) fn silenced(&self, why: &'static str, list: &str, count: u64) {
        let mut silenced = self.silenced.lock().unwrap_or_else(PoisonError::into_inner);
        *silenced.entry((why, list.to_owned())).or_default() += count;
    }

    /// Indicators that match too much.
    pub(crate) fn tripped(&self) -> &Tripped {
        &self.tripped
    }

    /// How many were, since the node was started.
    pub(crate) fn counts(&self) -> BTreeMap<(&'static str, String), u64> {
        self.silenced.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the lists if their files have changed, and says whether they have; takes a second or two for all that MISP publishes.
    pub(crate) fn look(&self, shelf: &Shelf) -> bool {
        let mut known = self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Some(shelf.stamp());
        if *known == stamp {
            return false;
        }
        *known = stamp;
        let (lists, problems) = shelf.read();
        let entries: usize = lists.iter().map(|(_, entries)| entries).sum();
        tracing::info!(lists = lists.len(), entries, "known-good lists");
        for problem in &problems {
            tracing::warn!(problem, "a known-good list was not read whole");
        }
        *self.problems.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(problems);
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
        true
    }
}

impl Runtime {
    /// Reads the lists if they have changed, and lets everything know that depends on them.
    pub(crate) fn look_at_lists(&self, shelf: &Shelf) {
        if self.known_good().look(shelf) {
            let zones = self.good().zones();
            let mut live = self.live().write().unwrap_or_else(PoisonError::into_inner);
            live.index.set_zones(zones);
            drop(live);
            self.feeds().stale();
        }
    }
}

/// Reads the lists again whenever their folder changes, until the node stops.
pub(crate) async fn reread(runtime: Runtime) {
    let mut stop = runtime.stopping();
    loop {
        if let Some(folder) = runtime.folder() {
            let shelf = Shelf::of(folder.path());
            let inside = runtime.clone();
            let looking = tokio::task::spawn_blocking(move || {
                inside.look_at_lists(&shelf);
            });
            looking.await.ok();
        }
        let pause = tokio::time::sleep(Duration::from_secs(KNOWN_GOOD_LOOK_SECONDS));
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = pause => {}
        }
    }
}
