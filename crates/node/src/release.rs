//! The only maker of [`Released`]: it opens a row for one reader, or tells by which rule not.
//! Writers of pages, links, feeds and streams accept nothing else.

use crate::link::wire;
use model::id::NodeId;
use model::label::Tlp;
use model::time::Instant;
use policy::{Capacity, Decision, Placed, Reader, decide};
use store::{Reading, Row, Seq, StoreError};

/// Bytes that one reader may have. The fields are private: nobody else can make one, and nobody
/// can change the bytes after the decision.
#[derive(Debug)]
pub struct Released {
    reader: NodeId,
    tlp: Tlp,
    bytes: Vec<u8>,
}

impl Released {
    /// The reader that it was opened for.
    #[must_use]
    pub const fn reader(&self) -> &NodeId {
        &self.reader
    }

    /// The traffic light of the record.
    #[must_use]
    pub const fn tlp(&self) -> Tlp {
        self.tlp
    }

    /// The bytes: a body, or a record's line for the link.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A reader at an instant: what every decision is made for.
#[derive(Clone, Debug)]
pub struct Lens {
    /// Who reads.
    pub reader: Reader,
    /// When.
    pub now: Instant,
}

impl Lens {
    /// The decision on a row.
    #[must_use]
    pub fn decide(&self, row: &Row) -> Decision {
        let placed = Placed { label: &row.label, signer: row.signer, via: row.via, hop: row.hop };
        decide(&placed, &self.reader, self.now)
    }

    /// Whether the row exists for this reader at all.
    #[must_use]
    pub fn sees(&self, row: &Row) -> bool {
        !row.erased && self.decide(row).released
    }

    /// Whether a row was deleted from its collection, or stopped by its signer: then it is there
    /// for this node's own people alone.
    fn is_hidden(&self, reading: &Reading<'_>, row: &Row) -> Result<bool, StoreError> {
        let own = self.reader.capacity == Capacity::Own;
        Ok(!own && reading.is_hidden(&row.label.circle, row.seq)?)
    }

    /// Opens a row's body; `None` when it is erased, absent or withheld, which look alike.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn body(
        &self,
        reading: &Reading<'_>,
        seq: Seq,
    ) -> Result<Option<(Row, Released)>, StoreError> {
        let Some((row, bytes)) = reading.row_and_body(seq)? else { return Ok(None) };
        if !self.sees(&row) || self.is_hidden(reading, &row)? {
            return Ok(None);
        }
        let released = Released { reader: self.reader.node, tlp: row.label.effective_tlp(), bytes };
        Ok(Some((row, released)))
    }

    /// Opens a row as one line of the link: header, body, salt and signature, or the bare leaf when
    /// what was numbered once is erased or no longer released.
    ///
    /// # Errors
    /// When the store cannot be read, or the entry is not in the log.
    pub(crate) fn line(
        &self,
        reading: &Reading<'_>,
        offset: u64,
        seq: Seq,
    ) -> Result<Released, StoreError> {
        let row = reading.row(seq)?.filter(|row| self.sees(row));
        let row = match row {
            Some(row) if !self.is_hidden(reading, &row)? => Some(row),
            Some(_) | None => None,
        };
        let parts = if row.is_some() { reading.parts(seq)? } else { None };
        let leaf = reading.leaf(seq)?;
        let hop = row.as_ref().map_or(0, |row| row.hop).saturating_add(1);
        let bytes = match (&parts, leaf) {
            (Some(parts), _) => wire::record_line(offset, hop, parts),
            (None, Some(leaf)) => wire::gone_line(offset, &leaf),
            (None, None) => return Err(StoreError::Damaged { what: format!("entry {seq}") }),
        };
        let tlp = row.map_or(Tlp::Clear, |row| row.label.effective_tlp());
        Ok(Released { reader: self.reader.node, tlp, bytes })
    }
}
