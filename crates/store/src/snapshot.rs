//! Readers' connections: a small pool, and one transaction around each reading.
//!
//! A reading sees one committed state of the database. It must be a page long at most: while it
//! lasts, the write-ahead log cannot be begun anew.

use crate::name::Names;
use crate::open::{self, Handle, Options, Place};
use crate::{Reading, StoreError, sql};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections kept open while nobody reads: as many as reading threads are usual.
const IDLE_MAX: usize = 8;

/// Where snapshots come from; shared by all reading threads.
#[derive(Clone, Debug)]
pub struct Snapshots(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    place: Place,
    names: Mutex<Names>,
    idle: Mutex<Vec<Handle>>,
}

impl Snapshots {
    pub(crate) fn new(place: Place, names: Names) -> Self {
        let (names, idle) = (Mutex::new(names), Mutex::new(Vec::new()));
        Self(Arc::new(Pool { place, names, idle }))
    }

    /// Readers of the database at `path`, which a node may be writing at the same time: nothing
    /// is created or changed.
    ///
    /// # Errors
    /// When there is no such file, it is no database of ours, or a newer program wrote it.
    pub fn at(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let place = Place { path: path.to_owned(), options: *options };
        let handle = open::open_reader(&place, Names::default())?;
        open::check_version(&handle.conn)?;
        Ok(Self::new(place, handle.names))
    }

    /// A connection for one reader, from the pool or new.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub fn open(&self) -> Result<Snapshot, StoreError> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let handle = match idle {
            Some(handle) => handle,
            None => {
                let names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner).sibling();
                open::open_reader(&self.0.place, names)?
            }
        };
        Ok(Snapshot { handle: Some(handle), pool: Arc::clone(&self.0) })
    }
}

/// One reader's connection; it goes back to the pool when dropped.
#[derive(Debug)]
pub struct Snapshot {
    handle: Option<Handle>,
    pool: Arc<Pool>,
}

impl Snapshot {
    /// Reads within one transaction: all that `read` asks is of the same committed state.
    ///
    /// # Errors
    /// What `read` gives, or when the database fails.
    pub fn read<T, E: From<StoreError>>(
        &mut self,
        read: impl FnOnce(&Reading<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(handle) = &self.handle else {
            return Err(StoreError::damaged("a snapshot without connection").into());
        };
        sql::execute(&handle.conn, "BEGIN", ())?;
        let guard = Ending(handle);
        let result = read(&Reading { handle });
        drop(guard);
        result
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = self.handle.take()
            && idle.len() < IDLE_MAX
            && handle.conn.is_autocommit()
        {
            idle.push(handle);
        }
    }
}

/// Ends the transaction however the reading ends, by a panic too.
struct Ending<'h>(&'h Handle);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        // Nothing was written; a connection that cannot even end is not put back into the pool.
        sql::execute(&self.0.conn, "ROLLBACK", ()).ok();
    }
}
