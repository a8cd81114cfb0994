//! The one source of chance: a small seeded generator (splitmix64), so that a seed is a world.
//!
//! It deliberately is not cryptographic, and it never asks the machine for randomness.

/// A seeded generator. Equal seeds give equal sequences on every machine.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

/// Scrambles one word (the output function of splitmix64).
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Digests words into one; equal words give equal digests.
#[must_use]
pub fn digest(words: &[u64]) -> u64 {
    words.iter().fold(0x9e37_79b9_7f4a_7c15, |sum, word| mix(sum.rotate_left(5) ^ word))
}

impl Rng {
    /// A generator for this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: mix(seed ^ 0x5851_f42d_4c95_7f2d) }
    }

    /// A generator of its own for a purpose; drawing from it does not move this one.
    #[must_use]
    pub const fn fork(&self, purpose: u64) -> Self {
        Self::new(self.state ^ mix(purpose))
    }

    /// The next word, all values equally likely.
    pub const fn word(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        match self.word().checked_rem(bound) {
            Some(rest) => rest,
            None => 0,
        }
    }

    /// A byte below `bound`; 0 if `bound` is 0.
    pub fn byte(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(u64::from(bound))).unwrap_or(0)
    }

    /// An index into a list of `len` items; 0 if the list is empty.
    pub fn index(&mut self, len: usize) -> usize {
        let bound = u64::try_from(len).unwrap_or(u64::MAX);
        usize::try_from(self.below(bound)).unwrap_or(0)
    }

    /// True in `percent` of 100 draws.
    pub const fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One item of a list, none of an empty one.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.index(list.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn a_seed_is_a_sequence_and_a_fork_leaves_it_alone() {
        let mut one = Rng::new(7);
        let mut two = Rng::new(7);
        let mut side = two.fork(1);
        assert_ne!(side.word(), one.clone().word());
        let drawn: Vec<u64> = (0..50).map(|_| one.below(10)).collect();
        assert_eq!(drawn, (0..50).map(|_| two.below(10)).collect::<Vec<_>>());
        assert!((0..10).all(|digit| drawn.contains(&digit)), "{drawn:?}");
    }
}
