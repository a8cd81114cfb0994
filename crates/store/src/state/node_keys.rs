//! The keys that files for other nodes are sealed to. What signs is the partner's own key, kept with
//! the partner; this is not for signatures.

use crate::{Reading, StoreError, Tx, sql};
use model::id::NodeId;
use model::seal::SealingKey;
use model::time::Instant;

pub(super) const TABLES: &str = "
CREATE TABLE node_key (node BLOB PRIMARY KEY, sealing BLOB NOT NULL, at INTEGER NOT NULL) STRICT,
  WITHOUT ROWID;
";

impl Tx<'_> {
    /// Remembers what is sealed to for a node; an earlier key gives way.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_sealing_key(
        &mut self,
        node: &NodeId,
        key: &SealingKey,
        at: Instant,
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO node_key (node, sealing, at) VALUES (?1, ?2, ?3)
            ON CONFLICT (node) DO UPDATE SET sealing = excluded.sealing, at = excluded.at";
        let row = (node.as_bytes(), key.as_bytes(), at.micros());
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }
}

impl Reading<'_> {
    /// What is sealed to for a node, if it ever told.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sealing_key(&self, node: &NodeId) -> Result<Option<SealingKey>, StoreError> {
        const SQL: &str = "SELECT sealing FROM node_key WHERE node = ?1";
        sql::first(&self.handle.conn, SQL, (node.as_bytes(),), |row| {
            Ok(SealingKey::new(row.get(0)?))
        })
    }
}
