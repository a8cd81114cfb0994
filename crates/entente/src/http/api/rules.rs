//! `GET /api/v1/rules`: how many rules and patterns of more than values are looked for, and what
//! was forgotten or given up over them. Counts, never a rule.

use super::answer::{Answered, json};
use crate::http::Administrator;
use crate::runtime::Runtime;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;

/// What the rules are at; counts are since the node was started.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct RulesView {
    /// Rules and patterns that are looked for.
    pub(crate) rules: usize,
    /// Those that could not be added.
    pub(crate) skipped: u64,
    /// Those that no known event can satisfy.
    pub(crate) unrouted: u64,
    /// Comparisons and searches that were given up: it is not known whether they matched.
    pub(crate) given_up: u64,
    /// Machines of which something is kept for patterns over several events, once for each pattern.
    pub(crate) windows: usize,
    /// Such machines that were forgotten to make room for others.
    pub(crate) forgotten_machines: u64,
    /// The oldest of very many events of one machine that were forgotten.
    pub(crate) forgotten_events: u64,
}

impl RulesView {
    /// As they are now.
    pub(crate) fn of(runtime: &Runtime) -> Self {
        let live = runtime.live().read().unwrap_or_else(PoisonError::into_inner);
        let rules = &live.rules;
        let (windows, forgotten) = rules.windows();
        Self {
            rules: rules.len(),
            skipped: rules.skipped(),
            unrouted: rules.unrouted(),
            given_up: rules.given_up(),
            windows,
            forgotten_machines: forgotten.machines,
            forgotten_events: forgotten.events,
        }
    }
}

pub(super) async fn get(State(runtime): State<Runtime>, _: Administrator) -> Answered {
    Ok(json(&RulesView::of(&runtime)))
}
