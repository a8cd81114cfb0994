//! How many power cuts there are, and when they come: drawn from a fixed series, so that a failure
//! comes again. It cuts nothing.

use std::time::Duration;
use world_tests::clock::pause;
use world_tests::data::{number, say};

/// Power cuts in all when nobody asks for more.
const USUAL: u64 = 56;

/// A fixed series of numbers that look drawn.
pub(super) fn draw(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

/// Of a hundred power cuts so many must meet unfinished work: without any the test shows nothing.
const LEAST_SHARE: u64 = 12;

/// One kind of work that is cut off: as many rounds as are wanted, each in a world of its own.
pub(super) struct Series {
    work: &'static str,
    start: u64,
    rounds: u64,
    /// Power cuts in a round.
    pub(super) cuts: u64,
    made: u64,
    hit: u64,
}

impl Series {
    /// The power cuts of a kind of work, which usually has one round of so many.
    pub(super) fn of(work: &'static str, start: u64, cuts: u64) -> Self {
        let wanted = number("ENTENTE_KILLS").unwrap_or(USUAL);
        Self { work, start, rounds: wanted.div_ceil(USUAL).max(1), cuts, made: 0, hit: 0 }
    }

    pub(super) const fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Lets a part of the time pass that the work takes as a whole; the next cut has another part.
    pub(super) fn wait(&self, whole: Duration) {
        let drawn = draw(self.start * 1_000_000 + self.made) % 1_000;
        pause(whole.mul_f64(drawn as f64 / 1_000.0));
    }

    /// Counts a cut that was made, and whether it met unfinished work.
    pub(super) fn count(&mut self, unfinished: bool) {
        self.made += 1;
        self.hit += u64::from(unfinished);
    }

    /// Which cut comes next, of all.
    pub(super) const fn made(&self) -> u64 {
        self.made
    }

    /// Tells how many there were, and that enough of them met unfinished work.
    pub(super) fn end(&self, told: &str) {
        let Self { work, made, hit, .. } = self;
        let share = hit * 100 / made;
        say(&format!("crash: {work}: {made} power cuts, {share} % met unfinished work{told}"));
        // Most do on a machine of its own; how many is told, and a shared one may halt anything.
        assert!(share >= LEAST_SHARE, "{work}: too few power cuts met unfinished work");
    }
}
