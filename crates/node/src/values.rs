//! Which values a body names, and which of them prove it alone. It matches nothing.

use detect::observable::{Observable, normal};
use model::facts::{Facts, Language, Rule, Value};
use std::collections::BTreeSet;

/// The values of a body in normal form, sorted, without repetition.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// All of them, those of its pattern included.
    pub all: Vec<Value>,
    /// Those by which an indicator is found in telemetry; none when it is compound or revoked.
    pub watched: Vec<Value>,
    /// The rule by which it is found, where its values do not prove it; none when it is revoked.
    pub rule: Option<Rule>,
}

impl Values {
    /// Reads them out of what a body says.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let value = |Observable { kind, text }| Value { kind, text };
        let named = facts.values.iter().filter_map(|value| normal(value.kind, &value.text));
        let pattern = facts.pattern.as_deref().and_then(|text| detect::pattern::atoms(text).ok());
        let readable = pattern.is_some();
        let (atoms, whole) = pattern.map(|p| (p.values, p.whole)).unwrap_or_default();
        let watched: Vec<Value> = atoms.into_iter().map(value).collect();
        let all: BTreeSet<Value> = named.map(value).chain(watched.iter().cloned()).collect();
        // A pattern of more than values is a rule.
        let compound = facts.pattern.as_ref().filter(|_| readable && !whole);
        let compound = compound.map(|text| Rule { language: Language::Stix, text: text.clone() });
        let watched = if whole && !facts.revoked { watched } else { Vec::new() };
        let rule = facts.rule.clone().or(compound).filter(|_| !facts.revoked);
        Self { all: all.into_iter().collect(), watched, rule }
    }
}

#[cfg(test)]
mod tests;
