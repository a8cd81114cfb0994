//! The exchange over in-memory stores: whole nodes, no sockets, a clock that the test moves.

#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test names the one answer it wants")]

mod again;
mod asking;
mod bundles;
mod circle;
mod clock;
mod conversation;
mod epochs;
mod feeding;
mod flood;
mod heeding;
mod hostile;
mod keys;
mod lane;
mod link;
mod nearer;
mod obeyed;
mod outgoing;
mod policy;
mod publish;
mod questions;
mod quota;
mod retention;
mod returns;
mod serials;
mod source;
mod taken_back;
mod undoing;
mod watching;
mod weighing;
mod withdrawing;
mod words;
mod world;
