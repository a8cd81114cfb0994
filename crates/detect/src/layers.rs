//! The tables of an index, the largest and oldest first: immutable layers, and a delta that grows.
//! A merge joins only the small ones at the end, aside, so that arriving never waits for it. Which
//! pairs are masked is known here; what a value is, is not.

use crate::class::Class;
use crate::fingerprint::Key;
use crate::index::Handle;
use crate::table::{Lengths, Table};
use model::limits::{GATE_FROM, INDEX_LAYERS_MAX, INDEX_UNMERGED_MIN, INDEX_VALUES_BYTES_MAX};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// A layer is joined with those after it unless it has this many times as many pairs.
const GROWTH: usize = 4;

/// All tables.
#[derive(Debug)]
pub(crate) struct Layers {
    key: Key,
    all: Vec<Arc<Table>>,
    delta: Table,
    gone: HashSet<Handle>,
    /// The layers that a merge under way joins.
    merging: Option<Range<usize>>,
    /// Rises whenever layers are replaced; a merge of older ones is refused.
    generation: u64,
}

/// Work for another thread: the next layer.
#[derive(Debug)]
pub struct Merge {
    key: Key,
    layers: Vec<Arc<Table>>,
    gone: HashSet<Handle>,
    place: Range<usize>,
    generation: u64,
}

/// The next layer, ready to be adopted.
#[derive(Debug)]
pub struct Merged {
    table: Table,
    gone: HashSet<Handle>,
    place: Range<usize>,
    generation: u64,
}

impl Merge {
    /// Pairs that are put together.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.layers.iter().map(|layer| layer.len()).sum()
    }

    /// Builds the next layer; takes about half a second for each million values.
    #[must_use]
    pub fn run(self) -> Merged {
        let Self { key, layers, gone, place, generation } = self;
        Merged { table: Table::merged(key, &layers, &gone), gone, place, generation }
    }
}

impl Layers {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            key,
            all: Vec::new(),
            delta: Table::new(key),
            gone: HashSet::new(),
            merging: None,
            generation: 0,
        }
    }

    /// The tables that hold something, the largest first.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Table> {
        let delta = (!self.delta.is_empty()).then_some(&self.delta);
        self.all.iter().map(|table| &**table).chain(delta)
    }

    /// Whether pairs of this handle are masked.
    #[inline]
    pub(crate) fn is_gone(&self, handle: Handle) -> bool {
        !self.gone.is_empty() && self.gone.contains(&handle)
    }

    /// Adds a pair; `false` when the handle is masked or there is no room.
    pub(crate) fn insert(&mut self, (class, bytes): (Class, &[u8]), handle: Handle) -> bool {
        self.value_bytes() < INDEX_VALUES_BYTES_MAX
            && !self.gone.contains(&handle)
            && self.delta.insert(class, bytes, handle)
    }

    /// Masks every pair of a handle.
    pub(crate) fn remove(&mut self, handle: Handle) {
        self.gone.insert(handle);
    }

    /// Pairs, those masked since the last merge included.
    pub(crate) fn len(&self) -> usize {
        self.iter().map(Table::len).sum()
    }

    /// How many tables there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.iter().count()
    }

    /// Leaves its layers as they are, as if the merge had failed.
    #[cfg(test)]
    pub(crate) fn forget_merge(&mut self) {
        self.merging = None;
    }

    /// Pairs in the delta and handles masked.
    pub(crate) fn unmerged(&self) -> usize {
        self.delta.len() + self.gone.len()
    }

    /// Whether a merge is worth its work: a share of the whole, so that an import of millions is
    /// merged some times and not each time.
    pub(crate) fn ripe(&self) -> bool {
        let all = self.len();
        self.delta.len() > INDEX_UNMERGED_MIN.max(all / 32)
            || self.gone.len() > INDEX_UNMERGED_MIN.max(all / 4)
    }

    /// Bytes of memory held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.iter().map(Table::bytes).sum::<usize>() + self.gone.capacity() * 9
    }

    /// Bytes of the values themselves.
    pub(crate) fn value_bytes(&self) -> usize {
        self.iter().map(Table::value_bytes).sum()
    }

    /// The lengths of prefixes in all tables.
    #[inline]
    pub(crate) fn lengths(&self) -> Lengths {
        self.iter().map(Table::lengths).fold(Lengths::default(), |all, one| Lengths {
            v4: all.v4 | one.v4,
            v6: all.v6 | one.v6,
        })
    }

    /// The classes of values in all tables.
    #[inline]
    pub(crate) fn classes(&self) -> u32 {
        self.iter().fold(0, |all, table| all | table.classes())
    }

    /// Puts a table that was filled aside below everything; `false` when there are layers already.
    pub(crate) fn begin(&mut self, table: Table) -> bool {
        let first = self.generation == 0 && self.all.is_empty();
        if first {
            self.all.push(Arc::new(table));
            self.generation += 1;
        }
        first
    }

    /// Closes the delta as a layer and hands out the work of joining it with its neighbours, to be
    /// run on another thread. A small first delta just becomes a layer. Called again, it hands out
    /// the same work.
    pub(crate) fn freeze(&mut self) -> Option<Merge> {
        if self.merging.is_none() && self.unmerged() == 0 {
            return None;
        }
        if self.merging.is_none() {
            let delta = std::mem::replace(&mut self.delta, Table::new(self.key));
            if self.all.is_empty() && self.gone.is_empty() && delta.len() < GATE_FROM {
                self.all.push(Arc::new(delta));
                self.generation += 1;
                return None;
            }
            if !delta.is_empty() {
                self.all.push(Arc::new(delta));
            }
            self.merging = Some(self.neighbours());
        }
        let place = self.merging.clone()?;
        let layers = self.all.get(place.clone()).unwrap_or_default().to_vec();
        Some(Merge {
            key: self.key,
            layers,
            gone: self.gone.clone(),
            place,
            generation: self.generation,
        })
    }

    /// The layers at the end that are joined: each is small beside those after it, or there are too
    /// many, or so much is masked that everything is made anew.
    fn neighbours(&self) -> Range<usize> {
        let end = self.all.len();
        if self.gone.len() > self.len() / 4 {
            return 0..end;
        }
        let (mut start, mut pairs) = (end.saturating_sub(1), 0);
        for (place, table) in self.all.iter().enumerate().rev() {
            let few = place + 1 < end.min(INDEX_LAYERS_MAX);
            if few && table.len() >= pairs * GROWTH {
                break;
            }
            start = place;
            pairs += table.len();
        }
        start..end
    }

    /// Puts the joined layer in the place of its parts. `false` when they were replaced meanwhile.
    pub(crate) fn adopt(&mut self, merged: Merged) -> bool {
        let Merged { table, gone, place, generation } = merged;
        if generation != self.generation || self.merging.as_ref() != Some(&place) {
            return false;
        }
        let whole = place.start == 0;
        self.all.splice(place, [Arc::new(table)]);
        self.merging = None;
        if whole {
            // They were masked before the delta was closed: nothing holds them any more.
            self.gone.retain(|handle| !gone.contains(handle));
        }
        self.generation += 1;
        true
    }

    /// Takes pairs of these handles out of every table; the handles may be given out again.
    pub(crate) fn take_back(&mut self, handles: &HashSet<Handle>) {
        for layer in &mut self.all {
            if layer.holds(handles) {
                *layer = Arc::new(Table::merged(self.key, std::slice::from_ref(layer), handles));
                // A merge under way is of layers that hold them.
                self.generation += 1;
                self.merging = None;
            }
        }
        if self.delta.holds(handles) {
            let delta = Arc::new(std::mem::replace(&mut self.delta, Table::new(self.key)));
            self.delta = Table::merged(self.key, &[delta], handles);
        }
        self.gone.retain(|handle| !handles.contains(handle));
    }
}
