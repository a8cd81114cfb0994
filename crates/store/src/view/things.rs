//! The view of things: which entries are about one, and which entries have a rival.
//! It does not rank rivals.

use super::list::{Earlier, Entry, Gone, View};
use super::target::Target;
use crate::log::{RIVAL, Seq};
use crate::open::Handle;
use crate::{Reading, StoreError, sql};
use model::id::ThingId;

/// Earlier entries looked at for an equal body: a thing with thousands of versions must not make
/// each new one slower.
const EARLIER_MAX: i64 = 64;

/// Its name; the marks in the log are its own.
pub(crate) const NAME: &str = "things";

pub(super) struct Things;

impl View for Things {
    fn name(&self) -> &'static str {
        NAME
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_thing (thing BLOB NOT NULL, kind INTEGER NOT NULL,
          seq INTEGER NOT NULL, PRIMARY KEY (thing, kind, seq)) STRICT, WITHOUT ROWID;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_thing (thing, kind, seq) VALUES (?1, ?2, ?3)";
        let key = (entry.thing.as_bytes(), entry.kind, entry.seq);
        to.execute(INSERT, key)?;
        if to.is_fresh() {
            return Ok(());
        }
        // Where there were two before, they are marked already.
        if let [only] = entry.earlier {
            mark(to.handle, only.seq)?;
        }
        if entry.earlier.is_empty() { Ok(()) } else { mark(to.handle, entry.seq) }
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM view_thing WHERE thing = ?1 AND kind = ?2 AND seq = ?3";
        const LEFT: &str = "SELECT seq FROM view_thing WHERE thing = ?1 AND kind = ?2 LIMIT 2";
        to.execute(DELETE, (gone.thing.as_bytes(), gone.kind, gone.seq))?;
        if to.is_fresh() {
            return Ok(());
        }
        let left =
            to.all(LEFT, (gone.thing.as_bytes(), gone.kind), |row| Ok(row.get::<_, Seq>(0)?))?;
        if let [alone] = left.as_slice() {
            let sql = "UPDATE log SET flags = flags & ~?2 WHERE seq = ?1";
            to.execute(sql, (alone, RIVAL))?;
        }
        Ok(())
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, thing, kind FROM {schema}.view_thing")]
    }

    fn doubts(&self) -> &'static [&'static str] {
        &["SELECT seq FROM {}.log l WHERE (l.flags & 1) <> ((l.flags & 2) = 0 AND EXISTS
            (SELECT 1 FROM {}.view_thing v
             WHERE v.thing = l.thing AND v.kind = l.kind AND v.seq <> l.seq))"]
    }
}

/// The statement that puts the marks of entries above ?1, up to and with ?2, right.
pub(crate) const MARK_RIGHT: &str = "UPDATE log AS l SET flags = (flags | 1) - (flags & 1)
    WHERE l.seq > ?1 AND l.seq <= ?2 AND (l.flags & 1) <> ((l.flags & 2) = 0 AND EXISTS
    (SELECT 1 FROM view_thing v WHERE v.thing = l.thing AND v.kind = l.kind AND v.seq <> l.seq))";

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
