//! Checking the log against itself: each entry's leaf is computed anew. Signatures are the
//! caller's, who has the keys.

use crate::log::{Row, Seq};
use crate::{Reading, Store, StoreError};
use model::record::{self, Parts};

/// Entries read between two looks at the log's end.
const STEP: usize = 1_000;

/// What became of one entry.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its place.
    pub seq: Seq,
    /// The entry itself.
    pub row: Row,
    /// Whether the leaf fits what is stored; always true for a stub, which has nothing to compare.
    pub leaf_ok: bool,
    /// What was signed; `None` for a stub and for what does not unpack.
    pub parts: Option<Parts>,
}

/// Walks at most `limit` entries above `after` and gives the last place seen.
pub(crate) fn check(
    reading: &Reading<'_>,
    after: Seq,
    limit: usize,
    each: &mut dyn FnMut(Checked),
) -> Result<Seq, StoreError> {
    let mut last = after;
    for light in reading.scan(after, Seq::MAX, limit)? {
        let seq = light.seq;
        last = seq;
        let row = reading.row(seq)?.ok_or(StoreError::NoSuchEntry(seq))?;
        // Only the body can be unreadable by itself; the walk goes on and says so.
        let parts = match reading.parts(seq) {
            Ok(parts) => parts,
            Err(StoreError::Damaged { .. } | StoreError::Packing(_)) => None,
            Err(error) => return Err(error),
        };
        let same = |p: &Parts| record::leaf(&p.salt, &p.head, &p.body) == row.leaf;
        let leaf_ok = parts.as_ref().map_or(row.erased, same);
        each(Checked { seq, row, leaf_ok, parts });
    }
    Ok(last)
}

impl Store {
    /// Walks the whole log and reports each entry, its leaf computed anew.
    ///
    /// # Errors
    /// When the database fails; what does not unpack is reported to `each` instead.
    pub fn check(&self, each: &mut dyn FnMut(Checked)) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let last = self.reading().check(after, STEP, each)?;
            if last == after {
                return Ok(());
            }
            after = last;
        }
    }
}
