//! What is damaged, and where: enough for a person to know which command to type. It says nothing
//! of what a damaged place held.

use crate::log::Seq;
use std::fmt;

/// Where something does not fit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// The database as a whole, or its free pages.
    Database,
    /// An entry of the log.
    Entry(Seq),
    /// The table of the log; which entries it concerns is told apart.
    Log,
    /// A view, and the entry whose rows do not fit where that is known.
    View(&'static str, Option<Seq>),
    /// A table of names or of state, and what names the row where that is known.
    State(String, Option<String>),
    /// A frame of the write-ahead log, counted from 1.
    Frame(u64),
}

/// Something that does not fit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// What does not fit.
    pub what: String,
}

impl Damage {
    pub(crate) fn at(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("the database"),
            Self::Entry(seq) => write!(f, "entry {seq}"),
            Self::Log => f.write_str("the log"),
            Self::View(name, None) => write!(f, "view {name}"),
            Self::View(name, Some(seq)) => write!(f, "view {name}, entry {seq}"),
            Self::State(table, None) => write!(f, "table {table}"),
            Self::State(table, Some(row)) => write!(f, "table {table}, row {row}"),
            Self::Frame(frame) => write!(f, "frame {frame}"),
        }
    }
}
