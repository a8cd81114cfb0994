//! The outlets against the log: numbers without gaps, counts, spans and Merkle frontiers computed
//! anew from the runs. Whether a partner agrees is in its receipts, not here.

use super::damage::{Damage, Place};
use super::inspect::Inspection;
use crate::{Outlet, Segment, StoreError};
use model::limits::RESTORE_NUMBERS_FREE;
use model::tree::Frontier;

/// Segments read at once.
const STEP: usize = 64;

impl Inspection {
    /// Walks every outlet.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn outlets(&self, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
        let outlets = match self.reading().outlets() {
            Err(error) if error.is_damage() => {
                let place = Place::State("outlet".to_owned(), None);
                each(Damage::at(place, "its rows cannot be read"));
                return Ok(());
            }
            outlets => outlets?,
        };
        for outlet in outlets {
            let mut walk =
                Walk { inspection: self, outlet: &outlet, next: 0, tree: Tree::default() };
            let fault = match walk.all() {
                Err(error) if error.is_damage() => Some("its segments cannot be read".to_owned()),
                fault => fault?,
            };
            if let Some(fault) = fault {
                let row = format!("{} from number {}", outlet.key, walk.next);
                each(Damage::at(Place::State("segment".to_owned(), Some(row)), fault));
            }
        }
        Ok(())
    }
}

/// The tree of an outlet that proves what it sent; an audience has none.
#[derive(Default)]
struct Tree {
    frontier: Frontier,
    /// A leaf is missing in the log, which is told where the log is checked.
    lost: bool,
}

struct Walk<'i> {
    inspection: &'i Inspection,
    outlet: &'i Outlet,
    next: u64,
    tree: Tree,
}

impl Walk<'_> {
    /// What does not fit first.
    fn all(&mut self) -> Result<Option<String>, StoreError> {
        // A link's outlet stays when a restore begins another, under a longer name.
        let proven = self.outlet.key.contains("link:");
        loop {
            let segments = self.inspection.reading().segments(self.outlet.id, self.next, STEP)?;
            for segment in &segments {
                if let Some(fault) = self.one(segment, proven)? {
                    return Ok(Some(fault));
                }
                self.next = self.next.saturating_add(u64::from(segment.count));
            }
            if segments.is_empty() {
                break;
            }
        }
        if !self.follows(self.outlet.next, proven) {
            return Ok(Some(format!("{} are numbered, {} are there", self.outlet.next, self.next)));
        }
        let root = self.tree.frontier.encode();
        let fits = !proven || self.tree.lost || self.next == 0 || root == self.outlet.frontier;
        Ok((!fits).then(|| "its tree does not fit its entries".to_owned()))
    }

    /// Whether a number may come next: an audience's numbers leave room at each restore.
    fn follows(&self, number: u64, proven: bool) -> bool {
        let free = number.checked_sub(self.next);
        free.is_some_and(|free| free == 0 || (!proven && free.is_multiple_of(RESTORE_NUMBERS_FREE)))
    }

    fn one(&mut self, segment: &Segment, proven: bool) -> Result<Option<String>, StoreError> {
        if !self.follows(segment.first, proven) {
            return Ok(Some(format!("the segment there begins at number {}", segment.first)));
        }
        self.next = segment.first;
        if segment.runs.count() != segment.count {
            let (there, counted) = (segment.runs.count(), segment.count);
            return Ok(Some(format!("the segment counts {counted} entries and has {there}")));
        }
        let beyond = segment.runs.span().is_none_or(|(_, high)| high > self.inspection.head());
        if beyond {
            return Ok(Some("the segment names an entry that the log does not have".to_owned()));
        }
        if !proven {
            return Ok(None);
        }
        for seq in segment.runs.iter() {
            match self.inspection.reading().leaf(seq) {
                Ok(Some(leaf)) => self.tree.frontier.push(leaf.as_bytes()),
                Ok(None) => self.tree.lost = true,
                Err(error) if error.is_damage() => self.tree.lost = true,
                Err(error) => return Err(error),
            }
        }
        let unfit = !self.tree.lost
            && !segment.frontier.is_empty()
            && segment.frontier != self.tree.frontier.encode();
        Ok(unfit.then(|| "the segment's tree does not fit its entries".to_owned()))
    }
}
