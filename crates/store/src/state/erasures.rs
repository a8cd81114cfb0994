//! What was erased and must not come back, and what was ever spoken of: keyed digests of ids, never
//! an id.

use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;

pub(super) const TABLES: &str = "
CREATE TABLE erased (mac BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE spoken (mac BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
";

impl Tx<'_> {
    /// Refuses the return of the thing with this keyed digest from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_erased_thing(&mut self, mac: &Digest) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO erased (mac) VALUES (?1)";
        sql::execute(&self.handle().conn, PUT, (mac.as_bytes(),)).map(drop)
    }
}

impl Tx<'_> {
    /// Remembers that some statement is about the thing with this keyed digest: whoever is not
    /// among these needs no further look.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_spoken_of(&mut self, mac: &Digest) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO spoken (mac) VALUES (?1)";
        sql::execute(&self.handle().conn, PUT, (mac.as_bytes(),)).map(drop)
    }
}

impl Reading<'_> {
    /// Whether any statement was ever about the thing with this keyed digest.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_spoken_of(&self, mac: &Digest) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM spoken WHERE mac = ?1";
        sql::exists(&self.handle.conn, SQL, (mac.as_bytes(),))
    }

    /// Whether the thing with this keyed digest was erased.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_erased_thing(&self, mac: &Digest) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM erased WHERE mac = ?1";
        sql::exists(&self.handle.conn, SQL, (mac.as_bytes(),))
    }

    /// At most `limit` of these digests above `after`, ascending: what a restore replays.
    ///
    /// # Errors
    /// When the database fails.
    pub fn erased_things(&self, after: &Digest, limit: usize) -> Result<Vec<Digest>, StoreError> {
        const SQL: &str = "SELECT mac FROM erased WHERE mac > ?1 ORDER BY mac LIMIT ?2";
        let key = (after.as_bytes(), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| Ok(Digest::new(row.get(0)?)))
    }

    /// Likewise those of what was ever spoken of.
    ///
    /// # Errors
    /// When the database fails.
    pub fn spoken_things(&self, after: &Digest, limit: usize) -> Result<Vec<Digest>, StoreError> {
        const SQL: &str = "SELECT mac FROM spoken WHERE mac > ?1 ORDER BY mac LIMIT ?2";
        let key = (after.as_bytes(), sql::limit(limit));
        sql::all(&self.handle.conn, SQL, key, |row| Ok(Digest::new(row.get(0)?)))
    }
}
