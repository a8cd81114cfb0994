//! How many records are held from each partner: counted in the transaction that appends or erases
//! one, since counting them in the log would take as long as reading it. It bounds nothing.

use crate::open::Handle;
use crate::{Reading, StoreError, sql};
use model::id::NodeId;

pub(super) const TABLES: &str =
    "CREATE TABLE held (partner BLOB PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/// Adds to a partner's number, or takes from it.
pub(crate) fn change(handle: &Handle, partner: &NodeId, by: i64) -> Result<(), StoreError> {
    const CHANGE: &str = "INSERT INTO held (partner, records) VALUES (?1, max(?2, 0))
        ON CONFLICT (partner) DO UPDATE SET records = max(records + ?2, 0)";
    sql::execute(&handle.conn, CHANGE, (partner.as_bytes(), by)).map(drop)
}

impl Reading<'_> {
    /// Records held that came from this partner.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held_from(&self, partner: &NodeId) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT records FROM held WHERE partner = ?1";
        let found = sql::first(&self.handle.conn, SQL, (partner.as_bytes(),), |row| {
            sql::unsigned(row.get(0)?)
        })?;
        Ok(found.unwrap_or(0))
    }
}
