//! How far a recall has come: for each partner that has what is recalled, or is told of it, whether
//! the word was sent, receipted or refused, and since when that is overdue. A receipt is the
//! partner's word, never a proof that its copy is gone.

use super::receipts::Answers;
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{NodeId, ThingId};
use model::kind::{Kind, RECALL};
use model::limits::RECALL_OVERDUE_SECONDS;
use model::statement::Recall;
use model::time::Instant;
use store::{Outlet, Partner, Reading, Row, StoreError};

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
}

impl RecallState {
    /// `unreachable`, `waiting`, `sent`, `refused`, `receipted` or `to be told`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Receipted => "receipted",
            Self::ToBeTold => "to be told",
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
    /// Not receipted for longer than [`RECALL_OVERDUE_SECONDS`].
    pub overdue: bool,
}

/// How far our recalls of a thing have come; `None` when it was never recalled here.
///
/// # Errors
/// When the store cannot be read.
pub fn recalled(
    reading: &Reading<'_>,
    own: NodeId,
    thing: &ThingId,
    now: Instant,
) -> Result<Option<Vec<Recalled>>, StoreError> {
    let statements = recalls(reading, own, thing)?;
    if statements.is_empty() {
        return Ok(None);
    }
    let words: Vec<Row> = statements.into_iter().map(|(row, _)| row).collect();
    let mut lines = Standing::load(reading, now)?.lines(thing, &words)?;
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
    let line = |reader: crate::reads::Reader| Recalled {
        partner: reader.name,
        thing: thing.clone(),
        state: RecallState::ToBeTold,
        reason: None,
        receipt: None,
        at: Some(reader.first),
        since,
        overdue: false,
    };
    Ok(crate::reads::readers_of(reading, &entries)?.into_iter().map(line).collect())
}

/// Our recalls that some partner has not receipted in time, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn overdue(reading: &Reading<'_>, now: Instant) -> Result<Vec<Recalled>, StoreError> {
    let standing = Standing::load(reading, now)?;
    let mut found = Vec::new();
    each(reading, &mut |row, recall| {
        let lines = standing.lines(&recall.subject.thing, std::slice::from_ref(&row))?;
        found.extend(lines.into_iter().filter(|line| line.overdue));
        Ok(())
    })?;
    Ok(found)
}

/// Partners with what was ever numbered for them, at an instant.
struct Standing<'a> {
    reading: &'a Reading<'a>,
    now: Instant,
    circles: Circles,
    partners: Vec<(Partner, Vec<Outlet>)>,
}

impl<'a> Standing<'a> {
    fn load(reading: &'a Reading<'a>, now: Instant) -> Result<Self, StoreError> {
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
        Ok(Self { reading, now, circles: Circles::load(reading)?, partners })
    }

    /// One line for each partner that has the thing or is sent the word; of several words the one
    /// that is least far.
    fn lines(&self, thing: &ThingId, words: &[Row]) -> Result<Vec<Recalled>, StoreError> {
        let mut lines = Vec::new();
        for (partner, outlets) in &self.partners {
            let mut line: Option<Recalled> = None;
            for word in words {
                let Some(one) = self.one((partner, outlets), thing, word)? else { continue };
                if line.as_ref().is_none_or(|line| one.state < line.state) {
                    line = Some(one);
                }
            }
            lines.extend(line);
        }
        Ok(lines)
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
            let told = reader
                .as_ref()
                .is_some_and(|reader| Lens { reader: reader.clone(), now: self.now }.sees(word));
            if !told && !self.has(outlets, word)? {
                return Ok(None);
            }
        }
        if reader.is_none() && line.state < RecallState::Receipted {
            line.state = RecallState::Unreachable;
        }
        let late = word.at.plus_seconds(RECALL_OVERDUE_SECONDS) < self.now;
        line.overdue = late && line.state != RecallState::Receipted;
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
    let mut found = Vec::new();
    each(reading, &mut |row, recall| {
        if row.signer == own && recall.subject.thing == *thing {
            found.push((row, recall));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Goes through all recalls that were said here.
fn each(
    reading: &Reading<'_>,
    told: &mut dyn FnMut(Row, Recall) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let head = reading.head()?;
    let mut after = 0;
    loop {
        let lights = reading.scan_kind(&Kind::ours(RECALL), after, head, STEP)?;
        for light in &lights {
            let Some((row, body)) = reading.row_and_body(light.seq)? else { continue };
            let recall = std::str::from_utf8(&body).ok().and_then(|text| Recall::read(text).ok());
            if let Some(recall) = recall.filter(|_| row.via.is_none()) {
                told(row, recall)?;
            }
        }
        match lights.last() {
            Some(last) if lights.len() >= STEP => after = last.seq,
            Some(_) | None => return Ok(()),
        }
    }
}

/// Entries of the log looked at in one step.
const STEP: usize = 1_000;
