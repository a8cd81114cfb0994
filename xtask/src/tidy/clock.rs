//! Nothing below the rim can learn the time or throw dice: both are handed in as values.
//!
//! What is simulated and replayed must come out the same; whether the values handed in are used
//! well is not looked at.

use super::rim::{find, is_free};
use crate::{finding::Finding, tree::Tree};

#[cfg(test)]
mod tests;

const TIME: &str = "take `now: model::time::Instant` as an argument; only the rim reads the clock";
const DICE: &str = "take the random bytes as an argument; only the rim makes them";

const WORDS: &[(&str, &str)] = &[
    ("SystemTime", TIME),
    ("Instant::now", TIME),
    ("Timestamp::now", TIME),
    ("Zoned::now", TIME),
    ("UNIX_EPOCH", TIME),
    ("thread::sleep", "wait for an event, never for a while"),
    ("now_v7", TIME),
    ("new_v4", DICE),
    ("SystemRandom", DICE),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter(|file| !is_free(file)).flat_map(|file| find(file, WORDS)).collect()
}
