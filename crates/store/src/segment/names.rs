//! Days, and the names of files. It opens none.

use model::time::Instant;
use std::fmt;

const DAY_MICROS: i64 = 86_400_000_000;
pub(super) const JOURNAL: &str = "journal-";
pub(super) const PARQUET: &str = "parquet";
pub(super) const SKETCH: &str = "sketch";
pub(super) const PART: &str = "part";

/// A day of the node's own clock, in UTC.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(i64);

impl Day {
    /// The day of this moment.
    #[must_use]
    pub const fn of(at: Instant) -> Self {
        Self(at.micros().div_euclid(DAY_MICROS))
    }

    /// When it begins.
    #[must_use]
    pub const fn begins(self) -> Instant {
        Instant::from_micros(self.0.saturating_mul(DAY_MICROS))
    }

    /// So many days before.
    #[must_use]
    pub const fn before(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days as i64))
    }

    /// Reads `2026-11-22`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = format!("{text}T00:00:00Z").parse().ok()?;
        (text.len() == 10).then_some(Self::of(at))
    }

    /// The number that stands for it in files: days since 1970.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The day of such a number.
    #[must_use]
    pub const fn numbered(number: i64) -> Self {
        Self(number)
    }

    /// The name of its folder, as Hive, DuckDB and Spark read it.
    pub(super) fn folder(self) -> String {
        format!("day={self}")
    }

    pub(super) fn of_folder(name: &str) -> Option<Self> {
        Self::parse(name.strip_prefix("day=")?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.begins().to_taxii();
        f.write_str(text.get(..10).unwrap_or(&text))
    }
}

/// Which segment.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SegmentId {
    /// The day that its rows arrived on.
    pub day: Day,
    /// Its number within the day.
    pub number: u32,
}

impl SegmentId {
    /// Its file of this kind, below the folder of all.
    pub(super) fn path(self, kind: &str) -> String {
        format!("{}/{:06}.{kind}", self.day.folder(), self.number)
    }
}

/// The number in `000001.parquet`.
pub(super) fn number_of(name: &str, kind: &str) -> Option<u32> {
    let number = name.strip_suffix(kind)?.strip_suffix('.')?;
    number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())?
}

/// The number in `journal-000007`.
pub(super) fn journal_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix(JOURNAL)?;
    number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())?
}
