//! One batch of each partner at a time, and none of one that was told to come later: what a partner
//! sends in a flood waits for itself, before it costs anybody anything.

use model::id::NodeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

/// Seconds, at most, for which a partner is turned away unheard: its card may have been widened.
const UNHEARD_SECONDS: u64 = 60;

type Gate = Arc<tokio::sync::Mutex<Option<Instant>>>;

/// The turns of all partners.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<BTreeMap<NodeId, Gate>>>);

/// A partner's turn, until this is dropped.
pub(super) struct Turn(OwnedMutexGuard<Option<Instant>>);

impl Turns {
    /// Waits for the partner's other batches.
    ///
    /// # Errors
    /// The seconds after which it may come again, when it was told to come later.
    pub(super) async fn take(&self, partner: NodeId) -> Result<Turn, u64> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(gates.entry(partner).or_default())
        };
        let turn = gate.lock_owned().await;
        let left = turn.map(|until| until.saturating_duration_since(Instant::now()));
        match left {
            Some(left) if !left.is_zero() => Err(left.as_secs().saturating_add(1)),
            Some(_) | None => Ok(Turn(turn)),
        }
    }
}

impl Turn {
    /// The partner is to come again after so many seconds.
    pub(super) fn later(mut self, seconds: u64) {
        let unheard = Duration::from_secs(seconds.min(UNHEARD_SECONDS));
        *self.0 = Some(Instant::now() + unheard);
    }
}

#[cfg(test)]
mod tests;
