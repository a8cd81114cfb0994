//! The read log: which token was given what, as ranges. A range counts an outlet's numbers, or places
//! in the log where there is no outlet. It keeps nothing of what was read, and decides nothing.

use crate::{Reading, StoreError, Tx, sql};
use model::id::IntakeId;
use model::time::Instant;
use rusqlite::{Row, params};

/// `last` belongs to the range; two ranges of one reader and outlet never touch.
pub(super) const TABLES: &str = "
CREATE TABLE read_range (reader BLOB NOT NULL, outlet INTEGER NOT NULL, first INTEGER NOT NULL,
  last INTEGER NOT NULL, name TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL,
  PRIMARY KEY (reader, outlet, first)) STRICT, WITHOUT ROWID;
CREATE INDEX read_range_last ON read_range (outlet, last);
";

/// The outlet of ranges that count places in the log.
pub const LOG_ITSELF: i64 = 0;

/// What one reader was given of one outlet, without a gap.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadRange {
    /// The token's own number: a name may be given again, this is not.
    pub reader: IntakeId,
    /// The token's name then.
    pub name: String,
    /// The outlet's number; [`LOG_ITSELF`] where places in the log are counted.
    pub outlet: i64,
    /// The first number.
    pub first: u64,
    /// The last number.
    pub last: u64,
    /// When any of it was given first.
    pub began: Instant,
    /// When something of it was given first, last.
    pub ended: Instant,
}

fn read(row: &Row<'_>) -> Result<ReadRange, StoreError> {
    Ok(ReadRange {
        reader: IntakeId::new(row.get(0)?),
        name: row.get(1)?,
        outlet: row.get(2)?,
        first: sql::unsigned(row.get(3)?)?,
        last: sql::unsigned(row.get(4)?)?,
        began: Instant::from_micros(row.get(5)?),
        ended: Instant::from_micros(row.get(6)?),
    })
}

macro_rules! range {
    ($rest:literal) => {
        concat!(
            "SELECT reader, name, outlet, first, last, began, ended FROM read_range WHERE ",
            $rest
        )
    };
}

impl Tx<'_> {
    /// Adds a range, joined with what it overlaps or continues.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_read(&mut self, range: &ReadRange) -> Result<(), StoreError> {
        const BESIDE: &str = range!(
            // Ranges never touch: none that begins before the nearest one reaches as far.
            "reader = ?1 AND outlet = ?2 AND first <= ?3 + 1 AND last >= ?4 - 1 AND first >=
              coalesce((SELECT max(first) FROM read_range WHERE reader = ?1 AND outlet = ?2
              AND first <= ?4), 0) ORDER BY first"
        );
        const PUT: &str = "INSERT OR REPLACE INTO read_range
            (reader, outlet, first, last, name, began, ended) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        const TAKE: &str =
            "DELETE FROM read_range WHERE reader = ?1 AND outlet = ?2 AND first = ?3";
        let conn = &self.handle().conn;
        let key = range.reader.as_bytes();
        let (first, last) = (sql::signed(range.first)?, sql::signed(range.last)?);
        let beside = sql::all(conn, BESIDE, (key, range.outlet, last, first), read)?;
        let mut whole = range.clone();
        for other in beside {
            whole.first = whole.first.min(other.first);
            whole.last = whole.last.max(other.last);
            whole.began = whole.began.min(other.began);
            whole.ended = whole.ended.max(other.ended);
            sql::execute(conn, TAKE, (key, range.outlet, sql::signed(other.first)?))?;
        }
        let row = params![
            key,
            whole.outlet,
            sql::signed(whole.first)?,
            sql::signed(whole.last)?,
            whole.name,
            whole.began.micros(),
            whole.ended.micros(),
        ];
        sql::execute(conn, PUT, row).map(drop)
    }
}

impl Reading<'_> {
    /// Everything that one reader was given, by outlet and number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn reads_of(&self, reader: &IntakeId) -> Result<Vec<ReadRange>, StoreError> {
        const SQL: &str = range!("reader = ?1 ORDER BY outlet, first");
        sql::all(&self.handle.conn, SQL, (reader.as_bytes(),), read)
    }

    /// Who was given an entry of an outlet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn readers_of(&self, outlet: i64, number: u64) -> Result<Vec<ReadRange>, StoreError> {
        const SQL: &str = range!("outlet = ?1 AND last >= ?2 AND first <= ?2 ORDER BY name");
        let Ok(number) = sql::signed(number) else { return Ok(Vec::new()) };
        sql::all(&self.handle.conn, SQL, (outlet, number), read)
    }
}
