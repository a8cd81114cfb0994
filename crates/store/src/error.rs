//! What can go wrong in the store. It names the failure; what to do about it is the caller's.

use crate::log::Seq;
use rusqlite::ErrorCode;

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused or failed.
    #[error("E-STORE-001: the database failed: {0}. Hint: see that the disk is not full")]
    Sqlite(#[from] rusqlite::Error),
    /// What lies on disk is not what the store wrote.
    #[error("E-STORE-002: the database is damaged: {what}. Hint: run `entente doctor`")]
    Damaged {
        /// What does not fit, without any content.
        what: String,
    },
    /// A commit failed. What is on disk is unknown: the caller must stop the node.
    #[error("E-STORE-003: a commit failed: {0}. Hint: check the disk, then start again")]
    Failed(#[source] rusqlite::Error),
    /// Another version of the program wrote this database.
    #[error(
        "E-STORE-004: the database has version {found}, this program knows {known}. \
         Hint: use the program that last ran on this folder"
    )]
    OtherVersion {
        /// The version on disk.
        found: i64,
        /// The version that this program writes.
        known: i64,
    },
    /// The file is an SQLite database, but not one of ours.
    #[error("E-STORE-005: the file is not a database of this program")]
    Foreign,
    /// A body could not be compressed or expanded.
    #[error("E-STORE-006: a body could not be packed or unpacked: {0}")]
    Packing(#[source] std::io::Error),
    /// A number does not fit the column that keeps it.
    #[error("E-STORE-007: out of range: {0}")]
    OutOfRange(&'static str),
    /// No view has this name.
    #[error(
        "E-STORE-008: there is no view `{0}`. Hint: one of {names}",
        names = crate::view::views().join(", ")
    )]
    UnknownView(String),
    /// The log has no such entry.
    #[error("E-STORE-009: the log has no entry {0}")]
    NoSuchEntry(Seq),
}

/// SPEC: SQLite result codes: the memory that readers share could not grow, for want of room.
const SHARED_MEMORY_FULL: i32 = 4874;

impl StoreError {
    /// Whether the disk is full. Nothing was committed; what was begun is rolled back when its
    /// transaction is dropped, and everything can be read.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let (Self::Sqlite(error) | Self::Failed(error)) = self else { return false };
        let code = error.sqlite_error().map(|error| error.extended_code);
        error.sqlite_error_code() == Some(ErrorCode::DiskFull) || code == Some(SHARED_MEMORY_FULL)
    }

    /// Whether what lies on disk cannot be what was written.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Packing(_) | Self::Foreign => true,
            Self::Sqlite(error) => is_damage(error),
            Self::Failed(_)
            | Self::OtherVersion { .. }
            | Self::OutOfRange(_)
            | Self::UnknownView(_)
            | Self::NoSuchEntry(_) => false,
        }
    }

    /// What lies on disk is not what the store wrote.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}

impl StoreError {
    /// Whether something was to be written into a database that is only read: a name that a check
    /// needed was not there.
    pub(crate) fn is_readonly(&self) -> bool {
        let code = match self {
            Self::Sqlite(error) | Self::Failed(error) => error.sqlite_error_code(),
            Self::Damaged { .. }
            | Self::OtherVersion { .. }
            | Self::Foreign
            | Self::Packing(_)
            | Self::OutOfRange(_)
            | Self::UnknownView(_)
            | Self::NoSuchEntry(_) => None,
        };
        code == Some(ErrorCode::ReadOnly)
    }
}

/// A page that is none, or a value that does not fit its column.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::InvalidColumnType(..)
                | Error::Utf8Error(..)
        )
}
