//! What is left of a match whose indicator was erased: its id, its time and where the event lies, so
//! that whoever acted on it can find the finding and the event again. Nothing of the indicator is in
//! it, and nothing of the event.

use serde::{Deserialize, Serialize};

/// What is left of a match.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Gone {
    /// The id that findings of it have in other tools.
    #[serde(rename = "match")]
    pub(crate) id: String,
    /// When it was matched.
    pub(crate) kept: String,
    /// When the event happened, by its own clock.
    #[serde(default)]
    pub(crate) at: Option<String>,
    /// Where the event came from.
    #[serde(default)]
    pub(crate) source: String,
    /// Its line in the delivery.
    #[serde(default)]
    pub(crate) line: u64,
}

impl Gone {
    /// What is left of a line of the journal; of what is no such line nothing is.
    pub(super) fn of(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// As a line.
    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}
