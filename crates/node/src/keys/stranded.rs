//! What a key signed that is now revoked, and what no partner has of it: none takes it any more. It is
//! counted for this node's people, and made anew under today's key when they hand it in or say it again.
//!
//! Nothing is signed anew by itself: the thief of a key may have signed it.

use super::own_keys;
use crate::apply::{Moment, Node};
use crate::effect::Effect;
use crate::read::{About, GivenState, Numbered, Way, receipts};
use crate::rebuild::facts_of;
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
use store::{Light, Reading, Row, Seq, StoreError};

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

impl Node {
    /// This node's keys, where one of them was revoked.
    fn revoking(&self, reading: &Reading<'_>) -> Result<Option<KeySet>, StoreError> {
        let keys = own_keys(reading, &self.me.public())?;
        Ok((!keys.revoked.is_empty()).then_some(keys))
    }

    /// The entries of these rows, if each was signed by a revoked key and is with no partner: then
    /// the object may be made anew in their place. Else none.
    pub(crate) fn stranded(
        &self,
        reading: &Reading<'_>,
        rows: &[&Row],
    ) -> Result<Vec<Seq>, StoreError> {
        let Some(keys) = self.revoking(reading)? else { return Ok(Vec::new()) };
        for row in rows {
            let Some(parts) = reading.parts(row.seq)? else { return Ok(Vec::new()) };
            let about = About::Thing(row.thing.clone());
            let given = receipts(reading, self.me.node(), &about, usize::MAX)?;
            let had = |given: &crate::read::Given| {
                given.leaf == row.leaf && given.state == GivenState::Applied
            };
            if !is_void(parts, &keys) || given.iter().any(had) {
                return Ok(Vec::new());
            }
        }
        Ok(rows.iter().map(|row| row.seq).collect())
    }

    /// Takes out what is made anew in the same commit.
    pub(crate) fn make_room(
        moment: &mut Moment<'_, '_>,
        stranded: Vec<Seq>,
    ) -> Result<(), StoreError> {
        for seq in stranded {
            moment.effects.push(Effect::Unwatch(seq));
            moment.tx.erase(seq, &mut facts_of)?;
        }
        Ok(())
    }

    /// Whether a revoked key signed all of these words: then they are to be said again, also where
    /// one partner heard them in time.
    pub(crate) fn are_void<'r>(
        &self,
        reading: &Reading<'_>,
        mut words: impl Iterator<Item = &'r Row>,
    ) -> Result<bool, StoreError> {
        let Some(keys) = self.revoking(reading)? else { return Ok(false) };
        words.try_fold(true, |all, word| {
            let parts = if all { reading.parts(word.seq)? } else { None };
            Ok(parts.is_some_and(|parts| is_void(parts, &keys)))
        })
    }
}
