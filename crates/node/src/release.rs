//! The only maker of [`Released`]: it opens a row for one reader, or tells by which rule not.
//! Writers of pages, links, feeds and streams accept nothing else.

use crate::kept_back::KeptBack;
use crate::link::wire;
use crate::outlet::link_of;
use model::id::{Digest, NodeId};
use model::kind::{OBEYED, WITHDRAW_RANGE};
use model::label::Tlp;
use model::statement::subject_of;
use model::time::Instant;
use policy::{Capacity, Decision, Placed, Reader, Rule, decide};
use store::{Reading, Row, Seq, StoreError};

/// Bytes that one reader may have. The fields are private: nobody else can make one, and nobody
/// can change the bytes after the decision.
///
/// Whoever is handed one may read it:
/// ```
/// fn write(object: &node::release::Released) -> usize {
///     object.bytes().len()
/// }
/// ```
/// Nobody else makes one, by its fields,
/// ```compile_fail,E0451
/// fn make(reader: model::id::NodeId) -> node::release::Released {
///     node::release::Released { reader, tlp: model::label::Tlp::Clear, bytes: Vec::new() }
/// }
/// ```
/// by a constructor,
/// ```compile_fail,E0599
/// fn make(reader: model::id::NodeId) -> node::release::Released {
///     node::release::Released::new(reader, Vec::new())
/// }
/// ```
/// from bytes,
/// ```compile_fail,E0308
/// fn make(bytes: Vec<u8>) -> node::release::Released {
///     node::release::Released::from(bytes)
/// }
/// ```
/// or out of another one, with other bytes in it:
/// ```compile_fail,E0616
/// fn change(object: &mut node::release::Released) {
///     object.bytes.push(0);
/// }
/// ```
/// ```compile_fail,E0277
/// fn twice(object: &node::release::Released) -> node::release::Released {
///     node::release::Released::clone(object)
/// }
/// ```
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

/// A row as a decision sees it.
pub(crate) fn placed(row: &Row) -> Placed<'_> {
    let (label, kind) = (row.label.as_ref(), &row.thing.kind);
    Placed { label, kind, signer: row.signer, via: row.via, hop: row.hop }
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
        decide(&placed(row), &self.reader, self.now)
    }

    /// The decision on a row that is a partner's to be numbered, or numbered already: a word about
    /// a record goes where that record went, whatever else is against it (decision 0012).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn decide_sent(&self, reading: &Reading<'_>, row: &Row) -> Result<Decision, StoreError> {
        let decision = self.decide(row);
        let here = [Some(row.signer), row.via].contains(&Some(self.reader.node));
        let partner = matches!(self.reader.capacity, Capacity::Partner { .. });
        if decision.released || here || !partner {
            return Ok(decision);
        }
        if is_told(row, &self.reader.node) || went_before(reading, &self.reader.node, row.seq)? {
            return Ok(Decision { released: true, rule: Rule::FollowsRecord, ..decision });
        }
        self.by_subject(reading, row, decision)
    }

    /// A card that gives some kinds alone gives the words about records of those kinds, and none
    /// about others: it would name what is withheld.
    fn by_subject(
        &self,
        reading: &Reading<'_>,
        row: &Row,
        decision: Decision,
    ) -> Result<Decision, StoreError> {
        if decision.rule != Rule::KindNotGiven {
            return Ok(decision);
        }
        let Some((_, body)) = reading.row_and_body(row.seq)? else { return Ok(decision) };
        let Some(subject) = subject_of(&row.thing.kind, &body) else { return Ok(decision) };
        let kind = &subject.thing.kind;
        Ok(decide(&Placed { kind, ..placed(row) }, &self.reader, self.now))
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
        // A partner's eyes are borrowed to see what it is released: what a person withdrew is not.
        if let Some(kept) = KeptBack::from_partner(reading, self)?
            && !kept.foretell(reading, &row, self.decide(&row))?.released
        {
            return Ok(None);
        }
        let released = self.opened(&row, bytes);
        Ok(Some((row, released)))
    }

    /// What was decided to be this reader's.
    fn opened(&self, row: &Row, bytes: Vec<u8>) -> Released {
        Released { reader: self.reader.node, tlp: row.label.effective_tlp(), bytes }
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
        if let Some((row, parts)) = reading.row_and_parts(seq)?
            && !row.erased
            && !self.is_hidden(&row)
            && self.decide_sent(reading, &row)?.released
        {
            let bytes = wire::record_line(offset, row.hop.saturating_add(1), &parts);
            return Ok((self.opened(&row, bytes), row.leaf));
        }
        self.bare(reading, offset, seq)
    }

    /// Opens for its own signer a row that it signed, as a line of the link; `None` when it is
    /// another's, or erased. Nobody is told by it what it did not write itself.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn signed(
        &self,
        reading: &Reading<'_>,
        offset: u64,
        seq: Seq,
    ) -> Result<Option<(Row, Released)>, StoreError> {
        let Some((row, parts)) = reading.row_and_parts(seq)? else { return Ok(None) };
        if row.erased || row.signer != self.reader.node {
            return Ok(None);
        }
        // Over how many relays it came is nothing that its signer need know.
        let released = self.opened(&row, wire::record_line(offset, 1, &parts));
        Ok(Some((row, released)))
    }

    /// The line of the link for a number under which nothing is released: the bare leaf.
    ///
    /// # Errors
    /// When the store cannot be read, or the entry is not in the log.
    pub(crate) fn bare(
        &self,
        reading: &Reading<'_>,
        offset: u64,
        seq: Seq,
    ) -> Result<(Released, Digest), StoreError> {
        let reader = self.reader.node;
        let leaf = reading.leaf(seq)?;
        let leaf = leaf.ok_or_else(|| StoreError::Damaged { what: format!("entry {seq}") })?;
        Ok((Released { reader, tlp: Tlp::Clear, bytes: wire::gone_line(offset, &leaf) }, leaf))
    }
}

/// Whether a row is this node's own word to this very partner: about numbers that it gave there, or
/// on recalls that came from there.
fn is_told(row: &Row, partner: &NodeId) -> bool {
    let told = row.via.is_none() && [WITHDRAW_RANGE, OBEYED].contains(&row.thing.kind.as_str());
    told && row.label.to.as_ref().is_some_and(|to| to.iter().eq([partner]))
}

/// Whether something that a word means has a number in what is kept for a partner, in any life of
/// that numbering.
fn went_before(reading: &Reading<'_>, partner: &NodeId, word: Seq) -> Result<bool, StoreError> {
    let meant = reading.meant_by(word)?;
    if meant.is_empty() {
        return Ok(false);
    }
    for outlet in reading.outlets()? {
        if link_of(&outlet.key) != Some(*partner) {
            continue;
        }
        for subject in &meant {
            if reading.place_of(outlet.id, *subject)?.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
