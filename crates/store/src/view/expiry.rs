//! The view of expiry: until when an entry holds, for those that say so, the earliest first. It does
//! not say what follows from it.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::Seq;
use crate::{Reading, StoreError, sql};
use model::time::Instant;

pub(super) struct Expiry;

impl View for Expiry {
    fn name(&self) -> &'static str {
        "expiry"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_expiry (seq INTEGER PRIMARY KEY, until INTEGER NOT NULL) STRICT;
         CREATE INDEX view_expiry_until ON view_expiry (until);"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_expiry (seq, until) VALUES (?1, ?2)";
        let Some(until) = entry.facts.valid_until else { return Ok(()) };
        to.execute(INSERT, (entry.seq, until.micros())).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM view_expiry WHERE seq = ?1";
        to.execute(DELETE, (gone.seq,)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, until FROM {schema}.view_expiry")]
    }
}

impl Reading<'_> {
    /// At most `limit` entries that hold until an instant up to and with `upto`, each with that
    /// instant, in that order, above the pair `after`; without stubs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn expired(
        &self,
        after: (Instant, Seq),
        upto: Instant,
        limit: usize,
    ) -> Result<Vec<(Instant, Seq)>, StoreError> {
        // The rowid ends every index, so that the pair is found in it.
        const SQL: &str = "SELECT until, seq FROM view_expiry
            WHERE (until, seq) > (?1, ?2) AND until <= ?3 ORDER BY until, seq LIMIT ?4";
        let key = (after.0.micros(), after.1, upto.micros(), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| {
            Ok((Instant::from_micros(row.get(0)?), row.get(1)?))
        })
    }
}
