//! Who read what without a receipt: tokens of tools and people, by range. On disk before the bytes
//! leave. It neither decides who may read nor keeps what was read.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use model::id::{IntakeId, NodeId, ThingId};
use model::time::Instant;
use std::collections::BTreeMap;
use store::{LOG_ITSELF, ReadRange, Reading, Seq, StoreError};

/// What one token is about to be given for the first time.
#[derive(Clone, Debug)]
pub struct Read {
    /// The token's own number.
    pub reader: IntakeId,
    /// Its name, for people.
    pub name: String,
    /// The outlet's number; [`LOG`] where the ranges count places in the log.
    pub outlet: i64,
    /// First and last number of each range.
    pub ranges: Vec<(u64, u64)>,
}

/// The outlet of ranges that count places in the log.
pub const LOG: i64 = LOG_ITSELF;

impl Node {
    /// Keeps what a token is given.
    pub(crate) fn note_read(
        moment: &mut Moment<'_, '_>,
        read: &Read,
    ) -> Result<Answer, StoreError> {
        for (first, last) in &read.ranges {
            moment.tx.put_read(&ReadRange {
                reader: read.reader,
                name: read.name.clone(),
                outlet: read.outlet,
                first: *first,
                last: *last,
                began: moment.now,
                ended: moment.now,
            })?;
        }
        Ok(Answer::Done)
    }
}

/// A reader without receipts who was given something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reader {
    /// The token's name.
    pub name: String,
    /// Its own number.
    pub reader: IntakeId,
    /// Not before.
    pub first: Instant,
    /// Not after.
    pub last: Instant,
}

/// Who was given any of these entries of the log, by name.
///
/// # Errors
/// When the store cannot be read.
pub fn readers_of(reading: &Reading<'_>, entries: &[Seq]) -> Result<Vec<Reader>, StoreError> {
    let mut readers: BTreeMap<(String, IntakeId), (Instant, Instant)> = BTreeMap::new();
    let mut add = |ranges: Vec<ReadRange>| {
        for range in ranges {
            let both = (range.began, range.ended);
            let known = readers.entry((range.name, range.reader)).or_insert(both);
            *known = (known.0.min(both.0), known.1.max(both.1));
        }
    };
    let outlets = reading.outlets()?;
    for seq in entries {
        add(reading.readers_of(LOG, seq.unsigned_abs())?);
        for outlet in outlets.iter().filter(|outlet| outlet.key.starts_with("taxii:")) {
            if let Some((segment, index)) = reading.place_of(outlet.id, *seq)? {
                add(reading.readers_of(outlet.id, segment.first + u64::from(index))?);
            }
        }
    }
    let reader = |((name, reader), (first, last))| Reader { name, reader, first, last };
    Ok(readers.into_iter().map(reader).collect())
}

/// Who was given a thing, also one that this node recalled since.
///
/// # Errors
/// When the store cannot be read.
pub fn readers(
    reading: &Reading<'_>,
    own: NodeId,
    thing: &ThingId,
) -> Result<Vec<Reader>, StoreError> {
    readers_of(reading, &crate::read::places(reading, own, thing)?)
}

/// What a reader was given so far: outlets with the ranges of each.
///
/// # Errors
/// When the store cannot be read.
pub fn given(reading: &Reading<'_>, reader: &IntakeId) -> Result<Vec<(i64, u64, u64)>, StoreError> {
    let ranges = reading.reads_of(reader)?;
    Ok(ranges.into_iter().map(|range| (range.outlet, range.first, range.last)).collect())
}
