//! Problems: what is wrong with input, where, and what to do about it. It words them for people;
//! it does not decide whether the rest of the input goes on.

use std::fmt;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// Accepted and kept, but somebody will stumble over it.
    Warning,
    /// Refused.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One problem of one piece of input.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}{}{path}: {message}", if path.is_empty() { "" } else { " " })]
pub struct Problem {
    /// Whether the piece was refused.
    pub severity: Severity,
    /// A stable code: `E-` or `W-`, the format, a number.
    pub code: &'static str,
    /// Where: a JSON pointer (`/objects/3/id`), a line (`line 7`), or both joined; empty for the
    /// whole input.
    pub path: String,
    /// What is wrong, without a trailing full stop.
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub hint: String,
}

impl Problem {
    /// A problem that refuses the piece.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            path: String::new(),
            message: message.into(),
            hint: String::new(),
        }
    }

    /// A problem that the piece survives.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// With the place.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// With advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same problem, seen from the document that the piece stands in.
    #[must_use]
    pub fn inside(mut self, outer: &str) -> Self {
        self.path.insert_str(0, outer);
        self
    }
}

/// Cuts a stranger's text for a message: at most 80 characters, control characters shown as such.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        shown.push('…');
    }
    shown
}
