//! What one partner would be sent, what it has already, and by which rule it gets the rest not: the
//! same decision that its outlet makes, over the whole log, step by step. Nothing is numbered here.

use super::numbered::{Numbered, Way};
use crate::release::Lens;
use model::id::{CircleId, ThingId};
use model::limits::{PREVIEW_LINES_MAX, PREVIEW_SAMPLES_MAX, SCAN_ENTRIES_MAX};
use policy::{By, Decision, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Light, Reading, Seq, StoreError};

/// Why a partner gets a record or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The rule of release decided.
    Decided(Decision),
    /// It was deleted from its collection, or stopped by its signer.
    Hidden,
}

impl Verdict {
    /// Whether it is released.
    #[must_use]
    pub const fn released(self) -> bool {
        match self {
            Self::Decided(decision) => decision.released,
            Self::Hidden => false,
        }
    }

    /// Why, in one sentence for the node's own people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Decided(decision) => decision.sentence(),
            Self::Hidden => "deleted from its collection, or stopped by its signer".to_owned(),
        }
    }

    /// Whose rule it is, in one word.
    #[must_use]
    pub const fn by(self) -> &'static str {
        match self {
            Self::Decided(decision) => decision.by.as_str(),
            Self::Hidden => "node",
        }
    }
}

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
/// One line: circle, kind and decision; `None` of what is hidden.
type Place = (u32, u32, Option<(bool, Rule, By)>);

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
    numbered: Numbered,
    next: Seq,
    head: Seq,
    decided: HashMap<Group, Verdict>,
    counts: BTreeMap<Place, Count>,
    /// What found no room among the lines.
    beyond: Count,
}

impl Preview {
    /// Begins for one partner's eyes; what comes after this moment is not looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin(reading: &Reading<'_>, lens: Lens) -> Result<Self, StoreError> {
        Ok(Self {
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
        for light in lights.iter().filter(|light| !light.erased) {
            self.count(reading, light)?;
        }
        self.next = lights.last().map_or(self.head, |light| light.seq);
        Ok(lights.len() >= SCAN_ENTRIES_MAX)
    }

    fn count(&mut self, reading: &Reading<'_>, light: &Light) -> Result<(), StoreError> {
        let Some(verdict) = self.verdict(reading, light)? else { return Ok(()) };
        let decided = match verdict {
            Verdict::Decided(Decision { released, rule, by }) => Some((released, rule, by)),
            Verdict::Hidden => None,
        };
        let place = (light.circle_id, light.kind_id, decided);
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

    /// The decision, made once for all that decides alike; words about other records, which go
    /// where those went, are decided one by one.
    fn verdict(
        &mut self,
        reading: &Reading<'_>,
        light: &Light,
    ) -> Result<Option<Verdict>, StoreError> {
        let Light { label_id, signer_id, via_id, hop, kind_id, hidden, .. } = *light;
        let group = (label_id, signer_id, via_id, hop, kind_id, hidden);
        if let Some(known) = self.decided.get(&group) {
            return Ok(Some(*known));
        }
        let Some(row) = reading.row(light.seq)? else { return Ok(None) };
        let decision = self.lens.decide(&row);
        let verdict =
            if hidden && decision.released { Verdict::Hidden } else { Verdict::Decided(decision) };
        if !row.thing.kind.is_urgent() && self.decided.len() < SCAN_ENTRIES_MAX {
            self.decided.insert(group, verdict);
        }
        Ok(Some(verdict))
    }

    /// What was found: what it gets first, then the rest, each by circle and kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lines(&self, reading: &Reading<'_>) -> Result<Vec<PreviewLine>, StoreError> {
        let mut lines = Vec::with_capacity(self.counts.len());
        for ((circle, kind, decided), count) in &self.counts {
            let decided = decided.map(|(released, rule, by)| Decision { released, rule, by });
            let verdict = decided.map_or(Verdict::Hidden, Verdict::Decided);
            lines.push(PreviewLine {
                circle: Some(reading.circle_of(*circle)?),
                kind: reading.kind_of(*kind)?.to_string(),
                released: verdict.released(),
                reason: verdict.sentence(),
                by: verdict.by(),
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
