//! What was erased and must not come back: keyed digests of ids, never an id.

use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;

pub(super) const TABLES: &str = "
CREATE TABLE erased (mac BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
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

impl Reading<'_> {
    /// Whether the thing with this keyed digest was erased.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_erased_thing(&self, mac: &Digest) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT 1 FROM erased WHERE mac = ?1";
        sql::exists(&self.handle.conn, SQL, (mac.as_bytes(),))
    }
}
