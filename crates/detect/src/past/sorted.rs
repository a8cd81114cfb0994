//! What was gathered, in the order of its keys. It copies no value: rows point into the gathering, and
//! their keys lie one behind the other.

use super::gathered::Gathered;
use super::key::append;
use super::row::Row;
use crate::near;
use model::facts::ValueKind;
use model::time::Instant;

/// One value that was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SeenRow<'g> {
    /// What it is.
    pub kind: ValueKind,
    /// Its normal form.
    pub value: &'g str,
    /// What rows are sorted and looked up by.
    pub key: &'g [u8],
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
    keys: Vec<u8>,
    order: Vec<Place<'g>>,
}

/// A row, and where its key lies.
#[derive(Clone, Copy, Debug)]
struct Place<'g> {
    /// The bytes of the key that decide next: keys are far away in memory.
    head: Head,
    row: &'g Row,
    start: usize,
    length: u32,
}

/// Bytes of a key as a number in the same order, those behind its end zeros: halves of it, so that a
/// place is no larger than it must be.
type Head = [u64; 2];

/// Bytes of a key that are compared at once.
const HEAD_BYTES: usize = size_of::<Head>();
/// How many rows ahead of the one that is told are brought near, and how many texts.
const ROWS_AHEAD: usize = 16;
const TEXTS_AHEAD: usize = 8;

impl<'g> Sorted<'g> {
    /// Each row is shown once in the order in which rows lie: to go through them by key waits for the
    /// memory of each.
    pub(super) fn new(gathered: &'g Gathered, each: &mut dyn FnMut(SeenRow<'_>)) -> Self {
        let mut keys = Vec::with_capacity(gathered.text().len() + gathered.rows());
        let mut order = Vec::with_capacity(gathered.rows());
        for row in gathered.seen() {
            let start = keys.len();
            append(row.kind, row.text(gathered.text()), &mut keys);
            let key = keys.get(start..).unwrap_or_default();
            each(gathered.told(row, key));
            let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
            order.push(Place { head: head(key), row, start, length });
        }
        sort(&mut order, &keys);
        Self { gathered, keys, order }
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
        self.behind(0)
    }

    /// Those from a key on.
    pub fn starting_at(&self, key: &[u8]) -> impl Iterator<Item = SeenRow<'_>> {
        self.behind(self.order.partition_point(|place| place.key(&self.keys) < key))
    }

    fn behind(&self, first: usize) -> impl ExactSizeIterator<Item = SeenRow<'_>> {
        let places = self.order.get(first..).unwrap_or_default();
        places.iter().enumerate().map(|(at, place)| {
            places.get(at + ROWS_AHEAD).into_iter().for_each(|ahead| near::bring(ahead.row));
            let texts = places.get(at + TEXTS_AHEAD).into_iter();
            texts.for_each(|ahead| self.gathered.bring_text(ahead.row));
            self.gathered.told(place.row, place.key(&self.keys))
        })
    }
}

impl Place<'_> {
    fn key<'k>(&self, keys: &'k [u8]) -> &'k [u8] {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        keys.get(self.start..self.start.saturating_add(length)).unwrap_or_default()
    }

    /// Bytes of the key behind the first so many, as far as they count: behind a key that ends there
    /// is nothing, and no zero.
    fn left(&self, from: usize) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX).saturating_sub(from).min(HEAD_BYTES)
    }
}

/// Sorts by keys, some bytes of all at once: URLs begin alike, and each comparison of two whole keys
/// would wait for the memory of both.
fn sort(order: &mut [Place<'_>], keys: &[u8]) {
    let mut runs = vec![(order, 0)];
    while let Some((run, from)) = runs.pop() {
        let whole = |place: &Place<'_>| {
            let [high, low] = place.head.map(u128::from);
            (high << 64 | low, place.left(from))
        };
        run.sort_unstable_by_key(whole);
        let alike =
            |a: &Place<'_>, b: &Place<'_>| whole(a) == whole(b) && a.left(from) == HEAD_BYTES;
        for alike in run.chunk_by_mut(alike).filter(|run| run.len() > 1) {
            let from = from + HEAD_BYTES;
            for place in &mut *alike {
                place.head = head(place.key(keys).get(from..).unwrap_or_default());
            }
            runs.push((alike, from));
        }
    }
}

fn head(key: &[u8]) -> Head {
    let mut bytes = [0; HEAD_BYTES];
    bytes.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let (halves, _) = bytes.as_chunks();
    let half = |at: usize| halves.get(at).map_or(0, |half| u64::from_be_bytes(*half));
    [half(0), half(1)]
}

#[cfg(test)]
mod tests;
