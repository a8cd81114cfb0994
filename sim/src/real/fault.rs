//! Faults that the harness can plant around the real node, to show that its checks find them.
//!
//! Only what can be planted from outside is here: the rest of the five named faults is found by
//! the small model, and planted in the product itself by `cargo xtask mutants`.

/// A way to run the real node wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers and receipts leave before the commit, which may then be lost.
    AckBeforeCommit,
    /// A partner's batch is made with the eyes of another partner.
    OtherReadersLens,
}

impl Fault {
    /// All of them.
    pub const PLANTED: [Self; 2] = [Self::AckBeforeCommit, Self::OtherReadersLens];
}
