//! A copy of the whole database while it is written: page after page from the writer's own
//! connection, so that what is written meanwhile goes into the copy as well.
//!
//! It knows nothing of what else belongs to a backup, nor of where backups are kept.

use crate::{Store, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Pages copied in one step: some milliseconds, for which whoever writes waits.
const STEP_PAGES: i32 = 256;
/// Bytes of the copy's page cache: pages leave it in the order in which they came.
const CACHE_BYTES: i64 = 4 << 20;

/// How far a copy has come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Copied {
    /// Bytes copied.
    pub done: u64,
    /// Bytes of the database as it is now.
    pub total: u64,
}

impl Store {
    /// Copies the database into the file at `to`, which should not exist. Between two steps it
    /// calls `meanwhile`, which may write to this store; the copy is of what is committed when the
    /// last step ends, and nothing is written between that and the return.
    ///
    /// The file is neither synchronised nor removed on a failure: that is the caller's.
    ///
    /// # Errors
    /// What `meanwhile` gives, or when either database fails.
    pub fn copy_to<E: From<StoreError>>(
        &self,
        to: &Path,
        meanwhile: &mut dyn FnMut(Copied) -> Result<(), E>,
    ) -> Result<(), E> {
        let source = &self.handle.conn;
        let page = source.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0));
        let page = crate::sql::unsigned(page.map_err(StoreError::from)?)?;
        let mut target = open_target(to)?;
        let copy = Backup::new(source, &mut target).map_err(StoreError::from)?;
        loop {
            let step = copy.step(STEP_PAGES).map_err(StoreError::from)?;
            let progress = copy.progress();
            let bytes = |pages: i32| u64::try_from(pages).unwrap_or(0).saturating_mul(page);
            let total = bytes(progress.pagecount);
            let copied = Copied { done: total.saturating_sub(bytes(progress.remaining)), total };
            match step {
                StepResult::Done => break,
                StepResult::More => meanwhile(copied)?,
                StepResult::Busy | StepResult::Locked => meanwhile(copied)?,
                // The type is open to new results; none of them is an end.
                other => return Err(StoreError::damaged(format!("a copy: {other:?}")).into()),
            }
        }
        drop(copy);
        target.close().map_err(|(_, error)| StoreError::Sqlite(error))?;
        Ok(())
    }
}

fn open_target(to: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let target = Connection::open_with_flags(to, flags)?;
    // Whoever asked removes a copy that was not finished, and synchronises one that was.
    target.pragma_update(None, "journal_mode", "OFF")?;
    target.pragma_update(None, "synchronous", "OFF")?;
    target.pragma_update(None, "cache_size", -(CACHE_BYTES >> 10))?;
    Ok(target)
}
