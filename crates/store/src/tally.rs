//! The log counted by what a decision depends on: entries with equal label, kind, signer, way and
//! hops are one group. It reads one index and no row; what a group means is asked elsewhere.

use crate::log::HIDDEN;
use crate::{Reading, StoreError, sql};

/// Entries that no decision can tell apart, the moment aside.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Group {
    /// The number of their label.
    pub label_id: u32,
    /// The number of their kind.
    pub kind_id: u32,
    /// The number of their signer.
    pub signer_id: u32,
    /// The number of the partner that they came from, 0 when they were made here.
    pub via_id: u32,
    /// Hops that they have taken.
    pub hop: u8,
    /// Deleted from their collection, or stopped by their signer.
    pub hidden: bool,
}

pub(crate) const TALLY: &str = "SELECT label, kind, signer, via, hop, flags, count(*) FROM log \
    WHERE flags & 2 = 0 GROUP BY label, kind, signer, via, hop, flags LIMIT ?1";

const KEPT_BACK: &str = "SELECT label, kind, signer, via, hop, flags, count(*) FROM kept_back \
    JOIN log ON log.seq = kept_back.seq WHERE kept_back.outlet = ?1 AND flags & 2 = 0 \
    GROUP BY label, kind, signer, via, hop, flags";

impl Reading<'_> {
    /// All entries that are not erased, in at most `limit` groups; groups that differ in nothing
    /// that is told here may come more than once. True when there are more groups.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tally(&self, limit: usize) -> Result<(Vec<(Group, u64)>, bool), StoreError> {
        let conn = &self.handle.conn;
        let mut groups = sql::all(conn, TALLY, (sql::limit(limit.saturating_add(1)),), counted)?;
        let more = groups.len() > limit;
        groups.truncate(limit);
        Ok((groups, more))
    }

    /// The same of what people withdrew from an outlet's reader: few, each by hand.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tally_kept_back(&self, outlet: &str) -> Result<Vec<(Group, u64)>, StoreError> {
        sql::all(&self.handle.conn, KEPT_BACK, (outlet,), counted)
    }
}

fn counted(row: &rusqlite::Row<'_>) -> Result<(Group, u64), StoreError> {
    let flags: i64 = row.get(5)?;
    let group = Group {
        label_id: row.get(0)?,
        kind_id: row.get(1)?,
        signer_id: row.get(2)?,
        via_id: row.get(3)?,
        hop: row.get(4)?,
        hidden: flags & HIDDEN != 0,
    };
    Ok((group, sql::unsigned(row.get(6)?)?))
}

#[cfg(test)]
mod tests;
