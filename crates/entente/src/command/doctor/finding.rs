//! One thing to look at.

use super::super::output::plain;
use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// Something does not work, or will be lost.
    Error,
    /// Something will go wrong if nobody does anything.
    Warning,
}

impl Severity {
    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    /// A stable name of what was looked at: `clock`, `disk`, `link` ...
    pub(super) check: &'static str,
    pub(super) what: String,
    /// The next command to type, or the next thing to do.
    pub(super) next: String,
}

impl Finding {
    /// Something does not work.
    pub(super) fn error(check: &'static str, what: impl Into<String>) -> Self {
        Self { severity: Severity::Error, check, what: what.into(), next: String::new() }
    }

    /// Something will go wrong.
    pub(super) fn warning(check: &'static str, what: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(check, what) }
    }

    /// What to do about it.
    #[must_use]
    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// Its lines for people.
    pub(super) fn lines(&self) -> String {
        let (severity, what) = (self.severity.name(), plain(&self.what));
        format!("{severity:<8} {what}\n         next: {}", plain(&self.next))
    }
}
