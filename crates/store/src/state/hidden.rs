//! Entries that a TAXII DELETE hides in a circle for all its readers. Never a recall.

use crate::log::{HIDDEN, Seq};
use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;
use std::collections::HashSet;

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
        const MARK: &str = "UPDATE log SET flags = flags | ?2 WHERE seq = ?1";
        let conn = &self.handle().conn;
        sql::execute(conn, PUT, (circle.uuid().as_bytes(), seq))?;
        sql::execute(conn, MARK, (seq, HIDDEN)).map(drop)
    }
}

impl Reading<'_> {
    /// All entries that are hidden in their circle.
    ///
    /// # Errors
    /// When the database fails.
    pub fn hidden(&self) -> Result<HashSet<Seq>, StoreError> {
        let all = sql::all(&self.handle.conn, "SELECT seq FROM hidden", (), |row| Ok(row.get(0)?));
        Ok(all?.into_iter().collect())
    }

    /// Whether an entry is hidden in a circle.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_hidden(&self, circle: &CircleId, seq: Seq) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM hidden WHERE circle = ?1 AND seq = ?2";
        sql::exists(&self.handle.conn, SQL, (circle.uuid().as_bytes(), seq))
    }
}
