//! How far a recall has come: for each partner that it is released to, whether it was sent and
//! receipted. A receipt is the partner's word, never a proof that its copy is gone.

use crate::outlet::link_key;
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{NodeId, ThingId};
use model::kind::{Kind, RECALL};
use model::statement::Recall;
use model::time::Instant;
use store::{Reading, Row, Seq, StoreError};

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
    /// How far it has come; with several recalls of one thing, the one that is least far.
    pub state: RecallState,
    /// The partner's receipt, as it came.
    pub receipt: Option<String>,
    /// When the receipt came.
    pub at: Option<Instant>,
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
    let circles = Circles::load(reading)?;
    let mut lines = Vec::new();
    for partner in reading.partners()? {
        let Some(reader) = partner_reader(&partner, &circles) else { continue };
        let lens = Lens { reader, now };
        let mut line: Option<Recalled> = None;
        for (row, _) in statements.iter().filter(|(row, _)| lens.sees(row)) {
            let (state, receipt) = stand(reading, &partner.node, row.seq)?;
            if line.as_ref().is_none_or(|line| state < line.state) {
                let (receipt, at) = receipt.unzip();
                line = Some(Recalled { partner: partner.name.clone(), state, receipt, at });
            }
        }
        lines.extend(line);
    }
    Ok(Some(lines))
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
    let head = reading.head()?;
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let lights = reading.scan_kind(&Kind::ours(RECALL), after, head, STEP)?;
        for light in &lights {
            let Some((row, body)) = reading.row_and_body(light.seq)? else { continue };
            let recall = std::str::from_utf8(&body).ok().and_then(|text| Recall::read(text).ok());
            let recall =
                recall.filter(|recall| row.signer == own && recall.subject.thing == *thing);
            found.extend(recall.map(|recall| (row, recall)));
        }
        match lights.last() {
            Some(last) if lights.len() >= STEP => after = last.seq,
            Some(_) | None => return Ok(found),
        }
    }
}

/// Entries of the log looked at in one step.
const STEP: usize = 1_000;

fn stand(
    reading: &Reading<'_>,
    partner: &NodeId,
    seq: Seq,
) -> Result<(RecallState, Option<(String, Instant)>), StoreError> {
    let Some(outlet) = reading.outlet(&link_key(partner))? else {
        return Ok((RecallState::Waiting, None));
    };
    let Some((segment, index)) = reading.place_of(outlet.id, seq)? else {
        return Ok((RecallState::Waiting, None));
    };
    let offset = segment.first + u64::from(index);
    let receipt = reading.held_receipts(outlet.id, 1)?.into_iter().next();
    Ok(match receipt.filter(|receipt| receipt.size > offset) {
        Some(receipt) => (RecallState::Receipted, Some((receipt.text, receipt.at))),
        None => (RecallState::Sent, None),
    })
}
