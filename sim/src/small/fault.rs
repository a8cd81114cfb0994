//! Faults that can be planted in the model, to show that its checks find them.
//!
//! It deliberately changes nothing by itself: each fault is one named branch where the rule
//! stands, so that a reader of the rule sees how it could be got wrong.

/// A way to get the rules wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Planted: numbers are the positions in the log, given when a record is accepted.
    NumberBeforeRelease,
    /// Planted: a duplicate is computed against what anybody submitted.
    DedupeAcrossSubmitters,
    /// Planted: answers and acks leave before the commit.
    AckBeforeCommit,
    /// Planted: the signed label ignores what the body refers to.
    SkipClosure,
    /// Planted: totals count what is withheld.
    CountWithheld,
    /// Planted: a recall is released as content is, to who is a member when it is said.
    RecallOnlyToMembers,
    /// Planted: what a person withdrew from a partner is decided by label, list and card alone.
    WithdrawForgotten,
    /// Refuted: closure looks only at what the token may read, not at what it submitted itself.
    CloseOverReadableOnly,
    /// Refuted: closure looks at everything held, whoever may read it.
    CloseOverAllHeld,
    /// Refuted: closure takes the objects of one submission one by one, in the order posted.
    CloseOneByOne,
    /// Refuted: RED without names joins as "no restriction of names".
    RedUnnamedIsAnyone,
    /// Refuted: a segment without its instant is derived again at the present time.
    SegmentWithoutInstant,
    /// Refuted: what was numbered is sent, although it was narrowed before it left.
    SendAsNumbered,
    /// Refuted: what an embargo frees is numbered with the next commit.
    EmbargoAtNextCommit,
    /// Refuted: hops left are told once and not again when they change.
    HopsToldOnce,
    /// Refuted: "not back to where it came from" as part of the release decision.
    NeverBack,
    /// Refuted: byte identity at a third node for any schedule of a link that secrets share.
    AnySchedule,
    /// Refuted: the intake is an opaque number handed out at first use.
    IntakeAtFirstUse,
}

impl Fault {
    /// The faults that every version of this model must find.
    pub const PLANTED: [Self; 7] = [
        Self::NumberBeforeRelease,
        Self::DedupeAcrossSubmitters,
        Self::AckBeforeCommit,
        Self::SkipClosure,
        Self::CountWithheld,
        Self::RecallOnlyToMembers,
        Self::WithdrawForgotten,
    ];

    /// Readings of the rules that sound right and that the model refuted.
    pub const REFUTED: [Self; 11] = [
        Self::CloseOverReadableOnly,
        Self::CloseOverAllHeld,
        Self::CloseOneByOne,
        Self::RedUnnamedIsAnyone,
        Self::SegmentWithoutInstant,
        Self::SendAsNumbered,
        Self::EmbargoAtNextCommit,
        Self::HopsToldOnce,
        Self::NeverBack,
        Self::AnySchedule,
        Self::IntakeAtFirstUse,
    ];
}
