//! The view of kinds: the entries of one kind, in the log's order.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::{Light, Seq, light_columns, read_light};
use crate::{Reading, StoreError, sql};
use model::kind::Kind;

pub(super) struct Kinds;

impl View for Kinds {
    fn name(&self) -> &'static str {
        "kinds"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_kind (kind INTEGER NOT NULL, seq INTEGER NOT NULL,
          PRIMARY KEY (kind, seq)) STRICT, WITHOUT ROWID;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_kind (kind, seq) VALUES (?1, ?2)";
        to.execute(INSERT, (entry.kind, entry.seq)).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM view_kind WHERE kind = ?1 AND seq = ?2";
        to.execute(DELETE, (gone.kind, gone.seq)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, kind FROM {schema}.view_kind")]
    }
}

impl Reading<'_> {
    /// At most `limit` entries of one kind above `after`, up to and with `upto`, ascending;
    /// without stubs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn scan_kind(
        &self,
        kind: &Kind,
        after: Seq,
        upto: Seq,
        limit: usize,
    ) -> Result<Vec<Light>, StoreError> {
        const SQL: &str = concat!(
            "SELECT ",
            light_columns!(),
            " FROM view_kind v CROSS JOIN log l ON l.seq = v.seq",
            " WHERE v.kind = ?1 AND v.seq > ?2 AND v.seq <= ?3 ORDER BY v.seq LIMIT ?4"
        );
        let Some(id) = self.kind_id(kind)? else { return Ok(Vec::new()) };
        sql::all(&self.handle.conn, SQL, (id, after, upto, sql::limit(limit)), read_light)
    }
}
