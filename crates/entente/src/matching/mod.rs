//! From lines of telemetry to matches: the glue between the live index, the indicators' records
//! and the sightings that follow. It keeps no event itself.

mod judge;
mod look;
mod sums;
mod tell;
#[cfg(test)]
mod tests;
mod worded;

pub(crate) use look::{Incoming, Matches, match_lines};
pub(crate) use tell::Named;
pub(crate) use worded::worded;
