//! In which row the value of a fingerprint lies, as far as half of the fingerprint says: its caller
//! looks at the row. A place is one look into memory, which can be brought near before it is asked for:
//! that is all that it does better than a table of the libraries.

use crate::near;
use crate::table::spread;

/// Half a fingerprint, and a row.
#[derive(Clone, Copy, Debug)]
struct Slot {
    check: u32,
    at: u32,
}

const EMPTY: Slot = Slot { check: 0, at: u32::MAX };
/// Slots of the smallest table that has any; all have a power of two.
const SLOTS_MIN: usize = 64;

/// The table: at most three of four slots are taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    slots: Vec<Slot>,
    taken: usize,
}

impl Places {
    /// Bytes held.
    pub(super) const fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }

    /// It will be asked for this soon.
    pub(super) fn bring(&self, check: u32) {
        self.slots.get(self.first(check)).into_iter().for_each(near::bring);
    }

    /// The first row of this half that is the `same`; one slot at least is free, and ends the search.
    #[inline]
    pub(super) fn find(&self, check: u32, mut same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut place = self.first(check);
        loop {
            let slot = self.slots.get(place)?;
            if slot.at == EMPTY.at {
                return None;
            }
            if slot.check == check && same(slot.at) {
                return Some(slot.at);
            }
            place = self.after(place);
        }
    }

    /// Adds a row, which is none of those that are found.
    pub(super) fn insert(&mut self, check: u32, at: u32) {
        if (self.taken + 1).saturating_mul(4) > self.slots.len() * 3 {
            let slots = vec![EMPTY; (self.slots.len() * 2).max(SLOTS_MIN)];
            let old = std::mem::replace(&mut self.slots, slots);
            old.into_iter().filter(|slot| slot.at != EMPTY.at).for_each(|slot| self.put(slot));
        }
        self.put(Slot { check, at });
        self.taken += 1;
    }

    fn put(&mut self, new: Slot) {
        let mut place = self.first(new.check);
        while self.slots.get(place).is_some_and(|slot| slot.at != EMPTY.at) {
            place = self.after(place);
        }
        self.slots.get_mut(place).into_iter().for_each(|slot| *slot = new);
    }

    /// The next slot; behind the last one is the first.
    #[inline]
    const fn after(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }

    /// Forgets all rows, and keeps memory for as many: a large table is not wiped for few.
    pub(super) fn clear(&mut self) {
        let wanted = self.taken.saturating_add(self.taken / 3).saturating_add(1);
        self.slots.truncate(wanted.next_power_of_two().max(SLOTS_MIN));
        self.slots.fill(EMPTY);
        self.taken = 0;
    }

    /// Where a half belongs.
    #[inline]
    fn first(&self, check: u32) -> usize {
        let bits = self.slots.len().checked_ilog2().unwrap_or(0);
        usize::try_from(spread(check).unbounded_shr(64 - bits)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
