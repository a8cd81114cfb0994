//! Drives a node: one writer thread, many readers, the index of live matching, the real clock.
//! It knows no protocol; doors hand it commands and questions.

mod clock;
mod handle;
mod identities;
mod live;
mod purging;
mod writer;

pub(crate) use clock::{now, random};
pub(crate) use handle::{Runtime, Unavailable};
pub(crate) use live::Live;
