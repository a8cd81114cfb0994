//! What is held back: records that were handed in here and that no confirmed partner in their circle
//! gets, with the rule, and the reference that made them stricter. It releases nothing.

use crate::closure::stricter_by;
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{CircleId, NodeId, ThingId};
use model::label::{Strictness, Tlp};
use model::limits::{PREVIEW_LINES_MAX, RESULTS_MAX, SCAN_ENTRIES_MAX};
use model::time::Instant;
use policy::{By, Decision, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use store::{Light, PartnerState, Reading, Row, Seq, StoreError};

/// Records of one circle and kind that are held back for the same reasons.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldLine {
    /// Their circle.
    pub circle: CircleId,
    /// Their kind.
    pub kind: String,
    /// Why no partner gets them: one sentence for each rule that denied one.
    pub reasons: Vec<String>,
    /// How many.
    pub count: u64,
}

/// The reference that made a record stricter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stricter {
    /// What it refers to.
    pub thing: ThingId,
    /// The traffic light under which that is held.
    pub tlp: Tlp,
}

/// One record that is held back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldRecord {
    /// What it is about.
    pub thing: ThingId,
    /// Its version.
    pub version: String,
    /// Its circle.
    pub circle: CircleId,
    /// Its traffic light.
    pub tlp: Tlp,
    /// When it was handed in.
    pub at: Instant,
    /// Why no partner gets it.
    pub reasons: Vec<String>,
    /// The reference that made it stricter, if one did.
    pub stricter: Option<Stricter>,
}

/// The rules that denied it to one partner or another.
type Denials = BTreeSet<(Rule, By)>;
/// Label, signer, hops and kind: what decides alike for all that was handed in here.
type Group = (u32, u32, u8, u32);
/// Circle, kind and reasons.
type Place = (u32, u32, Denials);

/// The list of what is held back, on its way through the log step by step.
#[derive(Debug)]
pub struct Held {
    me: NodeId,
    /// The eyes of the confirmed partners.
    partners: Vec<Lens>,
    next: Seq,
    head: Seq,
    decided: HashMap<Group, Option<Denials>>,
    counts: BTreeMap<Place, u64>,
    newest: VecDeque<Seq>,
    alone: u64,
}

impl Held {
    /// Begins; what comes after this moment is not looked at.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn begin(reading: &Reading<'_>, me: NodeId, now: Instant) -> Result<Self, StoreError> {
        let circles = Circles::load(reading)?;
        let partners = reading.partners()?.into_iter();
        let confirmed = partners.filter(|partner| partner.state == PartnerState::Confirmed);
        let readers = confirmed.filter_map(|partner| partner_reader(&partner, &circles));
        Ok(Self {
            me,
            partners: readers.map(|reader| Lens { reader, now }).collect(),
            next: 0,
            head: reading.head()?,
            decided: HashMap::new(),
            counts: BTreeMap::new(),
            newest: VecDeque::new(),
            alone: 0,
        })
    }

    /// Looks at the next part of the log; true when there is more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn step(&mut self, reading: &Reading<'_>) -> Result<bool, StoreError> {
        let me = reading.node_id(&self.me)?;
        let lights = reading.scan(self.next, self.head, SCAN_ENTRIES_MAX)?;
        let ours = |light: &&Light| light.via_id == 0 && Some(light.signer_id) == me;
        for light in lights.iter().filter(ours).filter(|light| !light.erased && !light.hidden) {
            let Some(reasons) = self.reasons(reading, light)? else { continue };
            if reasons.is_empty() {
                self.alone += 1;
                continue;
            }
            let place = (light.circle_id, light.kind_id, reasons);
            if self.counts.len() < PREVIEW_LINES_MAX || self.counts.contains_key(&place) {
                *self.counts.entry(place).or_default() += 1;
            }
            if self.newest.len() >= RESULTS_MAX {
                self.newest.pop_front();
            }
            self.newest.push_back(light.seq);
        }
        self.next = lights.last().map_or(self.head, |light| light.seq);
        Ok(lights.len() >= SCAN_ENTRIES_MAX)
    }

    /// Why nobody gets it, empty when no confirmed partner is in its circle; `None` when somebody does.
    fn reasons(
        &mut self,
        reading: &Reading<'_>,
        light: &Light,
    ) -> Result<Option<Denials>, StoreError> {
        let group = (light.label_id, light.signer_id, light.hop, light.kind_id);
        if let Some(known) = self.decided.get(&group) {
            return Ok(known.clone());
        }
        let kind = reading.kind_of(light.kind_id)?;
        // What this node itself states about circles and records is no intelligence.
        let row = if kind.format() == "entente" { None } else { reading.row(light.seq)? };
        let reasons = row.and_then(|row| self.denied(&row));
        if self.decided.len() < SCAN_ENTRIES_MAX {
            self.decided.insert(group, reasons.clone());
        }
        Ok(reasons)
    }

    fn denied(&self, row: &Row) -> Option<Denials> {
        let mut reasons = BTreeSet::new();
        for lens in &self.partners {
            if !lens.reader.circles.contains(&row.label.circle) {
                continue;
            }
            let decision = lens.decide(row);
            if decision.released {
                return None;
            }
            reasons.insert((decision.rule, decision.by));
        }
        Some(reasons)
    }

    /// How many are in circles that no confirmed partner is a member of: nobody is denied them.
    #[must_use]
    pub const fn alone(&self) -> u64 {
        self.alone
    }

    /// What was found: how many for which reasons, most first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lines(&self, reading: &Reading<'_>) -> Result<Vec<HeldLine>, StoreError> {
        let mut lines = Vec::with_capacity(self.counts.len());
        for ((circle, kind, reasons), count) in &self.counts {
            lines.push(HeldLine {
                circle: reading.circle_of(*circle)?,
                kind: reading.kind_of(*kind)?.to_string(),
                reasons: sentences(reasons),
                count: *count,
            });
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.count));
        Ok(lines)
    }

    /// The newest of them one by one, newest first, at most `RESULTS_MAX`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn records(&self, reading: &Reading<'_>) -> Result<Vec<HeldRecord>, StoreError> {
        let circles = Circles::load(reading)?;
        let mut records = Vec::with_capacity(self.newest.len());
        for seq in self.newest.iter().rev() {
            let Some((row, body)) = reading.row_and_body(*seq)? else { continue };
            let Some(reasons) = self.denied(&row) else { continue };
            let circle = row.label.circle;
            let default = circles.by_id(&circle).map_or(Tlp::Clear, |circle| circle.default);
            records.push(HeldRecord {
                stricter: stricter(reading, &row, &body, default)?,
                circle,
                tlp: row.label.effective_tlp(),
                thing: row.thing,
                version: row.version,
                at: row.at,
                reasons: sentences(&reasons),
            });
        }
        Ok(records)
    }
}

fn sentences(denials: &Denials) -> Vec<String> {
    let denied = |(rule, by): &(Rule, By)| Decision { released: false, rule: *rule, by: *by };
    denials.iter().map(|denial| denied(denial).sentence()).collect()
}

/// The reference that made a record stricter than its own markings do.
fn stricter(
    reading: &Reading<'_>,
    row: &Row,
    body: &[u8],
    default: Tlp,
) -> Result<Option<Stricter>, StoreError> {
    let Ok(read) = formats::stix::read(body) else { return Ok(None) };
    let markings = read.markings;
    let tlp = markings.tlp.unwrap_or(default).max(markings.at_least.unwrap_or(Tlp::Clear));
    let own = Strictness { tlp, personal: markings.personal, ..Strictness::FREE };
    let found = stricter_by(reading, &row.label, &own, &read.facts.refs)?;
    Ok(found.map(|(thing, tlp)| Stricter { thing, tlp }))
}
