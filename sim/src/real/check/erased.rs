//! I8: what was erased is gone: after the purge no byte of the database holds its canary.
//!
//! It deliberately looks at the raw bytes, free pages and all; names of things are not looked for,
//! since the words that take something back name it.

use crate::real::canary;
use crate::real::run::Breach;
use crate::real::world::World;
use std::collections::BTreeSet;

/// Steps of purging until all must be gone.
const STEPS: usize = 200;
/// Digits at a canary's end that are looked for: an index keeps only where a word differs from the
/// one before it.
const DIGITS: usize = 10;

impl World {
    /// Nothing that a node erased is left in what it stores.
    pub(in crate::real) fn check_erased(&mut self, node: usize) -> Result<(), Breach> {
        let (mut gone, mut there) = (BTreeSet::new(), BTreeSet::new());
        for held in &self.site(node)?.held {
            let canaries = if held.erased { &mut gone } else { &mut there };
            canaries.extend(held.found.bodies.iter().copied());
        }
        let gone: BTreeSet<u64> = gone.difference(&there).copied().collect();
        if gone.is_empty() {
            return Ok(());
        }
        let site = self.site_mut(node)?;
        let mut purged = false;
        for _ in 0..STEPS {
            purged = site.store.purge()?;
            if purged {
                break;
            }
        }
        if !purged {
            return Err(Breach::recall(format!("node {node} does not come to the end of purging")));
        }
        let image = site.store.image()?;
        if let Some(canary) = left(&image, &gone) {
            let whose = site.held.iter().find(|held| held.found.bodies.contains(&canary));
            let whose = whose.map(|held| crate::real::world::describe(site, held));
            return Err(Breach::recall(format!(
                "node {node} still stores a piece of {}, which is erased: {}",
                canary::word(canary),
                whose.unwrap_or_default()
            )));
        }
        self.stats.add("canaries erased without a trace", gone.len());
        Ok(())
    }
}

/// The first of these canaries whose last digits are in these bytes.
fn left(image: &[u8], canaries: &BTreeSet<u64>) -> Option<u64> {
    let words = canaries.iter().map(|canary| (format!("{canary:016x}"), *canary));
    let ends: Vec<(Vec<u8>, u64)> = words
        .filter_map(|(word, canary)| Some((word.as_bytes().get(16 - DIGITS..)?.to_vec(), canary)))
        .collect();
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    // Bodies are pressed and keys are digests: runs of so many digits are rare.
    for run in image.split(|byte| !is_digit(byte)).filter(|run| run.len() >= DIGITS) {
        for window in run.windows(DIGITS) {
            if let Some((_, canary)) = ends.iter().find(|(end, _)| end == window) {
                return Some(*canary);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_by_its_end() {
        let canaries = BTreeSet::from([0xfeed_0000_1234_5678]);
        assert_eq!(left(b"..\x01ed000012345678\x00..", &canaries), Some(0xfeed_0000_1234_5678));
        assert_eq!(left(b"canary-feed000012345677", &canaries), None);
    }
}
