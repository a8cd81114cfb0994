//! What was gathered, in the order of its keys. It copies no value: rows point into the gathering, and
//! their keys lie one behind the other.

use super::gathered::{Gathered, Row};
use super::key::append;
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
    /// The first bytes of the key, which mostly decide: keys are far away in memory.
    head: u128,
    start: usize,
    end: usize,
    row: &'g Row,
}

impl<'g> Sorted<'g> {
    /// Each row is shown once in the order in which rows lie: to go through them by key waits for the
    /// memory of each.
    pub(super) fn new(gathered: &'g Gathered, each: &mut dyn FnMut(SeenRow<'_>)) -> Self {
        let mut keys = Vec::new();
        let mut order = Vec::with_capacity(gathered.rows());
        for row in gathered.seen() {
            let start = keys.len();
            append(row.kind, row.text(gathered.text()), &mut keys);
            let key = keys.get(start..).unwrap_or_default();
            each(gathered.told(row, key));
            order.push(Place { head: head(key), start, end: keys.len(), row });
        }
        let key = |place: &Place<'_>| keys.get(place.start..place.end);
        order.sort_unstable_by(|a, b| a.head.cmp(&b.head).then_with(|| key(a).cmp(&key(b))));
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
    pub fn iter(&self) -> impl Iterator<Item = SeenRow<'_>> {
        self.behind(0)
    }

    /// Those from a key on.
    pub fn starting_at(&self, key: &[u8]) -> impl Iterator<Item = SeenRow<'_>> {
        self.behind(self.order.partition_point(|place| self.key(place) < key))
    }

    fn behind(&self, first: usize) -> impl Iterator<Item = SeenRow<'_>> {
        let places = self.order.get(first..).unwrap_or_default().iter();
        places.map(|place| self.gathered.told(place.row, self.key(place)))
    }

    fn key(&self, place: &Place<'_>) -> &[u8] {
        self.keys.get(place.start..place.end).unwrap_or_default()
    }
}

/// The first bytes of a key as a number in the same order; a key that is shorter comes first, or is
/// compared as a whole.
fn head(key: &[u8]) -> u128 {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u128::from_be_bytes(bytes)
}
