//! Outlets: what was sent to whom, in segments over the log, and what must be looked at again.
//! The content of a segment is derived from the log; only its order and its numbers lie here.

use crate::log::Seq;
use crate::{Reading, Runs, StoreError, Tx, sql};
use model::id::{CircleId, Epoch};
use model::time::Instant;
use rusqlite::{Row, params};
use uuid::Uuid;

/// `last` is the date of a segment's last entry; both indexes serve one question each.
pub(super) const TABLES: &str = "
CREATE TABLE outlet (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, epoch BLOB NOT NULL,
  next INTEGER NOT NULL, scanned INTEGER NOT NULL, urgent INTEGER NOT NULL,
  alerts INTEGER NOT NULL, last_date INTEGER NOT NULL, last_read INTEGER NOT NULL, frontier BLOB NOT NULL) STRICT;
CREATE TABLE segment (outlet INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  date INTEGER NOT NULL, last INTEGER NOT NULL, min_seq INTEGER NOT NULL,
  max_seq INTEGER NOT NULL, reach INTEGER NOT NULL, runs BLOB NOT NULL, policy INTEGER NOT NULL, frontier BLOB NOT NULL,
  PRIMARY KEY (outlet, first)) STRICT, WITHOUT ROWID;
CREATE INDEX segment_last ON segment (outlet, last);
CREATE INDEX segment_span ON segment (outlet, reach, max_seq, min_seq);
CREATE TABLE rescan (id INTEGER PRIMARY KEY, outlet INTEGER NOT NULL, circle BLOB,
  next INTEGER NOT NULL, upto INTEGER NOT NULL, due INTEGER NOT NULL) STRICT;
CREATE INDEX rescan_due ON rescan (outlet, due);
";

/// What was sent to one reader, as far as it has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outlet {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// Whose it is: `link:<node>`, `taxii:<circle>:<rights>`.
    pub key: String,
    /// The life of its numbering.
    pub epoch: Epoch,
    /// The offset of the next entry.
    pub next: u64,
    /// The log is scanned up to and with this place.
    pub scanned: Seq,
    /// The log is scanned for words that take something back up to and with this place.
    pub urgent: Seq,
    /// The log is scanned for alerts and decisions up to and with this place.
    pub alerts: Seq,
    /// The latest date given.
    pub last_date: Instant,
    /// When it was last read.
    pub last_read: Instant,
    /// The Merkle frontier after the last entry.
    pub frontier: Vec<u8>,
}

/// Entries sent together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Segment {
    /// The outlet's number.
    pub outlet: i64,
    /// The offset of the first entry.
    pub first: u64,
    /// How many.
    pub count: u32,
    /// The date of the first entry; entry i has it plus i microseconds.
    pub date: Instant,
    /// The entries in the order sent.
    pub runs: Runs,
    /// The policy under which they were released.
    pub policy_version: u64,
    /// The Merkle frontier after the segment.
    pub frontier: Vec<u8>,
}

/// A part of the log that must be looked at again for an outlet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rescan {
    /// Its number; 0 before it is stored.
    pub id: i64,
    /// The outlet's number.
    pub outlet: i64,
    /// Only this circle's entries; `None` for all.
    pub circle: Option<CircleId>,
    /// The next place to look at.
    pub from: Seq,
    /// The last place to look at.
    pub upto: Seq,
    /// Not before this instant: the end of an embargo; an instant long past otherwise.
    pub due: Instant,
}

/// How far a segment reaches in the log: a power of two that is more than the places between its
/// ends, as an exponent.
fn reach(low: Seq, high: Seq) -> u32 {
    high.saturating_sub(low).checked_ilog2().map_or(0, |bits| bits + 1)
}

fn read_outlet(row: &Row<'_>) -> Result<Outlet, StoreError> {
    Ok(Outlet {
        id: row.get(0)?,
        key: row.get(1)?,
        epoch: Epoch::new(row.get(2)?),
        next: sql::unsigned(row.get(3)?)?,
        scanned: row.get(4)?,
        urgent: row.get(5)?,
        last_date: Instant::from_micros(row.get(6)?),
        last_read: Instant::from_micros(row.get(7)?),
        frontier: row.get(8)?,
        alerts: row.get(9)?,
    })
}

fn read_segment(row: &Row<'_>) -> Result<Segment, StoreError> {
    let runs: Vec<u8> = row.get(4)?;
    Ok(Segment {
        outlet: row.get(0)?,
        first: sql::unsigned(row.get(1)?)?,
        count: row.get(2)?,
        date: Instant::from_micros(row.get(3)?),
        runs: Runs::decode(&runs)?,
        policy_version: sql::unsigned(row.get(5)?)?,
        frontier: row.get(6)?,
    })
}

impl Tx<'_> {
    /// Adds an outlet when its `id` is 0, else replaces the one with this number; gives the number.
    ///
    /// # Errors
    /// When another outlet has the key, or the database fails.
    pub fn put_outlet(&mut self, outlet: &Outlet) -> Result<i64, StoreError> {
        const PUT: &str = "INSERT INTO outlet (id, key, epoch, next, scanned, urgent, last_date,
            last_read, frontier, alerts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (id) DO UPDATE SET key = excluded.key, epoch = excluded.epoch,
            next = excluded.next, scanned = excluded.scanned, urgent = excluded.urgent,
            last_date = excluded.last_date, last_read = excluded.last_read,
            frontier = excluded.frontier, alerts = excluded.alerts";
        let conn = &self.handle().conn;
        let row = params![
            (outlet.id != 0).then_some(outlet.id),
            outlet.key,
            outlet.epoch.as_bytes(),
            sql::signed(outlet.next)?,
            outlet.scanned,
            outlet.urgent,
            outlet.last_date.micros(),
            outlet.last_read.micros(),
            outlet.frontier,
            outlet.alerts,
        ];
        sql::execute(conn, PUT, row)?;
        Ok(if outlet.id == 0 { conn.last_insert_rowid() } else { outlet.id })
    }

    /// Adds a segment, or replaces the one with this outlet and first offset.
    ///
    /// # Errors
    /// When it is empty or a number does not fit, or the database fails.
    pub fn put_segment(&mut self, segment: &Segment) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO segment (outlet, first, count, date, last,
            min_seq, max_seq, reach, runs, policy, frontier)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let (low, high) = segment.runs.span().ok_or(StoreError::OutOfRange("an empty segment"))?;
        let last = segment.date.plus_micros(i64::from(segment.count) - 1);
        let row = params![
            segment.outlet,
            sql::signed(segment.first)?,
            segment.count,
            segment.date.micros(),
            last.micros(),
            low,
            high,
            reach(low, high),
            segment.runs.encode(),
            sql::signed(segment.policy_version)?,
            segment.frontier,
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Adds a rescan when its `id` is 0, else replaces the one with this number; gives the number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_rescan(&mut self, rescan: &Rescan) -> Result<i64, StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO rescan (id, outlet, circle, next, upto, due)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let conn = &self.handle().conn;
        let id = (rescan.id != 0).then_some(rescan.id);
        let circle = rescan.circle.map(|circle| circle.uuid().into_bytes());
        let due = rescan.due.micros();
        sql::execute(conn, PUT, (id, rescan.outlet, circle, rescan.from, rescan.upto, due))?;
        Ok(if rescan.id == 0 { conn.last_insert_rowid() } else { rescan.id })
    }

    /// Removes a rescan that is done.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delete_rescan(&mut self, id: i64) -> Result<(), StoreError> {
        sql::execute(&self.handle().conn, "DELETE FROM rescan WHERE id = ?1", (id,)).map(drop)
    }
}

macro_rules! outlet {
    ($rest:literal) => {
        concat!(
            "SELECT id, key, epoch, next, scanned, urgent, last_date, last_read, frontier, alerts",
            " FROM outlet ",
            $rest
        )
    };
}

macro_rules! segment {
    ($rest:literal) => {
        concat!(
            "SELECT outlet, first, count, date, runs, policy, frontier FROM segment ",
            "WHERE outlet = ?1 AND ",
            $rest
        )
    };
}

impl Reading<'_> {
    /// The outlet with this key.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outlet(&self, key: &str) -> Result<Option<Outlet>, StoreError> {
        sql::first(&self.handle.conn, outlet!("WHERE key = ?1"), (key,), read_outlet)
    }

    /// All outlets by number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outlets(&self) -> Result<Vec<Outlet>, StoreError> {
        sql::all(&self.handle.conn, outlet!("ORDER BY id"), (), read_outlet)
    }

    /// At most `limit` segments of an outlet by offset, beginning with the one that contains
    /// `from`, or else the next one above.
    ///
    /// # Errors
    /// When the database fails.
    pub fn segments(
        &self,
        outlet: i64,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Segment>, StoreError> {
        const SQL: &str = segment!(
            "first >= coalesce((SELECT max(first) FROM segment WHERE outlet = ?1 AND first <= ?2),
            0) AND first + count > ?2 ORDER BY first LIMIT ?3"
        );
        // Beyond what an outlet can number there is nothing.
        let Ok(from) = sql::signed(from) else { return Ok(Vec::new()) };
        sql::all(&self.handle.conn, SQL, (outlet, from, sql::limit(limit)), read_segment)
    }

    /// The first segment of an outlet whose last date is after this instant.
    ///
    /// # Errors
    /// When the database fails.
    pub fn segment_at(&self, outlet: i64, after: Instant) -> Result<Option<Segment>, StoreError> {
        const SQL: &str = segment!("last > ?2 ORDER BY last LIMIT 1");
        sql::first(&self.handle.conn, SQL, (outlet, after.micros()), read_segment)
    }

    /// Where an outlet has this entry: the segment, and the place within it. An entry has at most
    /// one number in an outlet, nearly always in the first segment that reaches up to it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn place_of(&self, outlet: i64, seq: Seq) -> Result<Option<(Segment, u32)>, StoreError> {
        let segments = self.segments_over(outlet, (seq, seq))?;
        let place = |segment: Segment| segment.runs.position(seq).map(|place| (segment, place));
        Ok(segments.into_iter().find_map(place))
    }

    /// The segments that may hold an entry between these two places of the log, ascending by where
    /// they end there.
    ///
    /// What overlaps is asked for by reach: of those that reach equally far, few end near enough. A
    /// widening asks this of every old entry, whatever number of segments came after them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn segments_over(
        &self,
        outlet: i64,
        (from, upto): (Seq, Seq),
    ) -> Result<Vec<Segment>, StoreError> {
        const NEXT: &str = "SELECT min(reach) FROM segment WHERE outlet = ?1 AND reach > ?2";
        const SQL: &str =
            segment!("reach = ?2 AND max_seq BETWEEN ?3 AND ?4 AND min_seq <= ?5 ORDER BY max_seq");
        let conn = &self.handle.conn;
        let next = |last: i64| sql::first(conn, NEXT, (outlet, last), |row| Ok(row.get(0)?));
        let (mut found, mut last) = (Vec::new(), -1);
        while let Some(Some(reach)) = next(last)? {
            let reach: u32 = reach;
            let furthest = upto.saturating_add(1_i64.checked_shl(reach).unwrap_or(i64::MAX));
            found.extend(sql::all(conn, SQL, (outlet, reach, from, furthest, upto), read_segment)?);
            last = i64::from(reach);
        }
        found.sort_by_key(|segment| segment.runs.span().map(|(_, high)| high));
        Ok(found)
    }

    /// Every number that an outlet gave this entry, ascending by where its segment ends in the log.
    ///
    /// # Errors
    /// When the database fails.
    pub fn numbers_of(&self, outlet: i64, seq: Seq) -> Result<Vec<u64>, StoreError> {
        let segments = self.segments_over(outlet, (seq, seq))?;
        let place = |segment: &Segment| {
            segment.runs.position(seq).map(|place| segment.first + u64::from(place))
        };
        Ok(segments.iter().filter_map(place).collect())
    }

    /// The rescans of an outlet that are due, in the order in which they became so.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rescans(&self, outlet: i64, now: Instant) -> Result<Vec<Rescan>, StoreError> {
        const SQL: &str = "SELECT id, outlet, circle, next, upto, due FROM rescan
            WHERE outlet = ?1 AND due <= ?2 ORDER BY due, id LIMIT 1000";
        sql::all(&self.handle.conn, SQL, (outlet, now.micros()), |row| {
            let circle: Option<[u8; 16]> = row.get(2)?;
            Ok(Rescan {
                id: row.get(0)?,
                outlet: row.get(1)?,
                circle: circle.map(|bytes| CircleId::new(Uuid::from_bytes(bytes))),
                from: row.get(3)?,
                upto: row.get(4)?,
                due: Instant::from_micros(row.get(5)?),
            })
        })
    }
}
