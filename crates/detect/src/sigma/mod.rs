//! Sigma rules: their YAML, conditions and modifiers as one tree of tests, and the sources of logs
//! that they name. Nothing here looks at events fast; [`crate::rules`] does.
//!
//! Start with [`read`]; [`judge`] says slowly and straight from the tree what a rule finds.

mod condition;
pub mod judge;
pub mod logsource;
mod modifiers;
mod op;
mod read;
#[cfg(test)]
mod tests;
mod yaml;

pub use op::{Op, Order, Part, Place, Text, folded};
pub use read::{About, FieldTest, LogSource, SigmaError, SigmaRule, Test, read};
