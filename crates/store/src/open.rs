//! Opening the database: pragmas, the schema and its version, the writer's connection.
//!
//! It starts no thread and reads no configuration: `Options` is handed in.

use crate::body::Packer;
use crate::name::{self, Names};
use crate::view::keyed::Key;
use crate::{Reading, Snapshots, StoreError, Tx, log, purge, sql, state, sum, view};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// "entn", so that `file` and we ourselves know our databases.
const APPLICATION: i64 = 0x656e_746e;
/// The version of the schema that this program writes.
const VERSION: i64 = 3;
/// Statements kept prepared on each connection: more than the crate has.
const STATEMENTS: usize = 160;
/// Another process (a backup, a person with `sqlite3`) may hold the lock this long.
const BUSY: Duration = Duration::from_secs(10);

/// How much memory and disk the database may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Options {
    /// Bytes of the writer's page cache; a reader has a quarter of it.
    pub cache_bytes: u64,
    /// Bytes of the file that are mapped into memory.
    pub mmap_bytes: u64,
    /// Bytes of the write-ahead log, allocated at once so that commits only overwrite.
    pub wal_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, mmap_bytes: 256 << 20, wal_bytes: 32 << 20 }
    }
}

/// One connection with what belongs to it.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) conn: Connection,
    pub(crate) names: Names,
    pub(crate) packer: Packer,
    /// The view that is being built beside the one in use, as a place in the list of views.
    pub(crate) beside: Cell<Option<usize>>,
    /// A building that was cut off may have left tables.
    pub(crate) leftover: Cell<bool>,
    /// The thing under whose key nothing was found last, until the next entry: who appends has
    /// just asked. Only for the writer, whom nobody overtakes.
    pub(crate) absent: Cell<Option<Key>>,
}

impl Handle {
    pub(crate) fn over(conn: Connection, names: Names, leftover: bool) -> Self {
        let (beside, leftover) = (Cell::new(None), Cell::new(leftover));
        let absent = Cell::new(None);
        Self { conn, names, packer: Packer::default(), beside, leftover, absent }
    }
}

/// Where a database lies.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) options: Options,
}

/// The database and its single writing connection.
#[derive(Debug)]
pub struct Store {
    pub(crate) handle: Handle,
    /// `None` in memory.
    pub(crate) place: Option<Place>,
    snapshots: Option<Snapshots>,
}

impl Store {
    /// Opens the database at `path`, or makes it.
    ///
    /// # Errors
    /// When the file cannot be opened, is no database of ours, or a newer program wrote it.
    pub fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let conn = Connection::open(path)?;
        conn.busy_timeout(BUSY)?;
        // Only an empty file takes a page size, and only before it is in WAL mode.
        conn.pragma_update(None, "page_size", 8192)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        // Every 2xx and every receipt stands on this.
        conn.pragma_update(None, "synchronous", "FULL")?;
        // The writer checkpoints between transactions, never inside a commit.
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        // A log that shrinks must grow again, and growing is what makes commits slow.
        conn.pragma_update(None, "journal_size_limit", -1)?;
        let place = Place { path: path.to_owned(), options: *options };
        set_memory(&conn, options.cache_bytes, options.mmap_bytes)?;
        let handle = prepare(conn)?;
        let snapshots = Snapshots::new(place.clone(), handle.names.sibling());
        let store = Self { handle, place: Some(place), snapshots: Some(snapshots) };
        match purge::renew_wal(&store) {
            // What is in the write-ahead log can be read there, and is moved once there is room.
            Err(error) if error.is_full() => {}
            renewed => drop(renewed?),
        }
        Ok(store)
    }

    /// A database in memory, for tests and the simulator.
    ///
    /// # Errors
    /// When SQLite cannot make one.
    pub fn memory() -> Result<Self, StoreError> {
        Self::in_memory(Connection::open_in_memory()?)
    }

    /// A database in memory from the bytes of [`Store::image`].
    ///
    /// # Errors
    /// When the bytes are no database of ours.
    pub fn from_image(bytes: &[u8]) -> Result<Self, StoreError> {
        let mut conn = Connection::open_in_memory()?;
        conn.deserialize_read_exact(MAIN_DB, bytes, bytes.len(), false)?;
        Self::in_memory(conn)
    }

    fn in_memory(conn: Connection) -> Result<Self, StoreError> {
        conn.pragma_update(None, "journal_mode", "MEMORY")?;
        Ok(Self { handle: prepare(conn)?, place: None, snapshots: None })
    }

    /// All committed bytes of a database in memory.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn image(&mut self) -> Result<Vec<u8>, StoreError> {
        Ok(self.handle.conn.serialize(MAIN_DB)?.to_vec())
    }

    /// Begins a transaction that writes; dropped without a commit it leaves nothing. One at a time:
    /// shared, because a backup holds on to the store between its steps while others write.
    ///
    /// # Errors
    /// When one is open already, or another process holds the lock for long.
    pub fn begin(&self) -> Result<Tx<'_>, StoreError> {
        Tx::begin(&self.handle)
    }

    /// Reads over the writer's own connection, between transactions.
    #[must_use]
    pub const fn reading(&self) -> Reading<'_> {
        Reading { handle: &self.handle }
    }

    /// Connections for readers; `None` for a database in memory.
    #[must_use]
    pub fn snapshots(&self) -> Option<Snapshots> {
        self.snapshots.clone()
    }
}

/// Readers and writer alike: how much memory a connection may use.
pub(crate) fn set_memory(conn: &Connection, cache: u64, mmap: u64) -> Result<(), StoreError> {
    conn.pragma_update(None, "cache_size", -sql::signed(cache >> 10)?)?;
    conn.pragma_update(None, "mmap_size", sql::signed(mmap)?)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// Readers and writer alike: statements are prepared once and stay as they were planned.
fn keep_statements(conn: &Connection) -> Result<(), StoreError> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else SQLite plans a statement anew whenever a bound LIMIT may matter: 10 us each time.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    view::keyed::register(conn)?;
    sum::register(conn)
}

/// A connection of a reader to the database at this place.
pub(crate) fn open_reader(place: &Place, names: Names) -> Result<Handle, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&place.path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "query_only", true)?;
    set_memory(&conn, place.options.cache_bytes / 4, place.options.mmap_bytes)?;
    keep_statements(&conn)?;
    Ok(Handle::over(conn, names, false))
}

/// Refuses what this program did not write, or what another version of it wrote.
pub(crate) fn check_version(conn: &Connection) -> Result<(), StoreError> {
    check_version_of(conn, "main")
}

/// The same of an attached database.
pub(crate) fn check_version_of(conn: &Connection, schema: &str) -> Result<(), StoreError> {
    let number =
        |pragma: &str| conn.pragma_query_value(Some(schema), pragma, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, VERSION) => Ok(()),
        (APPLICATION, found) => Err(StoreError::OtherVersion { found, known: VERSION }),
        _ => Err(StoreError::Foreign),
    }
}

/// Makes or checks the schema.
fn prepare(conn: Connection) -> Result<Handle, StoreError> {
    // What is erased is overwritten at once, in tables and in the text index's own tables.
    conn.pragma_update(None, "secure_delete", true)?;
    keep_statements(&conn)?;
    let number = |pragma: &str| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (0, 0) if is_empty(&conn)? => create(&conn)?,
        _ => check_version(&conn)?,
    }
    let leftover = view::rebuild::is_left(&conn)?;
    Ok(Handle::over(conn, Names::default(), leftover))
}

fn is_empty(conn: &Connection) -> Result<bool, StoreError> {
    sql::exists(conn, "SELECT 1 FROM sqlite_schema", ()).map(|any| !any)
}

fn create(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = create_tables(conn);
    conn.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

/// All that a new database has, as its schema spells it: type, name, statement.
pub(crate) fn made_schema() -> Result<Vec<(String, String)>, StoreError> {
    let conn = Connection::open_in_memory()?;
    sum::register(&conn)?;
    create(&conn)?;
    schema(&conn, "main")
}

/// Names and statements of a schema, in one spelling however often tables were renamed.
pub(crate) fn schema(conn: &Connection, of: &str) -> Result<Vec<(String, String)>, StoreError> {
    let sql = format!(
        "SELECT name, sql FROM {of}.sqlite_schema
        WHERE sql IS NOT NULL AND type IN ('table', 'index') AND name NOT GLOB 'fresh_view_*'
        AND name NOT GLOB 'old_view_*' OR type = 'index'"
    );
    let plain = |text: String| text.replace(['"', '\''], "").replace("fresh_view_", "view_");
    sql::all(conn, &sql, (), |row| {
        let (name, sql): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        Ok((plain(name), plain(sql.unwrap_or_default())))
    })
}

fn create_tables(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(&sum::summed(name::TABLES, &[])?)?;
    conn.execute_batch(&sum::summed(log::TABLE, &log::PROVEN)?)?;
    for view in view::ALL {
        conn.execute_batch(view.tables())?;
    }
    for tables in state::TABLES {
        conn.execute_batch(&sum::summed(tables, &[])?)?;
    }
    conn.pragma_update(None, "application_id", APPLICATION)?;
    conn.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}
