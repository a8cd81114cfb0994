//! Faults that the harness can plant around the real node, to show that its checks find them.
//!
//! Nothing is planted in product code: a fault is done around the node, or to its state with its
//! commit. The five of decision 0002 are found by the small model; `cargo xtask mutants` plants more.

use crate::outcome::Check;

/// A way to run the real node wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answers and receipts leave before the commit, which may then be lost.
    AckBeforeCommit,
    /// A partner's batch is made with the eyes of another partner.
    OtherReadersLens,
    /// What a list, a card or the policy narrows is not decided anew.
    WithdrawalsForgotten,
    /// What came from one partner goes to no other.
    RelaysNothing,
    /// A restored node does not ask its partners for what it lost.
    NobodyAsksBack,
    /// A file lacks the last batch that a link would have brought.
    FileCutShort,
    /// What opens something is done without a question.
    NobodyIsAsked,
}

impl Fault {
    /// All of them, each with the promise that it breaks.
    pub const PLANTED: [(Self, Check); 7] = [
        (Self::AckBeforeCommit, Check::Ack),
        (Self::OtherReadersLens, Check::Leak),
        (Self::WithdrawalsForgotten, Check::Unrelease),
        (Self::RelaysNothing, Check::Mesh),
        (Self::NobodyAsksBack, Check::Restore),
        (Self::FileCutShort, Check::Bundle),
        (Self::NobodyIsAsked, Check::Widening),
    ];
}
