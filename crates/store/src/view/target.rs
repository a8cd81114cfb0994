//! Where a view writes: its tables in use, or those that are being built beside them. A view spells
//! its statements once, for the tables in use.

use crate::open::Handle;
use crate::{StoreError, sql};
use rusqlite::{CachedStatement, Params};
use std::borrow::Cow;

/// What every table of every view begins with.
pub(crate) const PREFIX: &str = "view_";
/// What tables begin with that are being built.
pub(crate) const FRESH: &str = "fresh_view_";
/// What tables begin with that were replaced and wait to be emptied.
pub(crate) const OLD: &str = "old_view_";

/// A connection, and which of a view's tables are meant.
#[derive(Clone, Copy)]
pub(crate) struct Target<'h> {
    /// The connection with its names.
    pub(crate) handle: &'h Handle,
    fresh: bool,
}

impl<'h> Target<'h> {
    /// The tables in use.
    pub(crate) const fn used(handle: &'h Handle) -> Self {
        Self { handle, fresh: false }
    }

    /// The tables that are being built.
    pub(crate) const fn fresh(handle: &'h Handle) -> Self {
        Self { handle, fresh: true }
    }

    /// Whether marks outside the view's own tables are left to the end of the building.
    pub(crate) const fn is_fresh(&self) -> bool {
        self.fresh
    }

    fn spelt<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        if self.fresh { sql.replace(PREFIX, FRESH).into() } else { sql.into() }
    }

    /// A statement over the tables that are meant.
    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'h>, StoreError> {
        Ok(self.handle.conn.prepare_cached(&self.spelt(sql))?)
    }

    /// Runs a statement that changes rows.
    pub(crate) fn execute<P: Params>(&self, sql: &str, params: P) -> Result<usize, StoreError> {
        sql::execute(&self.handle.conn, &self.spelt(sql), params)
    }
}
