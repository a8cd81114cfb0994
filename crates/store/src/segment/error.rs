//! Why a segment or a journal cannot be used. It mends nothing.

use std::path::{Path, PathBuf};

/// Why a segment or a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// A file cannot be read or written.
    #[error("E-SEEN-001: {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not as it was written.
    #[error("E-SEEN-002: {path} is damaged: {what}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What of it.
        what: String,
    },
    /// The rows cannot be put into columns.
    #[error("E-SEEN-003: a segment cannot be made: {0}")]
    Rows(String),
}

impl SegmentError {
    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }

    /// Whether the disk had no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::File { source, .. } => matches!(
                source.kind(),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
            ),
            Self::Damaged { .. } | Self::Rows(_) => false,
        }
    }
}
