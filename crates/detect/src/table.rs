//! One table of values, compact enough for millions: fingerprint -> place of the full value and
//! the handle. It never forgets a handle (its owner masks those) and knows nothing of shapes.

use crate::class::Class;
use crate::fingerprint::Key;
use crate::gate::Gate;
use crate::index::Handle;
use crate::values::Values;
use hashbrown::HashTable;
use model::limits::GATE_FROM;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Twelve bytes a value. The upper half of the fingerprint is kept: it tells candidates apart
/// without touching the value, and it places the entry when the table grows.
#[derive(Clone, Copy, Debug)]
struct Entry {
    check: u32,
    place: u32,
    /// The first handle; `MANY` where it is with the further ones.
    handle: u32,
}

/// All handles of the value are in `more`: the first does not fit in 32 bits.
const MANY: u32 = u32::MAX;

impl Entry {
    fn first(self) -> Option<Handle> {
        (self.handle != MANY).then(|| Handle(u64::from(self.handle)))
    }
}

/// A handle that fits beside its entry.
fn small(handle: Handle) -> Option<u32> {
    u32::try_from(handle.0).ok().filter(|handle| *handle != MANY)
}

/// The upper half of a fingerprint.
pub(crate) fn check(fingerprint: u64) -> u32 {
    u32::try_from(fingerprint >> 32).unwrap_or_default()
}

/// Spreads the kept half over 64 bits, as the table wants low and high bits.
pub(crate) fn spread(check: u32) -> u64 {
    u64::from(check).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Which lengths of prefixes are present, so that only these are looked up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lengths {
    pub(crate) v4: u64,
    /// Lengths 0 to 127; a whole address is always looked up.
    pub(crate) v6: u128,
}

/// The table.
#[derive(Debug)]
pub(crate) struct Table {
    key: Key,
    entries: HashTable<Entry>,
    values: Values,
    /// Further handles of a value, by the value's place.
    more: HashMap<u32, Vec<Handle>>,
    lengths: Lengths,
    /// The bits of the classes that it has values of.
    classes: u32,
    handles: usize,
    /// In front of a table that grows no more.
    gate: Option<Gate>,
}

impl Table {
    pub(crate) fn new(key: Key) -> Self {
        Self::with_capacity(key, 0)
    }

    pub(crate) fn with_capacity(key: Key, capacity: usize) -> Self {
        Self {
            key,
            entries: HashTable::with_capacity(capacity),
            values: Values::default(),
            more: HashMap::new(),
            lengths: Lengths::default(),
            classes: 0,
            handles: 0,
            gate: None,
        }
    }

    /// The table as it stays: with a gate in front, so that what it does not hold costs no look
    /// into it. Small ones need none.
    pub(crate) fn sealed(mut self) -> Self {
        if self.entries.len() >= GATE_FROM {
            let mut gate = Gate::with_room(self.entries.len());
            let values = self.entries.iter().filter_map(|entry| self.values.at(entry.place));
            values.for_each(|(class, bytes)| gate.open(self.key.fingerprint(class.code(), bytes)));
            self.gate = Some(gate);
        }
        self
    }

    /// It will be asked for this fingerprint soon.
    #[inline]
    pub(crate) fn bring(&self, fingerprint: u64) {
        self.gate.iter().for_each(|gate| gate.bring(fingerprint));
    }

    /// Whether a value of one of these fingerprints may be here. None waits for another.
    pub(crate) fn may_hold_any(&self, fingerprints: &[u64]) -> bool {
        let there = |fingerprint: u64| {
            let check = check(fingerprint);
            self.entries.find(spread(check), |entry| entry.check == check).is_some()
        };
        let Some(gate) = &self.gate else { return fingerprints.iter().any(|one| there(*one)) };
        let may = fingerprints.iter().fold(false, |any, one| any | gate.lets_through(*one));
        may && fingerprints.iter().any(|one| gate.lets_through(*one) && there(*one))
    }

    /// Whether a value of this fingerprint may be here.
    #[inline]
    fn may_hold(&self, fingerprint: u64) -> bool {
        self.gate.as_ref().is_none_or(|gate| gate.lets_through(fingerprint))
    }

    /// Pairs of value and handle.
    pub(crate) const fn len(&self) -> usize {
        self.handles
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.handles == 0
    }

    pub(crate) const fn lengths(&self) -> Lengths {
        self.lengths
    }

    /// The bits of the classes that it has values of.
    #[inline]
    pub(crate) const fn classes(&self) -> u32 {
        self.classes
    }

    /// Bytes of the values themselves.
    pub(crate) const fn value_bytes(&self) -> usize {
        self.values.bytes()
    }

    /// Bytes held, as far as the allocator is not asked.
    pub(crate) fn bytes(&self) -> usize {
        let more: usize = self.more.values().map(|handles| 48 + handles.capacity() * 8).sum();
        let gate = self.gate.as_ref().map_or(0, Gate::bytes);
        self.values.bytes() + self.entries.allocation_size() + more + gate
    }

    fn entry(&self, fingerprint: u64, class: Class, bytes: &[u8]) -> Option<&Entry> {
        let check = check(fingerprint);
        self.entries.find(spread(check), |entry| {
            entry.check == check && self.values.are(entry.place, class, bytes)
        })
    }

    /// Adds a pair; `false` when there is no room left or the value is too long.
    pub(crate) fn insert(&mut self, class: Class, bytes: &[u8], handle: Handle) -> bool {
        let fingerprint = self.key.fingerprint(class.code(), bytes);
        self.gate = None;
        if let Some(entry) = self.entry(fingerprint, class, bytes).copied() {
            let more = self.more.get(&entry.place);
            if entry.first() == Some(handle) || more.and_then(|more| more.last()) == Some(&handle) {
                return true;
            }
            self.more.entry(entry.place).or_default().push(handle);
            self.handles += 1;
            return true;
        }
        let Some(place) = self.values.push(class, bytes) else { return false };
        let small = small(handle);
        if small.is_none() {
            self.more.insert(place, vec![handle]);
        }
        let entry = Entry { check: check(fingerprint), place, handle: small.unwrap_or(MANY) };
        self.enter(entry, class, bytes);
        self.handles += 1;
        true
    }

    /// Adds the entry of a value that has none.
    fn enter(&mut self, entry: Entry, class: Class, bytes: &[u8]) {
        self.entries.insert_unique(spread(entry.check), entry, |entry| spread(entry.check));
        self.classes |= class.bit();
        match (class, bytes.first()) {
            (Class::V4, Some(length)) => self.lengths.v4 |= 1 << (length & 63),
            (Class::V6, Some(length)) if *length < 128 => self.lengths.v6 |= 1 << length,
            _not_a_prefix => {}
        }
    }

    /// The handles of a value, in the order of their arrival.
    #[inline]
    pub(crate) fn handles(
        &self,
        fingerprint: u64,
        class: Class,
        bytes: &[u8],
    ) -> impl Iterator<Item = Handle> {
        let may = self.may_hold(fingerprint);
        let entry = may.then(|| self.entry(fingerprint, class, bytes)).flatten();
        entry.into_iter().flat_map(|entry| self.all(*entry))
    }

    /// Whether a pair has one of these handles.
    pub(crate) fn holds(&self, handles: &HashSet<Handle>) -> bool {
        let mut all = self.entries.iter().flat_map(|entry| self.all(*entry));
        all.any(|handle| handles.contains(&handle))
    }

    /// One table of all pairs of these tables, the oldest first, without those that are gone. It
    /// shares the values of the first where nearly all of them stay.
    pub(crate) fn merged(key: Key, tables: &[Arc<Self>], gone: &HashSet<Handle>) -> Self {
        let mut whole = Self::with_capacity(key, tables.iter().map(|t| t.entries.len()).sum());
        let (first, rest) = match tables.split_first() {
            Some((first, rest)) if first.stays(gone) => (Some(first), rest),
            Some(_) | None => (None, tables),
        };
        if let Some(first) = first {
            whole.share(first, gone);
        }
        for table in rest {
            for entry in &table.entries {
                let Some((class, bytes)) = table.values.at(entry.place) else { continue };
                for handle in table.all(*entry).filter(|handle| !gone.contains(handle)) {
                    // Tables within bounds have room together, or it shows in `len`; there is
                    // nobody to tell here.
                    let _room = whole.insert(class, bytes, handle);
                }
            }
        }
        whole.sealed()
    }

    /// All handles of an entry, in the order of their arrival.
    fn all(&self, entry: Entry) -> impl Iterator<Item = Handle> {
        let more = self.more.get(&entry.place).into_iter().flatten();
        entry.first().into_iter().chain(more.copied())
    }

    /// Whether nearly all of its values are still wanted: otherwise they would fill memory for nothing.
    fn stays(&self, gone: &HashSet<Handle>) -> bool {
        let lost = |entry: &&Entry| self.all(**entry).all(|handle| gone.contains(&handle));
        gone.is_empty() || self.entries.iter().filter(lost).count() <= self.entries.len() / 8
    }

    /// Takes over the pairs of a table, and its values as they lie; for an empty table.
    fn share(&mut self, other: &Self, gone: &HashSet<Handle>) {
        self.values = other.values.shared();
        for entry in &other.entries {
            let mut all = other.all(*entry).filter(|handle| !gone.contains(handle));
            let Some(first) = all.next() else { continue };
            let small = small(first);
            let more: Vec<_> = small.is_none().then_some(first).into_iter().chain(all).collect();
            self.handles += more.len() + usize::from(small.is_some());
            if !more.is_empty() {
                self.more.insert(entry.place, more);
            }
            let entry = Entry { handle: small.unwrap_or(MANY), ..*entry };
            self.entries.insert_unique(spread(entry.check), entry, |entry| spread(entry.check));
        }
        // Of what is gone too: that costs looks that find nothing.
        self.classes = other.classes;
        self.lengths = other.lengths;
    }
}
