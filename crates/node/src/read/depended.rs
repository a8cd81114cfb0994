//! What depended here on what was recalled: how often it matched in this node's own telemetry, live
//! or looked back for, before its signer took it back. Counts outlive what is erased, and no value
//! does: this file reads none.

use super::recalled::recall_at;
use model::id::{CircleId, NodeId, ThingId};
use model::kind::{Kind, RECALL};
use model::limits::{CUBE_LINES_MAX, RECALL_LINES_MAX};
use model::statement::RecallMode;
use model::time::Instant;
use store::{Reading, Seq, StoreError};

/// A recall, ours or a partner's, of something that had matched here.
#[derive(Clone, Debug)]
pub struct Depended {
    /// The recall's place in the log.
    pub seq: Seq,
    /// What is recalled.
    pub thing: ThingId,
    /// Its circle.
    pub circle: CircleId,
    /// Who took it back.
    pub signer: NodeId,
    /// Erase or stop.
    pub mode: RecallMode,
    /// Why.
    pub reason: String,
    /// When that came here.
    pub since: Instant,
    /// How many events matched, as far as hours are counted still.
    pub matches: u64,
    /// The earliest of them, by its own clock.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
    /// Where what is recalled stood in the log: its matches at home are found by this.
    pub places: Vec<Seq>,
}

/// The recalls after a place in the log of what had matched here, at most [`RECALL_LINES_MAX`].
///
/// # Errors
/// When the store cannot be read.
pub fn depended(reading: &Reading<'_>, after: Seq) -> Result<Vec<Depended>, StoreError> {
    let (head, mut after, mut found) = (reading.head()?, after, Vec::new());
    loop {
        let lights = reading.scan_kind(&Kind::ours(RECALL), after, head, RECALL_LINES_MAX)?;
        for light in &lights {
            found.extend(at(reading, light.seq)?);
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

/// The recall at a place; `None` when nothing had matched by what it means.
fn at(reading: &Reading<'_>, seq: Seq) -> Result<Option<Depended>, StoreError> {
    let Some((row, recall)) = recall_at(reading, seq)? else { return Ok(None) };
    let (places, mut cells) = (reading.meant_by(seq)?, Vec::new());
    for place in &places {
        cells.extend(reading.hours(*place, Instant::from_micros(0), CUBE_LINES_MAX)?);
    }
    let (first, last) =
        (cells.iter().map(|cell| cell.first).min(), cells.iter().map(|cell| cell.last).max());
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    Ok(Some(Depended {
        seq,
        thing: recall.subject.thing,
        circle: row.label.circle,
        signer: row.signer,
        mode: recall.mode,
        reason: recall.reason,
        since: row.at,
        matches: cells.iter().fold(0, |all, cell| all.saturating_add(cell.count)),
        first,
        last,
        places,
    }))
}

/// How many events matched by an entry that was taken back; 0 while it is there.
///
/// # Errors
/// When the store cannot be read.
pub fn depended_on(reading: &Reading<'_>, place: Seq) -> Result<u64, StoreError> {
    if reading.row(place)?.is_some_and(|row| !row.erased) {
        return Ok(0);
    }
    let cells = reading.hours(place, Instant::from_micros(0), CUBE_LINES_MAX)?;
    Ok(cells.iter().fold(0, |all, cell| all.saturating_add(cell.count)))
}
