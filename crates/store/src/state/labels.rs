//! How many labels each partner brought that were not known before. Labels are interned for ever, so
//! their number is bounded by who brings them. It decides nothing.

use crate::{Reading, StoreError, Tx, sql};
use model::id::NodeId;
use model::label::Label;
use std::sync::Arc;

pub(super) const TABLES: &str = "
CREATE TABLE labels_brought (partner BLOB PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
";

impl Tx<'_> {
    /// Counts one more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn label_brought(&mut self, partner: &NodeId) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO labels_brought (partner, count) VALUES (?1, 1)
            ON CONFLICT (partner) DO UPDATE SET count = count + 1";
        sql::execute(&self.handle().conn, PUT, (partner.as_bytes(),)).map(drop)
    }
}

impl Reading<'_> {
    /// How many labels a partner brought that were not known before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn labels_brought(&self, partner: &NodeId) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count FROM labels_brought WHERE partner = ?1";
        let count = sql::first(&self.handle.conn, SQL, (partner.as_bytes(),), |row| {
            sql::unsigned(row.get(0)?)
        })?;
        Ok(count.unwrap_or(0))
    }

    /// Whether any record ever had this very label.
    ///
    /// # Errors
    /// When the database fails.
    pub fn knows_label(&self, label: &Label) -> Result<bool, StoreError> {
        let names = &self.handle.names;
        Ok(names.find(&self.handle.conn, &Arc::new(label.clone()))?.is_some())
    }
}
