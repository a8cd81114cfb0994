//! A new label on an old entry, by its signer's later word, and fewer hops by which it came. What was
//! signed stays as it was.

use crate::{Seq, StoreError, Tx, sql};
use model::label::Label;

impl Tx<'_> {
    /// Sets the label that release goes by; [`Reading::parts`] still gives the signed header.
    ///
    /// # Errors
    /// When the log has no such entry, or the database fails.
    pub fn relabel(&mut self, seq: Seq, label: &Label) -> Result<(), StoreError> {
        let handle = self.handle();
        let id = handle.names.intern_label(&handle.conn, label)?;
        const SET: &str = "UPDATE log SET signed_label = coalesce(signed_label, label), \
            label = ?2 WHERE seq = ?1";
        match sql::execute(&handle.conn, SET, (seq, id))? {
            0 => Err(StoreError::NoSuchEntry(seq)),
            _ => Ok(()),
        }
    }

    /// Sets over how many hops an entry came.
    ///
    /// # Errors
    /// When the log has no such entry, or the database fails.
    pub fn put_hop(&mut self, seq: Seq, hop: u8) -> Result<(), StoreError> {
        const SET: &str = "UPDATE log SET hop = ?2 WHERE seq = ?1";
        match sql::execute(&self.handle().conn, SET, (seq, hop))? {
            0 => Err(StoreError::NoSuchEntry(seq)),
            _ => Ok(()),
        }
    }
}
