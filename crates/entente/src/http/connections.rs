//! Which connections there are, and which of them ends first when all places are taken: otherwise
//! whoever opens many and says nothing would keep everybody else out. It takes none itself.

use crate::runtime::now;
use model::limits::ANSWER_SECONDS_SAFE;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// All open connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    open: Mutex<BTreeMap<u64, Arc<State>>>,
    opened: AtomicU64,
}

#[derive(Debug)]
struct State {
    /// Requests under way.
    requests: AtomicUsize,
    /// When it last began or ended one, or was opened.
    since: AtomicI64,
    end: Notify,
}

/// One open connection, until this is dropped.
#[derive(Debug)]
pub(super) struct Connection {
    all: Connections,
    number: u64,
    state: Arc<State>,
}

/// One request under way, until this is dropped.
#[derive(Debug)]
pub(super) struct Underway(Arc<State>);

impl Connections {
    /// Adds a connection.
    pub(super) fn open(&self) -> Connection {
        let number = self.0.opened.fetch_add(1, Ordering::Relaxed);
        let state = Arc::new(State {
            requests: AtomicUsize::new(0),
            since: AtomicI64::new(now().micros()),
            end: Notify::new(),
        });
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(number, Arc::clone(&state));
        Connection { all: self.clone(), number, state }
    }

    /// Ends the connection that has waited longest for a request; if all are busy, the one that has
    /// been at it longest, and for more than `ANSWER_SECONDS_SAFE`. False when there is none.
    pub(super) fn make_room(&self) -> bool {
        let safe = i64::try_from(ANSWER_SECONDS_SAFE).unwrap_or(i64::MAX);
        let busy_since = now().plus_seconds(safe.saturating_neg()).micros();
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let first = open.iter().filter_map(|(number, state)| {
            let busy = state.requests.load(Ordering::Relaxed) > 0;
            let since = state.since.load(Ordering::Relaxed);
            (!busy || since < busy_since).then_some((busy, since, *number))
        });
        let first = first.min().and_then(|(_, _, number)| open.remove(&number));
        first.inspect(|state| state.end.notify_one()).is_some()
    }
}

impl Connection {
    /// Begins a request.
    pub(super) fn begin(&self) -> Underway {
        self.state.requests.fetch_add(1, Ordering::Relaxed);
        self.state.since.store(now().micros(), Ordering::Relaxed);
        Underway(Arc::clone(&self.state))
    }

    /// Returns once this connection is to end for another's sake.
    pub(super) async fn ended(&self) {
        self.state.end.notified().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.all.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&self.number);
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.since.store(now().micros(), Ordering::Relaxed);
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
