//! Many *real* nodes in one thread: the product's `Node::apply`, `settle`, `read` and `link` over
//! SQLite in memory, with one seeded generator of chance, broken networks, crashes and clocks.
//!
//! Checked after each step and at the end: no byte reaches a reader that an oracle of its own (which
//! never calls `policy`) withholds, and secrets change no reader's bytes; everything is applied
//! exactly once; what was answered is there after any crash; after healing every member holds what
//! the oracle says; two TAXII pagers miss and repeat nothing.
//!
//! It deliberately plants no fault in product code: each [`Fault`] is done around the node, or to
//! its state with its commit. All five named faults are found by [`crate::small`], and planted in
//! the product by `cargo xtask mutants`.

mod canary;
mod check;
mod fault;
mod held;
mod more;
mod oracle;
mod pager;
mod play;
mod reading;
mod rekey;
mod run;
mod script;
mod session;
mod settled;
mod site;
mod twin;
mod world;

pub use crate::outcome::{Check, Stats, Violation};
pub use fault::Fault;
pub use run::run;
