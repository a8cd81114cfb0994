//! Losses: what a translation could not carry, named so that people see it. It carries nothing
//! itself: the original bytes are kept beside every translation.

/// One thing that a translation had to leave out or weaken.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Loss {
    /// Where it stands in the input: a JSON pointer or a line.
    pub path: String,
    /// What was lost, in words.
    pub what: String,
}

impl Loss {
    /// Names a loss.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }
}
