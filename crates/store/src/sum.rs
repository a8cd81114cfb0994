//! A digest in every row of the log, the names and the state, so that a changed byte is found where
//! nothing else would contradict it. It is a column that SQLite computes itself whenever a row is
//! written; views have none, since the log contradicts them.
//!
//! It protects against damage, not against people: whoever can write the file can write the digest.

use crate::StoreError;
use model::seal;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// The function that the column calls.
const FUNCTION: &str = "row_sum";
/// The column; it stands first, so that it may precede a table's own constraints.
const COLUMN: &str = "sum";

/// Makes the function known to a connection; without it, it can read but not write.
pub(crate) fn register(conn: &Connection) -> Result<(), StoreError> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function(FUNCTION, -1, flags, |context| {
        let values = (0..context.len()).map(|index| context.get_raw(index));
        // Four bytes: one flip in four thousand million is overlooked. Signed, since that is what
        // fits in four: a row of the same size is overwritten in place, its body untouched.
        Ok(i64::from(i32::from_be_bytes(head(&digest(values)))))
    })?;
    Ok(())
}

/// A digest of the columns of a row from `from` on, for comparing rows of two tables.
pub(crate) fn of_row(row: &Row<'_>, from: usize) -> Result<u64, StoreError> {
    let count = row.as_ref().column_count();
    let values: Result<Vec<_>, _> = (from..count).map(|index| row.get_ref(index)).collect();
    Ok(u64::from_be_bytes(head(&digest(values?.into_iter()))))
}

fn head<const N: usize>(digest: &[u8; 32]) -> [u8; N] {
    let mut head = [0; N];
    for (to, from) in head.iter_mut().zip(digest) {
        *to = *from;
    }
    head
}

/// Each value with its type and length, so that no two rows spell the same bytes.
fn digest<'v>(values: impl Iterator<Item = ValueRef<'v>>) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(256);
    for value in values {
        match value {
            ValueRef::Null => bytes.push(0),
            ValueRef::Integer(number) => put(&mut bytes, 1, &number.to_be_bytes()),
            ValueRef::Real(number) => put(&mut bytes, 2, &number.to_be_bytes()),
            ValueRef::Text(text) => put(&mut bytes, 3, text),
            ValueRef::Blob(blob) => put(&mut bytes, 4, blob),
        }
    }
    *seal::sha256(&[&bytes]).as_bytes()
}

fn put(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
    bytes.extend_from_slice(value);
}

/// The columns of a table that its digest covers, in their order.
pub(crate) fn covered(
    conn: &Connection,
    table: &str,
    without: &[&str],
) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map((table,), |row| row.get::<_, String>(0))?;
    let names: Result<Vec<String>, _> = names.collect();
    let known = |name: &String| !without.contains(&name.as_str()) && name != COLUMN;
    Ok(names?.into_iter().filter(known).collect())
}

/// The statements of `tables` with the digest's column in each table.
pub(crate) fn summed(tables: &str, without: &[&str]) -> Result<String, StoreError> {
    let scratch = Connection::open_in_memory()?;
    scratch.execute_batch(tables)?;
    let mut statement = scratch.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid",
    )?;
    let mut rows = statement.query(())?;
    let mut made = String::with_capacity(tables.len() * 2);
    while let Some(row) = rows.next()? {
        let (kind, name, sql): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (head, tail) = match sql.split_once('(') {
            Some(parts) if kind == "table" => parts,
            Some(_) | None => {
                made.extend([sql.as_str(), ";\n"]);
                continue;
            }
        };
        let columns = covered(&scratch, &name, without)?.join(", ");
        made.extend([head, "(", COLUMN, " INTEGER GENERATED ALWAYS AS (", FUNCTION, "("]);
        made.extend([columns.as_str(), ")) STORED, ", tail, ";\n"]);
    }
    Ok(made)
}

/// The question for the rows of a table whose digest does not fit, with what names a row.
pub(crate) fn unfit(
    conn: &Connection,
    table: &str,
    without: &[&str],
) -> Result<Option<String>, StoreError> {
    const HAS: &str = "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE name = 'sum'";
    if conn.query_row(HAS, (table,), |row| row.get::<_, i64>(0))? == 0 {
        return Ok(None);
    }
    const KEY: &str = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    let mut statement = conn.prepare(KEY)?;
    let key = statement.query_map((table,), |row| row.get::<_, String>(0))?;
    let key: Result<Vec<String>, _> = key.collect();
    let key: Vec<String> = key?.iter().map(|name| format!("quote({name})")).collect();
    let key = if key.is_empty() { "rowid".to_owned() } else { key.join(" || ' ' || ") };
    let columns = covered(conn, table, without)?.join(", ");
    Ok(Some(format!("SELECT {key} FROM {table} WHERE {COLUMN} IS NOT {FUNCTION}({columns})")))
}
