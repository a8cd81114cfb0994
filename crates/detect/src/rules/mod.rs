//! Rules that no single value proves, on a stream of events: STIX patterns and Sigma. It judges no
//! validity and knows no partner.

mod all;
mod buckets;
mod fields;
mod plan;
#[cfg(test)]
mod tests;
mod values;
mod witness;

pub use all::{Compile, Compiled, RuleError, RuleScratch, Rules, States};
