//! Short lists for the node's own people: circles, partners with their lag, the latest sightings.

use crate::outlet::link_key;
use crate::release::Lens;
use model::circle::Circle;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::Kind;
use model::time::Instant;
use store::{Partner, Reading, Seq, StoreError};

/// One circle.
#[derive(Clone, Debug)]
pub struct CircleLine {
    /// The version that this node follows, or the one on offer.
    pub circle: Circle,
    /// Whether this node follows it.
    pub accepted: bool,
    /// Whether a newer version is on offer.
    pub offered: bool,
}

/// All circles, followed or on offer.
///
/// # Errors
/// When the store cannot be read.
pub fn circles(reading: &Reading<'_>) -> Result<Vec<CircleLine>, StoreError> {
    let mut lines = Vec::new();
    for state in reading.circles()? {
        let (accepted, offered) = (state.accepted.is_some(), state.offered.is_some());
        let text = state.accepted.or(state.offered);
        if let Some(circle) = text.and_then(|text| Circle::read(&text).ok()) {
            lines.push(CircleLine { circle, accepted, offered });
        }
    }
    lines.sort_by(|a, b| a.circle.name.cmp(&b.circle.name));
    Ok(lines)
}

/// The circle of this name or id that this node follows or was offered.
///
/// # Errors
/// When the store cannot be read.
pub fn find_circle(reading: &Reading<'_>, name: &str) -> Result<Option<CircleLine>, StoreError> {
    let id: Option<CircleId> = name.parse().ok();
    let mut lines = circles(reading)?;
    // An id is nobody's name: a convener may call its circle by the id of another.
    lines.sort_by_key(|line| (Some(line.circle.id) != id, !line.accepted));
    Ok(lines.into_iter().find(|line| line.circle.name == name || Some(line.circle.id) == id))
}

/// One partner.
#[derive(Clone, Debug)]
pub struct PartnerLine {
    /// The partner.
    pub partner: Partner,
    /// Entries numbered for it and not yet receipted, and log entries not yet looked at for it.
    pub lag: u64,
    /// When its last receipt came.
    pub last_receipt: Option<Instant>,
    /// When its numbering was last seen to begin anew, after a restore from a backup there.
    pub restored: Option<Instant>,
    /// Records of this node's own that it gave back after this node was restored; `None` when none.
    pub returned: Option<u64>,
    /// Records held that came from it.
    pub held: u64,
}

/// All partners that were not removed.
///
/// # Errors
/// When the store cannot be read.
pub fn partners(reading: &Reading<'_>) -> Result<Vec<PartnerLine>, StoreError> {
    let mut lines = Vec::new();
    let head = reading.head()?;
    for partner in reading.partners()? {
        if partner.state == store::PartnerState::Removed {
            continue;
        }
        let (mut unsent, mut scanned, mut last_receipt) = (0, 0, None);
        if let Some(outlet) = reading.outlet(&link_key(&partner.node))? {
            let receipt = reading.held_receipts(outlet.id, 1)?.into_iter().next();
            unsent = outlet.next.saturating_sub(receipt.as_ref().map_or(0, |receipt| receipt.size));
            scanned = outlet.scanned;
            last_receipt = receipt.map(|receipt| receipt.at);
        }
        // Who is away is numbered for no more: what the log has grown by is waiting all the same.
        let unseen = u64::try_from(head.saturating_sub(scanned)).unwrap_or(0);
        let lag = unsent.saturating_add(unseen);
        let restored = crate::link::restored(reading, &partner.node)?;
        let returned = crate::returns::came_back(reading, &partner.node)?;
        let held = reading.held_from(&partner.node)?;
        lines.push(PartnerLine { partner, lag, last_receipt, restored, returned, held });
    }
    Ok(lines)
}

/// When the last entry of the log was appended, by this node's clock then; `None` when there is none.
///
/// # Errors
/// When the store cannot be read.
pub fn last_at(reading: &Reading<'_>) -> Result<Option<Instant>, StoreError> {
    Ok(reading.light(reading.head()?)?.map(|light| light.at))
}

/// One sighting.
#[derive(Clone, Debug)]
pub struct SightingLine {
    /// Its place in the log, for the node's own use; never shown.
    pub seq: Seq,
    /// Who signed it.
    pub by: NodeId,
    /// The indicator.
    pub of: Option<ThingId>,
    /// How many events.
    pub count: Option<u64>,
    /// The earliest event.
    pub first: Option<Instant>,
    /// The latest event.
    pub last: Option<Instant>,
    /// When it came.
    pub at: Instant,
}

/// The sightings after a place in the log that the reader may have, oldest first, and the place of
/// the last one looked at.
///
/// # Errors
/// When the store cannot be read.
pub fn sightings(
    reading: &Reading<'_>,
    lens: &Lens,
    after: Seq,
    limit: usize,
) -> Result<(Vec<SightingLine>, Seq), StoreError> {
    let Ok(kind) = "stix/sighting".parse::<Kind>() else { return Ok((Vec::new(), after)) };
    let lights = reading.scan_kind(&kind, after, reading.head()?, limit)?;
    let mut lines = Vec::new();
    for light in &lights {
        let Some((row, object)) = lens.body(reading, light.seq)? else { continue };
        let facts = formats::stix::read(object.bytes()).map(|r| r.facts).unwrap_or_default();
        lines.push(SightingLine {
            seq: light.seq,
            by: row.signer,
            of: facts.refs.iter().find(|thing| thing.kind.name() == "indicator").cloned(),
            count: facts.count,
            first: facts.first_seen,
            last: facts.last_seen,
            at: row.at,
        });
    }
    Ok((lines, lights.last().map_or(after, |light| light.seq)))
}
