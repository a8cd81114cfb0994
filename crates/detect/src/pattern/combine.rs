//! Which observations satisfy a whole pattern together: the judge and the streams ask the same code.
//! It knows no object and no comparison, only when each `[...]` was satisfied and how often.
//!
//! SPEC: STIX 2.1 §9.5.1, §9.5.2. One observation serves one `[...]`; an observed-data of n
//! observations serves n. When within `first..last` each was made is not known (§9.1), so a pattern
//! matches when *some* choice of times satisfies all its qualifiers at once.

use super::eval::EvalError;
use super::search::Search;
use super::tree::{Observation, Qualifier};
use model::limits::{PATTERN_REPEATS_MAX, PATTERN_STEPS_MAX};
use model::time::Instant;
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// An observation, or several alike, that satisfies one `[...]` of a pattern.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Leaf {
    /// Which: the same number in two leaves is the same observation.
    pub observation: u64,
    /// When the first was made, at the earliest.
    pub first: Instant,
    /// When the last was made, at the latest.
    pub last: Instant,
    /// How many there were.
    pub number: u64,
}

/// How much a search may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Combine {
    /// Choices of observations that are tried.
    pub steps: usize,
}

impl Default for Combine {
    fn default() -> Self {
        Self { steps: PATTERN_STEPS_MAX }
    }
}

/// What a pattern asks of observations, its qualifiers one inside the other.
#[derive(Debug)]
pub(super) enum Plan {
    /// One observation of this leaf.
    Leaf(usize),
    /// All of them, by different observations.
    All(Vec<Self>),
    /// The first of them that can be.
    Any(Vec<Self>),
    /// All of them, none before the one in front of it.
    Sequence(Vec<Self>),
    /// So many times, by different observations.
    Times(Box<Self>, u64),
    /// The last at most so many microseconds after the first.
    Within(Box<Self>, i64),
    /// Not before the first, nor after the second, in microseconds since 1970.
    Between(Box<Self>, i64, i64),
}

/// Chooses observations that satisfy a pattern: `leaves[i]` satisfy its i-th `[...]` in the order in
/// which they are written. Gives the chosen observations, sorted, each once.
///
/// # Errors
/// When the pattern asks for too many of them, or the search ends without an answer.
pub fn combine(
    pattern: &Observation,
    leaves: &[Vec<Leaf>],
    limits: Combine,
) -> Result<Option<Vec<u64>>, EvalError> {
    Combination::of(pattern)?.choose(leaves, limits)
}

/// What a pattern asks of observations, ready to be asked of many.
#[derive(Debug)]
pub struct Combination {
    plan: Plan,
    size: u64,
}

impl Combination {
    /// Makes it ready.
    ///
    /// # Errors
    /// When the pattern asks for too many observations.
    pub fn of(pattern: &Observation) -> Result<Self, EvalError> {
        let plan = Plan::of(pattern, &mut 0);
        let size = plan.size();
        if size > PATTERN_REPEATS_MAX {
            Err(EvalError::TooManyRepeats)
        } else {
            Ok(Self { plan, size })
        }
    }

    /// The observations that a match binds at most: of alternatives, the one that asks for most.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.plan.most()
    }

    /// The most microseconds between the first and the last observation of a match, where the
    /// pattern sets a bound.
    #[must_use]
    pub fn span(&self) -> Option<i64> {
        self.plan.span()
    }

    /// Whether so many observations for each leaf could be enough.
    #[must_use]
    pub fn could(&self, numbers: &[u64]) -> bool {
        self.plan.copies(numbers) > 0
    }

    /// Chooses observations as [`combine`] does.
    ///
    /// # Errors
    /// When the search ends without an answer.
    pub fn choose(
        &self,
        leaves: &[Vec<Leaf>],
        limits: Combine,
    ) -> Result<Option<Vec<u64>>, EvalError> {
        let mut numbers: HashMap<u64, u64> = HashMap::new();
        for leaf in leaves.iter().flatten() {
            numbers.insert(leaf.observation, leaf.number);
        }
        let there = numbers.values().fold(0_u64, |sum, number| sum.saturating_add(*number));
        let sum =
            |all: &Vec<Leaf>| all.iter().fold(0, |sum: u64, leaf| sum.saturating_add(leaf.number));
        let numbers: Vec<u64> = leaves.iter().map(sum).collect();
        if !self.could(&numbers) || self.size > there {
            return Ok(None);
        }
        let found = Search::new(leaves, limits.steps).run(&self.plan)?;
        Ok(found.map(|mut chosen| {
            chosen.sort_unstable();
            chosen.dedup();
            chosen
        }))
    }
}

/// The observations that a pattern asks for at least.
pub(super) fn asked_for(pattern: &Observation) -> u64 {
    Plan::of(pattern, &mut 0).size()
}

impl Plan {
    fn of(pattern: &Observation, leaf: &mut usize) -> Self {
        let each = |all: &[Observation], leaf: &mut usize| {
            all.iter().map(|each| Self::of(each, leaf)).collect()
        };
        match pattern {
            Observation::One(_) => {
                *leaf += 1;
                Self::Leaf(*leaf - 1)
            }
            Observation::All(all) => Self::All(each(all, leaf)),
            Observation::Any(all) => Self::Any(each(all, leaf)),
            Observation::Sequence(all) => Self::Sequence(each(all, leaf)),
            Observation::Qualified(inner, qualifiers) => {
                let inner = Self::of(inner, leaf);
                // SPEC: STIX 2.1 §9.5.1: each applies to the expression with the ones before it.
                qualifiers.iter().fold(inner, |inner, qualifier| match qualifier {
                    Qualifier::Repeats(1) => inner,
                    Qualifier::Repeats(times) => Self::Times(Box::new(inner), *times),
                    Qualifier::Within(seconds) => Self::Within(Box::new(inner), span(*seconds)),
                    // The end is exclusive, and times are whole microseconds.
                    Qualifier::Between(start, stop) => {
                        let last = stop.micros().saturating_sub(1);
                        Self::Between(Box::new(inner), start.micros(), last)
                    }
                })
            }
        }
    }

    /// The observations that it binds at least.
    fn size(&self) -> u64 {
        self.binds(|sizes| sizes.into_iter().min())
    }

    /// The observations that it binds at most.
    fn most(&self) -> u64 {
        self.binds(|sizes| sizes.into_iter().max())
    }

    /// The observations that it binds, where `one_of` says which of several alternatives counts.
    fn binds(&self, one_of: fn(Vec<u64>) -> Option<u64>) -> u64 {
        let sizes = |all: &[Self]| all.iter().map(|each| each.binds(one_of)).collect::<Vec<_>>();
        match self {
            Self::Leaf(_) => 1,
            Self::All(all) | Self::Sequence(all) => {
                sizes(all).into_iter().fold(0, u64::saturating_add)
            }
            Self::Any(all) => one_of(sizes(all)).unwrap_or(0),
            Self::Times(inner, times) => inner.binds(one_of).saturating_mul(*times),
            Self::Within(inner, _) | Self::Between(inner, ..) => inner.binds(one_of),
        }
    }

    /// How often it could be satisfied at most by so many observations for each leaf, times and
    /// shared observations left aside.
    fn copies(&self, numbers: &[u64]) -> u64 {
        let copies = |all: &[Self]| all.iter().map(|each| each.copies(numbers)).collect::<Vec<_>>();
        match self {
            Self::Leaf(leaf) => numbers.get(*leaf).copied().unwrap_or(0),
            Self::All(all) | Self::Sequence(all) => copies(all).into_iter().min().unwrap_or(0),
            Self::Any(all) => copies(all).into_iter().fold(0, u64::saturating_add),
            Self::Times(inner, times) => inner.copies(numbers).checked_div(*times).unwrap_or(0),
            Self::Within(inner, _) | Self::Between(inner, ..) => inner.copies(numbers),
        }
    }

    /// The most microseconds between its first and its last observation.
    fn span(&self) -> Option<i64> {
        match self {
            Self::Leaf(_) => Some(0),
            Self::All(_) | Self::Sequence(_) | Self::Times(..) => None,
            Self::Any(all) => {
                all.iter().map(Self::span).try_fold(0, |most: i64, span| Some(most.max(span?)))
            }
            Self::Within(inner, span) => Some(inner.span().unwrap_or(*span).min(*span)),
            Self::Between(inner, first, last) => {
                let between = last.saturating_sub(*first).max(0);
                Some(inner.span().unwrap_or(between).min(between))
            }
        }
    }
}

/// The most whole microseconds that are fewer than so many seconds.
///
/// SPEC: STIX 2.1 §9.5.1, WITHIN: the last is not equal to or later than the first plus the window.
fn span(seconds: f64) -> i64 {
    let Ok(window) = std::time::Duration::try_from_secs_f64(seconds) else { return i64::MAX };
    i64::try_from(window.as_nanos().saturating_sub(1) / 1_000).unwrap_or(i64::MAX)
}
