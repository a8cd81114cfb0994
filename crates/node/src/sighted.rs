//! How often partners sighted an indicator, as their sightings say: the cube's other half. It counts
//! no match of this node's own, and believes nobody: a number is told with whose it is.

use crate::sighting::Whose;
use crate::watch::{INDICATOR, order};
use model::id::{CircleId, NodeId, ThingId};
use model::kind::Kind;
use model::time::Instant;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use store::{Cell, Reading, Row, Sighted, StoreError};
use uuid::Uuid;

/// What one partner counted of an indicator.
#[derive(Clone, Debug)]
pub struct Heard {
    /// How often, and when; the hour is that in which its sighting came here, the place its newest
    /// sighting's.
    pub cell: Cell,
    /// The indicator.
    pub thing: ThingId,
    /// The circle that it was told in.
    pub circle: CircleId,
    /// Who says so.
    pub by: NodeId,
}

/// What is told as one number: whose, of what, where, and in which hour; no hour in sums.
type Key = (NodeId, [u8; 16], CircleId, Option<i64>);

const HOUR_MICROS: i64 = 3_600_000_000;

/// What partners sighted since `from`: hour by hour the newest first, sums with the most first; at
/// most `limit`. Of a sighting that came in several versions the newest counts.
///
/// # Errors
/// When the store cannot be read.
pub fn sighted(
    reading: &Reading<'_>,
    me: &NodeId,
    whose: Whose<'_>,
    from: Instant,
    limit: usize,
) -> Result<Vec<Heard>, StoreError> {
    let mut newest: HashMap<(NodeId, Uuid, [u8; 16]), (Row, Sighted)> = HashMap::new();
    let mut take = |said: Sighted| {
        let row = reading.row(said.seq)?.filter(|row| !row.erased && !row.hidden);
        if let Some(row) = row.filter(|row| row.signer != *me) {
            let known = newest.entry((row.signer, row.thing.uuid, said.of));
            let known = known.or_insert_with(|| (row.clone(), said));
            if order(&row) > order(&known.0) {
                *known = (row, said);
            }
        }
        Ok(())
    };
    let by_hour = matches!(whose, Whose::Of(_));
    match whose {
        Whose::Of(thing) => reading.sighted(Some(thing.uuid.as_bytes()), from, &mut take)?,
        Whose::At(places) => {
            for seq in places {
                if let Some(row) = reading.row(*seq)? {
                    reading.sighted(Some(row.thing.uuid.as_bytes()), from, &mut take)?;
                }
            }
        }
        Whose::All => reading.sighted(None, from, &mut take)?,
    }
    let mut cells: BTreeMap<Key, Cell> = BTreeMap::new();
    for (row, said) in newest.into_values() {
        let hour = said.at.micros().div_euclid(HOUR_MICROS);
        let key = (row.signer, said.of, row.label.circle, by_hour.then_some(hour));
        let new = cell(&said, hour);
        cells.entry(key).and_modify(|cell| add(cell, &new)).or_insert(new);
    }
    let heard = cells.into_iter().map(|((by, of, circle, _), cell)| {
        let thing = ThingId { kind: Kind::ours(INDICATOR), uuid: Uuid::from_bytes(of) };
        Heard { cell, thing, circle, by }
    });
    let mut heard: Vec<Heard> = heard.collect();
    if by_hour {
        heard.sort_by_key(|one| (Reverse(one.cell.hour), one.cell.seq));
    } else {
        heard.sort_by_key(|one| (Reverse(one.cell.count), one.cell.seq));
    }
    heard.truncate(limit);
    Ok(heard)
}

/// One sighting; one that says no number or no time was seen once, when it came.
fn cell(said: &Sighted, hour: i64) -> Cell {
    let (first, last) = (said.first.unwrap_or(said.at), said.last.unwrap_or(said.at));
    Cell {
        seq: said.seq,
        hour: Instant::from_micros(hour.saturating_mul(HOUR_MICROS)),
        count: said.count.unwrap_or(1),
        first: first.min(last),
        last: first.max(last),
    }
}

fn add(cell: &mut Cell, new: &Cell) {
    cell.seq = cell.seq.max(new.seq);
    cell.hour = cell.hour.max(new.hour);
    cell.count = cell.count.saturating_add(new.count);
    (cell.first, cell.last) = (cell.first.min(new.first), cell.last.max(new.last));
}
