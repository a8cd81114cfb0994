//! Rules that no single value proves, on a stream of events: Sigma. It judges no validity, knows no
//! partner, and refuses patterns over several events.

mod all;
mod buckets;
mod fields;
mod plan;
#[cfg(test)]
mod tests;
mod values;
mod witness;

pub use all::{Compile, Compiled, RuleError, RuleScratch, Rules, States};
