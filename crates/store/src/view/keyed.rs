//! Entries under a digest of what they are about, carry or refer to. Digests come in no order, so
//! that each new one would rewrite a page of its own, twice; they are collected in a small table,
//! settle in a larger one slice by slice, many on a page, and from there in the one that holds all.
//! It keeps eight bytes of a digest: who asks compares with what the log says, for two things may
//! have the same key.

use super::target::Target;
use crate::log::Seq;
use crate::open::Handle;
use crate::{StoreError, sql};
use model::seal;

#[cfg(test)]
mod tests;

/// So many entries after one slice has settled, the next one does; a power of two.
const SETTLE_EVERY: Seq = 256;
/// Slices of the recent keys: those of less than `SETTLE_EVERY` times as many entries, about a
/// megabyte of pages, which stay in memory.
const RECENT_SLICES: i64 = 256;
/// Slices of the keys that are settling: four times as many as are recent, so that they come to lie
/// close together among millions.
const SETTLING_SLICES: i64 = 1_024;

/// Eight bytes of a digest.
pub(crate) type Key = i64;

/// The statements over the tables of one view.
pub(crate) struct Keyed {
    pub(crate) tables: &'static str,
    pub(crate) insert: &'static str,
    /// Copy a slice of the recent keys, and of those that are settling, to the next table.
    pub(crate) copy: [&'static str; 2],
    /// Remove the slice that was copied.
    pub(crate) remove: [&'static str; 2],
    pub(crate) delete: [&'static str; 3],
    pub(crate) newest: [&'static str; 3],
}

/// The columns of each of the tables.
macro_rules! columns {
    () => {
        " (key INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (key, seq)) STRICT, WITHOUT ROWID;"
    };
}
pub(crate) use columns;

/// Copies a slice. Where it could fail on a row it already has, SQLite would open a savepoint, and
/// the text index would write out all that it collects.
macro_rules! copy {
    ($from:expr, $to:expr) => {
        concat!(
            "INSERT OR IGNORE INTO ",
            $to,
            " (key, seq) SELECT key, seq FROM ",
            $from,
            " WHERE key BETWEEN ?1 AND ?2"
        )
    };
}
pub(crate) use copy;

macro_rules! newest {
    ($table:expr) => {
        concat!(
            "SELECT seq FROM ",
            $table,
            " WHERE key = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
        )
    };
}
pub(crate) use newest;

/// The places of all entries under key ?1, as one question.
macro_rules! under {
    ($table:literal) => {
        concat!(
            "SELECT seq FROM ",
            $table,
            " WHERE key = ?1 UNION ALL SELECT seq FROM ",
            $table,
            "_settling WHERE key = ?1 UNION ALL SELECT seq FROM ",
            $table,
            "_recent WHERE key = ?1"
        )
    };
}
pub(crate) use under;

/// Statements over the tables of one view; each is spelt once, when the program is built.
macro_rules! keyed {
    ($table:literal) => {
        $crate::view::keyed::Keyed {
            tables: concat!(
                "CREATE TABLE ",
                $table,
                $crate::view::keyed::columns!(),
                "CREATE TABLE ",
                $table,
                "_settling",
                $crate::view::keyed::columns!(),
                "CREATE TABLE ",
                $table,
                "_recent",
                $crate::view::keyed::columns!()
            ),
            insert: concat!("INSERT INTO ", $table, "_recent (key, seq) VALUES (?1, ?2)"),
            copy: [
                $crate::view::keyed::copy!(
                    concat!($table, "_recent"),
                    concat!($table, "_settling")
                ),
                $crate::view::keyed::copy!(concat!($table, "_settling"), $table),
            ],
            remove: [
                concat!("DELETE FROM ", $table, "_recent WHERE key BETWEEN ?1 AND ?2"),
                concat!("DELETE FROM ", $table, "_settling WHERE key BETWEEN ?1 AND ?2"),
            ],
            delete: [
                concat!("DELETE FROM ", $table, " WHERE key = ?1 AND seq = ?2"),
                concat!("DELETE FROM ", $table, "_settling WHERE key = ?1 AND seq = ?2"),
                concat!("DELETE FROM ", $table, "_recent WHERE key = ?1 AND seq = ?2"),
            ],
            newest: [
                $crate::view::keyed::newest!(concat!($table, "_recent")),
                $crate::view::keyed::newest!(concat!($table, "_settling")),
                $crate::view::keyed::newest!($table),
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
        if seq % SETTLE_EVERY == 0 { self.settle(to, seq / SETTLE_EVERY) } else { Ok(()) }
    }

    /// Moves one slice of each of the smaller tables into the next.
    fn settle(&self, to: &Target<'_>, turn: i64) -> Result<(), StoreError> {
        let slices = [RECENT_SLICES, SETTLING_SLICES];
        for ((copy, remove), slices) in self.copy.into_iter().zip(self.remove).zip(slices) {
            let keys = keys_of(turn % slices, slices);
            if to.execute(copy, keys)? > 0 {
                to.execute(remove, keys)?;
            }
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
        let mut found: Vec<Seq> = Vec::new();
        for newest in self.newest {
            let here: Vec<Seq> = sql::all(&handle.conn, newest, asked, |row| Ok(row.get(0)?))?;
            let mixed = !found.is_empty() && !here.is_empty();
            found.extend(here);
            if mixed {
                found.sort_unstable_by(|a, b| b.cmp(a));
                found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            }
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

/// All rows of a view's tables, the entry's place first.
pub(crate) fn rows(table: &str, schema: &str) -> Vec<String> {
    let rows = ["", "_settling", "_recent"]
        .map(|which| format!("SELECT seq, key FROM {schema}.{table}{which}"));
    vec![rows.join(" UNION ALL ")]
}

/// The first and the last key of a slice; half of all keys are below zero.
const fn keys_of(slice: i64, slices: i64) -> (Key, Key) {
    let width = (i64::MAX / slices + 1) * 2;
    let first = (slice - slices / 2) * width;
    (first, first + (width - 1))
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
