//! Cursors into partners' outlets, the receipts that we gave and those that we hold.

use crate::{Reading, StoreError, Tx, sql};
use model::id::{Epoch, NodeId};
use model::time::Instant;
use rusqlite::params;

pub(super) const TABLES: &str = "
CREATE TABLE cursor (partner BLOB PRIMARY KEY, epoch BLOB NOT NULL, next INTEGER NOT NULL,
  frontier BLOB NOT NULL) STRICT;
CREATE TABLE receipt_given (partner BLOB NOT NULL, epoch BLOB NOT NULL, first INTEGER NOT NULL,
  count INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (partner, epoch, first)) STRICT,
  WITHOUT ROWID;
CREATE TABLE receipt_held (outlet INTEGER NOT NULL, size INTEGER NOT NULL, at INTEGER NOT NULL,
  text TEXT NOT NULL, PRIMARY KEY (outlet, size, at)) STRICT, WITHOUT ROWID;
";

/// How far we have read a partner's outlet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor {
    /// The partner.
    pub partner: NodeId,
    /// The life of its numbering.
    pub epoch: Epoch,
    /// The offset of the next entry.
    pub next: u64,
    /// The Merkle frontier after the last entry read.
    pub frontier: Vec<u8>,
}

/// What we answered to a batch; a repeated batch gets it again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GivenReceipt {
    /// Whose batch it was.
    pub partner: NodeId,
    /// The life of its numbering.
    pub epoch: Epoch,
    /// The offset of the batch's first entry.
    pub first: u64,
    /// Entries in the batch.
    pub count: u32,
    /// The receipt.
    pub text: String,
}

/// What a partner answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeldReceipt {
    /// The number of its outlet.
    pub outlet: i64,
    /// Entries of the outlet up to the checkpoint that it signed.
    pub size: u64,
    /// When it came.
    pub at: Instant,
    /// The receipt.
    pub text: String,
}

impl Tx<'_> {
    /// Sets the cursor of its partner.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_cursor(&mut self, cursor: &Cursor) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO cursor (partner, epoch, next, frontier)
            VALUES (?1, ?2, ?3, ?4) ON CONFLICT (partner) DO UPDATE SET
            epoch = excluded.epoch, next = excluded.next, frontier = excluded.frontier";
        let row = params![
            cursor.partner.as_bytes(),
            cursor.epoch.as_bytes(),
            sql::signed(cursor.next)?,
            cursor.frontier,
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Records what we answered; an answer already recorded for this batch is replaced.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_given_receipt(&mut self, receipt: &GivenReceipt) -> Result<(), StoreError> {
        const PUT: &str =
            "INSERT OR REPLACE INTO receipt_given (partner, epoch, first, count, text)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let row = params![
            receipt.partner.as_bytes(),
            receipt.epoch.as_bytes(),
            sql::signed(receipt.first)?,
            receipt.count,
            receipt.text,
        ];
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }

    /// Keeps what a partner answered.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_held_receipt(&mut self, receipt: &HeldReceipt) -> Result<(), StoreError> {
        const PUT: &str = "INSERT OR REPLACE INTO receipt_held (outlet, size, at, text)
            VALUES (?1, ?2, ?3, ?4)";
        let size = sql::signed(receipt.size)?;
        let row = (receipt.outlet, size, receipt.at.micros(), &receipt.text);
        sql::execute(&self.handle().conn, PUT, row).map(drop)
    }
}

impl Reading<'_> {
    /// How far we have read this partner's outlet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn cursor(&self, partner: &NodeId) -> Result<Option<Cursor>, StoreError> {
        const SQL: &str = "SELECT epoch, next, frontier FROM cursor WHERE partner = ?1";
        sql::first(&self.handle.conn, SQL, (partner.as_bytes(),), |row| {
            Ok(Cursor {
                partner: *partner,
                epoch: Epoch::new(row.get(0)?),
                next: sql::unsigned(row.get(1)?)?,
                frontier: row.get(2)?,
            })
        })
    }

    /// What we answered to the batch that began at this offset.
    ///
    /// # Errors
    /// When the database fails.
    pub fn given_receipt(
        &self,
        partner: &NodeId,
        epoch: &Epoch,
        first: u64,
    ) -> Result<Option<GivenReceipt>, StoreError> {
        const SQL: &str = "SELECT count, text FROM receipt_given
            WHERE partner = ?1 AND epoch = ?2 AND first = ?3";
        let Ok(offset) = sql::signed(first) else { return Ok(None) };
        let key = (partner.as_bytes(), epoch.as_bytes(), offset);
        sql::first(&self.handle.conn, SQL, key, |row| {
            let (count, text) = (row.get(0)?, row.get(1)?);
            Ok(GivenReceipt { partner: *partner, epoch: *epoch, first, count, text })
        })
    }

    /// What we answered to batches of a partner that ended after the entry `from` and no later than
    /// the entry `upto`, by where they began.
    ///
    /// # Errors
    /// When the database fails.
    pub fn given_receipts(
        &self,
        (partner, epoch): (&NodeId, &Epoch),
        from: u64,
        upto: u64,
    ) -> Result<Vec<GivenReceipt>, StoreError> {
        const SQL: &str = "SELECT first, count, text FROM receipt_given WHERE partner = ?1
            AND epoch = ?2 AND first < ?4 AND first + count > ?3 AND first + count <= ?4
            ORDER BY first";
        let key = (partner.as_bytes(), epoch.as_bytes(), sql::signed(from)?, sql::signed(upto)?);
        sql::all(&self.handle.conn, SQL, key, |row| {
            let first = sql::unsigned(row.get(0)?)?;
            let (count, text) = (row.get(1)?, row.get(2)?);
            Ok(GivenReceipt { partner: *partner, epoch: *epoch, first, count, text })
        })
    }

    /// What we answered to partners' batches, all of them, by partner, epoch and number: at most
    /// `limit` behind the one named.
    ///
    /// # Errors
    /// When the database fails.
    pub fn all_given_receipts(
        &self,
        behind: Option<(&NodeId, &Epoch, u64)>,
        limit: usize,
    ) -> Result<Vec<GivenReceipt>, StoreError> {
        const SQL: &str = "SELECT partner, epoch, first, count, text FROM receipt_given
            WHERE (partner, epoch, first) > (?1, ?2, ?3) ORDER BY partner, epoch, first LIMIT ?4";
        let (partner, epoch, first) = match behind {
            Some((partner, epoch, first)) => {
                (partner.as_bytes().as_slice(), epoch.as_bytes().as_slice(), sql::signed(first)?)
            }
            // Shorter than any key, so before all of them.
            None => ([].as_slice(), [].as_slice(), 0),
        };
        sql::all(&self.handle.conn, SQL, (partner, epoch, first, sql::limit(limit)), |row| {
            Ok(GivenReceipt {
                partner: NodeId::new(row.get(0)?),
                epoch: Epoch::new(row.get(1)?),
                first: sql::unsigned(row.get(2)?)?,
                count: row.get(3)?,
                text: row.get(4)?,
            })
        })
    }

    /// The first answer that covers the entry of this number: the one to the batch it was in.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held_receipt_over(
        &self,
        outlet: i64,
        number: u64,
    ) -> Result<Option<HeldReceipt>, StoreError> {
        Ok(self.held_receipts_over(outlet, number, 1)?.pop())
    }

    /// The answers about entries from this number on, at most `limit`, by how far they reach.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held_receipts_over(
        &self,
        outlet: i64,
        number: u64,
        limit: usize,
    ) -> Result<Vec<HeldReceipt>, StoreError> {
        const SQL: &str = "SELECT size, at, text FROM receipt_held WHERE outlet = ?1
            AND size > ?2 ORDER BY size, at LIMIT ?3";
        let Ok(number) = sql::signed(number) else { return Ok(Vec::new()) };
        sql::all(&self.handle.conn, SQL, (outlet, number, sql::limit(limit)), |row| {
            Ok(HeldReceipt {
                outlet,
                size: sql::unsigned(row.get(0)?)?,
                at: Instant::from_micros(row.get(1)?),
                text: row.get(2)?,
            })
        })
    }

    /// What was answered about this outlet, the newest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held_receipts(&self, outlet: i64, limit: usize) -> Result<Vec<HeldReceipt>, StoreError> {
        const SQL: &str = "SELECT size, at, text FROM receipt_held WHERE outlet = ?1
            ORDER BY size DESC, at DESC LIMIT ?2";
        sql::all(&self.handle.conn, SQL, (outlet, sql::limit(limit)), |row| {
            Ok(HeldReceipt {
                outlet,
                size: sql::unsigned(row.get(0)?)?,
                at: Instant::from_micros(row.get(1)?),
                text: row.get(2)?,
            })
        })
    }
}
