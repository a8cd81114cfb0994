//! A small model of accept, close, release, number and link that tries the rules A to C.
//!
//! It deliberately uses none of the product's crates, and leaves out bodies, formats, keys,
//! relabelling and erasure: what is here is what decides *who gets what, under which
//! number, when*. What it showed stands in `docs/decisions/0002-*`.

mod check;
mod fault;
mod label;
mod link;
mod node;
mod outlet;
mod play;
mod record;
mod release;
mod run;
mod view;
mod world;

pub use crate::outcome::{Check, Stats, Violation};
pub use fault::Fault;
pub use run::run;
