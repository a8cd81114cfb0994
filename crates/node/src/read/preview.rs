//! What one partner would be sent, what it has already, and by which rule it gets the rest not: the
//! same decision that its outlet makes, over the whole log, step by step. Nothing is numbered here.

use super::numbered::{Numbered, Way};
use crate::kept_back::{KeptBack, denied};
use crate::release::Lens;
use model::id::{CircleId, NodeId, ThingId};
use model::ledger::ledger_of;
use model::limits::{PREVIEW_LINES_MAX, PREVIEW_SAMPLES_MAX, SCAN_ENTRIES_MAX};
use policy::{By, Decision, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Light, Reading, Seq, StoreError};

/// Records of one circle and kind that meet the same decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreviewLine {
    /// Their circle; `None` on the line that sums up what has none of its own.
    pub circle: Option<CircleId>,
    /// Their kind; empty where `circle` is `None`.
    pub kind: String,
    /// Whether they are released.
    pub released: bool,
    /// Why, or why not.
    pub reason: String,
    /// Whose rule it is, in one word.
    pub by: &'static str,
    /// How many there are in all.
    pub count: u64,
    /// Of these, numbered for it and not receipted yet.
    pub sent: u64,
    /// Of these, receipted by it. On a line that is not released: it got them before.
    pub has: u64,
    /// A few of the newest, as things: for the node's own people.
    pub samples: Vec<ThingId>,
}

/// What decides alike: label, signer, partner it came from, hops, kind, hidden.
type Group = (u32, u32, u32, u8, u32, bool);
/// One line: circle, kind and decision.
type Place = (u32, u32, (bool, Rule, By));

#[derive(Debug, Default)]
struct Count {
    all: u64,
    sent: u64,
    has: u64,
    newest: Vec<Seq>,
}

/// A preview on its way through the log. Each step is one short look at a snapshot, so that a large
/// log holds up neither the writer nor the reclaiming of what it replaced.
#[derive(Debug)]
pub struct Preview {
    lens: Lens,
    kept_back: Option<KeptBack>,
    /// The number of this node's own ledger, which is for no partner and is not counted.
    ledger: Option<u32>,
    numbered: Numbered,
    next: Seq,
    head: Seq,
    decided: HashMap<Group, Decision>,
    counts: BTreeMap<Place, Count>,
    /// What found no room among the lines.
    beyond: Count,
}

impl Preview {
    /// Begins for one partner's eyes; what comes after this moment is not looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin(reading: &Reading<'_>, me: &NodeId, lens: Lens) -> Result<Self, StoreError> {
        Ok(Self {
            kept_back: KeptBack::from_partner(reading, &lens)?,
            ledger: reading.circle_id(&ledger_of(me))?,
            numbered: Numbered::load(reading, &lens.reader.node)?,
            lens,
            next: 0,
            head: reading.head()?,
            decided: HashMap::new(),
            counts: BTreeMap::new(),
            beyond: Count::default(),
        })
    }

    /// Looks at the next part of the log; true when there is more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn step(&mut self, reading: &Reading<'_>) -> Result<bool, StoreError> {
        let lights = reading.scan(self.next, self.head, SCAN_ENTRIES_MAX)?;
        let ledger = self.ledger;
        let counted = |light: &&Light| !light.erased && Some(light.circle_id) != ledger;
        for light in lights.iter().filter(counted) {
            self.count(reading, light)?;
        }
        self.next = lights.last().map_or(self.head, |light| light.seq);
        Ok(lights.len() >= SCAN_ENTRIES_MAX)
    }

    fn count(&mut self, reading: &Reading<'_>, light: &Light) -> Result<(), StoreError> {
        let Some(Decision { released, rule, by }) = self.decision(reading, light)? else {
            return Ok(());
        };
        let place = (light.circle_id, light.kind_id, (released, rule, by));
        let room = self.counts.len() < PREVIEW_LINES_MAX;
        let count = if room || self.counts.contains_key(&place) {
            self.counts.entry(place).or_default()
        } else {
            &mut self.beyond
        };
        count.all += 1;
        match self.numbered.way(light.seq) {
            Way::Waiting => {}
            Way::Sent => count.sent += 1,
            Way::There => count.has += 1,
        }
        if count.newest.len() >= PREVIEW_SAMPLES_MAX {
            count.newest.remove(0);
        }
        count.newest.push(light.seq);
        Ok(())
    }

    /// What its outlet makes of an entry: the rule, and what people keep back.
    fn decision(
        &mut self,
        reading: &Reading<'_>,
        light: &Light,
    ) -> Result<Option<Decision>, StoreError> {
        let decided = self.by_rule(reading, light)?;
        let Some(decision) = decided.filter(|decision| decision.released) else {
            return Ok(decided);
        };
        let kept = self.kept_back.as_ref().map(|kept| kept.rule(reading, light)).transpose()?;
        Ok(Some(kept.flatten().map_or(decision, denied)))
    }

    /// The rule, found once for all that decides alike; words about other records, which go where
    /// those went, are decided one by one.
    fn by_rule(
        &mut self,
        reading: &Reading<'_>,
        light: &Light,
    ) -> Result<Option<Decision>, StoreError> {
        let Light { label_id, signer_id, via_id, hop, kind_id, hidden, .. } = *light;
        let group = (label_id, signer_id, via_id, hop, kind_id, hidden);
        if let Some(known) = self.decided.get(&group) {
            return Ok(Some(*known));
        }
        let Some(row) = reading.row(light.seq)? else { return Ok(None) };
        let kind = &row.thing.kind;
        if kind.is_word() && !hidden {
            return self.lens.decide_sent(reading, &row).map(Some);
        }
        let decision = self.lens.decide(&row);
        let decision = if hidden && decision.released { denied(Rule::Hidden) } else { decision };
        if !kind.is_urgent() && self.decided.len() < SCAN_ENTRIES_MAX {
            self.decided.insert(group, decision);
        }
        Ok(Some(decision))
    }

    /// What was found: what it gets first, then the rest, each by circle and kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lines(&self, reading: &Reading<'_>) -> Result<Vec<PreviewLine>, StoreError> {
        let mut lines = Vec::with_capacity(self.counts.len());
        for ((circle, kind, (released, rule, by)), count) in &self.counts {
            let decision = Decision { released: *released, rule: *rule, by: *by };
            lines.push(PreviewLine {
                circle: Some(reading.circle_of(*circle)?),
                kind: reading.kind_of(*kind)?.to_string(),
                released: decision.released,
                reason: decision.sentence(),
                by: decision.by.as_str(),
                ..line(reading, count)?
            });
        }
        lines.sort_by_key(|line| (!line.released, std::cmp::Reverse(line.count)));
        if self.beyond.all > 0 {
            lines.push(line(reading, &self.beyond)?);
        }
        Ok(lines)
    }
}

/// A line's counts and samples, under no name yet.
fn line(reading: &Reading<'_>, count: &Count) -> Result<PreviewLine, StoreError> {
    let mut samples = BTreeSet::new();
    for seq in &count.newest {
        samples.extend(reading.row(*seq)?.filter(|row| !row.erased).map(|row| row.thing));
    }
    Ok(PreviewLine {
        circle: None,
        kind: String::new(),
        released: false,
        reason: "more circles and kinds than are listed".to_owned(),
        by: "node",
        count: count.all,
        sent: count.sent,
        has: count.has,
        samples: samples.into_iter().collect(),
    })
}
