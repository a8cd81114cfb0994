//! What a simulated world answers: counts when the promises held, the breach when one did not.
//!
//! It deliberately knows no world: the small model and the real node report in the same words.

use std::collections::BTreeMap;
use std::fmt;

/// Which promise was broken.
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
    /// A label was weaker at some node than its signer's word, or a relay went beyond it.
    Label,
    /// A receipt was lost or contradicts its sender's history, or a fork was believed.
    Receipt,
    /// Something of what was erased was still there, or came back.
    Recall,
    /// A dead or mad node kept others from going on.
    Progress,
    /// What was malformed was taken, or left a trace.
    Hostile,
    /// A partner keeps from somebody what that one may give it no more.
    Unrelease,
    /// A member does not hold what labels and live links allow it, or not as its signer has it.
    Mesh,
    /// A change opened something without a question.
    Widening,
    /// What was lost with a disk and held by partners did not come back.
    Restore,
    /// A file made another store than the link does.
    Bundle,
    /// A key was not followed, or one that is revoked was believed.
    Keys,
}

impl fmt::Display for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Leak => "no leak",
            Self::Once => "exactly once",
            Self::Ack => "ack means durable",
            Self::Converge => "convergence",
            Self::Label => "labels hold everywhere",
            Self::Receipt => "one history, receipted",
            Self::Recall => "what is erased is gone",
            Self::Progress => "nobody stops others",
            Self::Hostile => "malformed changes nothing",
            Self::Unrelease => "what is narrowed is taken back",
            Self::Mesh => "whoever may have it has it",
            Self::Widening => "a widening is asked",
            Self::Restore => "partners give back",
            Self::Bundle => "a file is a link",
            Self::Keys => "keys change behind a node",
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
