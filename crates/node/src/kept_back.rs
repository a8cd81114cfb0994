//! What people said about one reader beside every rule: what was withdrawn from it by hand, and pasts
//! of circles that nobody has let begin. Its outlet and everything that foretells it ask here.
//!
//! It decides by no label and changes nothing.

use crate::outlet::link_key;
use crate::release::Lens;
use model::id::CircleId;
use policy::{By, Capacity, Decision, Rule};
use store::{Light, Reading, Row, Seq, StoreError};

/// What is kept from one reader by people's words.
#[derive(Debug)]
pub(crate) struct KeptBack {
    /// The outlet's name.
    outlet: String,
    /// A person withdrew something from this reader.
    withdrawn: bool,
    /// Pasts of circles that wait for a person's word, each with the last entry of it.
    waiting: Vec<(CircleId, Seq)>,
}

impl KeptBack {
    /// What is kept from the reader of this outlet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn of(reading: &Reading<'_>, outlet: &str) -> Result<Self, StoreError> {
        let waiting = reading.backfills_of(outlet)?.into_iter();
        Ok(Self {
            outlet: outlet.to_owned(),
            withdrawn: reading.has_kept_back(outlet)?,
            waiting: waiting.map(|wait| (wait.circle, wait.upto)).collect(),
        })
    }

    /// What is kept from a partner; from other readers nothing is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn from_partner(
        reading: &Reading<'_>,
        lens: &Lens,
    ) -> Result<Option<Self>, StoreError> {
        match lens.reader.capacity {
            Capacity::Partner { .. } => Self::of(reading, &link_key(&lens.reader.node)).map(Some),
            Capacity::Own | Capacity::Token { .. } => Ok(None),
        }
    }

    /// The rule that keeps an entry from this reader, if one does.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn rule(
        &self,
        reading: &Reading<'_>,
        light: &Light,
    ) -> Result<Option<Rule>, StoreError> {
        if self.withdrawn && reading.is_kept_back(&self.outlet, light.seq)? {
            return Ok(Some(Rule::Withdrawn));
        }
        if self.waiting.is_empty() || reading.kind_of(light.kind_id)?.is_urgent() {
            return Ok(None);
        }
        let circle = reading.label(light.label_id)?.circle;
        Ok(self.waits(&circle, light.seq).then_some(Rule::PastWaits))
    }

    /// A decision on a row for a partner, as it then is sent: what is hidden or kept back is not
    /// released, whatever its label says.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn foretell(
        &self,
        reading: &Reading<'_>,
        row: &Row,
        decision: Decision,
    ) -> Result<Decision, StoreError> {
        if !decision.released {
            return Ok(decision);
        }
        let light = if row.hidden { None } else { reading.light(row.seq)? };
        let rule = match light {
            Some(light) => self.rule(reading, &light)?,
            None => row.hidden.then_some(Rule::Hidden),
        };
        Ok(rule.map_or(decision, denied))
    }

    fn waits(&self, circle: &CircleId, seq: Seq) -> bool {
        self.waiting.iter().any(|(of, upto)| of == circle && seq <= *upto)
    }
}

/// Not released, by a rule of this node's.
pub(crate) const fn denied(rule: Rule) -> Decision {
    Decision { released: false, rule, by: By::Node }
}
