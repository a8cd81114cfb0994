//! How far a recall has come: for each partner that was sent the record, whether the recall was
//! sent and receipted. A receipt is the partner's word, never a proof that its copy is gone.

use crate::outlet::{is_numbered, link_key};
use model::id::ThingId;
use model::kind::{Kind, RECALL};
use model::statement::Recall;
use model::time::Instant;
use store::{Outlet, Partner, PartnerState, Reading, Seq, StoreError};

/// Where a recall stands with one partner.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RecallState {
    /// It will be sent as soon as the partner is reached.
    Waiting,
    /// Sent, not yet receipted.
    Sent,
    /// The partner has signed that it has it.
    Receipted,
}

impl RecallState {
    /// `waiting`, `sent` or `receipted`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Receipted => "receipted",
        }
    }
}

/// A recall as one partner has it.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// The partner's name.
    pub partner: String,
    /// How far it has come.
    pub state: RecallState,
    /// The partner's receipt, as it came.
    pub receipt: Option<String>,
    /// When the receipt came.
    pub at: Option<Instant>,
}

/// Every partner that this thing's recalls concern; `None` when the thing was never recalled here.
///
/// # Errors
/// When the store cannot be read.
pub fn recalled(
    reading: &Reading<'_>,
    own: model::id::NodeId,
    thing: &ThingId,
) -> Result<Option<Vec<Recalled>>, StoreError> {
    let statements = statements(reading, own, thing)?;
    if statements.is_empty() {
        return Ok(None);
    }
    let mut lines = Vec::new();
    for partner in reading.partners()? {
        let Some(outlet) = reading.outlet(&link_key(&partner.node))? else { continue };
        if partner.state == PartnerState::Removed {
            continue;
        }
        let mut line: Option<Recalled> = None;
        for (seq, about) in &statements {
            let mut had = false;
            for record in about {
                had = had || is_numbered(reading, &outlet, *record)?;
            }
            if had {
                let next = stand(reading, &outlet, &partner, *seq)?;
                let worse = line.as_ref().is_none_or(|line| next.state < line.state);
                line = if worse { Some(next) } else { line };
            }
        }
        lines.extend(line);
    }
    Ok(Some(lines))
}

/// Our recalls of a thing, each with the places of the records that it may be about.
fn statements(
    reading: &Reading<'_>,
    own: model::id::NodeId,
    thing: &ThingId,
) -> Result<Vec<(Seq, Vec<Seq>)>, StoreError> {
    let head = reading.head()?;
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let lights = reading.scan_kind(&Kind::ours(RECALL), after, head, STEP)?;
        for light in &lights {
            let Some((row, body)) = reading.row_and_body(light.seq)? else { continue };
            let recall = std::str::from_utf8(&body).ok().and_then(|text| Recall::read(text).ok());
            if row.signer == own && recall.is_some_and(|recall| recall.subject.thing == *thing) {
                found.push((light.seq, records(reading, thing, &row)?));
            }
        }
        match lights.last() {
            Some(last) if lights.len() >= STEP => after = last.seq,
            Some(_) | None => return Ok(found),
        }
    }
}

/// The places in the same circle that may have held the thing. What is erased has lost its id, so
/// that every stub of the circle and kind before the recall counts: rather one partner too many.
fn records(
    reading: &Reading<'_>,
    thing: &ThingId,
    recall: &store::Row,
) -> Result<Vec<Seq>, StoreError> {
    let mut seqs = Vec::new();
    let mut after = 0;
    loop {
        let lights = reading.scan_kind(&thing.kind, after, recall.seq, STEP)?;
        for light in lights.iter().filter(|light| light.erased) {
            let here = reading.circle_of(light.circle_id)? == recall.label.circle;
            let own = reading.node_of(light.signer_id)? == Some(recall.signer);
            seqs.extend((here && own).then_some(light.seq));
        }
        match lights.last() {
            Some(last) if lights.len() >= STEP => after = last.seq,
            Some(_) | None => break,
        }
    }
    seqs.extend(reading.by_thing(thing)?.into_iter().filter(|seq| *seq < recall.seq));
    Ok(seqs)
}

/// Entries of the log looked at in one step.
const STEP: usize = 1_000;

fn stand(
    reading: &Reading<'_>,
    outlet: &Outlet,
    partner: &Partner,
    seq: Seq,
) -> Result<Recalled, StoreError> {
    let mut line = Recalled {
        partner: partner.name.clone(),
        state: RecallState::Waiting,
        receipt: None,
        at: None,
    };
    let segments = reading.segments_spanning(outlet.id, seq)?;
    let offset = segments.iter().find_map(|segment| {
        segment.runs.position(seq).map(|index| segment.first + u64::from(index))
    });
    let Some(offset) = offset else { return Ok(line) };
    line.state = RecallState::Sent;
    let receipt = reading.held_receipts(outlet.id, 1)?.into_iter().next();
    if let Some(receipt) = receipt.filter(|receipt| receipt.size > offset) {
        line.state = RecallState::Receipted;
        line.at = Some(receipt.at);
        line.receipt = Some(receipt.text);
    }
    Ok(line)
}
