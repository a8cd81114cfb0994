//! What an outlet has numbered and not withdrawn so far, and how much of it was receipted, as ranges of the log. It
//! opens nothing and decides nothing: a number tells that an entry was sent, not that it may be.

use crate::outlet::link_key;
use model::id::NodeId;
use store::{Reading, Seq, StoreError};

/// How far an entry has come on its way to a partner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// It has no number yet, or each that it had was withdrawn.
    Waiting,
    /// It has a number, and the partner has not receipted it.
    Sent,
    /// The partner has receipted it.
    There,
}

/// The entries that were numbered for one partner.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    sent: Ranges,
    there: Ranges,
}

/// Segments that one look fetches.
const SEGMENTS: usize = 64;

impl Numbered {
    /// Reads a partner's outlet; nothing is numbered where there is none yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn load(reading: &Reading<'_>, partner: &NodeId) -> Result<Self, StoreError> {
        let mut numbered = Self::default();
        let Some(outlet) = reading.outlet(&link_key(partner))? else { return Ok(numbered) };
        let receipt = reading.held_receipts(outlet.id, 1)?.into_iter().next();
        let receipted = receipt.map_or(0, |receipt| receipt.size);
        let withdrawn = reading.withdrawn(outlet.id)?;
        let mut from = 0;
        loop {
            let segments = reading.segments(outlet.id, from, SEGMENTS)?;
            let full = segments.len() >= SEGMENTS;
            for segment in segments {
                let mut offset = segment.first;
                for (start, length) in segment.runs.as_slice() {
                    let end = offset.saturating_add(u64::from(*length));
                    for (first, end) in standing((offset, end), &withdrawn) {
                        let seq = |number: u64| {
                            let inside = i64::try_from(number.saturating_sub(offset));
                            start.saturating_add(inside.unwrap_or(i64::MAX))
                        };
                        let cut = receipted.clamp(first, end);
                        numbered.there.add(seq(first), seq(cut));
                        numbered.sent.add(seq(cut), seq(end));
                    }
                    offset = end;
                }
                from = segment.first.saturating_add(u64::from(segment.count));
            }
            if !full {
                break;
            }
        }
        numbered.sent.sort();
        numbered.there.sort();
        Ok(numbered)
    }

    /// How far an entry has come. What was numbered twice has come as far as either.
    pub(crate) fn way(&self, seq: Seq) -> Way {
        match (self.there.hold(seq), self.sent.hold(seq)) {
            (true, _) => Way::There,
            (false, true) => Way::Sent,
            (false, false) => Way::Waiting,
        }
    }
}

/// The parts of a half-open range of numbers that were not withdrawn; `withdrawn` ascends.
fn standing((mut from, end): (u64, u64), withdrawn: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut parts = Vec::new();
    let before = withdrawn.partition_point(|(first, count)| first.saturating_add(*count) <= from);
    for (first, count) in withdrawn.iter().skip(before).take_while(|(first, _)| *first < end) {
        if from < *first {
            parts.push((from, *first));
        }
        from = first.saturating_add(*count);
    }
    if from < end {
        parts.push((from, end));
    }
    parts
}

/// Half-open ranges of the log. What is sent in order joins: a million entries are a few ranges.
#[derive(Debug, Default)]
struct Ranges(Vec<(Seq, Seq)>);

impl Ranges {
    fn add(&mut self, start: Seq, end: Seq) {
        if start >= end {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.1 == start => last.1 = end,
            _ => self.0.push((start, end)),
        }
    }

    /// Sorts and joins, so that `hold` may halve.
    fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.dedup_by(|next, last| {
            let joins = next.0 <= last.1;
            if joins {
                last.1 = last.1.max(next.1);
            }
            joins
        });
    }

    fn hold(&self, seq: Seq) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= seq);
        let at = after.checked_sub(1).and_then(|place| self.0.get(place));
        at.is_some_and(|(_, end)| seq < *end)
    }
}

#[cfg(test)]
mod tests;
