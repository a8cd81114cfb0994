//! The five checks, against a truth that the world keeps beside the nodes.
//!
//! They deliberately share no rule with the model: closure, release and reach are said again in
//! other words, over what was posted and ordered, not over what the nodes computed.

mod ack;
mod converge;
mod leak;
mod once;
mod recall;
mod truth;

pub(super) use leak::twins;
pub(super) use truth::Truth;

/// One reader's bytes: whose they are, and when which left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stream {
    /// Everything on the link from a node to another.
    Link { from: u8, to: u8 },
    /// Everything that an audience got.
    Page { node: u8, audience: u8 },
    /// Everything that a submitter was answered.
    Answer { node: u8, submitter: u8 },
}
