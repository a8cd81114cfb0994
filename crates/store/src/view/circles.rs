//! The view of circles: the entries placed in one circle, in the log's order.

use super::list::{Entry, Gone, View};
use super::target::Target;
use crate::log::{Light, Seq, light_columns, read_light};
use crate::{Reading, StoreError, sql};
use model::id::CircleId;

pub(super) struct Circles;

impl View for Circles {
    fn name(&self) -> &'static str {
        "circles"
    }

    fn tables(&self) -> &'static str {
        "CREATE TABLE view_circle (circle INTEGER NOT NULL, seq INTEGER NOT NULL,
          PRIMARY KEY (circle, seq)) STRICT, WITHOUT ROWID;"
    }

    fn apply(&self, to: &Target<'_>, entry: &Entry<'_>) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO view_circle (circle, seq) VALUES (?1, ?2)";
        to.execute(INSERT, (entry.circle, entry.seq)).map(drop)
    }

    fn erase(&self, to: &Target<'_>, gone: &Gone) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM view_circle WHERE circle = ?1 AND seq = ?2";
        to.execute(DELETE, (gone.circle, gone.seq)).map(drop)
    }

    fn rows(&self, schema: &str) -> Vec<String> {
        vec![format!("SELECT seq, circle FROM {schema}.view_circle")]
    }
}

impl Reading<'_> {
    /// How many entries are placed in a circle, without stubs: counted in the index, about 10 ns each.
    ///
    /// # Errors
    /// When the database fails.
    pub fn circle_size(&self, circle: &CircleId) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM view_circle WHERE circle = ?1";
        let Some(id) = self.circle_id(circle)? else { return Ok(0) };
        let count = sql::first(&self.handle.conn, SQL, (id,), |row| sql::unsigned(row.get(0)?))?;
        Ok(count.unwrap_or(0))
    }

    /// At most `limit` entries placed in one circle above `after`, up to and with `upto`,
    /// ascending; without stubs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn scan_circle(
        &self,
        circle: CircleId,
        after: Seq,
        upto: Seq,
        limit: usize,
    ) -> Result<Vec<Light>, StoreError> {
        const SQL: &str = concat!(
            "SELECT ",
            light_columns!(),
            " FROM view_circle v CROSS JOIN log l ON l.seq = v.seq",
            " WHERE v.circle = ?1 AND v.seq > ?2 AND v.seq <= ?3 ORDER BY v.seq LIMIT ?4"
        );
        let Some(id) = self.circle_id(&circle)? else { return Ok(Vec::new()) };
        sql::all(&self.handle.conn, SQL, (id, after, upto, sql::limit(limit)), read_light)
    }
}
