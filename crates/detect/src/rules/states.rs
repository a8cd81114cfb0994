//! What was seen of patterns over several events: for each pattern and machine, when which part of
//! the pattern held. It keeps no event, nothing outlives the process, and at every bound the oldest
//! is forgotten and counted.

use crate::pattern::{Combination, Combine, Leaf};
use model::limits::{
    WINDOW_HELD_MAX, WINDOW_LATE_SECONDS, WINDOW_LEAVES_MAX, WINDOW_ONE_HELD_MAX, WINDOW_PARTS_MAX,
    WINDOW_SECONDS_MAX, WINDOW_STEPS_MAX, WINDOWS_MAX,
};
use model::time::Instant;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

/// A pattern by its slot, and the machine.
type Key = (u32, Arc<str>);

/// All windows of all patterns.
#[derive(Debug, Default)]
pub(super) struct States {
    windows: BTreeMap<Key, Window>,
    /// By the turn in which each was last touched.
    order: BTreeMap<u64, Key>,
    turn: u64,
    /// Leaves in all windows, the places for them, and those that matches spent.
    held: usize,
    forgotten: Forgotten,
}

/// What was forgotten although it could still have counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Forgotten {
    /// Machines whose events were forgotten to make room for others.
    pub machines: u64,
    /// The oldest of very many events of one machine for one part of a pattern.
    pub events: u64,
}

/// What was seen of one machine.
#[derive(Debug, Default)]
struct Window {
    touched: u64,
    keep: i64,
    leaves: Vec<VecDeque<Held>>,
    /// Observations that were part of a match, and whether they completed it.
    spent: VecDeque<(u64, bool)>,
}

/// An observation, and when it came here.
#[derive(Clone, Copy, Debug)]
struct Held {
    leaf: Leaf,
    arrived: Instant,
}

/// What a pattern asks of its windows.
#[derive(Debug)]
pub(super) struct Wanted {
    combination: Combination,
    leaves: usize,
    /// Microseconds for which an observation is kept.
    keep: i64,
    /// Observations that are kept for each leaf.
    most: usize,
}

/// What an observation led to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// Nothing yet.
    Nothing,
    /// It completes a match.
    Matched,
    /// It is not known whether it does: that took too long.
    GivenUp,
}

impl Wanted {
    /// None where one machine would take too much of the room of all.
    pub(super) fn of(combination: Combination, leaves: usize) -> Option<Self> {
        // As many as any alternative asks for: one that is kept too little of would never hold.
        let least = usize::try_from(combination.most()).unwrap_or(usize::MAX);
        let room = WINDOW_ONE_HELD_MAX.checked_div(leaves).unwrap_or(0);
        if leaves > WINDOW_PARTS_MAX || least > room {
            return None;
        }
        let longest = WINDOW_SECONDS_MAX.saturating_mul(1_000_000);
        let late = WINDOW_LATE_SECONDS.saturating_mul(1_000_000);
        let keep = combination.span().map_or(longest, |span| span.saturating_add(late));
        let most = least.saturating_add(WINDOW_LEAVES_MAX).min(room);
        Some(Self { combination, leaves, keep: keep.min(longest), most })
    }
}

impl Window {
    fn len(&self) -> usize {
        self.leaves.iter().map(VecDeque::len).sum()
    }

    /// What it takes of the room of all: an empty place for observations takes as much as one, and so
    /// does one that was part of a match.
    fn weight(&self) -> usize {
        self.leaves.len().saturating_add(self.len()).saturating_add(self.spent.len())
    }

    /// Forgets what can be part of no match any more.
    fn expire(&mut self, now: Instant) {
        let keep = self.keep;
        for leaves in &mut self.leaves {
            while leaves.front().is_some_and(|held| held.arrived.plus_micros(keep) < now) {
                leaves.pop_front();
            }
        }
    }

    /// Adds an observation to leaves; says how many had to be forgotten for it.
    fn add(&mut self, satisfied: &[usize], held: Held, most: usize) -> u64 {
        let mut forgotten = 0;
        for leaf in satisfied {
            let Some(leaves) = self.leaves.get_mut(*leaf) else { continue };
            leaves.push_back(held);
            if leaves.len() > most {
                leaves.pop_front();
                forgotten += 1;
            }
        }
        forgotten
    }

    fn try_match(&mut self, wanted: &Wanted, observation: u64) -> Outcome {
        let numbers: Vec<u64> =
            self.leaves.iter().map(|leaves| u64::try_from(leaves.len()).unwrap_or(0)).collect();
        if !wanted.combination.could(&numbers) {
            return Outcome::Nothing;
        }
        let leaves: Vec<Vec<Leaf>> = self
            .leaves
            .iter()
            .map(|leaves| leaves.iter().map(|held| held.leaf).collect())
            .collect();
        match wanted.combination.choose(&leaves, Combine { steps: WINDOW_STEPS_MAX }) {
            Ok(None) => Outcome::Nothing,
            Ok(Some(bound)) => {
                self.spend(&bound, observation, wanted.most);
                Outcome::Matched
            }
            Err(_) => Outcome::GivenUp,
        }
    }

    /// A match is told once: what it bound takes part in no other.
    fn spend(&mut self, bound: &[u64], observation: u64, most: usize) {
        let gone: HashSet<u64> = bound.iter().copied().collect();
        for leaves in &mut self.leaves {
            leaves.retain(|held| !gone.contains(&held.leaf.observation));
        }
        let others = bound.iter().filter(|other| **other != observation);
        self.spent.extend(others.map(|other| (*other, false)));
        self.spent.push_back((observation, true));
        let keep = most.max(bound.len());
        self.spent.drain(..self.spent.len().saturating_sub(keep));
    }

    /// Forgets the older half of all that is held.
    fn halve(&mut self) -> u64 {
        let mut forgotten = 0;
        for leaves in &mut self.leaves {
            let half = leaves.len().div_ceil(2);
            forgotten += u64::try_from(half).unwrap_or(0);
            leaves.drain(..half);
        }
        forgotten
    }
}

impl States {
    /// Takes an observation of a machine that satisfies some leaves of a pattern. The same
    /// observation that comes again says again what it said, and counts once.
    pub(super) fn see(
        &mut self,
        (slot, machine): (u32, &str),
        wanted: &Wanted,
        satisfied: &[usize],
        seen: Leaf,
        now: Instant,
    ) -> Outcome {
        let key: Key = (slot, machine.into());
        let window = self.windows.entry(key.clone()).or_default();
        self.order.remove(&window.touched);
        self.turn += 1;
        window.touched = self.turn;
        self.order.insert(self.turn, key);
        window.keep = wanted.keep;
        let observation = seen.observation;
        if let Some((_, completed)) = window.spent.iter().rev().find(|(id, _)| *id == observation) {
            return if *completed { Outcome::Matched } else { Outcome::Nothing };
        }
        let is_held = |leaf: &usize| {
            let mut held = window.leaves.get(*leaf).into_iter().flatten().rev();
            held.any(|held| held.leaf.observation == observation)
        };
        if satisfied.iter().any(is_held) {
            return Outcome::Nothing;
        }
        let before = window.weight();
        window.leaves.resize_with(wanted.leaves, VecDeque::new);
        window.expire(now);
        let held = Held { leaf: seen, arrived: now };
        self.forgotten.events += window.add(satisfied, held, wanted.most);
        let outcome = window.try_match(wanted, observation);
        if outcome == Outcome::GivenUp {
            self.forgotten.events += window.halve();
        }
        self.held = (self.held + window.weight()).saturating_sub(before);
        self.bound(now);
        outcome
    }

    /// Forgets the machines not heard from for longest, until there is room.
    fn bound(&mut self, now: Instant) {
        while self.windows.len() > WINDOWS_MAX || self.held > WINDOW_HELD_MAX {
            let Some((_, key)) = self.order.pop_first() else { return };
            let Some(mut window) = self.windows.remove(&key) else { continue };
            self.held = self.held.saturating_sub(window.weight());
            window.expire(now);
            self.forgotten.machines += u64::from(window.len() > 0);
        }
    }

    /// Forgets all that was seen of a pattern.
    pub(super) fn forget(&mut self, slot: u32) {
        let from: Key = (slot, "".into());
        let of_slot = self.windows.range(from..).take_while(|((of, _), _)| *of == slot);
        let keys: Vec<Key> = of_slot.map(|(key, _)| key.clone()).collect();
        for window in keys.iter().filter_map(|key| self.windows.remove(key)) {
            self.order.remove(&window.touched);
            self.held = self.held.saturating_sub(window.weight());
        }
    }

    /// What was forgotten so far.
    pub(super) const fn forgotten(&self) -> Forgotten {
        self.forgotten
    }

    /// Windows that are kept.
    pub(super) fn len(&self) -> usize {
        self.windows.len()
    }
}

#[cfg(test)]
mod tests;
