//! Entries under a digest of what they are about, carry or refer to. Digests come in no order, so
//! that each new one would rewrite a page of its own, twice; they are collected in a small table
//! and settle in the large one slice by slice, many on a page. It keeps eight bytes of a digest:
//! who asks compares with what the log says, for two things may have the same key.

use super::target::Target;
use crate::log::Seq;
use crate::open::Handle;
use crate::{StoreError, sql};
use model::seal;

#[cfg(test)]
mod tests;

/// So many entries after one slice has settled, the next one does; a power of two.
const SETTLE_EVERY: Seq = 256;
/// Slices of the keys. Together: what is recent is less than `SETTLE_EVERY * SLICES` entries,
/// about a megabyte of pages, which stay in memory.
const SLICES: i64 = 256;

/// Eight bytes of a digest.
pub(crate) type Key = i64;

/// The statements over one pair of tables.
pub(crate) struct Keyed {
    pub(crate) tables: &'static str,
    pub(crate) insert: &'static str,
    pub(crate) settle: &'static str,
    pub(crate) settled: &'static str,
    pub(crate) delete: [&'static str; 2],
    pub(crate) newest: [&'static str; 2],
}

/// Statements over the tables of one view; each is spelt once, when the program is built.
macro_rules! keyed {
    ($table:literal) => {
        $crate::view::keyed::Keyed {
            tables: concat!(
                "CREATE TABLE ",
                $table,
                " (key INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (key, seq))",
                " STRICT, WITHOUT ROWID; CREATE TABLE ",
                $table,
                "_recent (key INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (key, seq))",
                " STRICT, WITHOUT ROWID;"
            ),
            insert: concat!("INSERT INTO ", $table, "_recent (key, seq) VALUES (?1, ?2)"),
            // Where it could fail on a row it already has, SQLite would open a savepoint, and the
            // text index would write out all that it collects.
            settle: concat!(
                "INSERT OR IGNORE INTO ",
                $table,
                " (key, seq) SELECT key, seq FROM ",
                $table,
                "_recent WHERE key BETWEEN ?1 AND ?2"
            ),
            settled: concat!("DELETE FROM ", $table, "_recent WHERE key BETWEEN ?1 AND ?2"),
            delete: [
                concat!("DELETE FROM ", $table, " WHERE key = ?1 AND seq = ?2"),
                concat!("DELETE FROM ", $table, "_recent WHERE key = ?1 AND seq = ?2"),
            ],
            newest: [
                concat!(
                    "SELECT seq FROM ",
                    $table,
                    "_recent WHERE key = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
                ),
                concat!(
                    "SELECT seq FROM ",
                    $table,
                    " WHERE key = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
                ),
            ],
        }
    };
}
pub(crate) use keyed;

impl Keyed {
    /// Takes an entry under these keys, each once, and lets a slice settle when one is due.
    pub(crate) fn insert(
        &self,
        to: &Target<'_>,
        mut keys: Vec<Key>,
        seq: Seq,
    ) -> Result<(), StoreError> {
        if !keys.is_empty() {
            keys.sort_unstable();
            keys.dedup();
            let mut insert = to.prepare(self.insert)?;
            for key in keys {
                insert.execute((key, seq))?;
            }
        }
        if seq % SETTLE_EVERY == 0 { self.settle(to, seq / SETTLE_EVERY % SLICES) } else { Ok(()) }
    }

    fn settle(&self, to: &Target<'_>, slice: i64) -> Result<(), StoreError> {
        if to.execute(self.settle, keys_of(slice))? > 0 {
            to.execute(self.settled, keys_of(slice))?;
        }
        Ok(())
    }

    /// The places of the entries under a key and below `before`, the newest first.
    pub(crate) fn newest(
        &self,
        handle: &Handle,
        key: Key,
        (before, limit): (Option<Seq>, i64),
    ) -> Result<Vec<Seq>, StoreError> {
        let asked = (key, before.unwrap_or(Seq::MAX), limit);
        let [recent, settled] = self.newest;
        let mut found = sql::all(&handle.conn, recent, asked, |row| Ok(row.get(0)?))?;
        let settled: Vec<Seq> = sql::all(&handle.conn, settled, asked, |row| Ok(row.get(0)?))?;
        if !settled.is_empty() {
            found.extend(settled);
            found.sort_unstable_by(|a, b| b.cmp(a));
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        Ok(found)
    }

    /// Forgets an entry under these keys.
    pub(crate) fn erase(&self, to: &Target<'_>, keys: &[Key], seq: Seq) -> Result<(), StoreError> {
        for key in keys {
            for delete in self.delete {
                to.execute(delete, (key, seq))?;
            }
        }
        Ok(())
    }
}

/// All rows of a pair of tables, the entry's place first.
pub(crate) fn rows(table: &str, schema: &str) -> Vec<String> {
    vec![format!(
        "SELECT seq, key FROM {schema}.{table} UNION ALL SELECT seq, key FROM {schema}.{table}_recent"
    )]
}

/// The first and the last key of a slice; half of all keys are below zero.
const fn keys_of(slice: i64) -> (Key, Key) {
    const WIDTH: i64 = (i64::MAX / SLICES + 1) * 2;
    let first = (slice - SLICES / 2) * WIDTH;
    (first, first + (WIDTH - 1))
}

/// The key of these bytes.
pub(crate) fn key(parts: &[&[u8]]) -> Key {
    let digest = seal::sha256(parts);
    digest.as_bytes().first_chunk().map_or(0, |head| Key::from_be_bytes(*head))
}

/// The key of a thing: the number of its kind and its UUID.
pub(crate) fn thing_key(kind: u32, uuid: &[u8]) -> Key {
    key(&[&kind.to_le_bytes(), uuid])
}

/// Makes `thing_key(kind, thing)` known to a connection.
pub(crate) fn register(conn: &rusqlite::Connection) -> Result<(), StoreError> {
    use rusqlite::functions::FunctionFlags;
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("thing_key", 2, flags, |context| {
        let thing = context.get_raw(1).as_blob_or_null()?.unwrap_or_default();
        Ok(thing_key(context.get(0)?, thing))
    })?;
    Ok(())
}
