//! The search behind [`combine`](super::combine): depth first, in the order in which a pattern is
//! written, without recursion. It gives up after a number of steps, and says so.

use super::combine::{Leaf, Plan};
use super::eval::EvalError;
use super::times::{Candidates, Span, settle};
use std::collections::HashMap;

/// What is still to be satisfied: a list that shares its tail with every earlier state.
#[derive(Clone, Copy)]
enum Task<'p> {
    /// Nothing is left.
    Nothing,
    /// A part of the pattern, inside a scope.
    Part(&'p Plan, usize),
    /// So many further copies of a part.
    Again(&'p Plan, usize, u64),
    /// The next place of a sequence begins.
    Onward(usize),
}

/// What surrounds a part of the pattern. Each has three numbers that change and are taken back.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope {
    /// The whole pattern.
    Whole,
    /// `WITHIN`: the latest beginning and the earliest end so far.
    Within { above: usize, span: i64 },
    /// `START STOP`.
    Between { above: usize, first: i64, last: i64 },
    /// `FOLLOWEDBY`: the latest beginning in earlier places, and in this one.
    Sequence { above: usize },
    /// One place of a sequence.
    Place { above: usize, place: usize },
    /// `REPEATS`: where the previous copy began, so that copies stand in one order only.
    Copies { above: usize },
}

impl Scope {
    pub(super) const fn above(self) -> Option<usize> {
        match self {
            Self::Whole => None,
            Self::Within { above, .. }
            | Self::Between { above, .. }
            | Self::Sequence { above }
            | Self::Place { above, .. }
            | Self::Copies { above } => Some(above),
        }
    }
}

/// Where the list of tasks ends.
const END: usize = 0;

/// The numbers of a scope.
type Numbers = [i64; 3];

/// A point to come back to.
struct Choice<'p> {
    kind: Kind<'p>,
    scope: usize,
    /// Behind it in the list of tasks.
    next: usize,
    tasks: usize,
    scopes: usize,
    undo: usize,
    bound: usize,
}

#[derive(Clone, Copy)]
enum Kind<'p> {
    /// The next candidate of a leaf.
    Leaf(usize, usize),
    /// The next alternative.
    Any(&'p [Plan], usize),
}

/// An observation that is bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) scope: usize,
    pub(super) span: Span,
    slot: usize,
}

pub(super) struct Search<'p> {
    candidates: Vec<Candidates>,
    /// What each observation is called, how many it is, and how many are bound.
    slots: Vec<(u64, u64, u64)>,
    tasks: Vec<(Task<'p>, usize)>,
    scopes: Vec<(Scope, Numbers)>,
    undo: Vec<(usize, Numbers)>,
    bound: Vec<Bound>,
    choices: Vec<Choice<'p>>,
    steps: usize,
}

impl<'p> Search<'p> {
    pub(super) fn new(leaves: &[Vec<Leaf>], steps: usize) -> Self {
        let mut slots = Vec::new();
        let mut places: HashMap<u64, usize> = HashMap::new();
        let mut candidates = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let all = leaf.iter().map(|leaf| {
                let slot = *places.entry(leaf.observation).or_insert_with(|| {
                    slots.push((leaf.observation, leaf.number, 0));
                    slots.len() - 1
                });
                (Span { first: leaf.first.micros(), last: leaf.last.micros() }, slot)
            });
            let all = all.collect();
            candidates.push(Candidates::new(all, |slot| slots.get(slot).map_or(0, |slot| slot.1)));
        }
        Self {
            candidates,
            slots,
            tasks: vec![(Task::Nothing, END)],
            scopes: vec![(Scope::Whole, [0; 3])],
            undo: Vec::new(),
            bound: Vec::new(),
            choices: Vec::new(),
            steps,
        }
    }

    /// Observations that satisfy the plan, as often as they are bound.
    pub(super) fn run(mut self, plan: &'p Plan) -> Result<Option<Vec<u64>>, EvalError> {
        let mut todo = Some(self.push(Task::Part(plan, 0), END));
        while let Some(task) = todo {
            if task == END && settle(&self.scopes, &self.bound, &mut self.steps)? {
                return Ok(Some(self.chosen()));
            }
            todo = match self.perform(task) {
                Some(next) => Some(next),
                None => self.back()?,
            };
        }
        Ok(None)
    }

    fn chosen(&self) -> Vec<u64> {
        let name = |bound: &Bound| self.slots.get(bound.slot).map(|slot| slot.0);
        self.bound.iter().filter_map(name).collect()
    }

    fn push(&mut self, task: Task<'p>, next: usize) -> usize {
        self.tasks.push((task, next));
        self.tasks.len() - 1
    }

    fn scope(&mut self, scope: Scope, numbers: Numbers) -> usize {
        self.scopes.push((scope, numbers));
        self.scopes.len() - 1
    }

    /// Does a task: gives what is next, or nothing when a choice has to be made first.
    fn perform(&mut self, task: usize) -> Option<usize> {
        let (task, next) = *self.tasks.get(task)?;
        match task {
            Task::Nothing => None,
            Task::Part(plan, scope) => self.part(plan, scope, next),
            Task::Again(_, _, 0) => Some(next),
            Task::Again(inner, scope, left) => {
                let next = self.push(Task::Again(inner, scope, left - 1), next);
                let [before, candidate, _] = self.numbers(scope);
                self.change(scope, [before, candidate, 1]);
                if let Plan::Leaf(leaf) = inner
                    && self.left(*leaf, scope) < left
                {
                    return None;
                }
                Some(self.push(Task::Part(inner, scope), next))
            }
            Task::Onward(scope) => {
                let [before, here, _] = self.numbers(scope);
                self.change(scope, [before.max(here), here, 0]);
                Some(next)
            }
        }
    }

    fn part(&mut self, plan: &'p Plan, above: usize, next: usize) -> Option<usize> {
        match plan {
            Plan::Leaf(leaf) => {
                self.choose(Kind::Leaf(*leaf, 0), above, next);
                None
            }
            Plan::Any(all) => {
                self.choose(Kind::Any(all, 0), above, next);
                None
            }
            Plan::All(all) => {
                let all = all.iter().rev();
                Some(all.fold(next, |next, each| self.push(Task::Part(each, above), next)))
            }
            Plan::Sequence(all) => {
                let scope = self.scope(Scope::Sequence { above }, [i64::MIN, i64::MIN, 0]);
                let mut next = next;
                for (place, each) in all.iter().enumerate().rev() {
                    let inner = self.scope(Scope::Place { above: scope, place }, [0; 3]);
                    next = self.push(Task::Onward(scope), next);
                    next = self.push(Task::Part(each, inner), next);
                }
                Some(next)
            }
            Plan::Times(inner, times) => {
                let scope = self.scope(Scope::Copies { above }, [-1, -1, 1]);
                Some(self.push(Task::Again(inner, scope, *times), next))
            }
            Plan::Within(inner, span) => {
                let scope =
                    self.scope(Scope::Within { above, span: *span }, [i64::MIN, i64::MAX, 0]);
                Some(self.push(Task::Part(inner, scope), next))
            }
            Plan::Between(inner, first, last) => {
                let scope = Scope::Between { above, first: *first, last: *last };
                let scope = self.scope(scope, [0; 3]);
                Some(self.push(Task::Part(inner, scope), next))
            }
        }
    }

    fn choose(&mut self, kind: Kind<'p>, scope: usize, next: usize) {
        self.choices.push(Choice {
            kind,
            scope,
            next,
            tasks: self.tasks.len(),
            scopes: self.scopes.len(),
            undo: self.undo.len(),
            bound: self.bound.len(),
        });
    }

    /// Makes the next choice: what is then to be done, or nothing when all were tried.
    fn back(&mut self) -> Result<Option<usize>, EvalError> {
        while let Some(mut choice) = self.choices.pop() {
            self.take_back(&choice);
            let (scope, next) = (choice.scope, choice.next);
            match choice.kind {
                Kind::Any(all, at) => {
                    let Some(plan) = all.get(at) else { continue };
                    choice.kind = Kind::Any(all, at + 1);
                    self.choices.push(choice);
                    return Ok(Some(self.push(Task::Part(plan, scope), next)));
                }
                Kind::Leaf(leaf, from) => {
                    let Some(at) = self.candidate(leaf, from, scope)? else { continue };
                    choice.kind = Kind::Leaf(leaf, at + 1);
                    self.choices.push(choice);
                    if self.bind(leaf, at, scope) {
                        return Ok(Some(next));
                    }
                }
            }
        }
        Ok(None)
    }

    fn take_back(&mut self, choice: &Choice<'p>) {
        self.tasks.truncate(choice.tasks);
        while self.undo.len() > choice.undo {
            let Some((scope, before)) = self.undo.pop() else { break };
            if let Some((_, numbers)) = self.scopes.get_mut(scope) {
                *numbers = before;
            }
        }
        self.scopes.truncate(choice.scopes);
        while self.bound.len() > choice.bound {
            let Some(bound) = self.bound.pop() else { break };
            if let Some((_, _, used)) = self.slots.get_mut(bound.slot) {
                *used -= 1;
            }
        }
    }

    fn numbers(&self, scope: usize) -> Numbers {
        self.scopes.get(scope).map(|(_, numbers)| *numbers).unwrap_or_default()
    }

    fn change(&mut self, scope: usize, numbers: Numbers) {
        if let Some((_, now)) = self.scopes.get_mut(scope) {
            self.undo.push((scope, *now));
            *now = numbers;
        }
    }

    /// The scopes around a part, from the inside.
    fn around(&self, scope: usize) -> impl Iterator<Item = (usize, Scope, Numbers)> {
        let at = |at: usize| self.scopes.get(at).map(|(scope, numbers)| (at, *scope, *numbers));
        std::iter::successors(at(scope), move |(_, scope, _)| at(scope.above()?))
    }

    /// When an observation must have been made to fit what is bound already.
    fn room(&self, scope: usize) -> Span {
        let mut room = Span { first: i64::MIN, last: i64::MAX };
        for (_, scope, [low, high, _]) in self.around(scope) {
            let (first, last) = match scope {
                Scope::Within { span, .. } if low > i64::MIN => {
                    (low.saturating_sub(span), high.saturating_add(span))
                }
                Scope::Between { first, last, .. } => (first, last),
                Scope::Sequence { .. } => (low, i64::MAX),
                Scope::Within { .. }
                | Scope::Whole
                | Scope::Place { .. }
                | Scope::Copies { .. } => {
                    continue;
                }
            };
            room = Span { first: room.first.max(first), last: room.last.min(last) };
        }
        room
    }

    /// The next candidate of a leaf that fits, from one on.
    fn candidate(
        &mut self,
        leaf: usize,
        from: usize,
        scope: usize,
    ) -> Result<Option<usize>, EvalError> {
        let room = self.room(scope);
        let mut from = from.max(self.begins(leaf, scope));
        loop {
            let found = self.candidates.get(leaf).and_then(|all| all.next(from, room));
            let Some((at, slot)) = found else { return Ok(None) };
            self.steps = self.steps.checked_sub(1).ok_or(EvalError::TooMuch)?;
            if self.slots.get(slot).is_some_and(|(_, number, used)| used < number) {
                return Ok(Some(at));
            }
            from = at + 1;
        }
    }

    /// Copies are alike: each begins no earlier among the candidates than the one before it.
    fn begins(&self, leaf: usize, scope: usize) -> usize {
        let mut begins = 0;
        for (_, scope, [before, candidate, fresh]) in self.around(scope) {
            let copies = matches!(scope, Scope::Copies { .. }) && fresh == 1 && before >= 0;
            let order = usize::try_from(before).map(|before| leaf.cmp(&before));
            match order {
                Ok(std::cmp::Ordering::Equal) if copies => {
                    begins = begins.max(usize::try_from(candidate).unwrap_or(0));
                }
                Ok(std::cmp::Ordering::Less) if copies => return usize::MAX,
                Ok(_) | Err(_) => {}
            }
        }
        begins
    }

    /// How many observations could still be bound as copies of a leaf, and rather too many.
    fn left(&self, leaf: usize, scope: usize) -> u64 {
        let (from, room) = (self.begins(leaf, scope), self.room(scope));
        let Some(all) = self.candidates.get(leaf) else { return 0 };
        let slot = all.get(from).and_then(|(_, slot)| self.slots.get(slot));
        let spent = slot.is_some_and(|(_, number, used)| used >= number);
        all.count(from.saturating_add(usize::from(spent)), room)
    }

    /// Binds a candidate if the times still fit.
    fn bind(&mut self, leaf: usize, at: usize, scope: usize) -> bool {
        let Some((span, slot)) = self.candidates.get(leaf).and_then(|all| all.get(at)) else {
            return false;
        };
        let room = self.room(scope);
        let span = Span { first: span.first.max(room.first), last: span.last.min(room.last) };
        if span.first > span.last {
            return false;
        }
        let mut changes = Vec::new();
        for (place, scope, [low, high, third]) in self.around(scope) {
            match scope {
                Scope::Within { span: window, .. } => {
                    let (low, high) = (low.max(span.first), high.min(span.last));
                    if low.saturating_sub(high) > window {
                        return false;
                    }
                    changes.push((place, [low, high, third]));
                }
                Scope::Sequence { .. } => changes.push((place, [low, high.max(span.first), 0])),
                Scope::Copies { .. } if third == 1 => {
                    let number = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
                    changes.push((place, [number(leaf), number(at), 0]));
                }
                Scope::Copies { .. }
                | Scope::Whole
                | Scope::Between { .. }
                | Scope::Place { .. } => {}
            }
        }
        changes.into_iter().for_each(|(place, numbers)| self.change(place, numbers));
        if let Some((_, _, used)) = self.slots.get_mut(slot) {
            *used += 1;
        }
        self.bound.push(Bound { scope, span, slot });
        true
    }
}
