//! STIX patterns that no single value proves, on a stream of events: which parts of them an event
//! satisfies, told quickly by the constants they name, and whether the parts that were satisfied so
//! far make a match. Comparing and combining are the judge's.

use super::fold::fold;
use super::sco;
use super::states::{Forgotten, Outcome, States, Wanted};
use super::told::{Fact, Told};
use crate::event::Role;
use crate::index::Handle;
use crate::live::Match;
use crate::pattern::{
    self, Combination, Comparison, Graph, Leaf, Literal, Observation, Operand, Operator, Regexes,
    Severity, Step, Test, holds,
};
use crate::reading::{Event, time};
use hashbrown::HashMap;
use model::limits::{
    PATTERN_LEAVES_MAX, STREAM_PATTERNS_MAX, STREAM_TESTS_MAX, WINDOW_ONE_HELD_MAX,
    WINDOW_PARTS_MAX,
};
use model::time::Instant;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

#[cfg(test)]
mod tests;

/// All patterns.
#[derive(Debug, Default)]
pub(super) struct Compounds {
    /// By the slot, which is never given again.
    slots: Vec<Option<Compound>>,
    by_handle: HashMap<Handle, u32>,
    /// Parts of patterns by a constant without one of which they cannot hold.
    by_text: HashMap<Box<str>, Vec<Part>>,
    /// Parts without one, and the objects that they are about.
    always: Vec<(Part, u32)>,
    unseen: u64,
    given_up: AtomicU64,
    states: Mutex<States>,
}

/// A pattern by its slot, and the place of one `[...]` in it.
type Part = (u32, u32);

/// A pattern, ready.
#[derive(Debug)]
struct Compound {
    handle: Handle,
    leaves: Vec<Comparison>,
    regexes: Regexes,
    /// What it asks of several observations; nothing where each is a match by itself.
    wanted: Option<Wanted>,
    unseen: bool,
}

/// When an event came, and what names it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// This node's clock.
    pub now: Instant,
    /// The same number is the same event, delivered again.
    pub observation: u64,
    /// Later than this an event's own clock is wrong, and says nothing.
    pub latest: Instant,
}

impl Compound {
    fn read(handle: Handle, text: &str) -> Result<Self, String> {
        let mut tree = pattern::parse(text).map_err(|error| error.to_string())?;
        let mut findings = pattern::check(&tree).into_iter();
        if let Some(wrong) = findings.find(|each| each.severity == Severity::Error) {
            return Err(format!("{}: {}", wrong.code, wrong.message));
        }
        fold(&mut tree);
        let regexes = Regexes::of(&tree).map_err(|error| error.to_string())?;
        let combination = Combination::of(&tree).map_err(|error| error.to_string())?;
        let leaves: Vec<Comparison> = tree.leaves().into_iter().cloned().collect();
        if leaves.len() > PATTERN_LEAVES_MAX {
            return Err(format!("more than {PATTERN_LEAVES_MAX} observations in one pattern"));
        }
        let tests: usize = leaves.iter().map(|leaf| leaf.tests().len()).sum();
        if tests > STREAM_TESTS_MAX {
            return Err(format!("more than {STREAM_TESTS_MAX} comparisons in one pattern"));
        }
        let seen = leaves.iter().map(|leaf| if objects(leaf) == 0 { 0 } else { u64::MAX });
        let unseen = !combination.could(&seen.collect::<Vec<_>>());
        let wanted = match alone(&tree) {
            true => None,
            false => Some(Wanted::of(combination, leaves.len()).ok_or_else(too_wide)?),
        };
        Ok(Self { handle, leaves, regexes, wanted, unseen })
    }
}

fn too_wide() -> String {
    format!(
        "more than {WINDOW_PARTS_MAX} observations in one pattern over several events, or more than \
         {WINDOW_ONE_HELD_MAX} of one machine to keep for it"
    )
}

/// Why live matching will find nothing by a pattern, if it will not.
#[must_use]
pub fn unfound(text: &str) -> Option<String> {
    match Compound::read(Handle(0), text) {
        Err(error) => Some(error),
        Ok(compound) if compound.unseen => {
            Some("it asks for objects that no event of telemetry is read as".to_owned())
        }
        Ok(_) => None,
    }
}

/// Whether each observation that satisfies a leaf is a match.
fn alone(observation: &Observation) -> bool {
    match observation {
        Observation::One(_) => true,
        Observation::Any(all) => all.iter().all(alone),
        Observation::All(_) | Observation::Sequence(_) | Observation::Qualified(..) => false,
    }
}

/// The types of objects that a comparison is about, of those that events give.
fn objects(comparison: &Comparison) -> u32 {
    comparison.tests().iter().fold(0, |all, test| all | sco::bit(&test.path.object))
}

/// Constants of which an event says one, letter by letter, when a comparison holds.
fn constants(comparison: &Comparison) -> Option<Vec<&str>> {
    match comparison {
        Comparison::All(all) => all.iter().filter_map(constants).min_by_key(Vec::len),
        Comparison::Any(all) => {
            let all: Option<Vec<Vec<&str>>> = all.iter().map(constants).collect();
            all.map(|all| all.concat())
        }
        Comparison::Test(test) => constants_of(test),
    }
}

fn constants_of(test: &Test) -> Option<Vec<&str>> {
    let name = test.path.steps.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name.as_str()),
        Step::Place(_) | Step::Anywhere => None,
    })?;
    if test.negated || name.ends_with("_hex") || name.ends_with("_bin") {
        return None;
    }
    let literals = match (test.operator, &test.operand) {
        (Operator::Equal, Operand::One(one)) => std::slice::from_ref(one),
        (Operator::In, Operand::Set(all)) => all.as_slice(),
        _ => return None,
    };
    let text = |literal: &'_ Literal| matches!(literal, Literal::Text(_));
    let texts = literals.iter().filter_map(|literal| match literal {
        Literal::Text(text) => Some(text.as_str()),
        Literal::Integer(_)
        | Literal::Float(_)
        | Literal::Bool(_)
        | Literal::Time(_)
        | Literal::Hex(_)
        | Literal::Binary(_) => None,
    });
    literals.iter().all(text).then(|| texts.collect())
}

impl Compounds {
    /// Adds a pattern; it is looked for from the next event on.
    pub(super) fn insert(&mut self, handle: Handle, text: &str) -> Result<(), String> {
        if self.by_handle.len() >= STREAM_PATTERNS_MAX {
            return Err(format!("more than {STREAM_PATTERNS_MAX} patterns"));
        }
        let compound = Compound::read(handle, text)?;
        self.remove(handle);
        let slot = u32::try_from(self.slots.len()).map_err(|_| "too many patterns".to_owned())?;
        for (leaf, comparison) in (0_u32..).zip(&compound.leaves) {
            match constants(comparison) {
                Some(texts) => {
                    for text in texts {
                        self.by_text.entry_ref(text).or_default().push((slot, leaf));
                    }
                }
                None => self.always.push(((slot, leaf), objects(comparison))),
            }
        }
        self.unseen += u64::from(compound.unseen);
        self.by_handle.insert(handle, slot);
        self.slots.push(Some(compound));
        Ok(())
    }

    /// Removes a pattern at once and for good, with all that was seen of it.
    pub(super) fn remove(&mut self, handle: Handle) {
        let Some(slot) = self.by_handle.remove(&handle) else { return };
        let place = usize::try_from(slot).ok().and_then(|slot| self.slots.get_mut(slot));
        let Some(compound) = place.and_then(Option::take) else { return };
        self.unseen = self.unseen.saturating_sub(u64::from(compound.unseen));
        for text in compound.leaves.iter().filter_map(constants).flatten() {
            if let Some(parts) = self.by_text.get_mut(text) {
                parts.retain(|(of, _)| *of != slot);
                if parts.is_empty() {
                    self.by_text.remove(text);
                }
            }
        }
        if compound.leaves.iter().any(|leaf| constants(leaf).is_none()) {
            self.always.retain(|((of, _), _)| *of != slot);
        }
        self.states.get_mut().unwrap_or_else(PoisonError::into_inner).forget(slot);
    }

    /// How many patterns are looked for.
    pub(super) fn len(&self) -> usize {
        self.by_handle.len()
    }

    /// Patterns that ask for objects which no event is read as.
    pub(super) const fn unseen(&self) -> u64 {
        self.unseen
    }

    /// Comparisons and searches that were given up.
    pub(super) fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Windows that are kept, and what was forgotten.
    pub(super) fn windows(&self) -> (usize, Forgotten) {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        (states.len(), states.forgotten())
    }

    /// Adds to `out` every pattern that an event completes.
    pub(super) fn event(
        &self,
        (event, told): (&Event<'_>, &mut Told),
        seen: Seen,
        parts: &mut Vec<Part>,
        out: &mut Vec<Match>,
    ) {
        parts.clear();
        for fact in told.facts() {
            parts.extend(self.by_text.get(told.text(fact)).into_iter().flatten());
        }
        if !self.always.is_empty() {
            let given = sco::objects(told);
            let about = self.always.iter().filter(|(_, objects)| objects & given != 0);
            parts.extend(about.map(|(part, _)| *part));
        }
        if parts.is_empty() {
            return;
        }
        parts.sort_unstable();
        parts.dedup();
        let at = time(event, &mut told.buffers).filter(|at| *at <= seen.latest);
        let graph = sco::graph(told);
        let mut machine = None;
        for of_slot in parts.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(((slot, _), compound)) = of_slot.first().and_then(|first| {
                let place = usize::try_from(first.0).ok()?;
                Some((*first, self.slots.get(place)?.as_ref()?))
            }) else {
                continue;
            };
            let satisfied = self.satisfied(compound, of_slot, &graph);
            let Some(leaf) = satisfied.first().and_then(|leaf| compound.leaves.get(*leaf)) else {
                continue;
            };
            let completed = compound.wanted.as_ref().is_none_or(|wanted| {
                let machine = machine.get_or_insert_with(|| sco::entity(told));
                let time = at.unwrap_or(seen.now);
                let observation = seen.observation;
                let leaf = Leaf { observation, first: time, last: time, number: 1 };
                let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
                match states.see((slot, machine), wanted, &satisfied, leaf, seen.now) {
                    Outcome::Matched => true,
                    Outcome::Nothing => false,
                    Outcome::GivenUp => {
                        self.given_up.fetch_add(1, Ordering::Relaxed);
                        false
                    }
                }
            });
            if completed {
                let (field, role, value) = shown(told, leaf);
                let handle = compound.handle;
                out.push(Match { handle, field, role, value, at, parent: false });
            }
        }
    }

    /// Which of some parts an event satisfies.
    fn satisfied(&self, compound: &Compound, parts: &[Part], graph: &Graph) -> Vec<usize> {
        let mut satisfied = Vec::new();
        for (_, leaf) in parts {
            let Ok(leaf) = usize::try_from(*leaf) else { continue };
            let Some(comparison) = compound.leaves.get(leaf) else { continue };
            match holds(comparison, graph, &compound.regexes) {
                Ok(true) => satisfied.push(leaf),
                Ok(false) => {}
                Err(_) => {
                    self.given_up.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        satisfied
    }
}

/// The field and value that a comparison is about: the one that says its constant, else the first of
/// its objects.
fn shown(told: &Told, comparison: &Comparison) -> (String, Role, String) {
    let facts = || told.facts().iter();
    let constants = constants(comparison).unwrap_or_default();
    let named = facts().find(|fact| constants.contains(&told.text(fact)));
    let objects = objects(comparison);
    let about = || facts().find(|fact| sco::objects_of(fact) & objects != 0);
    let text = |fact: &Fact| (told.field(fact).to_owned(), fact.role, told.text(fact).to_owned());
    named.or_else(about).map_or((String::new(), Role::Other, String::new()), text)
}
