//! What a person silenced, why, and until when. It silences nothing itself.

use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;
use model::time::Instant;
use uuid::Uuid;

pub(super) const TABLES: &str = "
CREATE TABLE suppressions (id INTEGER PRIMARY KEY, what TEXT NOT NULL, circle BLOB,
  reason TEXT NOT NULL, until INTEGER NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
";

/// A suppression.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Suppression {
    /// Its number; 0 for one that has none yet.
    pub id: i64,
    /// The id of an indicator, or a value in normal form.
    pub what: String,
    /// In this circle alone.
    pub circle: Option<CircleId>,
    /// Why.
    pub reason: String,
    /// Until when, exclusive.
    pub until: Instant,
    /// Who did it.
    pub who: String,
    /// When.
    pub at: Instant,
}

impl Tx<'_> {
    /// Keeps a suppression under a number of its own.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_suppression(&mut self, new: &Suppression) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO suppressions (what, circle, reason, until, who, at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let circle = new.circle.map(|circle| circle.uuid().into_bytes());
        let (until, at) = (new.until.micros(), new.at.micros());
        let row = (&new.what, circle, &new.reason, until, &new.who, at);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Forgets a suppression; `false` when there is none of this number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_suppression(&mut self, id: i64) -> Result<bool, StoreError> {
        const DELETE: &str = "DELETE FROM suppressions WHERE id = ?1";
        Ok(sql::execute(&self.handle().conn, DELETE, (id,))? > 0)
    }

    /// Forgets those that have ended.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_suppressions(&mut self, now: Instant) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM suppressions WHERE until <= ?1";
        sql::execute(&self.handle().conn, DELETE, (now.micros(),)).map(drop)
    }
}

impl Reading<'_> {
    /// The suppressions that hold at `now`, in the order of their numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub fn suppressions(&self, now: Instant) -> Result<Vec<Suppression>, StoreError> {
        const SQL: &str = "SELECT id, what, circle, reason, until, who, at FROM suppressions
            WHERE until > ?1 ORDER BY id";
        sql::all(&self.handle.conn, SQL, (now.micros(),), |row| {
            let circle: Option<[u8; 16]> = row.get(2)?;
            Ok(Suppression {
                id: row.get(0)?,
                what: row.get(1)?,
                circle: circle.map(|bytes| CircleId::new(Uuid::from_bytes(bytes))),
                reason: row.get(3)?,
                until: Instant::from_micros(row.get(4)?),
                who: row.get(5)?,
                at: Instant::from_micros(row.get(6)?),
            })
        })
    }
}
