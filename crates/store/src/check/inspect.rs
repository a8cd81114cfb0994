//! A database opened for a check: read only, without trust, beside a scratch database in memory in
//! which views are made anew. Nothing of the file is changed, and no error of its pages ends it.

use super::damage::{Damage, Place};
use crate::log::{self, Seq};
use crate::name::Names;
use crate::open::{self, Handle};
use crate::{Reading, StoreError, sum};
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Under this name the file is attached to the scratch database.
pub(super) const REAL: &str = "real";
/// Kilobytes of the file's pages in memory.
const CACHE_KIB: i64 = 16 << 10;
/// Another process may hold the lock this long.
const BUSY: Duration = Duration::from_secs(10);

/// A database that is being looked at.
#[derive(Debug)]
pub struct Inspection {
    pub(super) handle: Handle,
    pub(super) head: Seq,
}

impl Inspection {
    /// Opens the database at `path`; what is seen is of one instant. `alone` promises that nobody
    /// writes it: then not even the files that readers share are made.
    ///
    /// # Errors
    /// When it cannot be opened at all; [`StoreError::is_damage`] tells that from other reasons.
    pub fn open(path: &Path, alone: bool) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(":memory:", flags)?;
        conn.busy_timeout(BUSY)?;
        // The scratch database is thrown away; nothing in it is ever rolled back.
        conn.pragma_update(None, "journal_mode", "OFF")?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        conn.pragma_update(None, "cell_size_check", true)?;
        sum::register(&conn)?;
        crate::view::keyed::register(&conn)?;
        conn.execute("ATTACH ?1 AS real", (uri(path, alone),))?;
        // A page of a damaged file that is mapped could end the process.
        conn.pragma_update(Some(REAL), "mmap_size", 0)?;
        conn.pragma_update(Some(REAL), "cache_size", -CACHE_KIB)?;
        open::check_version_of(&conn, REAL)?;
        conn.execute_batch("BEGIN")?;
        let mut found = Self { handle: Handle::over(conn, Names::default(), false), head: 0 };
        found.head = found.last_place();
        Ok(found)
    }

    /// Questions about the log, the names and the state. Views are not to be asked: theirs are
    /// answered from the scratch database.
    #[must_use]
    pub const fn reading(&self) -> Reading<'_> {
        Reading { handle: &self.handle }
    }

    /// The last place of the log, as far as anything knows of one.
    #[must_use]
    pub const fn head(&self) -> Seq {
        self.head
    }

    fn last_place(&self) -> Seq {
        let known = |sql: &str| {
            let place = self.handle.conn.query_row(sql, (), |row| row.get::<_, Option<Seq>>(0));
            place.ok().flatten().unwrap_or(0)
        };
        // When the end of the log is lost, others remember it.
        let log = log::head(&self.handle).unwrap_or(0);
        let outlets = known("SELECT max(scanned) FROM real.outlet");
        let kinds = known(
            "SELECT max(last) FROM (SELECT max(seq) AS last FROM real.view_kind
            GROUP BY kind)",
        );
        // A damaged number may be anything; the log has no gaps, so it cannot be far beyond.
        let beyond = log.saturating_add(1_000_000);
        let others = [outlets, kinds].into_iter().filter(|seq| *seq <= beyond);
        others.fold(log, Seq::max)
    }

    /// Compares each row of names and state with its digest.
    ///
    /// # Errors
    /// When the database fails; what is damaged is reported to `each` instead.
    pub fn state(&self, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
        for table in self.state_tables()? {
            if let Err(error) = self.table(&table, each) {
                if !error.is_damage() {
                    return Err(error);
                }
                each(Damage::at(Place::State(table, None), "its rows cannot be read"));
            }
        }
        Ok(())
    }

    fn table(&self, table: &str, each: &mut dyn FnMut(Damage)) -> Result<(), StoreError> {
        let Some(question) = sum::unfit(&self.handle.conn, table, &[])? else { return Ok(()) };
        let mut statement = self.handle.conn.prepare(&question)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0).unwrap_or_default();
            let place = Place::State(table.to_owned(), Some(key.chars().take(80).collect()));
            each(Damage::at(place, "the row does not fit its digest"));
        }
        Ok(())
    }

    /// The tables that are neither the log nor a view's.
    fn state_tables(&self) -> Result<Vec<String>, StoreError> {
        const SQL: &str = "SELECT name FROM real.sqlite_schema WHERE type = 'table'
            AND name <> 'log' AND name NOT GLOB '*view_*' AND name NOT GLOB 'sqlite_*'";
        let mut statement = self.handle.conn.prepare(SQL)?;
        let names = statement.query_map((), |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }
}

/// The address under which SQLite opens a file for reading alone.
fn uri(path: &Path, alone: bool) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(*byte));
            }
            other => {
                // Writing into a text never fails.
                write!(uri, "%{other:02X}").ok();
            }
        }
    }
    uri += "?mode=ro";
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    // What is in the write-ahead log alone is seen only by sharing it.
    let empty = std::fs::metadata(wal).map_or(true, |file| file.len() == 0);
    if alone && empty { uri + "&immutable=1" } else { uri }
}
