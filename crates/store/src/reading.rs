//! Everything readable, over one connection. Each view and each state file adds its own questions;
//! this one has those about the log and the names. It asks nobody whether the reader may.

use crate::StoreError;
use crate::log::{self, Light, Row, Seq};
use crate::open::Handle;
use crate::runs::Runs;
use model::id::{CircleId, Digest, NodeId};
use model::kind::Kind;
use model::label::Label;
use model::record::Parts;
use std::sync::Arc;

/// A reader of the database: cheap to copy, bound to one connection.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'c> {
    pub(crate) handle: &'c Handle,
}

impl Reading<'_> {
    /// The highest place in the log, 0 when it is empty.
    ///
    /// # Errors
    /// When the database fails.
    pub fn head(&self) -> Result<Seq, StoreError> {
        log::head(self.handle)
    }

    /// One entry without its body.
    ///
    /// # Errors
    /// When the database fails.
    pub fn row(&self, seq: Seq) -> Result<Option<Row>, StoreError> {
        log::row(self.handle, seq)
    }

    /// One entry's numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub fn light(&self, seq: Seq) -> Result<Option<Light>, StoreError> {
        log::light(self.handle, seq)
    }

    /// One entry's body as received; `None` when it is erased or absent.
    ///
    /// # Errors
    /// When the database fails or the body does not unpack.
    pub fn body(&self, seq: Seq) -> Result<Option<Vec<u8>>, StoreError> {
        log::body(self.handle, seq)
    }

    /// One entry with its body, in one query; `None` when it is erased or absent.
    ///
    /// # Errors
    /// When the database fails or the body does not unpack.
    pub fn row_and_body(&self, seq: Seq) -> Result<Option<(Row, Vec<u8>)>, StoreError> {
        log::row_and_body(self.handle, seq)
    }

    /// One entry as it was signed, its header's text byte for byte; `None` when erased or absent.
    ///
    /// # Errors
    /// When the database fails or the body does not unpack.
    pub fn parts(&self, seq: Seq) -> Result<Option<Parts>, StoreError> {
        Ok(self.row_and_parts(seq)?.map(|(_, parts)| parts))
    }

    /// One entry and what was signed, in one query; `None` when it is erased or absent.
    ///
    /// # Errors
    /// When the database fails or the body does not unpack.
    pub fn row_and_parts(&self, seq: Seq) -> Result<Option<(Row, Parts)>, StoreError> {
        log::row_and_parts(self.handle, seq)
    }

    /// The salted leaf of an entry, also of one that was erased.
    ///
    /// # Errors
    /// When the database fails.
    pub fn leaf(&self, seq: Seq) -> Result<Option<Digest>, StoreError> {
        log::leaf(self.handle, seq)
    }

    /// The salted leaves of entries in their order, one query a run.
    ///
    /// # Errors
    /// When an entry is not in the log, or the database fails.
    pub fn leaves(&self, runs: &Runs) -> Result<Vec<Digest>, StoreError> {
        log::leaves(self.handle, runs)
    }

    /// At most `limit` entries above `after`, up to and with `upto`, ascending; stubs included.
    ///
    /// # Errors
    /// When the database fails.
    pub fn scan(&self, after: Seq, upto: Seq, limit: usize) -> Result<Vec<Light>, StoreError> {
        log::scan(self.handle, after, upto, limit)
    }

    /// The label of this number.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub fn label(&self, id: u32) -> Result<Arc<Label>, StoreError> {
        self.handle.names.known(&self.handle.conn, id)
    }

    /// The node of this number; `None` for 0, which stands for "made here".
    ///
    /// # Errors
    /// When the number is neither 0 nor known, or the database fails.
    pub fn node_of(&self, id: u32) -> Result<Option<NodeId>, StoreError> {
        if id == 0 { Ok(None) } else { self.handle.names.known(&self.handle.conn, id).map(Some) }
    }

    /// The kind of this number.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub fn kind_of(&self, id: u32) -> Result<Kind, StoreError> {
        self.handle.names.known(&self.handle.conn, id)
    }

    /// The circle of this number.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub fn circle_of(&self, id: u32) -> Result<CircleId, StoreError> {
        self.handle.names.known(&self.handle.conn, id)
    }

    /// The number of a node, if the log or anything else has ever named it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn node_id(&self, node: &NodeId) -> Result<Option<u32>, StoreError> {
        self.handle.names.find(&self.handle.conn, node)
    }

    /// The number of a kind, if the log has ever named it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn kind_id(&self, kind: &Kind) -> Result<Option<u32>, StoreError> {
        self.handle.names.find(&self.handle.conn, kind)
    }

    /// The number of a circle, if the log has ever named it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn circle_id(&self, circle: &CircleId) -> Result<Option<u32>, StoreError> {
        self.handle.names.find(&self.handle.conn, circle)
    }
}
