//! What a key signed that is now revoked, and what no partner has of it: none takes it any more. It is
//! counted for this node's people, who publish a later version of what they want.
//!
//! Nothing is signed anew: the thief of a key may have signed it, and what was said of the record
//! since (withdrawn by hand, relabelled, kept back until a person says so) is said of that one entry.

use super::own_keys;
use crate::read::{Numbered, Way};
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{CircleId, NodeId, ThingId};
use model::keys::{Ended, KeySet};
use model::kind::{CIRCLE, RECALL, RELABEL, WITHDRAW};
use model::ledger::ledger_of;
use model::limits::{SCAN_ENTRIES_MAX, STRANDED_LOOKS_MAX, STRANDED_SAMPLES_MAX};
use model::record::{Parts, VerifyError};
use model::seal::PublicKey;
use model::time::Instant;
use store::{Light, Reading, Seq, StoreError};

/// What no partner takes any more because of the key that signed it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stranded {
    /// Records that some partner may have and none has.
    pub records: u64,
    /// Recalls, relabels, withdrawals and lists of members that a partner should hear and has not.
    pub words: u64,
    /// There may be more than were counted.
    pub partial: bool,
    /// The first of the records, as things.
    pub samples: Vec<ThingId>,
}

impl Stranded {
    /// Whether nothing is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records == 0 && self.words == 0
    }
}

/// The look for what is stranded, on its way through the log step by step.
#[derive(Debug)]
pub struct Stranding {
    me: NodeId,
    ledger: CircleId,
    keys: KeySet,
    partners: Vec<(Lens, Numbered)>,
    next: Seq,
    head: Seq,
    looks: usize,
    found: Stranded,
}

impl Stranding {
    /// Begins for keys that are, or are about to be, revoked; what comes after this moment is not
    /// looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin(
        reading: &Reading<'_>,
        own: &PublicKey,
        revoked: &[PublicKey],
    ) -> Result<Self, StoreError> {
        let mut keys = own_keys(reading, own)?;
        let from = Instant::from_micros(0);
        keys.revoked = revoked.iter().map(|key| Ended { key: *key, at: from }).collect();
        let circles = Circles::load(reading)?;
        let mut partners = Vec::new();
        for partner in reading.partners()? {
            let Some(reader) = partner_reader(&partner, &circles) else { continue };
            // Whether it may have something has nothing to do with when.
            let lens = Lens { reader, now: Instant::from_micros(i64::MAX) };
            partners.push((lens, Numbered::load(reading, &partner.node)?));
        }
        let head = if partners.is_empty() { 0 } else { reading.head()? };
        let (me, found) = (own.node(), Stranded::default());
        Ok(Self { me, ledger: ledger_of(&me), keys, partners, next: 0, head, looks: 0, found })
    }

    /// Looks at the next part of the log; true when there is more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn step(&mut self, reading: &Reading<'_>) -> Result<bool, StoreError> {
        let (me, ledger) = (reading.node_id(&self.me)?, reading.circle_id(&self.ledger)?);
        let lights = reading.scan(self.next, self.head, SCAN_ENTRIES_MAX)?;
        let ours = |light: &&Light| {
            let made = light.via_id == 0 && Some(light.signer_id) == me;
            made && Some(light.circle_id) != ledger && !light.erased && !light.hidden
        };
        for light in lights.iter().filter(ours) {
            let kind = reading.kind_of(light.kind_id)?;
            let word = [RECALL, RELABEL, WITHDRAW, CIRCLE].contains(&kind.as_str());
            let there = |(_, numbered): &(Lens, Numbered)| numbered.way(light.seq) == Way::There;
            // What else is said of records and keys is said anew by itself.
            if kind.is_word() != word || !word && self.partners.iter().any(there) {
                continue;
            }
            if self.looks >= STRANDED_LOOKS_MAX {
                self.found.partial = true;
                return Ok(false);
            }
            self.looks += 1;
            self.look(reading, (light.seq, word))?;
        }
        self.next = lights.last().map_or(self.head, |light| light.seq);
        Ok(lights.len() >= SCAN_ENTRIES_MAX)
    }

    fn look(&mut self, reading: &Reading<'_>, (seq, word): (Seq, bool)) -> Result<(), StoreError> {
        let Some((row, parts)) = reading.row_and_parts(seq)? else { return Ok(()) };
        let mut lacks = false;
        for (lens, numbered) in &self.partners {
            lacks |= numbered.way(seq) != Way::There && lens.decide_sent(reading, &row)?.released;
        }
        if !lacks || !is_void(parts, &self.keys) {
            return Ok(());
        }
        if word {
            self.found.words += 1;
            return Ok(());
        }
        self.found.records += 1;
        if self.found.samples.len() < STRANDED_SAMPLES_MAX {
            self.found.samples.push(row.thing);
        }
        Ok(())
    }

    /// What was found.
    #[must_use]
    pub fn found(self) -> Stranded {
        self.found
    }
}

/// Whether a revoked key signed this.
fn is_void(parts: Parts, keys: &KeySet) -> bool {
    matches!(parts.verify_by(keys), Err(VerifyError::Revoked))
}
