//! Spans of time in a search: which candidates fit one, and whether bound spans leave a choice of
//! times. It chooses no observation.

use super::eval::EvalError;
use super::search::{Bound, Scope};

/// From when to when, in microseconds since 1970; both ends belong to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
}

/// What can satisfy one leaf, in the order of beginnings.
#[derive(Debug)]
pub(super) struct Candidates {
    all: Vec<(Span, usize)>,
    /// A tree of the latest ends: the node `n` has its parts at `2n` and `2n + 1`.
    ends: Vec<i64>,
    width: usize,
    /// How many observations stand before each.
    sums: Vec<u64>,
}

impl Candidates {
    pub(super) fn new(mut all: Vec<(Span, usize)>, number: impl Fn(usize) -> u64) -> Self {
        all.sort_by_key(|(span, slot)| (span.first, span.last, *slot));
        let width = all.len().next_power_of_two();
        let mut ends = vec![i64::MIN; 2 * width];
        for (end, (span, _)) in ends.iter_mut().skip(width).zip(&all) {
            *end = span.last;
        }
        for node in (1..width).rev() {
            let part = |at: usize| ends.get(at).copied().unwrap_or(i64::MIN);
            let later = part(2 * node).max(part(2 * node + 1));
            if let Some(end) = ends.get_mut(node) {
                *end = later;
            }
        }
        let mut sums = vec![0_u64];
        for (_, slot) in &all {
            sums.push(sums.last().copied().unwrap_or(0).saturating_add(number(*slot)));
        }
        Self { all, ends, width, sums }
    }

    /// How many observations from a place on begin before the room ends; no fewer than fit.
    pub(super) fn count(&self, from: usize, room: Span) -> u64 {
        let to = self.all.partition_point(|(span, _)| span.first <= room.last);
        let before = |at: usize| self.sums.get(at).copied().unwrap_or(0);
        before(to.max(from)).saturating_sub(before(from))
    }

    pub(super) fn get(&self, at: usize) -> Option<(Span, usize)> {
        self.all.get(at).copied()
    }

    /// The first from a place on that ends after the room begins and begins before it ends.
    pub(super) fn next(&self, from: usize, room: Span) -> Option<(usize, usize)> {
        let at = self.ending_after(from, room.first)?;
        let (span, slot) = self.get(at)?;
        (span.first <= room.last).then_some((at, slot))
    }

    fn ending_after(&self, from: usize, time: i64) -> Option<usize> {
        if from >= self.all.len() {
            return None;
        }
        let fits = |node: usize| self.ends.get(node).is_some_and(|end| *end >= time);
        let mut node = self.width + from;
        // Up and to the right until a part fits, then down to its first leaf.
        while !fits(node) {
            while node % 2 == 1 {
                node /= 2;
            }
            if node == 0 {
                return None;
            }
            node += 1;
        }
        while node < self.width {
            node = if fits(2 * node) { 2 * node } else { 2 * node + 1 };
        }
        let at = node - self.width;
        (at < self.all.len()).then_some(at)
    }
}

/// Whether each bound observation can be given a time so that all scopes are satisfied: the earliest
/// times that follow from each other are worked out, and none may lie behind its span. Every
/// constraint says "not earlier than another, less a number", so that these do satisfy all of them.
pub(super) fn settle(
    scopes: &[(Scope, [i64; 3])],
    bound: &[Bound],
    steps: &mut usize,
) -> Result<bool, EvalError> {
    if bound.iter().all(|bound| bound.span.first == bound.span.last) {
        return Ok(true);
    }
    let mut times: Vec<i64> = bound.iter().map(|bound| bound.span.first).collect();
    loop {
        *steps = steps.checked_sub(bound.len()).ok_or(EvalError::TooMuch)?;
        let floors = floors(scopes, bound, &times);
        let mut same = true;
        for (bound, time) in bound.iter().zip(&mut times) {
            let floor = floor(scopes, &floors, bound.scope);
            if floor > *time {
                (*time, same) = (floor, false);
            }
            if *time > bound.span.last {
                return Ok(false);
            }
        }
        if same {
            return Ok(true);
        }
    }
}

/// The latest time in each scope.
fn floors(scopes: &[(Scope, [i64; 3])], bound: &[Bound], times: &[i64]) -> Vec<i64> {
    let mut latest = vec![i64::MIN; scopes.len()];
    for (bound, time) in bound.iter().zip(times) {
        let mut at = Some(bound.scope);
        while let Some(place) = at {
            if let Some(late) = latest.get_mut(place) {
                *late = (*late).max(*time);
            }
            at = scopes.get(place).and_then(|(scope, _)| scope.above());
        }
    }
    latest
}

/// How early an observation in a scope can have been made, by the times of the others.
fn floor(scopes: &[(Scope, [i64; 3])], latest: &[i64], scope: usize) -> i64 {
    let late = |at: usize| latest.get(at).copied().unwrap_or(i64::MIN);
    let mut floor = i64::MIN;
    let mut at = Some(scope);
    while let Some(place) = at {
        let Some((scope, _)) = scopes.get(place) else { break };
        match scope {
            Scope::Within { span, .. } => floor = floor.max(late(place).saturating_sub(*span)),
            // The places of a sequence stand behind it, the last one first.
            Scope::Place { above, place: number } => {
                let earlier = scopes.iter().zip(latest).skip(*above + 1).filter(|((other, _), _)| {
                    matches!(other, Scope::Place { above: of, place } if of == above && place < number)
                });
                floor = earlier.map(|(_, late)| *late).fold(floor, i64::max);
            }
            Scope::Whole
            | Scope::Between { .. }
            | Scope::Sequence { .. }
            | Scope::Copies { .. } => {}
        }
        at = scope.above();
    }
    floor
}
