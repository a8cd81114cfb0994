//! In which row the value of a fingerprint lies, as far as half of the fingerprint says: its caller
//! looks at the row. A place is one look into memory, which can be brought near before it is asked for:
//! that is all that it does better than a table of the libraries.

use crate::table::spread;
use crate::words::Words;

/// Slots of the smallest table that has any; all have a power of two.
const SLOTS_MIN: usize = 64;
const EMPTY: u64 = 0;

/// The table: at most three of four slots are taken.
#[derive(Debug)]
pub(super) struct Places {
    /// Half a fingerprint, and above it the row and one; EMPTY where there is none.
    slots: Words,
    /// How many of these are in use, from the first on.
    used: usize,
    taken: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { slots: Words::zeros(0), used: 0, taken: 0 }
    }
}

impl Clone for Places {
    fn clone(&self) -> Self {
        let mut slots = Words::zeros(self.used);
        self.slots.iter().take(self.used).enumerate().for_each(|(at, slot)| slots.set(at, slot));
        Self { slots, ..*self }
    }
}

impl Places {
    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.slots.bytes()
    }

    /// Bytes of these that are in use.
    pub(super) const fn used(&self) -> usize {
        self.used * size_of::<u64>()
    }

    /// It will be asked for this soon.
    pub(super) fn bring(&self, check: u32) {
        self.slots.bring(self.first(check));
    }

    /// The first row of this half that is the `same`; one slot at least is free, and ends the search.
    #[inline]
    pub(super) fn find(&self, check: u32, mut same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut place = self.first(check);
        loop {
            let (half, row) = parts(self.slots.get(place)?);
            let at = row?;
            if half == check && same(at) {
                return Some(at);
            }
            place = self.after(place);
        }
    }

    /// Adds a row, which is none of those that are found.
    pub(super) fn insert(&mut self, check: u32, at: u32) {
        if (self.taken + 1).saturating_mul(4) > self.used * 3 {
            let wider = (self.used * 2).max(SLOTS_MIN);
            let old = std::mem::replace(&mut self.slots, Words::zeros(wider));
            let used = std::mem::replace(&mut self.used, wider);
            old.iter().take(used).filter(|slot| *slot != EMPTY).for_each(|slot| self.put(slot));
        }
        self.put(u64::from(check) | (u64::from(at) + 1) << 32);
        self.taken += 1;
    }

    fn put(&mut self, new: u64) {
        let mut place = self.first(parts(new).0);
        while self.slots.get(place).is_some_and(|slot| slot != EMPTY) {
            place = self.after(place);
        }
        self.slots.set(place, new);
    }

    /// The next slot; behind the last one is the first.
    #[inline]
    const fn after(&self, place: usize) -> usize {
        (place + 1) & (self.used - 1)
    }

    /// Forgets all rows, and keeps memory for as many: a large table is not wiped for few.
    pub(super) fn clear(&mut self) {
        let wanted = self.taken.saturating_add(self.taken / 3).saturating_add(1);
        self.used = self.used.min(wanted.next_power_of_two().max(SLOTS_MIN));
        self.slots.clear(self.used);
        self.taken = 0;
    }

    /// Where a half belongs.
    #[inline]
    fn first(&self, check: u32) -> usize {
        let bits = self.used.checked_ilog2().unwrap_or(0);
        usize::try_from(spread(check).unbounded_shr(64 - bits)).unwrap_or(0)
    }
}

/// Half a fingerprint, and the row, of a slot that is taken.
#[inline]
fn parts(slot: u64) -> (u32, Option<u32>) {
    let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or_default();
    (half(slot), half(slot >> 32).checked_sub(1))
}

#[cfg(test)]
mod tests;
