//! Lines of one program resemble each other: between the values that change stand the same bytes
//! again and again. What came before, was JSON and proved nothing is passed over when it comes
//! again in the same place: runs of bytes, each up to a value that changes, in a tree, for what may
//! follow is known from what came before. Nothing is ever passed over that might match.

use super::learning::Learning;
use super::run::{Follows, Run};
use super::scanner::{Buffers, Proved, Reading, Scanner};
use super::spot::Spot;
use crate::event::LineError;
use model::limits::{
    TEMPLATE_BYTES_MAX, TEMPLATE_NEXT_MAX, TEMPLATE_STALE, TEMPLATES_BYTES_MAX, USUAL_BYTES_MAX,
};

/// What is remembered of the lines of one thread, for one state of the index.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    /// The first, once there is any, is empty: what stands before every line.
    runs: Vec<Run>,
    /// What all this takes.
    bytes: usize,
    /// The state of the index, and of what is gathered, in which all this holds.
    state: (u64, u64),
    /// What the line under way taught, and where it belongs.
    learned: Option<Learning>,
    /// The runs that the line under way went on with, and where in it they began.
    passed: Vec<(usize, usize)>,
    /// Of how many of them the keys have been opened.
    opened: usize,
    /// A text of that line that its spot, behind this run, may take.
    usual: Option<(usize, Vec<u8>, Proved)>,
    /// Lines that found no room to be learned from.
    stale: u32,
}

impl Templates {
    /// Begins an event. Forgets everything unless it was learned in this state of the index and of
    /// what is gathered.
    pub(crate) fn hold_for(&mut self, state: (u64, u64)) {
        // Of a line that matched, or that was wrong: nobody took it.
        (self.learned, self.usual) = (None, None);
        if self.state != state {
            self.forget();
            self.state = state;
        }
    }

    fn forget(&mut self) {
        self.runs.clear();
        self.bytes = 0;
        (self.learned, self.usual) = (None, None);
        self.stale = 0;
    }

    /// Reads a line from the beginning of its outermost object on.
    pub(super) fn follow<R: Reading>(
        &mut self,
        scanner: &mut Scanner<'_, '_, R>,
    ) -> Result<(), LineError> {
        let mut known = 0;
        self.passed.clear();
        self.opened = 0;
        loop {
            let line = scanner.text.as_bytes().get(scanner.at..).unwrap_or_default();
            let Some(at) = self.next(known, line) else { break };
            self.passed.push((at, scanner.at));
            known = at;
            if self.step(at, scanner)? {
                return Ok(());
            }
        }
        self.open_keys(scanner.buffers);
        if self.may_learn() {
            scanner.learning = Some(Learning::new(known, scanner.at, scanner.buffers));
        }
        scanner.rest(known > 0)?;
        if let Some(mut learning) = scanner.learning.take() {
            let stack = learning.stack(scanner.buffers);
            learning.end(scanner.text, scanner.at, (Follows::End, stack));
            self.learned = Some(learning);
        }
        Ok(())
    }

    /// Steps over a run and reads the value behind it; `true` at the end of the outermost object.
    fn step<R: Reading>(
        &mut self,
        at: usize,
        scanner: &mut Scanner<'_, '_, R>,
    ) -> Result<bool, LineError> {
        if self.runs.get(at).is_some_and(|run| run.spot.is_none() && run.follows != Follows::End) {
            self.find_spot(at, scanner);
        }
        let Some(run) = self.runs.get(at) else { return Ok(true) };
        run.seen.iter().for_each(|proved| scanner.reading.again(proved));
        run.end.open_again(scanner.at, scanner.buffers);
        scanner.at += run.bytes.len();
        match (&run.spot, run.follows) {
            (_, Follows::End) => return Ok(true),
            // No room for a spot; its keys were opened to look for one.
            (None, Follows::Plain) => scanner.plain_value()?,
            (None, Follows::Text) => scanner.text_value()?,
            (Some(spot), Follows::Plain) => scanner.plain_at(spot)?,
            (Some(spot), Follows::Text) => {
                let start = scanner.at;
                let rest = scanner.text.as_bytes().get(start..).unwrap_or_default();
                if let Some((bytes, proved)) = spot.usual(rest) {
                    scanner.reading.again(proved);
                    scanner.at += bytes;
                } else if let Some(proved) = scanner.text_at(spot)?
                    && self.usual.is_none()
                    && scanner.at - start <= USUAL_BYTES_MAX
                {
                    let bytes = scanner.text.as_bytes().get(start..scanner.at).unwrap_or_default();
                    self.usual = Some((at, bytes.to_vec(), proved));
                }
            }
        }
        Ok(false)
    }

    /// Opens the keys that are open behind the runs that the line went on with.
    fn open_keys(&mut self, buffers: &mut Buffers) {
        for (run, start) in self.passed.iter().skip(self.opened) {
            let end = self.runs.get(*run).map(|run| &run.end);
            end.into_iter().for_each(|end| end.open_keys(*start, buffers));
        }
        self.opened = self.passed.len();
    }

    /// Looks where the value behind a run stands, which is the same in all lines that come there;
    /// there is none where there is no room.
    fn find_spot<R: Reading>(&mut self, at: usize, scanner: &mut Scanner<'_, '_, R>) {
        self.open_keys(scanner.buffers);
        let room = self.bytes < TEMPLATES_BYTES_MAX;
        if let Some(run) = self.runs.get_mut(at).filter(|_| room) {
            let begins = scanner.at + run.bytes.len();
            run.spot = Spot::new(scanner.text, &scanner.buffers.keys, begins);
            self.bytes += run.spot.as_ref().map_or(0, Spot::bytes);
        }
    }

    /// How lines go on behind a run.
    #[inline]
    fn ways(&self, behind: usize) -> &[usize] {
        self.runs.get(behind).map_or(&[], |run| &run.next)
    }

    /// The run that the line goes on with; one that differs in a value alone is shortened to it.
    #[inline]
    fn next(&mut self, behind: usize, line: &[u8]) -> Option<usize> {
        let fits = |at: &&usize| self.runs.get(**at).is_some_and(|run| run.fits(line));
        if let Some(at) = self.ways(behind).iter().find(fits) {
            return Some(*at);
        }
        // A copy, for a run changes while it is looked at.
        let mut ways = self.ways(behind).to_vec().into_iter();
        ways.find(|at| self.runs.get_mut(*at).is_some_and(|run| run.shorten(line)))
    }

    /// Texts that spots have.
    #[cfg(test)]
    pub(crate) fn usual_texts(&self) -> usize {
        self.runs.iter().filter_map(|run| run.spot.as_ref()).map(Spot::texts).sum()
    }

    fn may_learn(&mut self) -> bool {
        if self.bytes < TEMPLATES_BYTES_MAX {
            return true;
        }
        self.stale += 1;
        if self.stale >= TEMPLATE_STALE {
            self.forget();
        }
        false
    }

    /// Takes over what the line that was just read taught: it matched nothing.
    pub(crate) fn learn(&mut self) {
        if let Some((at, bytes, proved)) = self.usual.take()
            && let Some(spot) = self.runs.get_mut(at).and_then(|run| run.spot.as_mut())
        {
            spot.take(bytes, proved);
        }
        let Some(learning) = self.learned.take() else { return };
        // Also for what finds no place below: lines that fit nowhere lead to a new beginning.
        self.bytes += learning.bytes.min(TEMPLATE_BYTES_MAX);
        if self.runs.is_empty() {
            self.runs.push(Run::default());
        }
        let mut behind = learning.behind;
        for run in learning.runs {
            let at = self.runs.len();
            let next = self.runs.get_mut(behind).map(|run| &mut run.next);
            let Some(next) = next.filter(|next| next.len() < TEMPLATE_NEXT_MAX) else { return };
            next.push(at);
            self.runs.push(run);
            behind = at;
        }
    }
}

#[cfg(test)]
mod tests;
