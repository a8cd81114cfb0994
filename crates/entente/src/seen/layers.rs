//! What is gathered and in no segment yet: the layer that grows, and those that are closed, so that
//! an indicator looks back at exactly what was seen before it was looked for. It touches no file.

use detect::past::Gathered;
use model::facts::Value;
use model::limits::{JOURNAL_BYTES_MAX, SEEN_FLUSH_BYTES, SEEN_FLUSH_ROWS};
use model::time::Instant;
use node::Seq;
use node::seen::{Day, Journal};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Closed layers that are kept apart while nobody waits for one.
const LAYERS_FEW: usize = 4;

/// Bytes of a layer whose memory is used again.
const REUSED_BYTES_MIN: usize = SEEN_FLUSH_BYTES / 4;

/// Gathered values of one day, on their way into one segment.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) day: Day,
    /// The journal that holds the same.
    pub(super) journal: u64,
    pub(super) layers: Vec<Arc<Gathered>>,
}

impl Batch {
    /// What is left of it once it is written: a layer that nobody looks at, if it is large. Where
    /// little is seen no memory waits for more.
    pub(super) fn into_spare(mut self) -> Option<Gathered> {
        let layer = self.layers.pop().and_then(Arc::into_inner);
        layer.filter(|layer| layer.used() >= REUSED_BYTES_MIN)
    }
}

/// An indicator that is to be looked back for.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) seq: Seq,
    pub(super) values: Vec<Value>,
    /// What was gathered when it was published.
    pub(super) layers: Vec<Arc<Gathered>>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Layers {
    pub(super) day: Day,
    pub(super) began: Instant,
    pub(super) journal: Option<Journal>,
    /// The number of the last journal.
    pub(super) last: u64,
    pub(super) open: Gathered,
    pub(super) closed: Vec<Arc<Gathered>>,
    pub(super) batches: VecDeque<Batch>,
    pub(super) waits: VecDeque<Wait>,
    /// Of these, indicators that are gone: let go of when it is their turn, not by a walk over all.
    pub(super) gone: HashSet<Seq>,
    /// Values in `waits`.
    pub(super) waiting: usize,
    /// More wait than are held here: they are read from the store.
    pub(super) behind: bool,
    /// Memory of a layer that is written, for the next one: fresh memory is slow.
    pub(super) spare: Option<Gathered>,
}

impl Layers {
    pub(super) fn new(open: Gathered, now: Instant, last: u64) -> Self {
        Self {
            day: Day::of(now),
            began: now,
            journal: None,
            last,
            open,
            closed: Vec::new(),
            batches: VecDeque::new(),
            waits: VecDeque::new(),
            gone: HashSet::new(),
            waiting: 0,
            behind: false,
            spare: None,
        }
    }

    /// Everything in memory, as it is now; what comes later goes to another layer.
    pub(super) fn snapshot(&mut self, now: Instant) -> Vec<Arc<Gathered>> {
        self.close(now);
        self.batches.iter().flat_map(|batch| &batch.layers).chain(&self.closed).cloned().collect()
    }

    fn close(&mut self, now: Instant) {
        if !self.open.is_empty() {
            let next = Gathered::new(self.open.key(), now);
            self.closed.push(Arc::new(std::mem::replace(&mut self.open, next)));
        }
    }

    /// Ends the batch: what comes later goes to another journal and another segment.
    pub(super) fn rotate(&mut self, now: Instant) {
        self.close(now);
        if let Some(mut spare) = self.spare.take() {
            spare.renew(now);
            self.open = spare;
        }
        let journal = self.journal.take().map_or(self.last, |journal| journal.number());
        self.last = journal;
        if !self.closed.is_empty() {
            let layers = std::mem::take(&mut self.closed);
            self.batches.push_back(Batch { day: self.day, journal, layers });
        }
        (self.day, self.began) = (Day::of(now), now);
    }

    /// Lets go of whoever waits first and is gone.
    pub(super) fn skip_gone(&mut self) {
        while let Some(gone) = self.waits.pop_front_if(|wait| self.gone.remove(&wait.seq)) {
            self.waiting = self.waiting.saturating_sub(gone.values.len());
        }
        if self.waits.is_empty() {
            self.gone.clear();
        }
    }

    /// The closed layers, where they are many and nobody waits for one of them.
    pub(super) fn many(&self) -> Option<Vec<Arc<Gathered>>> {
        let many = self.closed.len() > LAYERS_FEW && self.waits.is_empty();
        many.then(|| self.closed.clone())
    }

    /// Puts one layer in the place of these, which it was made of; not where somebody waits for one
    /// of them by now, nor where they are on their way into a segment.
    pub(super) fn lessen(&mut self, parts: &[Arc<Gathered>], whole: Arc<Gathered>) {
        let first = self.closed.get(..parts.len());
        if self.waits.is_empty() && first.is_some_and(|first| same(first, parts)) {
            drop(self.closed.splice(..parts.len(), [whole]));
        }
    }

    /// Distinct values and bytes of the batch that grows, about.
    pub(super) fn size(&self) -> (usize, usize) {
        let layers = self.closed.iter().map(|layer| (layer.rows(), layer.used()));
        layers.fold((self.open.rows(), self.open.used()), |all, one| (all.0 + one.0, all.1 + one.1))
    }

    /// Whether the batch that grows is as large as one becomes.
    pub(super) fn is_full(&self) -> bool {
        let (rows, bytes) = self.size();
        let noted = self.journal.as_ref().map_or(0, Journal::bytes);
        rows >= SEEN_FLUSH_ROWS || bytes >= SEEN_FLUSH_BYTES || noted >= JOURNAL_BYTES_MAX
    }

    /// Distinct values in all of it, about.
    pub(super) fn rows(&self) -> usize {
        let batches = self.batches.iter().flat_map(|batch| &batch.layers);
        batches.map(|layer| layer.rows()).sum::<usize>() + self.size().0
    }
}

/// Whether these are the very same layers.
pub(super) fn same(first: &[Arc<Gathered>], second: &[Arc<Gathered>]) -> bool {
    first.len() == second.len() && first.iter().zip(second).all(|(a, b)| Arc::ptr_eq(a, b))
}

/// Several layers as one; a single one is that itself.
pub(super) fn whole(layers: &[Arc<Gathered>]) -> Option<Arc<Gathered>> {
    let (first, rest) = layers.split_first()?;
    if rest.is_empty() {
        return Some(Arc::clone(first));
    }
    let mut whole = Gathered::clone(first);
    rest.iter().for_each(|layer| whole.absorb(layer, ""));
    Some(Arc::new(whole))
}

#[cfg(test)]
mod tests;
