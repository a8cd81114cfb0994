//! The view of references: which entries refer to a thing, held here or not.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::id::ThingId;

/// Bytes of one reference in `refs`: the kind's number and the UUID.
const REF_BYTES: usize = 20;

pub(super) struct References;

impl View for References {
    fn name(&self) -> &'static str {
        "references"
    }

    /// The second table says what to delete when an entry is erased.
    fn tables(&self) -> &'static str {
        "CREATE TABLE view_reference (thing BLOB NOT NULL, kind INTEGER NOT NULL,
          seq INTEGER NOT NULL, PRIMARY KEY (thing, kind, seq)) STRICT, WITHOUT ROWID;
         CREATE TABLE view_reference_of (seq INTEGER PRIMARY KEY, refs BLOB NOT NULL) STRICT;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str =
            "INSERT OR IGNORE INTO view_reference (thing, kind, seq) VALUES (?1, ?2, ?3)";
        const INSERT_OF: &str = "INSERT INTO view_reference_of (seq, refs) VALUES (?1, ?2)";
        if entry.facts.refs.is_empty() {
            return Ok(());
        }
        let mut refs = Vec::with_capacity(entry.facts.refs.len() * REF_BYTES);
        let mut insert = to.prepare(INSERT)?;
        for thing in &entry.facts.refs {
            let kind = to.handle.names.intern(&to.handle.conn, &thing.kind)?;
            refs.extend_from_slice(&kind.to_le_bytes());
            refs.extend_from_slice(thing.uuid.as_bytes());
            insert.execute((thing.uuid.as_bytes(), kind, entry.seq))?;
        }
        to.execute(INSERT_OF, (entry.seq, refs)).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const READ: &str = "SELECT refs FROM view_reference_of WHERE seq = ?1";
        const DELETE: &str =
            "DELETE FROM view_reference WHERE thing = ?1 AND kind = ?2 AND seq = ?3";
        const DELETE_OF: &str = "DELETE FROM view_reference_of WHERE seq = ?1";
        let refs = to.first(READ, (gone.seq,), |row| Ok(row.get(0)?))?;
        let refs: Vec<u8> = refs.unwrap_or_default();
        for one in refs.chunks_exact(REF_BYTES) {
            let Some((kind, thing)) = one.split_first_chunk::<4>() else { continue };
            let key = (thing, u32::from_le_bytes(*kind), gone.seq);
            to.execute(DELETE, key)?;
        }
        to.execute(DELETE_OF, (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![
            format!("SELECT seq, thing, kind FROM {schema}.view_reference"),
            format!("SELECT seq, refs FROM {schema}.view_reference_of"),
        ]
    }
}

impl Reading<'_> {
    /// The entries before `before` whose bodies refer to a thing, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn referring(
        &self,
        thing: &ThingId,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT seq FROM view_reference WHERE thing = ?1 AND kind = ?2
            AND seq < ?3 ORDER BY seq DESC LIMIT ?4";
        let Some(kind) = self.kind_id(&thing.kind)? else { return Ok(Vec::new()) };
        let before = before.unwrap_or(Seq::MAX);
        let key = (thing.uuid.as_bytes(), kind, before, sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| Ok(row.get(0)?))
    }
}
