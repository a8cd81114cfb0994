//! What was gathered, in the order of its keys. It copies no value: rows point into the gathering.

use super::gathered::Gathered;
use super::key::{append, of};
use super::row::Row;
use crate::near;
use model::facts::ValueKind;
use model::time::Instant;
use std::ops::Range;

/// One value that was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SeenRow<'g> {
    /// What it is.
    pub kind: ValueKind,
    /// Its normal form.
    pub value: &'g str,
    /// The earliest event, by its own clock.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
    /// In how many events.
    pub count: u64,
    /// The roles of its fields, a bit for each place in `Role::ALL`.
    pub roles: u16,
    /// Where it came from, a bit for each place in [`Gathered::sources`].
    pub sources: u64,
}

/// All rows of a gathering.
#[derive(Debug)]
pub struct Sorted<'g> {
    gathered: &'g Gathered,
    order: Vec<Place<'g>>,
}

/// A row, and what its key begins with: rows and their texts are far away in memory.
#[derive(Clone, Copy, Debug)]
struct Place<'g> {
    head: Head,
    row: &'g Row,
}

/// Bytes of a key as a number in the same order, those behind its end zeros: halves of it, so that a
/// place is no larger than it must be.
type Head = [u64; 2];

/// How many rows ahead of the one that is told are brought near, and how many texts.
const ROWS_AHEAD: usize = 16;
const TEXTS_AHEAD: usize = 8;

impl<'g> Sorted<'g> {
    /// Each row is shown once with its key, in the order in which rows lie: to go through them by key
    /// waits for the memory of each.
    pub(super) fn new(gathered: &'g Gathered, each: &mut dyn FnMut(SeenRow<'_>, &[u8])) -> Self {
        let (mut key, mut order) = (Vec::new(), Vec::with_capacity(gathered.rows()));
        for row in gathered.seen() {
            key.clear();
            append(row.kind, row.text(gathered.text()), &mut key);
            each(gathered.told(row), &key);
            order.push(Place { head: head(&key), row });
        }
        order.sort_unstable_by_key(|place| whole(place.head));
        // URLs begin alike: of these whole keys are made, so that no comparison waits for two texts.
        let alike = |a: &Place<'_>, b: &Place<'_>| a.head == b.head;
        for run in order.chunk_by_mut(alike).filter(|run| run.len() > 1) {
            run.sort_by_cached_key(|place| of(place.row.kind, place.row.text(gathered.text())));
        }
        Self { gathered, order }
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SeenRow<'_>> {
        self.told(&self.order)
    }

    /// Those whose keys lie in a range.
    pub fn within(&self, range: &Range<Vec<u8>>) -> impl ExactSizeIterator<Item = SeenRow<'_>> {
        let key = |place: &Place<'_>| of(place.row.kind, place.row.text(self.gathered.text()));
        let from = |bound: &[u8]| self.order.partition_point(|place| *key(place) < *bound);
        let (first, behind) = (from(&range.start), from(&range.end));
        self.told(self.order.get(first..behind).unwrap_or_default())
    }

    fn told<'s>(&'s self, places: &'s [Place<'_>]) -> impl ExactSizeIterator<Item = SeenRow<'s>> {
        places.iter().enumerate().map(move |(at, place)| {
            let ahead = |rows: usize| places.get(at + rows).map(|place| place.row).into_iter();
            ahead(ROWS_AHEAD).for_each(near::bring);
            ahead(TEXTS_AHEAD).for_each(|row| self.gathered.bring_text(row));
            self.gathered.told(place.row)
        })
    }
}

fn whole([high, low]: Head) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

fn head(key: &[u8]) -> Head {
    let mut bytes = [0; size_of::<Head>()];
    bytes.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let (halves, _) = bytes.as_chunks();
    let half = |at: usize| halves.get(at).map_or(0, |half| u64::from_be_bytes(*half));
    [half(0), half(1)]
}

#[cfg(test)]
mod tests;
