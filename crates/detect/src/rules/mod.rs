//! Rules that no single value proves, on a stream of events: Sigma, and STIX patterns of more than
//! values. It judges no validity and knows no partner.

mod all;
mod buckets;
mod compound;
mod fields;
mod fold;
mod plan;
mod sco;
mod states;
#[cfg(test)]
mod tests;
mod told;
mod values;
mod witness;
mod words;

pub use all::{Compile, Compiled, RuleError, RuleScratch, Rules};
pub use compound::{Seen, unfound};
pub use states::Forgotten;
