//! Settings: small named values that a node keeps about itself.

use crate::open::Handle;
use crate::{Reading, StoreError, Tx, sql};

pub(super) const TABLES: &str =
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/// Sets a value.
pub(crate) fn put(handle: &Handle, key: &str, value: &[u8]) -> Result<(), StoreError> {
    const PUT: &str = "INSERT INTO setting (key, value) VALUES (?1, ?2)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    sql::execute(&handle.conn, PUT, (key, value)).map(drop)
}

/// Removes a value.
pub(crate) fn delete(handle: &Handle, key: &str) -> Result<(), StoreError> {
    sql::execute(&handle.conn, "DELETE FROM setting WHERE key = ?1", (key,)).map(drop)
}

impl Tx<'_> {
    /// Sets a value; keys that begin with `store.` are the store's own.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_setting(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        put(self.handle(), key, value)
    }
}

impl Reading<'_> {
    /// A value, if it was ever set.
    ///
    /// # Errors
    /// When the database fails.
    pub fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        const SQL: &str = "SELECT value FROM setting WHERE key = ?1";
        sql::first(&self.handle.conn, SQL, (key,), |row| Ok(row.get(0)?))
    }

    /// All values whose key begins with `prefix`, by key.
    ///
    /// # Errors
    /// When the database fails.
    pub fn settings(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        const SQL: &str =
            "SELECT key, value FROM setting WHERE key >= ?1 AND key < ?1 || char(1114111)
            ORDER BY key";
        sql::all(&self.handle.conn, SQL, (prefix,), |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
