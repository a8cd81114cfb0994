//! What was erased and must not come back, and what was ever spoken of: keyed digests of ids, never
//! an id.

use crate::{Reading, StoreError, Tx, sql};
use model::id::{Digest, NodeId};

pub(super) const TABLES: &str = "
CREATE TABLE erased (mac BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE spoken (mac BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE undone (partner BLOB NOT NULL, mac BLOB NOT NULL, PRIMARY KEY (partner, mac)) STRICT,
  WITHOUT ROWID;
CREATE INDEX undone_mac ON undone (mac);
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
    /// Refuses the return of a thing that was taken out with what came from a partner, until that
    /// undo is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_undone(&mut self, partner: &NodeId, mac: &Digest) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR IGNORE INTO undone (partner, mac) VALUES (?1, ?2)";
        sql::execute(&self.handle().conn, PUT, (partner.as_bytes(), mac.as_bytes()))?;
        self.put_erased_thing(mac)
    }

    /// Forgets at most `limit` of what was taken out with what came from a partner: from then on it
    /// may come again, unless another undo keeps it away too. Gives how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_undone(&mut self, partner: &NodeId, limit: usize) -> Result<usize, StoreError> {
        const SQL: &str = "SELECT mac FROM undone WHERE partner = ?1 ORDER BY mac LIMIT ?2";
        const DELETE: &str = "DELETE FROM undone WHERE partner = ?1 AND mac = ?2";
        const LET_IN: &str = "DELETE FROM erased WHERE mac = ?1
            AND NOT EXISTS (SELECT 1 FROM undone WHERE mac = ?1)";
        let conn = &self.handle().conn;
        let key = (partner.as_bytes(), sql::limit(limit));
        let macs = sql::all(conn, SQL, key, |row| Ok(Digest::new(row.get(0)?)))?;
        for mac in &macs {
            sql::execute(conn, DELETE, (partner.as_bytes(), mac.as_bytes()))?;
            sql::execute(conn, LET_IN, (mac.as_bytes(),))?;
        }
        Ok(macs.len())
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
    /// How many records an undo keeps away that took out what came from a partner.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_undone(&self, partner: &NodeId) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count(*) FROM undone WHERE partner = ?1";
        let found = sql::first(&self.handle.conn, SQL, (partner.as_bytes(),), |row| {
            sql::unsigned(row.get(0)?)
        })?;
        Ok(found.unwrap_or(0))
    }

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
