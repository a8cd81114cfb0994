//! One table of values, compact enough for millions: fingerprint -> place of the full value and
//! the handle. It never forgets a handle (its owner masks those) and knows nothing of shapes.

use crate::filter::Filter;
use crate::fingerprint::Key;
use crate::index::Handle;
use hashbrown::HashTable;
use model::limits::FILTER_FROM;
use std::collections::{HashMap, HashSet};

/// Bytes of a chunk of values; a place is chunk and offset in 32 bits, so 4 GiB in all.
const CHUNK_BITS: u32 = 20;
const CHUNK_BYTES: usize = 1 << CHUNK_BITS;
/// Class and length before each value.
const HEAD_BYTES: usize = 3;

/// What the bytes of a value are; equal bytes of different classes are different values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Domain,
    /// Length in bits, then four octets.
    V4,
    /// Length in bits, then sixteen octets.
    V6,
    Url,
    Email,
    /// Of any algorithm: a text that is one hash is no other.
    Hash,
}

impl Class {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Domain => 1,
            Self::V4 => 2,
            Self::V6 => 3,
            Self::Url => 4,
            Self::Email => 5,
            Self::Hash => 6,
        }
    }

    const fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Domain,
            2 => Self::V4,
            3 => Self::V6,
            4 => Self::Url,
            5 => Self::Email,
            6 => Self::Hash,
            _ => return None,
        })
    }
}

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

/// The upper half of a fingerprint.
fn check(fingerprint: u64) -> u32 {
    u32::try_from(fingerprint >> 32).unwrap_or_default()
}

/// Spreads the kept half over 64 bits, as the table wants low and high bits.
fn spread(check: u32) -> u64 {
    u64::from(check).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The values one after another in chunks, so that growing never copies them.
#[derive(Debug, Default)]
struct Values(Vec<Vec<u8>>);

impl Values {
    fn push(&mut self, class: Class, bytes: &[u8]) -> Option<u32> {
        let length = u16::try_from(bytes.len()).ok()?;
        let needed = HEAD_BYTES + bytes.len();
        if self.0.last().is_none_or(|chunk| chunk.len() + needed > CHUNK_BYTES) {
            // A first chunk grows as it must; later ones are full sooner or later.
            let room = if self.0.is_empty() { 0 } else { CHUNK_BYTES };
            self.0.push(Vec::with_capacity(room));
        }
        let number = u32::try_from(self.0.len() - 1).ok()?;
        let chunk = self.0.last_mut()?;
        let offset = u32::try_from(chunk.len()).ok()?;
        if number >= 1 << (u32::BITS - CHUNK_BITS) {
            return None;
        }
        chunk.push(class.code());
        chunk.extend_from_slice(&length.to_le_bytes());
        chunk.extend_from_slice(bytes);
        Some((number << CHUNK_BITS) | offset)
    }

    fn at(&self, place: u32) -> Option<(Class, &[u8])> {
        let chunk = self.0.get((place >> CHUNK_BITS) as usize)?;
        let rest = chunk.get((place as usize) & (CHUNK_BYTES - 1)..)?;
        let (head, rest) = rest.split_first_chunk::<HEAD_BYTES>()?;
        let [code, low, high] = *head;
        let bytes = rest.get(..usize::from(u16::from_le_bytes([low, high])))?;
        Some((Class::of_code(code)?, bytes))
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(Vec::capacity).sum()
    }
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
    handles: usize,
    /// In front of a table that grows no more.
    filter: Option<Filter>,
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
            handles: 0,
            filter: None,
        }
    }

    /// The table as it stays: with a filter in front, so that what it does not hold costs no look
    /// into it. Small ones need none.
    pub(crate) fn sealed(mut self) -> Self {
        if self.entries.len() >= FILTER_FROM {
            let value = |entry: &Entry| self.values.at(entry.place);
            let mark = |(class, bytes): (Class, &[u8])| self.key.fingerprint(class.code(), bytes);
            let marks: Vec<u64> = self.entries.iter().filter_map(value).map(mark).collect();
            self.filter = Filter::build(&marks);
        }
        self
    }

    /// Whether a value of this fingerprint may be here.
    #[inline]
    fn may_hold(&self, fingerprint: u64) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.may_hold(fingerprint))
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

    /// Bytes held, as far as the allocator is not asked.
    pub(crate) fn bytes(&self) -> usize {
        let more: usize = self.more.values().map(|handles| 48 + handles.capacity() * 8).sum();
        let filter = self.filter.as_ref().map_or(0, |filter| filter.cells().len());
        self.values.bytes() + self.entries.allocation_size() + more + filter
    }

    fn entry(&self, fingerprint: u64, class: Class, bytes: &[u8]) -> Option<&Entry> {
        let check = check(fingerprint);
        self.entries.find(spread(check), |entry| {
            entry.check == check && self.values.at(entry.place) == Some((class, bytes))
        })
    }

    /// Adds a pair; `false` when there is no room left or the value is too long.
    pub(crate) fn insert(&mut self, class: Class, bytes: &[u8], handle: Handle) -> bool {
        let fingerprint = self.key.fingerprint(class.code(), bytes);
        self.filter = None;
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
        let check = check(fingerprint);
        let small = u32::try_from(handle.0).ok().filter(|handle| *handle != MANY);
        if small.is_none() {
            self.more.insert(place, vec![handle]);
        }
        let entry = Entry { check, place, handle: small.unwrap_or(MANY) };
        self.entries.insert_unique(spread(check), entry, |entry| spread(entry.check));
        self.handles += 1;
        match (class, bytes.first()) {
            (Class::V4, Some(length)) => self.lengths.v4 |= 1 << (length & 63),
            (Class::V6, Some(length)) if *length < 128 => self.lengths.v6 |= 1 << length,
            (
                Class::V4 | Class::V6 | Class::Domain | Class::Url | Class::Email | Class::Hash,
                _,
            ) => {}
        }
        true
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
        let more = entry.and_then(|entry| self.more.get(&entry.place));
        let first = entry.and_then(|entry| entry.first());
        first.into_iter().chain(more.into_iter().flatten().copied())
    }

    /// Whether a pair has one of these handles.
    pub(crate) fn holds(&self, handles: &HashSet<Handle>) -> bool {
        let more = self.more.values().flatten();
        let first = self.entries.iter().filter_map(|entry| entry.first());
        first.chain(more.copied()).any(|handle| handles.contains(&handle))
    }

    /// One table of all pairs of these tables whose handle is wanted.
    pub(crate) fn merged(key: Key, tables: [&Self; 2], wanted: impl Fn(Handle) -> bool) -> Self {
        let mut whole = Self::with_capacity(key, tables.iter().map(|t| t.entries.len()).sum());
        for table in tables {
            for entry in &table.entries {
                let Some((class, bytes)) = table.values.at(entry.place) else { continue };
                let more = table.more.get(&entry.place).into_iter().flatten();
                for handle in entry.first().into_iter().chain(more.copied()) {
                    // A table that is merged from two within bounds has room, or misses loudly in
                    // `len`; there is nobody to tell here.
                    let _room = !wanted(handle) || whole.insert(class, bytes, handle);
                }
            }
        }
        whole.sealed()
    }
}
