//! The body of an `entente/obeyed` record: how far a node has come with recalls that its recipient
//! sent it. It names no further node and no record, only the recalls and a count.
//!
//! Whether it is true, and whether it counts, is judged elsewhere.

use crate::id::NodeId;
use crate::limits::{OBEYED_LINES_MAX, PARTNERS_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::time::Instant;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

const OBEYED_FORM: &str = "entente/obeyed/1";

/// How far a node has come with a recall, the least far first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Stage {
    /// It is used no more: erased, or stopped, in everything that answers.
    Applied,
    /// No file of the node holds it either.
    Purged,
    /// Whoever it was passed on to, and all behind them, have come as far.
    Through,
}

impl Stage {
    /// `applied`, `purged` or `through`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Purged => "purged",
            Self::Through => "through",
        }
    }

    /// 1 for the first, as it is stored.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Applied => 1,
            Self::Purged => 2,
            Self::Through => 3,
        }
    }

    /// The stage of a rank; `None` for 0, which is none, and for what is no rank.
    #[must_use]
    pub const fn of_rank(rank: u8) -> Option<Self> {
        match rank {
            1 => Some(Self::Applied),
            2 => Some(Self::Purged),
            3 => Some(Self::Through),
            _ => None,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stage that could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not `applied`, `purged` or `through`")]
pub struct ParseStageError;

impl FromStr for Stage {
    type Err = ParseStageError;

    fn from_str(text: &str) -> Result<Self, ParseStageError> {
        match text {
            "applied" => Ok(Self::Applied),
            "purged" => Ok(Self::Purged),
            "through" => Ok(Self::Through),
            _ => Err(ParseStageError),
        }
    }
}

/// One recall, and how far the signer of the word has come with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ObeyedLine {
    /// Who signed the recall.
    pub signer: NodeId,
    /// The recall's own thing.
    pub recall: Uuid,
    /// How far.
    pub stage: Stage,
    /// Since when, by the signer's clock.
    pub at: Instant,
    /// To how many it was passed on, of those who had the record from here.
    pub passed: u64,
}

/// The body of an `entente/obeyed` record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Obeyed {
    /// 1 to [`OBEYED_LINES_MAX`] recalls.
    pub lines: Vec<ObeyedLine>,
}

impl Obeyed {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let line = |text: LineWriter, line: &ObeyedLine| {
            let ObeyedLine { signer, recall, stage, at, passed } = line;
            text.line("recall", &format!("{signer} {recall} {stage} {at} {passed}"))
        };
        self.lines.iter().fold(LineWriter::new(OBEYED_FORM), line).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form, has no line, more than [`OBEYED_LINES_MAX`], or one that
    /// names more partners than a node has.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut reader = LineReader::new(text, OBEYED_FORM)?;
        let mut lines = Vec::new();
        while let Some(value) = reader.optional("recall") {
            if lines.len() >= OBEYED_LINES_MAX {
                return Err(ReadLinesError::Value("recall"));
            }
            lines.push(line(value).ok_or(ReadLinesError::Value("recall"))?);
        }
        reader.end()?;
        if lines.is_empty() { Err(ReadLinesError::Missing("recall")) } else { Ok(Self { lines }) }
    }
}

/// One line; `None` when it has another spelling than ours.
fn line(value: &str) -> Option<ObeyedLine> {
    let mut words = value.split(' ');
    let line = ObeyedLine {
        signer: words.next()?.parse().ok()?,
        recall: words.next()?.parse().ok()?,
        stage: words.next()?.parse().ok()?,
        at: words.next()?.parse().ok()?,
        passed: words.next()?.parse().ok()?,
    };
    let ObeyedLine { signer, recall, stage, at, passed } = line;
    let same = format!("{signer} {recall} {stage} {at} {passed}") == value;
    let bounded = usize::try_from(passed).is_ok_and(|passed| passed <= PARTNERS_MAX);
    (same && bounded).then_some(line)
}

#[cfg(test)]
mod tests;
