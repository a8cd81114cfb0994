//! What was withdrawn from whom: the numbers of an outlet that its reader was told to forget, passes
//! over an outlet that are not through, and pasts that wait for a person's word. It decides nothing.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::id::CircleId;
use uuid::Uuid;

/// `kept_back` has what a person withdrew, under the outlet's name: neither a widening nor a restore,
/// which begins another outlet of that name, opens it again. `doubted` has the numbers
/// that may have been sent bare although nobody was told.
pub(super) const TABLES: &str = "
CREATE TABLE withdrawn (outlet INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (outlet, first)) STRICT, WITHOUT ROWID;
CREATE TABLE kept_back (outlet TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (outlet, seq))
  STRICT, WITHOUT ROWID;
CREATE INDEX kept_back_seq ON kept_back (seq);
CREATE TABLE doubted (outlet INTEGER PRIMARY KEY, first INTEGER NOT NULL, upto INTEGER NOT NULL)
  STRICT;
CREATE TABLE narrowing (outlet INTEGER PRIMARY KEY, next INTEGER NOT NULL, upto INTEGER NOT NULL)
  STRICT;
CREATE TABLE backfill (outlet TEXT NOT NULL, circle BLOB NOT NULL, upto INTEGER NOT NULL,
  records INTEGER NOT NULL, refused INTEGER NOT NULL, PRIMARY KEY (outlet, circle)) STRICT,
  WITHOUT ROWID;
";

/// How an entry stands in an outlet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stand {
    /// It never had a number there.
    Never,
    /// It has a number that was not withdrawn: this one.
    Given(u64),
    /// Each number that it had was withdrawn, or may have been sent bare.
    Withdrawn,
}

/// A pass over the numbers of an outlet that is not through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Narrowing {
    /// The next number to look at.
    pub next: u64,
    /// The number after the last.
    pub upto: u64,
}

/// The past of a circle that a new member does not have yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Backfill {
    /// Whose outlet.
    pub outlet: String,
    /// Which circle.
    pub circle: CircleId,
    /// The last entry of that past.
    pub upto: Seq,
    /// How many records it has, as far as they were counted.
    pub records: u64,
    /// A person said no.
    pub refused: bool,
}

impl Tx<'_> {
    /// Remembers that an outlet's reader was told to forget these numbers: none of them was told
    /// before.
    ///
    /// # Errors
    /// When a number does not fit, or the database fails.
    pub fn put_withdrawn(
        &mut self,
        outlet: i64,
        (first, count): (u64, u64),
    ) -> Result<(), StoreError> {
        const LENGTHEN: &str = "UPDATE withdrawn SET count = count + ?3 WHERE outlet = ?1
            AND first = (SELECT max(first) FROM withdrawn WHERE outlet = ?1 AND first < ?2)
            AND first + count = ?2";
        const PUT: &str = "INSERT INTO withdrawn (outlet, first, count) VALUES (?1, ?2, ?3)";
        let row = (outlet, sql::signed(first)?, sql::signed(count)?);
        if sql::execute(&self.handle().conn, LENGTHEN, row)? == 0 {
            sql::execute(&self.handle().conn, PUT, row)?;
        }
        Ok(())
    }

    /// Remembers that a person withdrew an entry from an outlet's reader.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_back(&mut self, outlet: &str, seq: Seq) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO kept_back (outlet, seq) VALUES (?1, ?2)";
        sql::execute(&self.handle().conn, PUT, (outlet, seq)).map(drop)
    }

    /// A person's withdrawal of an entry is lifted: what decides about it now is what decides of all.
    ///
    /// # Errors
    /// When the database fails.
    pub fn let_go_again(&mut self, outlet: &str, seq: Seq) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM kept_back WHERE outlet = ?1 AND seq = ?2";
        sql::execute(&self.handle().conn, DELETE, (outlet, seq)).map(drop)
    }

    /// Remembers the numbers from `first` up to `upto`, that one excluded, as ones that may have been
    /// sent bare.
    ///
    /// # Errors
    /// When a number does not fit, or the database fails.
    pub fn put_doubted(&mut self, outlet: i64, first: u64, upto: u64) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO doubted (outlet, first, upto) VALUES (?1, ?2, ?3)
            ON CONFLICT (outlet) DO UPDATE SET first = min(first, excluded.first),
            upto = max(upto, excluded.upto)";
        let row = (outlet, sql::signed(first)?, sql::signed(upto)?);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Every number of an outlet was told or stands again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delete_doubted(&mut self, outlet: i64) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM doubted WHERE outlet = ?1";
        sql::execute(&self.handle().conn, DELETE, (outlet,)).map(drop)
    }

    /// Keeps how far a pass has come, or that it is through.
    ///
    /// # Errors
    /// When a number does not fit, or the database fails.
    pub fn put_narrowing(
        &mut self,
        outlet: i64,
        pass: Option<Narrowing>,
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO narrowing (outlet, next, upto)
            VALUES (?1, ?2, ?3)";
        const DELETE: &str = "DELETE FROM narrowing WHERE outlet = ?1";
        let conn = &self.handle().conn;
        match pass {
            Some(pass) => {
                let row = (outlet, sql::signed(pass.next)?, sql::signed(pass.upto)?);
                sql::execute(conn, PUT, row).map(drop)
            }
            None => sql::execute(conn, DELETE, (outlet,)).map(drop),
        }
    }

    /// Keeps a past that waits, or that a person refused.
    ///
    /// # Errors
    /// When a number does not fit, or the database fails.
    pub fn put_backfill(&mut self, wait: &Backfill) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO backfill (outlet, circle, upto, records, refused)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let circle = wait.circle.uuid().into_bytes();
        let row = (&wait.outlet, circle, wait.upto, sql::signed(wait.records)?, wait.refused);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Nothing of that past waits any more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delete_backfill(&mut self, outlet: &str, circle: &CircleId) -> Result<(), StoreError> {
        const DELETE: &str = "DELETE FROM backfill WHERE outlet = ?1 AND circle = ?2";
        let key = (outlet, circle.uuid().into_bytes());
        sql::execute(&self.handle().conn, DELETE, key).map(drop)
    }
}

impl Reading<'_> {
    /// Whether an outlet's reader was told to forget this number.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_withdrawn(&self, outlet: i64, number: u64) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT first + count > ?2 FROM withdrawn WHERE outlet = ?1
            AND first <= ?2 ORDER BY first DESC LIMIT 1";
        let Ok(number) = sql::signed(number) else { return Ok(false) };
        let found = sql::first(&self.handle.conn, SQL, (outlet, number), |row| Ok(row.get(0)?))?;
        Ok(found.unwrap_or(false))
    }

    /// Whether an outlet's reader was told to forget anything, or may have to be.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_withdrawn(&self, outlet: i64) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 WHERE EXISTS (SELECT 1 FROM withdrawn WHERE outlet = ?1)
            OR EXISTS (SELECT 1 FROM doubted WHERE outlet = ?1)";
        sql::exists(&self.handle.conn, SQL, (outlet,))
    }

    /// The numbers that an outlet's reader was told to forget, as first and count, ascending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn withdrawn(&self, outlet: i64) -> Result<Vec<(u64, u64)>, StoreError> {
        const SQL: &str = "SELECT first, count FROM withdrawn WHERE outlet = ?1 ORDER BY first";
        sql::all(&self.handle.conn, SQL, (outlet,), |row| {
            Ok((sql::unsigned(row.get(0)?)?, sql::unsigned(row.get(1)?)?))
        })
    }

    /// How many numbers an outlet's reader was told to forget.
    #[cfg(test)]
    fn withdrawn_count(&self, outlet: i64) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT coalesce(sum(count), 0) FROM withdrawn WHERE outlet = ?1";
        let count =
            sql::first(&self.handle.conn, SQL, (outlet,), |row| sql::unsigned(row.get(0)?))?;
        Ok(count.unwrap_or(0))
    }

    /// How an entry stands in an outlet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn stand(&self, outlet: i64, seq: Seq) -> Result<Stand, StoreError> {
        let mut stand = Stand::Never;
        let doubted = self.doubted(outlet)?;
        for number in self.numbers_of(outlet, seq)? {
            let doubted = doubted.is_some_and(|(first, upto)| (first..upto).contains(&number));
            if !doubted && !self.is_withdrawn(outlet, number)? {
                return Ok(Stand::Given(number));
            }
            stand = Stand::Withdrawn;
        }
        Ok(stand)
    }

    fn doubted(&self, outlet: i64) -> Result<Option<(u64, u64)>, StoreError> {
        const SQL: &str = "SELECT first, upto FROM doubted WHERE outlet = ?1";
        sql::first(&self.handle.conn, SQL, (outlet,), |row| {
            Ok((sql::unsigned(row.get(0)?)?, sql::unsigned(row.get(1)?)?))
        })
    }

    /// Whether a person withdrew an entry from an outlet's reader.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_kept_back(&self, outlet: &str, seq: Seq) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM kept_back WHERE outlet = ?1 AND seq = ?2";
        sql::exists(&self.handle.conn, SQL, (outlet, seq))
    }

    /// The outlets from whose readers a person withdrew an entry.
    ///
    /// # Errors
    /// When the database fails.
    pub fn kept_back_of(&self, seq: Seq) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT outlet FROM kept_back WHERE seq = ?1 ORDER BY outlet";
        sql::all(&self.handle.conn, SQL, (seq,), |row| Ok(row.get(0)?))
    }

    /// Whether a person withdrew anything from an outlet's reader.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_kept_back(&self, outlet: &str) -> Result<bool, StoreError> {
        sql::exists(&self.handle.conn, "SELECT 1 FROM kept_back WHERE outlet = ?1", (outlet,))
    }

    /// The pass over an outlet's numbers that is not through.
    ///
    /// # Errors
    /// When the database fails.
    pub fn narrowing(&self, outlet: i64) -> Result<Option<Narrowing>, StoreError> {
        const SQL: &str = "SELECT next, upto FROM narrowing WHERE outlet = ?1";
        sql::first(&self.handle.conn, SQL, (outlet,), |row| {
            let (next, upto) = (sql::unsigned(row.get(0)?)?, sql::unsigned(row.get(1)?)?);
            Ok(Narrowing { next, upto })
        })
    }

    /// The names of all outlets with a pass that is not through.
    ///
    /// # Errors
    /// When the database fails.
    pub fn narrowings(&self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT o.key FROM narrowing n JOIN outlet o ON o.id = n.outlet
            ORDER BY n.outlet";
        sql::all(&self.handle.conn, SQL, (), |row| Ok(row.get(0)?))
    }

    /// The pasts that an outlet's reader does not have yet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn backfills_of(&self, outlet: &str) -> Result<Vec<Backfill>, StoreError> {
        Ok(self.backfills()?.into_iter().filter(|wait| wait.outlet == outlet).collect())
    }

    /// The pasts that wait, or that a person refused: few, since each is a member's.
    ///
    /// # Errors
    /// When the database fails.
    pub fn backfills(&self) -> Result<Vec<Backfill>, StoreError> {
        const SQL: &str = "SELECT outlet, circle, upto, records, refused FROM backfill
            ORDER BY outlet, circle";
        sql::all(&self.handle.conn, SQL, (), |row| {
            Ok(Backfill {
                outlet: row.get(0)?,
                circle: CircleId::new(Uuid::from_bytes(row.get(1)?)),
                upto: row.get(2)?,
                records: sql::unsigned(row.get(3)?)?,
                refused: row.get(4)?,
            })
        })
    }
}

#[cfg(test)]
mod tests;
