//! The view of things: which entries are about one, and which entries have a rival.
//! It does not rank rivals.

use super::list::{Earlier, Entry, Gone, View};
use crate::log::{RIVAL, Seq};
use crate::open::Handle;
use crate::{Reading, StoreError, sql};
use model::id::ThingId;

/// Earlier entries looked at for an equal body: a thing with thousands of versions must not make
/// each new one slower.
const EARLIER_MAX: i64 = 64;

pub(super) struct Things;

impl View for Things {
    fn name(&self) -> &'static str {
        "things"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_thing (thing BLOB NOT NULL, kind INTEGER NOT NULL,
          seq INTEGER NOT NULL, PRIMARY KEY (thing, kind, seq)) STRICT, WITHOUT ROWID;"
    }

    fn drop_tables(&self) -> &'static str {
        "DROP TABLE view_thing; UPDATE log SET flags = flags & ~1 WHERE flags & 1;"
    }

    fn apply(&self, handle: &Handle, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_thing (thing, kind, seq) VALUES (?1, ?2, ?3)";
        let key = (entry.thing.as_bytes(), entry.kind, entry.seq);
        sql::execute(&handle.conn, INSERT, key)?;
        // Where there were two before, they are marked already.
        if let [only] = entry.earlier {
            mark(handle, only.seq)?;
        }
        if entry.earlier.is_empty() { Ok(()) } else { mark(handle, entry.seq) }
    }

    fn erase(&self, handle: &Handle, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM view_thing WHERE thing = ?1 AND kind = ?2 AND seq = ?3";
        const LEFT: &str = "SELECT seq FROM view_thing WHERE thing = ?1 AND kind = ?2 LIMIT 2";
        let conn = &handle.conn;
        sql::execute(conn, DELETE, (gone.thing.as_bytes(), gone.kind, gone.seq))?;
        let left = sql::all(conn, LEFT, (gone.thing.as_bytes(), gone.kind), |row| {
            Ok(row.get::<_, Seq>(0)?)
        })?;
        if let [alone] = left.as_slice() {
            let sql = "UPDATE log SET flags = flags & ~?2 WHERE seq = ?1";
            sql::execute(conn, sql, (alone, RIVAL))?;
        }
        Ok(())
    }
}

fn mark(handle: &Handle, seq: Seq) -> Result<(), StoreError> {
    let sql = "UPDATE log SET flags = flags | ?2 WHERE seq = ?1";
    sql::execute(&handle.conn, sql, (seq, RIVAL)).map(drop)
}

/// Earlier entries of a thing, the newest first, at most `EARLIER_MAX`.
pub(crate) fn earlier(
    handle: &Handle,
    thing: &ThingId,
    kind: u32,
    version: &str,
) -> Result<Vec<Earlier>, StoreError> {
    const SQL: &str = "SELECT v.seq, l.body_of, l.version = ?3 FROM view_thing v
        CROSS JOIN log l ON l.seq = v.seq
        WHERE v.thing = ?1 AND v.kind = ?2 ORDER BY v.seq DESC LIMIT ?4";
    let key = (thing.uuid.as_bytes(), kind, version, EARLIER_MAX);
    sql::all(&handle.conn, SQL, key, |row| {
        Ok(Earlier { seq: row.get(0)?, body_of: row.get(1)?, same_version: row.get(2)? })
    })
}

/// Entries that use the body of this one, ascending.
pub(crate) fn borrowers(handle: &Handle, gone: &Gone) -> Result<Vec<Seq>, StoreError> {
    const SQL: &str = "SELECT v.seq FROM view_thing v CROSS JOIN log l ON l.seq = v.seq
        WHERE v.thing = ?1 AND v.kind = ?2 AND l.body_of = ?3 ORDER BY v.seq";
    let key = (gone.thing.as_bytes(), gone.kind, gone.seq);
    sql::all(&handle.conn, SQL, key, |row| Ok(row.get(0)?))
}

impl Reading<'_> {
    /// The entries about a thing, ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn by_thing(&self, thing: &ThingId) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT seq FROM view_thing WHERE thing = ?1 AND kind = ?2 ORDER BY seq";
        let Some(kind) = self.kind_id(&thing.kind)? else { return Ok(Vec::new()) };
        let key = (thing.uuid.as_bytes(), kind);
        sql::all(&self.handle.conn, SQL, key, |row| Ok(row.get(0)?))
    }
}
