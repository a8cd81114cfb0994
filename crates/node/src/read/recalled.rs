//! How far a recall has come: for each partner that has what is recalled, or is told of it, whether
//! the word was sent, receipted or refused, how far the partner says that it has obeyed it, and
//! whether that is overdue. All of it is the partner's word, never a proof that its copy is gone.

use super::receipts::Answers;
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{NodeId, ThingId};
use model::kind::{Kind, RECALL};
use model::limits::{
    PURGE_SECONDS_MAX, RECALL_LINES_MAX, RECALL_OVERDUE_SECONDS, RECALL_OVERDUE_SECONDS_MAX,
    RECALL_OVERDUE_SECONDS_MIN,
};
use model::obeyed::Stage;
use model::statement::{Recall, RecallMode};
use model::time::Instant;
use store::{Awaited, Outlet, Partner, Reading, Row, Seq, StoreError};

/// Where a recall stands with one partner, the least far first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RecallState {
    /// A partner no more: no link leads there. It has to be told by other ways.
    Unreachable,
    /// It will be sent as soon as the partner is reached.
    Waiting,
    /// Sent, not yet receipted.
    Sent,
    /// The partner has signed that it refused it.
    Refused,
    /// The partner has signed that it has it and obeyed.
    Receipted,
    /// A reader without receipts was given it: a person has to tell it.
    ToBeTold,
    /// A person has told it.
    Told,
}

impl RecallState {
    /// `unreachable`, `waiting`, `sent`, `refused`, `receipted`, `to be told` or `told`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Receipted => "receipted",
            Self::ToBeTold => "to be told",
            Self::Told => "told",
        }
    }
}

/// A recall as one partner has it.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// The partner's name; the token's of a reader that is to be told.
    pub partner: String,
    /// What is recalled.
    pub thing: ThingId,
    /// How far it has come; with several recalls of one thing, the one that is least far.
    pub state: RecallState,
    /// Why the partner refused it.
    pub reason: Option<String>,
    /// The partner's receipt, as it came.
    pub receipt: Option<String>,
    /// When the receipt came; when a reader that is to be told was given it.
    pub at: Option<Instant>,
    /// When the record was recalled.
    pub since: Instant,
    /// What the partner says of its obedience; `None` of who never had it from here.
    pub obeyed: Option<ObeyedBy>,
    /// Who told the reader, where it is told by a person.
    pub told_by: Option<String>,
    /// It had the record, and has not said in time that it obeyed.
    pub overdue: bool,
}

/// How far a partner says that it has obeyed a recall.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ObeyedBy {
    /// The furthest that it said.
    pub stage: Option<Stage>,
    /// To how many it passed the recall on, of those who had the record from it.
    pub passed: u64,
    /// When it applied it.
    pub applied: Option<Instant>,
    /// When it purged it.
    pub purged: Option<Instant>,
    /// When all behind it had come as far.
    pub through: Option<Instant>,
    /// Nothing more is awaited of it.
    pub done: bool,
}

impl ObeyedBy {
    const fn of(line: &Awaited) -> Self {
        let Awaited { said, passed, applied, purged, through, done, .. } = *line;
        Self { stage: said, passed, applied, purged, through, done }
    }

    /// How far, with who has come less far before who has come further.
    fn far(&self) -> (bool, u8) {
        (self.done, self.stage.map_or(0, Stage::rank))
    }
}

/// Now, and for how many seconds a recall may be on its way before it is overdue.
#[derive(Clone, Copy, Debug)]
pub struct Grace {
    /// Now.
    pub now: Instant,
    /// As the operator says, within `RECALL_OVERDUE_SECONDS_MIN` and `_MAX`.
    pub seconds: i64,
}

impl Grace {
    /// What holds where nobody said otherwise.
    #[must_use]
    pub const fn usual(now: Instant) -> Self {
        Self { now, seconds: RECALL_OVERDUE_SECONDS }
    }

    /// Made before the first instant and nothing was said, or made before the second and not all was:
    /// then a recall is overdue. A purge has its own time on top.
    fn late_before(self) -> (Instant, Instant) {
        let purge = i64::try_from(PURGE_SECONDS_MAX).unwrap_or(i64::MAX);
        let (least, most) = (RECALL_OVERDUE_SECONDS_MIN, RECALL_OVERDUE_SECONDS_MAX);
        let nothing = self.now.plus_seconds(-self.seconds.clamp(least, most));
        (nothing, nothing.plus_seconds(-purge))
    }
}

fn is_late(line: &Awaited, grace: Grace) -> bool {
    let (nothing, less) = grace.late_before();
    let before = if line.said.is_none() { nothing } else { less };
    !line.done && !line.told && line.since < before
}

/// How far our recalls of a thing have come; `None` when it was never recalled here.
///
/// # Errors
/// When the store cannot be read.
pub fn recalled(
    reading: &Reading<'_>,
    own: NodeId,
    thing: &ThingId,
    grace: Grace,
) -> Result<Option<Vec<Recalled>>, StoreError> {
    let statements = recalls(reading, own, thing)?;
    if statements.is_empty() {
        return Ok(None);
    }
    let words: Vec<Row> = statements.into_iter().map(|(row, _)| row).collect();
    let mut lines = Standing::load(reading, grace)?.lines(thing, &words)?;
    lines.extend(to_be_told(reading, thing, &words)?);
    Ok(Some(lines))
}

/// Readers without receipts who were given what these words took back.
fn to_be_told(
    reading: &Reading<'_>,
    thing: &ThingId,
    words: &[Row],
) -> Result<Vec<Recalled>, StoreError> {
    let mut entries = Vec::new();
    for word in words {
        entries.extend(reading.meant_by(word.seq)?);
    }
    let since = words.iter().map(|word| word.at).min().unwrap_or(Instant::from_micros(0));
    let mut lines = Vec::new();
    for reader in crate::reads::readers_of(reading, &entries)? {
        let mut told = None;
        for word in words {
            told = told.or(reading.told(word.seq, &reader.reader)?);
        }
        let state = if told.is_some() { RecallState::Told } else { RecallState::ToBeTold };
        lines.push(Recalled {
            partner: reader.name,
            thing: thing.clone(),
            state,
            reason: None,
            receipt: None,
            at: Some(told.as_ref().map_or(reader.first, |told| told.at)),
            since,
            obeyed: None,
            told_by: told.map(|told| told.who),
            overdue: false,
        });
    }
    Ok(lines)
}

/// Recalls that some partner has not obeyed in time by its own word, oldest first: our own, and
/// those that were passed on. No more than [`RECALL_LINES_MAX`].
///
/// # Errors
/// When the store cannot be read.
pub fn overdue(reading: &Reading<'_>, grace: Grace) -> Result<Vec<Recalled>, StoreError> {
    let late = reading.awaited_late(grace.late_before(), RECALL_LINES_MAX)?;
    if late.is_empty() {
        return Ok(Vec::new());
    }
    let standing = Standing::load(reading, grace)?;
    let mut found = Vec::new();
    for line in late {
        let Some((row, recall)) = recall_at(reading, line.recall)? else { continue };
        let lines = standing.of(&line.partner, &recall.subject.thing, &row)?;
        found.extend(lines.filter(|line| line.overdue));
    }
    Ok(found)
}

/// How many recalls are overdue, counted once for each partner.
///
/// # Errors
/// When the store cannot be read.
pub fn overdue_count(reading: &Reading<'_>, grace: Grace) -> Result<u64, StoreError> {
    let (nothing, less) = grace.late_before();
    reading.count_late(nothing, less)
}

/// One of our recalls, and how many have come how far.
#[derive(Clone, Debug)]
pub struct RecallLine {
    /// Its place in the log.
    pub seq: Seq,
    /// What is recalled.
    pub thing: ThingId,
    /// Its version.
    pub version: String,
    /// Erase or stop.
    pub mode: RecallMode,
    /// Why.
    pub reason: String,
    /// When.
    pub since: Instant,
    /// Partners that had it from here.
    pub had: usize,
    /// Of these, those that say they have obeyed, and all behind them.
    pub done: usize,
    /// Of these, those that have not said so in time.
    pub overdue: usize,
    /// Readers without receipts that nobody has told.
    pub to_be_told: usize,
}

/// Our own recalls after a place in the log, at most [`RECALL_LINES_MAX`].
///
/// # Errors
/// When the store cannot be read.
pub fn own_recalls(
    reading: &Reading<'_>,
    own: NodeId,
    after: Seq,
    grace: Grace,
) -> Result<Vec<RecallLine>, StoreError> {
    let (head, mut after, mut found) = (reading.head()?, after, Vec::new());
    loop {
        let lights = reading.scan_kind(&Kind::ours(RECALL), after, head, RECALL_LINES_MAX)?;
        for light in &lights {
            // No body of another's recall is opened.
            if reading.node_of(light.signer_id)? != Some(own) {
                continue;
            }
            let Some((row, recall)) = recall_at(reading, light.seq)? else { continue };
            found.push(line_of(reading, &row, recall, grace)?);
            if found.len() >= RECALL_LINES_MAX {
                return Ok(found);
            }
        }
        match lights.last() {
            Some(last) if lights.len() >= RECALL_LINES_MAX => after = last.seq,
            Some(_) | None => return Ok(found),
        }
    }
}

fn line_of(
    reading: &Reading<'_>,
    row: &Row,
    recall: Recall,
    grace: Grace,
) -> Result<RecallLine, StoreError> {
    let awaited = reading.awaited(row.seq)?;
    let told = to_be_told(reading, &recall.subject.thing, std::slice::from_ref(row))?;
    Ok(RecallLine {
        seq: row.seq,
        version: recall.subject.version,
        mode: recall.mode,
        reason: recall.reason,
        since: row.at,
        had: awaited.len(),
        done: awaited.iter().filter(|line| line.done).count(),
        overdue: awaited.iter().filter(|line| is_late(line, grace)).count(),
        to_be_told: told.iter().filter(|line| line.state == RecallState::ToBeTold).count(),
        thing: recall.subject.thing,
    })
}

/// A recall in the log; `None` for what is none.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn recall_at(
    reading: &Reading<'_>,
    seq: Seq,
) -> Result<Option<(Row, Recall)>, StoreError> {
    let Some((row, body)) = reading.row_and_body(seq)? else { return Ok(None) };
    let recall = std::str::from_utf8(&body).ok().and_then(|text| Recall::read(text).ok());
    Ok(recall.map(|recall| (row, recall)))
}

/// Partners with what was ever numbered for them, at an instant.
struct Standing<'a> {
    reading: &'a Reading<'a>,
    grace: Grace,
    circles: Circles,
    partners: Vec<(Partner, Vec<Outlet>)>,
}

impl<'a> Standing<'a> {
    fn load(reading: &'a Reading<'a>, grace: Grace) -> Result<Self, StoreError> {
        let outlets = reading.outlets()?;
        let of = |partner: &Partner| -> Vec<Outlet> {
            let its = |outlet: &&Outlet| crate::outlet::link_of(&outlet.key) == Some(partner.node);
            outlets.iter().filter(its).cloned().collect()
        };
        let partners = reading.partners()?.into_iter().map(|partner| {
            let its = of(&partner);
            (partner, its)
        });
        let partners = partners.collect();
        Ok(Self { reading, grace, circles: Circles::load(reading)?, partners })
    }

    /// One line for each partner that has the thing or is sent the word; of several words the one
    /// that is least far.
    fn lines(&self, thing: &ThingId, words: &[Row]) -> Result<Vec<Recalled>, StoreError> {
        let mut lines = Vec::new();
        for (partner, outlets) in &self.partners {
            let mut line: Option<Recalled> = None;
            for word in words {
                let Some(one) = self.one((partner, outlets), thing, word)? else { continue };
                let far = |line: &Recalled| (line.state, line.obeyed.map(|by| by.far()));
                if line.as_ref().is_none_or(|line| far(&one) < far(line)) {
                    line = Some(one);
                }
            }
            lines.extend(line);
        }
        Ok(lines)
    }

    /// The line of one partner about one word.
    fn of(
        &self,
        node: &NodeId,
        thing: &ThingId,
        word: &Row,
    ) -> Result<impl Iterator<Item = Recalled>, StoreError> {
        let known = self.partners.iter().find(|(partner, _)| partner.node == *node);
        let line = match known {
            Some((partner, outlets)) => self.one((partner, outlets), thing, word)?,
            None => None,
        };
        Ok(line.into_iter())
    }

    fn one(
        &self,
        (partner, outlets): (&Partner, &[Outlet]),
        thing: &ThingId,
        word: &Row,
    ) -> Result<Option<Recalled>, StoreError> {
        let reader = partner_reader(partner, &self.circles);
        let mut line = Recalled {
            partner: partner.name.clone(),
            thing: thing.clone(),
            state: RecallState::Waiting,
            reason: None,
            receipt: None,
            at: None,
            since: word.at,
            obeyed: None,
            told_by: None,
            overdue: false,
        };
        let mut sent = false;
        for outlet in outlets {
            let Some((segment, index)) = self.reading.place_of(outlet.id, word.seq)? else {
                continue;
            };
            sent = true;
            line.state = line.state.max(RecallState::Sent);
            let number = segment.first + u64::from(index);
            if let Some((receipt, at, reason)) =
                Answers::new(self.reading, outlet.id).about(number)?
            {
                let refused = reason.is_some();
                line.state = line.state.max(if refused {
                    RecallState::Refused
                } else {
                    RecallState::Receipted
                });
                (line.receipt, line.at, line.reason) = (Some(receipt), Some(at), reason);
            }
        }
        if !sent {
            let told = reader.as_ref().is_some_and(|reader| {
                Lens { reader: reader.clone(), now: self.grace.now }.sees(word)
            });
            if !told && !self.has(outlets, word)? {
                return Ok(None);
            }
        }
        if reader.is_none() && line.state < RecallState::Receipted {
            line.state = RecallState::Unreachable;
        }
        if let Some(awaited) = self.reading.awaited_of(word.seq, &partner.node)? {
            line.obeyed = Some(ObeyedBy::of(&awaited));
            line.overdue = is_late(&awaited, self.grace);
            if awaited.told && !awaited.done {
                line.state = RecallState::Told;
            }
        }
        Ok(Some(line))
    }

    /// Whether the partner was ever given what a word took back.
    fn has(&self, outlets: &[Outlet], word: &Row) -> Result<bool, StoreError> {
        for seq in self.reading.meant_by(word.seq)? {
            for outlet in outlets {
                if self.reading.place_of(outlet.id, seq)?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Our recalls of a thing, and the records that say so.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn recalls(
    reading: &Reading<'_>,
    own: NodeId,
    thing: &ThingId,
) -> Result<Vec<(Row, Recall)>, StoreError> {
    let (head, mut after, mut found) = (reading.head()?, 0, Vec::new());
    loop {
        let lights = reading.scan_kind(&Kind::ours(RECALL), after, head, STEP)?;
        for light in &lights {
            // What was not said here, or by another, is not opened.
            if light.via_id != 0 || reading.node_of(light.signer_id)? != Some(own) {
                continue;
            }
            let said = recall_at(reading, light.seq)?;
            found.extend(said.filter(|(_, recall)| recall.subject.thing == *thing));
        }
        match lights.last() {
            Some(last) if lights.len() >= STEP => after = last.seq,
            Some(_) | None => return Ok(found),
        }
    }
}

/// Entries of the log looked at in one step.
const STEP: usize = 1_000;
