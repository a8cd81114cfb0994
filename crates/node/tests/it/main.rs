//! The exchange over in-memory stores: whole nodes, no sockets, a clock that the test moves.

#![cfg(test)]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test names the one answer it wants")]

mod again;
mod circle;
mod epochs;
mod hostile;
mod link;
mod publish;
mod quota;
mod retention;
mod source;
mod taken_back;
mod watching;
mod world;
