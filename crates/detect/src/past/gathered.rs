//! Observables of many events, one row for each value. It forgets events, and writes nothing.

use super::key::append;
use super::places::Places;
use super::row::{Row, Value};
use super::sorted::{SeenRow, Sorted};
use crate::event::Role;
use crate::near;
use crate::table::check;
use model::facts::ValueKind;
use model::limits::{SEEN_ROWS_HELD_MAX, SEEN_SOURCES_MAX};
use model::time::Instant;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows that are taken over together, so that none waits for the memory of another.
const TOGETHER: usize = 64;

/// Tells gatherings apart: no two have the same, copies neither.
#[derive(Debug)]
struct Number(u64);

impl Number {
    fn next() -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        Self(NUMBERS.fetch_add(1, Ordering::Relaxed))
    }
}

impl Clone for Number {
    fn clone(&self) -> Self {
        Self::next()
    }
}

/// What is gathered.
#[derive(Clone, Debug)]
pub struct Gathered {
    number: Number,
    key: [u8; 16],
    now: Instant,
    sources: Vec<Box<str>>,
    text: String,
    rows: Vec<Row>,
    places: Places,
    /// Rows of the event that is being read, whose time is known at its end.
    open: Vec<u32>,
    /// The number of that event; a value that it has twice is seen once.
    event: u32,
    /// Readings for which there was no room.
    skipped: u64,
}

impl Gathered {
    /// Nothing yet; `now` stands in for events that name no time.
    #[must_use]
    pub fn new(key: [u8; 16], now: Instant) -> Self {
        Self {
            number: Number::next(),
            key,
            now,
            sources: Vec::new(),
            text: String::new(),
            rows: Vec::new(),
            places: Places::default(),
            open: Vec::new(),
            event: 1,
            skipped: 0,
        }
    }

    /// Begins anew, with the memory that it has.
    pub fn renew(&mut self, now: Instant) {
        self.number = Number::next();
        self.now = now;
        self.sources.clear();
        self.text.clear();
        self.rows.clear();
        self.places.clear();
        self.open.clear();
        self.event = 1;
        self.skipped = 0;
    }

    /// One reading of the event under way, and its row; `None` where there was no room for it.
    pub(crate) fn saw(
        &mut self,
        kind: ValueKind,
        text: &str,
        role: Role,
        fingerprint: u64,
    ) -> Option<u32> {
        let at = self.place(Value::new(kind, text, fingerprint));
        match at {
            Some(at) => self.saw_again(at, role),
            None => self.skipped = self.skipped.saturating_add(1),
        }
        at
    }

    /// The number of this gathering.
    pub(crate) const fn number(&self) -> u64 {
        self.number.0
    }

    /// The value of a row, in the event under way.
    pub(crate) fn saw_again(&mut self, at: u32, role: Role) {
        let Some(row) = row_of(&mut self.rows, at) else { return };
        row.roles |= role.bit();
        if row.event != self.event {
            row.event = self.event;
            self.open.push(at);
        }
    }

    /// The event under way is over.
    pub(crate) fn end(&mut self, at: Option<Instant>) {
        let at = at.unwrap_or(self.now).micros();
        for open in self.open.drain(..) {
            let Some(row) = row_of(&mut self.rows, open) else { continue };
            row.first = row.first.min(at);
            row.last = row.last.max(at);
            row.count = row.count.saturating_add(1);
        }
        self.event = self.event.wrapping_add(1);
    }

    /// The row of a value, made where there is none; `None` when there is no room for it.
    pub(super) fn place(&mut self, value: Value<'_>) -> Option<u32> {
        let check = check(value.fingerprint);
        let known = self.places.find(check, |at| self.is(at, value));
        known.or_else(|| self.add(value))
    }

    /// A row for a value that has none.
    fn add(&mut self, value: Value<'_>) -> Option<u32> {
        if self.rows.len() >= SEEN_ROWS_HELD_MAX {
            return None;
        }
        let at = u32::try_from(self.rows.len()).ok()?;
        self.rows.push(Row::new(value, self.text.len())?);
        self.places.insert(check(value.fingerprint), at);
        self.text.push_str(value.text);
        Some(at)
    }

    /// Whether a row is of this value.
    fn is(&self, at: u32, value: Value<'_>) -> bool {
        let row = usize::try_from(at).ok().and_then(|at| self.rows.get(at));
        row.is_some_and(|row| row.is_of(value, &self.text))
    }

    /// The row that each of another's has here, as far as fingerprints say. None waits for another:
    /// each costs a look into memory that is far away, and what is asked next is brought near.
    fn likely(&self, rows: &[Row], likely: &mut [Option<u32>; TOGETHER]) {
        rows.iter().for_each(|row| self.places.bring(check(row.fingerprint)));
        for (row, likely) in rows.iter().zip(likely.iter_mut()) {
            *likely = self.places.find(check(row.fingerprint), |_| true);
        }
        let known = || {
            let likely = likely.iter().take(rows.len()).flatten();
            likely.filter_map(|at| self.rows.get(usize::try_from(*at).ok()?))
        };
        known().for_each(near::bring);
        let long = known().filter(|row| !row.is_whole());
        long.for_each(|row| self.bring_text(row));
    }

    /// Takes over what another one gathered from this source; an empty name is no source.
    pub fn absorb(&mut self, other: &Self, source: &str) {
        let named = self.source(source);
        let theirs: Vec<u64> = other.sources.iter().map(|name| self.source(name)).collect();
        self.skipped = self.skipped.saturating_add(other.skipped);
        let mut likely = [None; TOGETHER];
        for rows in other.rows.chunks(TOGETHER) {
            self.likely(rows, &mut likely);
            for (row, likely) in rows.iter().zip(likely).filter(|(row, _)| row.count > 0) {
                self.absorb_row((row, row.value(&other.text)), likely, (named, &theirs));
            }
        }
    }

    /// Takes over one row, whose place is this one if it has one, or another in its run; its source, and
    /// what its own sources are here.
    fn absorb_row(
        &mut self,
        (row, value): (&Row, Value<'_>),
        likely: Option<u32>,
        (named, theirs): (u64, &[u64]),
    ) {
        let at = match likely {
            Some(at) if self.is(at, value) => Some(at),
            Some(_) => self.place(value),
            None => self.add(value),
        };
        let Some(at) = at else {
            self.skipped = self.skipped.saturating_add(row.count.into());
            return;
        };
        let Some(own) = row_of(&mut self.rows, at) else { return };
        own.first = own.first.min(row.first);
        own.last = own.last.max(row.last);
        own.count = own.count.saturating_add(row.count);
        own.roles |= row.roles;
        own.sources |= named;
        for (place, bit) in theirs.iter().enumerate() {
            if row.sources.checked_shr(place.try_into().unwrap_or(64)).unwrap_or(0) & 1 == 1 {
                own.sources |= bit;
            }
        }
    }

    /// The bit of a source; beyond the last they share one.
    fn source(&mut self, name: &str) -> u64 {
        if name.is_empty() {
            return 0;
        }
        let known = self.sources.iter().position(|known| **known == *name);
        let place = known.unwrap_or_else(|| {
            let last = self.sources.len() + 1 >= SEEN_SOURCES_MAX;
            if self.sources.len() < SEEN_SOURCES_MAX {
                self.sources.push(if last { "others" } else { name }.into());
            }
            self.sources.len().saturating_sub(1)
        });
        1_u64.checked_shl(place.try_into().unwrap_or(63)).unwrap_or(0)
    }

    /// The names of sources, in the order of the bits of [`SeenRow::sources`].
    #[must_use]
    pub fn sources(&self) -> &[Box<str>] {
        &self.sources
    }

    /// Distinct values.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was seen.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes that the values take.
    #[must_use]
    pub const fn used(&self) -> usize {
        self.text.len() + self.rows.len() * size_of::<Row>() + self.places.used()
    }

    /// Bytes of memory held, about; what is [renewed](Self::renew) holds more than it uses.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.rows.capacity() * size_of::<Row>() + self.places.bytes()
    }

    /// Readings for which there was no room; they count again from 0.
    pub const fn take_skipped(&mut self) -> u64 {
        std::mem::replace(&mut self.skipped, 0)
    }

    /// The node's own key, under which values are marked in sketches.
    #[must_use]
    pub const fn key(&self) -> [u8; 16] {
        self.key
    }

    pub(super) const fn now(&self) -> Instant {
        self.now
    }

    /// Rows that an event had; others were only tried.
    pub(super) fn seen(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.count > 0)
    }

    /// The text in which the values lie.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn row_mut(&mut self, at: u32) -> Option<&mut Row> {
        row_of(&mut self.rows, at)
    }

    /// The text of a row is asked for soon: its first and its last byte, which mostly is all of it.
    pub(super) fn bring_text(&self, row: &Row) {
        let text = self.text.as_bytes().get(row.place()).unwrap_or_default();
        text.first().into_iter().chain(text.last()).for_each(near::bring);
    }

    /// All rows in the order of their keys.
    #[must_use]
    pub fn sorted(&self) -> Sorted<'_> {
        Sorted::new(self, &mut |_, _| {})
    }

    /// The same; hands every row with its key to `each` on the way, in no order.
    pub fn sorted_with(&self, each: &mut dyn FnMut(SeenRow<'_>, &[u8])) -> Sorted<'_> {
        Sorted::new(self, each)
    }

    /// Hands every row whose key lies in one of the ranges to `each`, in no order.
    pub fn find(&self, ranges: &[Range<Vec<u8>>], each: &mut dyn FnMut(SeenRow<'_>)) {
        let mut key = Vec::new();
        for row in self.seen() {
            key.clear();
            append(row.kind, row.text(&self.text), &mut key);
            if ranges.iter().any(|range| *range.start <= *key && *key < *range.end) {
                each(self.told(row));
            }
        }
    }

    /// What is told of a row.
    pub(super) fn told(&self, row: &Row) -> SeenRow<'_> {
        SeenRow {
            kind: row.kind,
            value: row.text(&self.text),
            first: Instant::from_micros(row.first),
            last: Instant::from_micros(row.last),
            count: row.count.into(),
            roles: row.roles,
            sources: row.sources,
        }
    }
}

fn row_of(rows: &mut [Row], at: u32) -> Option<&mut Row> {
    rows.get_mut(usize::try_from(at).ok()?)
}

#[cfg(test)]
mod tests;
