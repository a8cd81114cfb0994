//! The view of observable values: which entries carry one. It keeps hashes, never the values, and
//! knows no normal form: values come normalised.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::facts::ValueKind;
use model::seal;

/// Sixteen bytes of SHA-256 over kind and value: nobody finds two values with the same key.
type Key = [u8; 16];

pub(super) struct Values;

impl View for Values {
    fn name(&self) -> &'static str {
        "values"
    }

    /// The second table says what to delete when an entry is erased.
    fn tables(&self) -> &'static str {
        "CREATE TABLE view_value (key BLOB NOT NULL, seq INTEGER NOT NULL,
          PRIMARY KEY (key, seq)) STRICT, WITHOUT ROWID;
         CREATE TABLE view_value_of (seq INTEGER PRIMARY KEY, keys BLOB NOT NULL) STRICT;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_value (key, seq) VALUES (?1, ?2)";
        const INSERT_OF: &str = "INSERT INTO view_value_of (seq, keys) VALUES (?1, ?2)";
        if entry.values.is_empty() {
            return Ok(());
        }
        let mut keys: Vec<Key> = entry.values.iter().map(|v| key(v.kind, &v.text)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut insert = to.prepare(INSERT)?;
        for key in &keys {
            insert.execute((key, entry.seq))?;
        }
        to.execute(INSERT_OF, (entry.seq, keys.as_flattened())).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const READ: &str = "SELECT keys FROM view_value_of WHERE seq = ?1";
        const DELETE: &str = "DELETE FROM view_value WHERE key = ?1 AND seq = ?2";
        const DELETE_OF: &str = "DELETE FROM view_value_of WHERE seq = ?1";
        let keys = to.first(READ, (gone.seq,), |row| Ok(row.get(0)?))?;
        let keys: Vec<u8> = keys.unwrap_or_default();
        for key in keys.chunks_exact(16) {
            to.execute(DELETE, (key, gone.seq))?;
        }
        to.execute(DELETE_OF, (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![
            format!("SELECT seq, key FROM {schema}.view_value"),
            format!("SELECT seq, keys FROM {schema}.view_value_of"),
        ]
    }
}

fn key(kind: ValueKind, normal: &str) -> Key {
    let digest = seal::sha256(&[&[kind.code()], normal.as_bytes()]);
    let mut key = [0; 16];
    for (to, from) in key.iter_mut().zip(digest.as_bytes()) {
        *to = *from;
    }
    key
}

impl Reading<'_> {
    /// The entries that carry a value in its normal form, below `before`, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn by_value(
        &self,
        kind: ValueKind,
        normal: &str,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        const SQL: &str = "SELECT seq FROM view_value WHERE key = ?1 AND seq < ?2
            ORDER BY seq DESC LIMIT ?3";
        let key = (key(kind, normal), before.unwrap_or(Seq::MAX), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| Ok(row.get(0)?))
    }

    /// The entries that carry this normal form as a value of any kind, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn by_value_any(
        &self,
        normal: &str,
        before: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<Seq>, StoreError> {
        let mut found = Vec::new();
        for kind in ValueKind::ALL {
            found.extend(self.by_value(kind, normal, before, limit)?);
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }
}
