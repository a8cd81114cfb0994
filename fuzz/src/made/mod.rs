//! Input as its senders would write it, from the grammar, with what they get wrong. Nothing here is
//! read: each file makes one kind of input.

pub mod json;
pub mod lines;
pub mod link;
pub mod pattern;
pub mod query;
pub mod server;
pub mod stix;
pub mod telemetry;
