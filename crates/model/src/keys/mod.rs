//! The keys of one node: its first one, which its id is made of, and those that followed, each vouched
//! for by the one before or by the recovery key. Whether somebody believes a chain is decided elsewhere.

mod chain;
mod set;

pub use chain::{Adopted, KEYS_TYPE, KeyChain};
pub use set::{Ended, KeySet, KeySetError};

#[cfg(test)]
mod tests;
