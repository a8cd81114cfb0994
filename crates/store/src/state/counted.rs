//! Deliveries of telemetry whose matches were counted, so that one that is sent again counts
//! nothing twice. Keys are the caller's keyed digests; no event is kept, and no value.

use crate::log::Seq;
use crate::{Reading, StoreError, Tx, sql};
use model::id::Digest;
use model::time::Instant;
use std::collections::BTreeSet;

pub(super) const TABLES: &str = "
CREATE TABLE counted (delivery BLOB PRIMARY KEY, at INTEGER NOT NULL, seqs BLOB NOT NULL) STRICT,
  WITHOUT ROWID;
CREATE INDEX counted_at ON counted (at);
";

impl Tx<'_> {
    /// Keeps the indicators whose matches in a delivery are counted.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_counted(
        &mut self,
        delivery: &Digest,
        at: Instant,
        seqs: &BTreeSet<Seq>,
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO counted (delivery, at, seqs) VALUES (?1, ?2, ?3)
            ON CONFLICT (delivery) DO UPDATE SET at = excluded.at, seqs = excluded.seqs";
        let seqs: Vec<u8> = seqs.iter().flat_map(|seq| seq.to_le_bytes()).collect();
        let row = (delivery.as_bytes(), at.micros(), seqs);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Forgets the deliveries from before this instant, and the oldest beyond `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_counted(&mut self, before: Instant, most: usize) -> Result<(), StoreError> {
        const OLD: &str = "DELETE FROM counted WHERE at < ?1";
        const BEYOND: &str = "DELETE FROM counted WHERE at <=
            (SELECT at FROM counted ORDER BY at DESC LIMIT 1 OFFSET ?1)";
        sql::execute(&self.handle().conn, OLD, (before.micros(),))?;
        sql::execute(&self.handle().conn, BEYOND, (sql::limit(most),)).map(drop)
    }
}

impl Reading<'_> {
    /// The indicators whose matches in a delivery are counted already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn counted(&self, delivery: &Digest) -> Result<BTreeSet<Seq>, StoreError> {
        const SQL: &str = "SELECT seqs FROM counted WHERE delivery = ?1";
        let key = (delivery.as_bytes(),);
        let seqs = sql::first(&self.handle.conn, SQL, key, |row| Ok(row.get::<_, Vec<u8>>(0)?))?;
        let seqs = seqs.unwrap_or_default();
        Ok(seqs.as_chunks::<8>().0.iter().map(|bytes| Seq::from_le_bytes(*bytes)).collect())
    }
}
