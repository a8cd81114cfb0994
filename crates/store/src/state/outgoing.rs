//! Findings that wait to be sent to a receiver, as they will be sent. It sends none, and does not
//! count them: their receiver's row does.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::time::Instant;

pub(super) const TABLES: &str = "
CREATE TABLE outgoing (id INTEGER PRIMARY KEY, receiver INTEGER NOT NULL, key TEXT NOT NULL,
  seq INTEGER NOT NULL, at INTEGER NOT NULL, tries INTEGER NOT NULL, due INTEGER NOT NULL,
  body BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX outgoing_key ON outgoing (receiver, key);
CREATE INDEX outgoing_due ON outgoing (receiver, due, id);
CREATE INDEX outgoing_at ON outgoing (receiver, at);
CREATE INDEX outgoing_seq ON outgoing (seq);
";

/// A finding that waits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outgoing {
    /// For whom.
    pub receiver: i64,
    /// What makes a repetition harmless: the same match has the same. For one receiver it is also
    /// what a finding that waits is known by.
    pub key: String,
    /// The indicator's place in the log.
    pub seq: Seq,
    /// Since when it waits.
    pub at: Instant,
    /// How often its receiver refused it.
    pub tries: u32,
    /// Before this it is not sent; the epoch for one that was never refused.
    pub due: Instant,
    /// What is sent.
    pub body: Vec<u8>,
}

impl Tx<'_> {
    /// Has a finding wait; `false` when it waits for this receiver already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_outgoing(&mut self, finding: &Outgoing) -> Result<bool, StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO outgoing
            (receiver, key, seq, at, tries, due, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let Outgoing { receiver, key, seq, at, tries, due, body } = finding;
        let row = (receiver, key, seq, at.micros(), tries, due.micros(), body);
        Ok(sql::execute(&self.handle().conn, PUT, row)? > 0)
    }

    /// Lets a finding wait longer, because it was refused.
    ///
    /// # Errors
    /// When the database fails.
    pub fn delay_outgoing(
        &mut self,
        receiver: i64,
        key: &str,
        due: Instant,
    ) -> Result<(), StoreError> {
        const DELAY: &str = "UPDATE outgoing SET tries = tries + 1, due = ?3
            WHERE receiver = ?1 AND key = ?2";
        sql::execute(&self.handle().conn, DELAY, (receiver, key, due.micros())).map(drop)
    }

    /// Forgets a finding; gives the bytes that it had, or `None` when it was gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_outgoing(&mut self, receiver: i64, key: &str) -> Result<Option<u64>, StoreError> {
        const DROP: &str =
            "DELETE FROM outgoing WHERE receiver = ?1 AND key = ?2 RETURNING length(body)";
        sql::first(&self.handle().conn, DROP, (receiver, key), |row| sql::unsigned(row.get(0)?))
    }

    /// Forgets the findings of an indicator; gives for each its receiver and its bytes.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_outgoing_of(&mut self, seq: Seq) -> Result<Vec<(i64, u64)>, StoreError> {
        const DROP: &str = "DELETE FROM outgoing WHERE seq = ?1 RETURNING receiver, length(body)";
        sql::all(&self.handle().conn, DROP, (seq,), |row| {
            Ok((row.get(0)?, sql::unsigned(row.get(1)?)?))
        })
    }

    /// Forgets at most `most` findings that have waited since before an instant; gives the bytes of
    /// each.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_outgoing_before(
        &mut self,
        receiver: i64,
        at: Instant,
        most: usize,
    ) -> Result<Vec<u64>, StoreError> {
        const DROP: &str = "DELETE FROM outgoing WHERE id IN
            (SELECT id FROM outgoing WHERE receiver = ?1 AND at < ?2 LIMIT ?3)
            RETURNING length(body)";
        let asked = (receiver, at.micros(), sql::limit(most));
        sql::all(&self.handle().conn, DROP, asked, |row| sql::unsigned(row.get(0)?))
    }
}

impl Reading<'_> {
    /// The findings that may be sent to a receiver at `now`, at most so many: those that it has not
    /// refused yet first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outgoing_due(
        &self,
        receiver: i64,
        now: Instant,
        most: usize,
    ) -> Result<Vec<Outgoing>, StoreError> {
        const SQL: &str = "SELECT receiver, key, seq, at, tries, due, body FROM outgoing
            WHERE receiver = ?1 AND due <= ?2 ORDER BY due, id LIMIT ?3";
        let asked = (receiver, now.micros(), sql::limit(most));
        sql::all(&self.handle.conn, SQL, asked, |row| {
            Ok(Outgoing {
                receiver: row.get(0)?,
                key: row.get(1)?,
                seq: row.get(2)?,
                at: Instant::from_micros(row.get(3)?),
                tries: row.get(4)?,
                due: Instant::from_micros(row.get(5)?),
                body: row.get(6)?,
            })
        })
    }

    /// When the next finding may be sent to a receiver; `None` when none waits.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outgoing_next(&self, receiver: i64) -> Result<Option<Instant>, StoreError> {
        const SQL: &str = "SELECT due FROM outgoing WHERE receiver = ?1 ORDER BY due LIMIT 1";
        sql::first(&self.handle.conn, SQL, (receiver,), |row| Ok(Instant::from_micros(row.get(0)?)))
    }

    /// Whether a finding of this indicator waits for anybody.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_outgoing(&self, seq: Seq) -> Result<bool, StoreError> {
        sql::exists(&self.handle.conn, "SELECT 1 FROM outgoing WHERE seq = ?1", (seq,))
    }
}
