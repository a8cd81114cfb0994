//! One thing out of place: where it stands, what it is, how to mend it.
//!
//! It has no severity: whatever is worth finding is worth mending, or the check is wrong.

use std::fmt;

/// What a check found. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: String, mend: &str) -> Self {
        Self { path: path.to_owned(), line, what, mend: mend.to_owned() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    Hint: {}", self.path, self.line, self.what, self.mend)
    }
}
