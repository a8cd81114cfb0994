//! Care of the write-ahead log, and the second state of erasure: after it neither free pages, nor
//! the text index, nor the write-ahead log hold anything of what was erased.
//!
//! It starts nothing by itself: the writer calls it between transactions.

use crate::open::{Handle, Place};
use crate::{Store, StoreError, sql, state, view};
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

/// Pages of the text index that one step of a purge rewrites: some milliseconds, for others wait.
const STEP_PAGES: i64 = 400;
/// Statements of one step that removes what the building of a view has left.
const SWEEP_STATEMENTS: u32 = 8;
/// How often the write-ahead log may exceed its allocation before we wait for readers.
const OVERGROWN: u64 = 8;
/// The setting that remembers a purge under way, over restarts too.
const UNDER_WAY: &str = "store.purge";
const WANTED: &[u8] = b"wanted";
const MERGING: &[u8] = b"merging";

/// What SQLite says about the write-ahead log, in bytes.
struct Wal {
    /// Written since it was last begun anew.
    used: u64,
    /// Of these, not yet in the database file.
    pending: u64,
    /// Another connection was in the way.
    busy: bool,
}

fn checkpoint(conn: &Connection, mode: &str) -> Result<Wal, StoreError> {
    let page: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let page = sql::unsigned(page)?;
    let wal = sql::first(conn, &format!("PRAGMA wal_checkpoint({mode})"), (), |row| {
        let bytes = |frames: i64| u64::try_from(frames).unwrap_or(0).saturating_mul(page);
        let (used, done) = (bytes(row.get(1)?), bytes(row.get(2)?));
        Ok(Wal { used, pending: used.saturating_sub(done), busy: row.get::<_, i64>(0)? != 0 })
    })?;
    wal.ok_or_else(|| StoreError::damaged("no answer to a checkpoint"))
}

/// Empties the write-ahead log and allocates it anew with zeros, so that commits only overwrite:
/// a file that grows costs each commit a journal commit of the file system.
pub(crate) fn renew_wal(store: &Store) -> Result<bool, StoreError> {
    let Some(place) = &store.place else { return Ok(true) };
    if checkpoint(&store.handle.conn, "TRUNCATE")?.busy {
        return Ok(false);
    }
    // Best effort: a full disk must not keep anyone from reading, and SQLite grows the file
    // itself. A zero page is no frame, so a crash in between leaves nothing to recover.
    allocate(place).ok();
    Ok(true)
}

fn allocate(place: &Place) -> io::Result<()> {
    let mut name = place.path.clone().into_os_string();
    name.push("-wal");
    let mut file: File = OpenOptions::new().write(true).open(PathBuf::from(name))?;
    if file.metadata()?.len() > 0 {
        return Ok(());
    }
    let zeros = vec![0; 1 << 20];
    for _ in 0..place.options.wal_bytes.div_ceil(1 << 20) {
        file.write_all(&zeros)?;
    }
    file.sync_all()
}

/// Remembers that something was erased.
pub(crate) fn want(handle: &Handle) -> Result<(), StoreError> {
    state::settings::put(handle, UNDER_WAY, WANTED)
}

/// Whether anything waits to be purged.
pub(crate) fn is_wanted(handle: &Handle) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM setting WHERE key = ?1";
    Ok(handle.leftover.get() || sql::exists(&handle.conn, SQL, (UNDER_WAY,))?)
}

impl Store {
    /// Moves the write-ahead log into the database file when it is half full. Call it between
    /// transactions, after the answers are out; when there is little to do it costs microseconds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        let Some(place) = &self.place else { return Ok(()) };
        let room = place.options.wal_bytes.max(1 << 20);
        let wal = checkpoint(&self.handle.conn, "NOOP")?;
        if wal.used > room.saturating_mul(OVERGROWN) {
            // Readers kept the log from being begun anew; now we wait for them.
            checkpoint(&self.handle.conn, "RESTART")?;
        } else if wal.pending > room / 2 {
            checkpoint(&self.handle.conn, "PASSIVE")?;
        }
        Ok(())
    }

    /// Bytes of the write-ahead log in use, for metrics; 0 in memory.
    ///
    /// # Errors
    /// When the database fails.
    pub fn wal_bytes(&self) -> Result<u64, StoreError> {
        match self.place {
            Some(_) => Ok(checkpoint(&self.handle.conn, "NOOP")?.used),
            None => Ok(0),
        }
    }

    /// Whether anything waits to be purged.
    ///
    /// # Errors
    /// When the database fails.
    pub fn is_purge_wanted(&self) -> Result<bool, StoreError> {
        is_wanted(&self.handle)
    }

    /// One step of purging what was erased from the text index and the write-ahead log. Call it
    /// between transactions until it gives true; it goes on where it stood after a restart.
    ///
    /// # Errors
    /// When the database fails.
    pub fn purge(&self) -> Result<bool, StoreError> {
        // A view that is being built, or one that was replaced, may hold what was erased.
        if self.handle.beside.get().is_some() {
            return Ok(false);
        }
        if self.handle.leftover.get() {
            return self.sweep().map(|()| false);
        }
        let Some(under_way) = self.reading().setting(UNDER_WAY)? else { return Ok(true) };
        let mut tx = self.begin()?;
        let merged = view::text::merge(tx.handle(), under_way == WANTED, STEP_PAGES)?;
        if !merged {
            tx.put_setting(UNDER_WAY, MERGING)?;
            tx.commit()?;
            return Ok(false);
        }
        tx.commit()?;
        if !renew_wal(self)? {
            return Ok(false);
        }
        // Only now is it done: whoever reads the old log's bytes finds none.
        let tx = self.begin()?;
        state::settings::delete(tx.handle(), UNDER_WAY)?;
        tx.commit()?;
        Ok(true)
    }

    /// One step of removing what the building of a view has left.
    fn sweep(&self) -> Result<(), StoreError> {
        let tx = self.begin()?;
        let mut left = SWEEP_STATEMENTS;
        let swept = view::rebuild::sweep(tx.handle(), &mut || {
            left -= 1;
            left == 0
        })?;
        tx.commit()?;
        self.handle.leftover.set(!swept);
        Ok(())
    }

    /// Closes in order: everything in the database file, nothing in the write-ahead log.
    ///
    /// # Errors
    /// When the database fails.
    pub fn close(self) -> Result<(), StoreError> {
        if self.place.is_some() {
            checkpoint(&self.handle.conn, "TRUNCATE")?;
        }
        self.handle.conn.close().map_err(|(_, error)| StoreError::Sqlite(error))
    }
}
