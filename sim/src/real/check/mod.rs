//! Checks beside those that stand where things happen: one promise a file, each over real nodes.
//!
//! They deliberately judge by what went over the links and by signed statements, never by what a
//! node says of itself.

mod bundle;
mod erased;
mod hostile;
mod keys;
mod labels;
mod mesh;
mod progress;
mod receipts;
mod restored;
mod rolled_back;
mod unrelease;
mod widening;

pub(super) use receipts::Kept;
pub(super) use restored::{Backup, Restored};
