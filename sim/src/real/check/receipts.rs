//! I7: every receipt that was ever given is of the one history that its sender has, and the sender
//! keeps what it was given.
//!
//! It deliberately recomputes each root from the leaves: no stored frontier is believed.

use crate::real::run::Breach;
use crate::real::world::World;
use model::tree::Frontier;
use node::link::{Receipt, origin};
use node::outlet::link_of;

/// A receipt as it was given, whether it came to its sender or not.
#[derive(Debug, Clone)]
pub(in crate::real) struct Kept {
    pub(in crate::real) from: usize,
    pub(in crate::real) to: usize,
    pub(in crate::real) receipt: Receipt,
    /// The sender has said that it keeps it.
    pub(in crate::real) taken: bool,
}

impl World {
    /// Every receipt that this node's partners gave is over a beginning of what it numbered.
    pub(in crate::real) fn check_receipts(&mut self, from: usize) -> Result<(), Breach> {
        let sender = self.site(from)?;
        let reading = sender.store.reading();
        let mut proven = 0;
        for outlet in reading.outlets()? {
            let Some(partner) = link_of(&outlet.key) else { continue };
            let name = origin(&sender.id, &partner, &outlet.epoch);
            let of = |kept: &&Kept| {
                let first = kept.receipt.checkpoint.lines().next();
                kept.from == from && first == Some(name.as_str())
            };
            let kept: Vec<&Kept> = self.receipts.iter().filter(of).collect();
            if kept.is_empty() {
                continue;
            }
            let mut frontier = Frontier::default();
            let mut roots = vec![frontier.root()];
            for segment in reading.segments(outlet.id, 0, usize::MAX >> 1)? {
                for leaf in reading.leaves(&segment.runs)? {
                    frontier.push(leaf.as_bytes());
                    roots.push(frontier.root());
                }
            }
            let held = reading.held_receipts(outlet.id, 1)?;
            for kept in kept {
                let size = kept.receipt.size().unwrap_or(u64::MAX);
                let root = usize::try_from(size).ok().and_then(|size| roots.get(size));
                if root.is_none() || kept.receipt.root().as_ref() != root {
                    return Err(Breach::receipt(format!(
                        "node {} gave node {from} a receipt over {size} entries of another history",
                        kept.to
                    )));
                }
                // One that proves nothing beyond what is kept already need not be kept.
                if kept.taken && held.first().is_none_or(|newest| newest.size < size) {
                    return Err(Breach::receipt(format!(
                        "node {from} lost the receipt of node {} over {size} entries",
                        kept.to
                    )));
                }
                proven += 1;
            }
        }
        self.stats.add("receipts proven at the end", proven);
        Ok(())
    }
}
