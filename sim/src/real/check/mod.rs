//! Checks beside those that stand where things happen: one promise a file, each over real nodes.
//!
//! They deliberately judge by what went over the links and by signed statements, never by what a
//! node says of itself.

mod erased;
mod hostile;
mod labels;
mod progress;
mod receipts;
mod rolled_back;

pub(super) use receipts::Kept;
