//! Statuses of what tools posted, as long as they are kept. Their text is the caller's.

use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;
use model::time::Instant;
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE status (id TEXT PRIMARY KEY, owner TEXT NOT NULL, circle BLOB NOT NULL,
  at INTEGER NOT NULL, text BLOB NOT NULL) STRICT;
CREATE INDEX status_at ON status (at);
";

/// The status of one request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusRow {
    /// Its id.
    pub id: String,
    /// The name of the token that asked.
    pub owner: String,
    /// Where it posted.
    pub circle: CircleId,
    /// When.
    pub at: Instant,
    /// What to answer.
    pub text: Vec<u8>,
}

impl Tx<'_> {
    /// Keeps a status, or replaces the one with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_status(&mut self, status: &StatusRow) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO status (id, owner, circle, at, text)
            VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner,
            circle = excluded.circle, at = excluded.at, text = excluded.text";
        let (circle, at) = (status.circle.uuid().into_bytes(), status.at.micros());
        let row = (&status.id, &status.owner, circle, at, &status.text);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Removes the statuses from before this instant and says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_statuses(&mut self, before: Instant) -> Result<usize, StoreError> {
        const DELETE: &str = "DELETE FROM status WHERE at < ?1";
        sql::execute(&self.handle().conn, DELETE, (before.micros(),))
    }
}

impl Reading<'_> {
    /// The status with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn status(&self, id: &str) -> Result<Option<StatusRow>, StoreError> {
        const SQL: &str = "SELECT owner, circle, at, text FROM status WHERE id = ?1";
        sql::first(&self.handle.conn, SQL, (id,), |row| {
            Ok(StatusRow {
                id: id.to_owned(),
                owner: row.get(0)?,
                circle: CircleId::new(Uuid::from_bytes(row.get(1)?)),
                at: Instant::from_micros(row.get(2)?),
                text: row.get(3)?,
            })
        })
    }
}
