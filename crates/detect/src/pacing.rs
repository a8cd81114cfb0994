//! When a match becomes a sighting: the first at once, then at most one an hour with its count.
//! A pure machine: it has no clock and sends nothing; the caller hands in `now` and keeps promises.

use crate::index::Handle;
use model::limits::{
    BREAKER_MATCHES, BREAKER_WINDOW_MICROS, PACED_INDICATORS_MAX, SIGHTING_EVERY_MICROS,
};
use model::time::Instant;
use std::collections::{BTreeSet, HashMap};

/// An indicator without its version: the caller's number of signer, circle and thing.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Indicator(pub u128);

/// What may be said of matches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sighting {
    /// The version that matched last.
    pub handle: Handle,
    /// Matches.
    pub count: u64,
    /// The earliest event.
    pub first: Instant,
    /// The latest event.
    pub last: Instant,
    /// What the field of the first of them was for (`Role::name`).
    pub role: &'static str,
}

/// Matches of one indicator, summed up as far as pacing cares.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Which indicator.
    pub indicator: Indicator,
    /// Which version of it.
    pub handle: Handle,
    /// How many events, at least 1.
    pub count: u64,
    /// The earliest and the latest event; the node's clock counts where they do not say.
    pub at: Option<(Instant, Instant)>,
    /// What the field was for.
    pub role: &'static str,
}

/// What follows from one match.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Paced {
    /// To be sent now.
    pub sighting: Option<Sighting>,
    /// What was pending for an older version, or for the indicator that had to make room.
    pub flushed: Option<Sighting>,
    /// The indicator has just matched too much within a minute: name it. It is still counted.
    pub tripped: bool,
}

/// The state of all indicators that matched within the hour.
#[derive(Debug, Default)]
pub struct Pacing {
    states: HashMap<Indicator, State>,
    /// When the hour of each indicator is over.
    due: BTreeSet<(Instant, Indicator)>,
    /// Whose state changed since the caller last asked.
    changed: Vec<Indicator>,
}

/// The state of one indicator, for whoever keeps it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept {
    /// Which indicator.
    pub indicator: Indicator,
    /// The version that matched last.
    pub handle: Handle,
    /// When its hour is over.
    pub due: Instant,
    /// What waits for that.
    pub pending: Option<Sighting>,
}

#[derive(Debug)]
struct State {
    handle: Handle,
    due: Instant,
    pending: Option<Sighting>,
    breaker: Breaker,
}

#[derive(Debug)]
struct Breaker {
    since: Instant,
    matches: u32,
    tripped: bool,
}

impl Breaker {
    const fn new(now: Instant) -> Self {
        Self { since: now, matches: 0, tripped: false }
    }

    /// Counts; `true` once, when it trips.
    fn count(&mut self, matches: u64, now: Instant) -> bool {
        if now >= self.since.plus_micros(BREAKER_WINDOW_MICROS) {
            (self.since, self.matches) = (now, 0);
        }
        self.matches = self.matches.saturating_add(u32::try_from(matches).unwrap_or(u32::MAX));
        let trips = self.matches > BREAKER_MATCHES && !self.tripped;
        self.tripped |= trips;
        trips
    }
}

impl Pacing {
    /// Nothing has matched yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts matches. The first of an indicator's version is a sighting at once; others wait
    /// until [`Pacing::due`]. An older version never is news beside a newer one.
    pub fn matched(&mut self, seen: Seen, now: Instant) -> Paced {
        let Seen { indicator, handle, count, at, role } = seen;
        let (first, last) = at.unwrap_or((now, now));
        let one = Sighting { handle, count, first, last, role };
        let mut paced = Paced::default();
        self.changed.push(indicator);
        let Some(state) = self.states.get_mut(&indicator) else {
            paced.flushed = self.make_room();
            let due = now.plus_micros(SIGHTING_EVERY_MICROS);
            let mut breaker = Breaker::new(now);
            paced.tripped = breaker.count(count, now);
            self.due.insert((due, indicator));
            self.states.insert(indicator, State { handle, due, pending: None, breaker });
            paced.sighting = Some(one);
            return paced;
        };
        paced.tripped = state.breaker.count(count, now);
        if handle > state.handle {
            paced.flushed = state.pending.take();
            state.handle = handle;
            self.due.remove(&(state.due, indicator));
            state.due = now.plus_micros(SIGHTING_EVERY_MICROS);
            self.due.insert((state.due, indicator));
            paced.sighting = Some(one);
            return paced;
        }
        match &mut state.pending {
            Some(pending) => {
                pending.handle = pending.handle.max(handle);
                pending.count = pending.count.saturating_add(count);
                pending.first = pending.first.min(first);
                pending.last = pending.last.max(last);
            }
            None => state.pending = Some(one),
        }
        paced
    }

    /// The sightings whose hour is over, in the order of that; their next hour begins now.
    /// Indicators that matched nothing meanwhile are forgotten, so their next match is a first.
    pub fn due(&mut self, now: Instant) -> Vec<Sighting> {
        let mut out = Vec::new();
        while let Some((due, indicator)) = self.due.first().copied().filter(|(due, _)| *due <= now)
        {
            self.due.remove(&(due, indicator));
            self.changed.push(indicator);
            let Some(state) = self.states.get_mut(&indicator) else { continue };
            if let Some(sighting) = state.pending.take() {
                out.push(sighting);
                state.due = now.plus_micros(SIGHTING_EVERY_MICROS);
                state.breaker.tripped = false;
                self.due.insert((state.due, indicator));
            } else {
                self.states.remove(&indicator);
            }
        }
        out
    }

    /// Everything pending, and forgets all: for an orderly end, so that no count is lost.
    pub fn drain(&mut self) -> Vec<Sighting> {
        let due = std::mem::take(&mut self.due);
        let mut states = std::mem::take(&mut self.states);
        self.changed.extend(states.keys());
        due.iter().filter_map(|(_, indicator)| states.remove(indicator)?.pending).collect()
    }

    /// The indicators whose state has changed since this was last asked, each with the state that
    /// it has now; with none it is forgotten.
    pub fn changed(&mut self) -> Vec<(Indicator, Option<Kept>)> {
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        changed.into_iter().map(|indicator| (indicator, self.kept(indicator))).collect()
    }

    fn kept(&self, indicator: Indicator) -> Option<Kept> {
        let State { handle, due, pending, .. } = self.states.get(&indicator)?;
        Some(Kept { indicator, handle: *handle, due: *due, pending: pending.clone() })
    }

    /// Takes up what was kept when a process ended; only the breaker begins anew.
    pub fn resume(&mut self, kept: Kept, now: Instant) {
        let Kept { indicator, handle, due, pending } = kept;
        self.due.insert((due, indicator));
        self.states.insert(indicator, State { handle, due, pending, breaker: Breaker::new(now) });
    }

    /// Forgets the indicator whose hour ends first when there are too many.
    fn make_room(&mut self) -> Option<Sighting> {
        if self.states.len() < PACED_INDICATORS_MAX {
            return None;
        }
        let (_, indicator) = self.due.pop_first()?;
        self.changed.push(indicator);
        self.states.remove(&indicator)?.pending
    }
}

#[cfg(test)]
mod tests;
