//! The only maker of [`Released`]: it opens a row for one reader, or tells by which rule not.
//! Writers of pages, links, feeds and streams accept nothing else.

use crate::link::wire;
use model::id::{Digest, NodeId};
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
    fn is_hidden(&self, row: &Row) -> bool {
        row.hidden && self.reader.capacity != Capacity::Own
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
        if !self.sees(&row) || self.is_hidden(&row) {
            return Ok(None);
        }
        let released = Released { reader: self.reader.node, tlp: row.label.effective_tlp(), bytes };
        Ok(Some((row, released)))
    }

    /// Opens a row as one line of the link: header, body, salt and signature, or the bare leaf when
    /// what was numbered once is erased or no longer released. The leaf comes beside it.
    ///
    /// # Errors
    /// When the store cannot be read, or the entry is not in the log.
    pub(crate) fn line(
        &self,
        reading: &Reading<'_>,
        offset: u64,
        seq: Seq,
    ) -> Result<(Released, Digest), StoreError> {
        let reader = self.reader.node;
        if let Some((row, parts)) = reading.row_and_parts(seq)?
            && self.sees(&row)
            && !self.is_hidden(&row)
        {
            let bytes = wire::record_line(offset, row.hop.saturating_add(1), &parts);
            return Ok((Released { reader, tlp: row.label.effective_tlp(), bytes }, row.leaf));
        }
        let leaf = reading.leaf(seq)?;
        let leaf = leaf.ok_or_else(|| StoreError::Damaged { what: format!("entry {seq}") })?;
        Ok((Released { reader, tlp: Tlp::Clear, bytes: wire::gone_line(offset, &leaf) }, leaf))
    }
}
