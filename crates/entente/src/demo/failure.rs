//! Why the story did not happen. Which step it was is said by who tells it.

use std::path::PathBuf;

/// A step that did not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// No folder for the nodes.
    #[error("E-DEMO-002: {0}: {1}")]
    Folder(PathBuf, std::io::Error),
    /// A node does not run.
    #[error("E-DEMO-003: {0} does not run: {1}")]
    Start(&'static str, String),
    /// A node was asked and there was no answer, or not the expected one.
    #[error("E-DEMO-004: {path}: {why}")]
    Asked {
        /// What was asked for.
        path: String,
        /// What came instead.
        why: String,
    },
    /// It took too long.
    #[error("E-DEMO-005: waited {seconds} s for {what}")]
    Late {
        /// For what.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// It happened otherwise.
    #[error("E-DEMO-006: {0}")]
    Otherwise(String),
}
