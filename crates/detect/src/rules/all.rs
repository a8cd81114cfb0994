//! All rules of a node, live at once. It keeps no event beyond the windows of its patterns.

use crate::index::Handle;
use crate::live::Match;
use crate::reading::Event;
use model::facts::Rule;
use model::time::Instant;
use std::collections::HashSet;
use std::sync::Mutex;

/// A rule that cannot be looked for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("E-RULE-001: {0}")]
pub struct RuleError(pub String);

/// The rules.
#[derive(Debug, Default)]
pub struct Rules {
    skipped: u64,
}

/// Work for another thread: what tells quickly that no rule can hold.
#[derive(Debug)]
pub struct Compile(());

/// What came of it.
#[derive(Debug)]
pub struct Compiled(());

/// Memory that is used again for every event; one for each thread.
#[derive(Debug, Default)]
pub struct RuleScratch;

/// The windows of compound patterns.
#[derive(Debug, Default)]
pub struct States;

impl Compile {
    /// Does the work.
    #[must_use]
    pub const fn run(self) -> Compiled {
        Compiled(())
    }
}

impl Rules {
    /// No rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule; it is looked for from the next event on.
    ///
    /// # Errors
    /// When it cannot be looked for; it is counted then.
    pub fn insert(&mut self, _handle: Handle, rule: &Rule) -> Result<(), RuleError> {
        self.skipped = self.skipped.saturating_add(1);
        Err(RuleError(format!("rules in {:?} are not looked for yet", rule.language)))
    }

    /// Removes a rule at once and for good.
    pub const fn remove(&mut self, _handle: Handle) {}

    /// Takes back what was inserted and never came to be.
    pub const fn take_back(&mut self, _handles: &HashSet<Handle>) {}

    /// How many rules are looked for.
    #[must_use]
    pub const fn len(&self) -> usize {
        0
    }

    /// Whether no rule is looked for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        true
    }

    /// Rules that could not be added.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Work for another thread, once it is worth it.
    #[must_use]
    pub const fn freeze(&self) -> Option<Compile> {
        None
    }

    /// Takes over what another thread made; false when it is out of date.
    pub const fn adopt(&mut self, _compiled: Compiled) -> bool {
        false
    }

    /// Adds to `out` every rule that holds with this event.
    pub const fn event(
        &self,
        _event: &Event<'_>,
        _now: Instant,
        _scratch: &mut RuleScratch,
        _states: &Mutex<States>,
        _out: &mut Vec<Match>,
    ) {
    }
}
