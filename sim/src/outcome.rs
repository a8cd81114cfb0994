//! What a simulated world answers: counts when the promises held, the breach when one did not.
//!
//! It deliberately knows no world: the small model and the real node report in the same words.

use std::collections::BTreeMap;
use std::fmt;

/// Which of the four promises was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// A reader got, or could infer, what was not released to it.
    Leak,
    /// Something was applied twice, skipped, or numbered twice.
    Once,
    /// Something acknowledged was not there after a crash.
    Ack,
    /// The nodes did not settle, or not on what the policies say.
    Converge,
}

impl fmt::Display for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Leak => "no leak",
            Self::Once => "exactly once",
            Self::Ack => "ack means durable",
            Self::Converge => "convergence",
        })
    }
}

/// A broken promise, with what is needed to see it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The promise.
    pub check: Check,
    /// The seed of the world; running it again breaks the promise again.
    pub seed: u64,
    /// The simulated instant, in microseconds.
    pub at: u64,
    /// What happened, for people.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { check, seed, at, detail } = self;
        write!(out, "seed {seed} broke \"{check}\" at {at} us: {detail}")
    }
}

impl std::error::Error for Violation {}

/// Counts by name, to show that the worlds were not idle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    counts: BTreeMap<&'static str, u64>,
}

impl Stats {
    /// Adds `n` to a count.
    pub fn add(&mut self, name: &'static str, n: usize) {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        let count = self.counts.entry(name).or_default();
        *count = count.saturating_add(n);
    }

    /// Adds all counts of another world.
    pub fn merge(&mut self, other: &Self) {
        for (name, n) in &other.counts {
            let count = self.counts.entry(name).or_default();
            *count = count.saturating_add(*n);
        }
    }

    /// A count; 0 when nothing was added.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// A count in percent of another, rounded down; 0 of nothing.
    #[must_use]
    pub fn percent(&self, part: &str, whole: &str) -> u64 {
        (self.count(part) * 100).checked_div(self.count(whole)).unwrap_or(0)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, n) in &self.counts {
            writeln!(out, "{n:>10}  {name}")?;
        }
        Ok(())
    }
}
