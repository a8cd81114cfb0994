//! What of a decision can be remembered: the verdict on a label's class for one reader.
//! Named recipients, hops, embargo and origin are never remembered; they are checked on the row.

use crate::decide::{Reader, Rule, by_class};
use model::id::CircleId;
use model::label::{Label, Tlp};
use model::limits::CLASSES_MAX;
use std::collections::BTreeMap;

/// The part of a label that a remembered verdict may depend on.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Class {
    /// Traffic light, unknown markings read as RED.
    pub tlp: Tlp,
    /// The circle.
    pub circle: CircleId,
    /// Personal data.
    pub personal: bool,
}

impl Class {
    /// The class of a label.
    #[must_use]
    pub const fn of(label: &Label) -> Self {
        Self { tlp: label.effective_tlp(), circle: label.circle, personal: label.personal }
    }
}

/// Verdicts already given for one reader; dropped whenever that reader changes.
#[derive(Clone, Debug, Default)]
pub struct Classes(BTreeMap<Class, Option<Rule>>);

impl Classes {
    /// The rule that denies this label's class to the reader, decided once.
    pub fn denied(&mut self, label: &Label, reader: &Reader) -> Option<Rule> {
        let class = Class::of(label);
        if let Some(rule) = self.0.get(&class) {
            return *rule;
        }
        let rule = by_class(label, reader);
        if self.0.len() < CLASSES_MAX {
            self.0.insert(class, rule);
        }
        rule
    }
}
