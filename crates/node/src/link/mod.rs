//! The peer protocol without sockets: hello, batches out, batches in, receipts. `docs/protocol.md`
//! is its description for other teams.

mod again;
mod arrive;
mod heed;
mod missed;
mod peers;
mod receive;
mod send;
pub mod wire;

pub use again::{restored, rolled_back};
pub use peers::{is_partner, keys, lens_for, was_partner};
pub use receive::{Arrival, Content, Line, Ready, prepare};
pub(crate) use send::frontier_at;
pub use send::{Batch, batch, have, hello, origin, owed_receipts};
pub use wire::{Have, Hello, Receipt, RefusedEntry};
