//! What an object costs a node of five times as many, beside what it costs a small one, in turns: the
//! machine's speed changes by the hour, and falls on both alike.

use super::child::BenchError;
use super::generate::indicator;
use super::run::{LOOKUPS, start};
use super::table::{Figure, number};
use super::taxii::{Bed, by_id, figure, fill, paging};
use super::work;

/// Turns of each.
const TURNS: u64 = 5;
/// Each turn posts such a part of what the small one holds.
const PART: u64 = 20;

/// A node, what it holds, and what each work has cost it so far, in seconds an object.
struct Side<'b> {
    bed: &'b mut Bed,
    held: u64,
    cost: [f64; 4],
}

impl Side<'_> {
    /// One turn: posts, pages through all, asks by id, starts again.
    fn turn(&mut self, post: u64) -> Result<(), BenchError> {
        let door = self.bed.door();
        let posted = fill(&door, (self.held, self.held + post), indicator)?.cpu / figure(post);
        self.held += post;
        let [paged, _] = paging(&door, self.held)?;
        let [looked, _] = by_id(&door, self.held, LOOKUPS)?;
        let [_, started] = start(self.bed)?;
        let held = figure(self.held);
        let once = [
            posted,
            paged.cpu_seconds / held,
            looked.cpu_seconds / figure(LOOKUPS),
            started.cpu_seconds / held,
        ];
        self.cost.iter_mut().zip(once).for_each(|(sum, once)| *sum += once);
        Ok(())
    }
}

/// Both nodes with what they hold, the small one first.
pub(super) fn in_turns(
    (small, few): (&mut Bed, u64),
    (large, many): (&mut Bed, u64),
) -> Result<Vec<Figure>, BenchError> {
    let mut small = Side { bed: small, held: few, cost: [0.0; 4] };
    let mut large = Side { bed: large, held: many, cost: [0.0; 4] };
    for _ in 0..TURNS {
        small.turn(few / PART)?;
        large.turn(few / PART)?;
    }
    let costs = small.cost.into_iter().zip(large.cost);
    let row = |(work, (small, large)): (&str, (f64, f64))| Figure {
        work: work.to_owned(),
        value: large / small.max(f64::MIN_POSITIVE),
        unit: "times",
        note: format!(
            "an object at {many} held beside one at {few}: {} us of the processor and {}, {TURNS} turns",
            number(large * 1e6 / figure(TURNS)),
            number(small * 1e6 / figure(TURNS))
        ),
        ..Figure::default()
    };
    Ok(work::GROWTH.into_iter().zip(costs).map(row).collect())
}
