//! What of a decision can be remembered: the verdict on a label's class for one reader.
//! Named recipients, hops, embargo and origin are never remembered; they are checked on the row.

use crate::decide::{Reader, Rule, by_class};
use model::id::CircleId;
use model::label::{Label, Tlp};
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
        *self.0.entry(Class::of(label)).or_insert_with(|| by_class(label, reader))
    }
}
