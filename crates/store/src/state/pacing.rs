//! Matches that are counted and wait for their hour to become a sighting: what was acknowledged
//! survives the process. When an hour is over is not decided here.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::time::Instant;

pub(super) const TABLES: &str = "
CREATE TABLE pacing (indicator BLOB PRIMARY KEY, seq INTEGER NOT NULL, due INTEGER NOT NULL,
  count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, role TEXT NOT NULL) STRICT,
  WITHOUT ROWID;
";

/// One indicator that matched within the hour.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PacingRow {
    /// The caller's number of signer, circle and thing.
    pub indicator: u128,
    /// The version that matched last.
    pub seq: Seq,
    /// When its hour is over.
    pub due: Instant,
    /// Matches since its last sighting; the rest means nothing when there are none.
    pub count: u64,
    /// The earliest of their events.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
    /// What the field of the first was for.
    pub role: String,
}

impl Tx<'_> {
    /// Keeps an indicator's state, or replaces it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_pacing(&mut self, row: &PacingRow) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO pacing
            (indicator, seq, due, count, first, last, role) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = (
            row.indicator.to_be_bytes(),
            row.seq,
            row.due.micros(),
            sql::signed(row.count)?,
            row.first.micros(),
            row.last.micros(),
            &row.role,
        );
        sql::execute(&self.handle().conn, PUT, values).map(drop)
    }

    /// Forgets an indicator's state.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_pacing(&mut self, indicator: u128) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM pacing WHERE indicator = ?1";
        sql::execute(&self.handle().conn, DELETE, (indicator.to_be_bytes(),)).map(drop)
    }
}

impl Reading<'_> {
    /// The states of all indicators that matched within the hour.
    ///
    /// # Errors
    /// When the database fails.
    pub fn pacing(&self) -> Result<Vec<PacingRow>, StoreError> {
        const SQL: &str = "SELECT indicator, seq, due, count, first, last, role FROM pacing";
        sql::all(&self.handle.conn, SQL, (), |row| {
            Ok(PacingRow {
                indicator: u128::from_be_bytes(row.get(0)?),
                seq: row.get(1)?,
                due: Instant::from_micros(row.get(2)?),
                count: sql::unsigned(row.get(3)?)?,
                first: Instant::from_micros(row.get(4)?),
                last: Instant::from_micros(row.get(5)?),
                role: row.get(6)?,
            })
        })
    }
}
