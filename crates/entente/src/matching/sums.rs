//! Matches summed up for the writer. It tells nobody.

use super::look::Found;
use detect::live::Match;
use model::time::Instant;
use node::Seq;
use node::watch::Matched;
use std::collections::HashMap;

pub(super) fn seq(found: &Match) -> Seq {
    Seq::try_from(found.handle.0).unwrap_or(0)
}

/// Sums up per indicator; an event counts once, however many of its fields match.
pub(super) fn sums(found: &[Found], now: Instant) -> Vec<Matched> {
    let mut sums: Vec<(u64, Matched)> = Vec::new();
    let mut places: HashMap<Seq, usize> = HashMap::new();
    for Found { line, found, .. } in found {
        let at = found.at.unwrap_or(now);
        let place = *places.entry(seq(found)).or_insert(sums.len());
        match sums.get_mut(place) {
            Some((last_line, sum)) => {
                sum.count += u64::from(last_line != line);
                *last_line = *line;
                sum.first = sum.first.min(at);
                sum.last = sum.last.max(at);
                sum.parent &= found.parent;
            }
            None => {
                let role = found.role.name();
                let (seq, parent) = (seq(found), found.parent);
                let sum = Matched { seq, count: 1, first: at, last: at, role, parent };
                sums.push((*line, sum));
            }
        }
    }
    sums.into_iter().map(|(_, sum)| sum).collect()
}
