//! Running statements: three verbs over the cache of prepared ones, and numbers that must fit.
//! It knows no table.

use crate::StoreError;
use rusqlite::{Connection, Params, Row};

/// Runs a statement that changes rows and says how many.
pub(crate) fn execute<P: Params>(
    conn: &Connection,
    sql: &str,
    params: P,
) -> Result<usize, StoreError> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// The first row of a query.
pub(crate) fn first<T, P: Params>(
    conn: &Connection,
    sql: &str,
    params: P,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// All rows of a query.
pub(crate) fn all<T, P: Params>(
    conn: &Connection,
    sql: &str,
    params: P,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Whether a query has a row.
pub(crate) fn exists<P: Params>(
    conn: &Connection,
    sql: &str,
    params: P,
) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached(sql)?.exists(params)?)
}

/// An unsigned number as SQLite keeps it.
pub(crate) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange("a number above 2^63"))
}

/// A number of SQLite that is never negative.
pub(crate) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::damaged("a negative number"))
}

/// A limit as SQLite takes it; one that does not fit means no limit.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
