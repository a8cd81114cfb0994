//! How often each indicator matched, hour by hour: counts of this node's own events, which leave it
//! in sightings alone. It counts nothing itself.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::time::Instant;

pub(super) const TABLES: &str = "
CREATE TABLE cube (seq INTEGER NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (seq, hour)) STRICT, WITHOUT ROWID;
CREATE INDEX cube_hour ON cube (hour);
";

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// The matches of one indicator in one hour, or in all hours asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cell {
    /// The indicator's place in the log.
    pub seq: Seq,
    /// When the hour began, by this node's clock; of a sum, the newest.
    pub hour: Instant,
    /// How many events matched.
    pub count: u64,
    /// The earliest of them, by its own clock.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
}

/// The hour that an instant lies in.
fn hour(at: Instant) -> i64 {
    at.micros().div_euclid(MICROS_PER_HOUR)
}

impl Tx<'_> {
    /// Counts matches of an indicator in this hour.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_matches(&mut self, cell: &Cell) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO cube (seq, hour, count, first, last)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (seq, hour) DO UPDATE SET count = min(count + excluded.count, 1 << 53),
              first = min(first, excluded.first), last = max(last, excluded.last)";
        let count = sql::signed(cell.count.min(1 << 53))?;
        let row = (cell.seq, hour(cell.hour), count, cell.first.micros(), cell.last.micros());
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Forgets the hours before this instant.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_cube(&mut self, before: Instant) -> Result<(), StoreError> {
        const OLD: &str = "DELETE FROM cube WHERE hour < ?1";
        sql::execute(&self.handle().conn, OLD, (hour(before),)).map(drop)
    }
}

impl Reading<'_> {
    /// The hours of one entry since `from`, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn hours(&self, seq: Seq, from: Instant, limit: usize) -> Result<Vec<Cell>, StoreError> {
        const SQL: &str = "SELECT seq, hour, count, first, last FROM cube
            WHERE seq = ?1 AND hour >= ?2 ORDER BY hour DESC LIMIT ?3";
        sql::all(&self.handle.conn, SQL, (seq, hour(from), sql::limit(limit)), cell)
    }

    /// The entries that matched since `from`, those with the most matches first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn most_matched(&self, from: Instant, limit: usize) -> Result<Vec<Cell>, StoreError> {
        const SQL: &str = "SELECT seq, max(hour), sum(count) AS total, min(first), max(last)
            FROM cube WHERE hour >= ?1 GROUP BY seq ORDER BY total DESC, seq LIMIT ?2";
        sql::all(&self.handle.conn, SQL, (hour(from), sql::limit(limit)), cell)
    }

    /// The matches of one entry since `from`, summed up; `None` when there were none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn matched(&self, seq: Seq, from: Instant) -> Result<Option<Cell>, StoreError> {
        const SQL: &str = "SELECT seq, max(hour), sum(count), min(first), max(last)
            FROM cube WHERE seq = ?1 AND hour >= ?2 GROUP BY seq";
        sql::first(&self.handle.conn, SQL, (seq, hour(from)), cell)
    }

    /// When an entry matched here last, to the hour.
    ///
    /// # Errors
    /// When the database fails.
    pub fn last_matched(&self, seq: Seq) -> Result<Option<Instant>, StoreError> {
        Ok(self.hours(seq, Instant::from_micros(0), 1)?.first().map(|cell| cell.hour))
    }
}

fn cell(row: &rusqlite::Row<'_>) -> Result<Cell, StoreError> {
    Ok(Cell {
        seq: row.get(0)?,
        hour: Instant::from_micros(row.get::<_, i64>(1)?.saturating_mul(MICROS_PER_HOUR)),
        count: sql::unsigned(row.get(2)?)?,
        first: Instant::from_micros(row.get(3)?),
        last: Instant::from_micros(row.get(4)?),
    })
}
