//! Entries that a TAXII DELETE hides in a circle for all its readers. Never a recall.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;

pub(super) const TABLES: &str = "
CREATE TABLE hidden (circle BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (circle, seq)) STRICT,
  WITHOUT ROWID;
";

impl Tx<'_> {
    /// Hides an entry in a circle.
    ///
    /// # Errors
    /// When the database fails.
    pub fn hide(&mut self, circle: &CircleId, seq: Seq) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO hidden (circle, seq) VALUES (?1, ?2)";
        sql::execute(&self.handle().conn, PUT, (circle.uuid().as_bytes(), seq)).map(drop)
    }

    /// Shows an entry in a circle again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn unhide(&mut self, circle: &CircleId, seq: Seq) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM hidden WHERE circle = ?1 AND seq = ?2";
        sql::execute(&self.handle().conn, DELETE, (circle.uuid().as_bytes(), seq)).map(drop)
    }
}

impl Reading<'_> {
    /// Whether an entry is hidden in a circle.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_hidden(&self, circle: &CircleId, seq: Seq) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM hidden WHERE circle = ?1 AND seq = ?2";
        sql::exists(&self.handle.conn, SQL, (circle.uuid().as_bytes(), seq))
    }

    /// Whether anything is hidden in a circle: a page asks this once, and entries only then.
    ///
    /// # Errors
    /// When the database fails.
    pub fn hidden_any(&self, circle: &CircleId) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM hidden WHERE circle = ?1 LIMIT 1";
        sql::exists(&self.handle.conn, SQL, (circle.uuid().as_bytes(),))
    }
}
