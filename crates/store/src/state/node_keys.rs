//! The keys that files for other nodes are sealed to. What signs is the partner's own key, kept with
//! the partner; this is not for signatures.

use crate::{Reading, StoreError, Tx, sql};
use model::id::NodeId;
use model::seal::SealingKey;
use model::time::Instant;

/// How long a key stands before another takes its place.
const SETTLED_SECONDS: i64 = 60;

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

    /// Whether a key that a node tells is to be taken: another than the one that is known, and that
    /// one not told within the last minute. Who tells another each time does not cost a commit each.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_other_sealing_key(
        &self,
        node: &NodeId,
        key: &SealingKey,
        now: Instant,
    ) -> Result<bool, StoreError> {
        const SQL: &str = "SELECT sealing, at FROM node_key WHERE node = ?1";
        let known = sql::first(&self.handle.conn, SQL, (node.as_bytes(),), |row| {
            Ok((SealingKey::new(row.get(0)?), Instant::from_micros(row.get(1)?)))
        })?;
        Ok(known.is_none_or(|(known, at)| {
            known != *key && !(at..at.plus_seconds(SETTLED_SECONDS)).contains(&now)
        }))
    }
}
