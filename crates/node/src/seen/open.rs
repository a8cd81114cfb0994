//! Opening what was seen, and taking up what a process that died had gathered. It knows no clock.

use super::word::source;
use detect::past::{Gathered, check};
use model::time::Instant;
use std::path::{Path, PathBuf};
use store::segment::{Day, Journal, Noted, SegmentError, Segments};

/// What was seen, in its folder.
#[derive(Debug)]
pub struct Seen {
    pub(super) segments: Segments,
    pub(super) key: [u8; 16],
    pub(super) check: u64,
}

/// What journals still held.
#[derive(Debug)]
pub struct Replayed {
    /// What lies in no segment yet, in order: what journals of one day that follow one another hold is
    /// together, so that each can be let go of once it is written.
    pub batches: Vec<Batch>,
    /// Journals that end with something that cannot be read.
    pub torn: Vec<PathBuf>,
}

/// What was seen on a day and is to become one segment.
#[derive(Debug)]
pub struct Batch {
    /// The day that it arrived on.
    pub day: Day,
    /// The last journal that holds the same.
    pub journal: u64,
    /// It.
    pub gathered: Gathered,
}

impl Seen {
    /// Opens the folder, made where there is none; `key` is the node's own.
    ///
    /// # Errors
    /// When the folder cannot be read or made.
    pub fn open(folder: &Path, key: [u8; 16]) -> Result<Self, SegmentError> {
        Ok(Self { segments: Segments::open(folder)?, key, check: check(key) })
    }

    /// Segments that cannot be used, and why.
    #[must_use]
    pub fn unusable(&self) -> Vec<String> {
        self.segments.unusable().iter().map(ToString::to_string).collect()
    }

    /// Segments, and their bytes.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.segments.list().len(), self.segments.bytes())
    }

    /// What journals hold that no segment holds: a process died before it wrote one.
    ///
    /// # Errors
    /// When a journal cannot be read at all.
    pub fn replay(&self) -> Result<Replayed, SegmentError> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut unread = false;
        let torn = self.segments.noted(&mut |noted| {
            let Noted { day, journal, .. } = noted;
            let last = batches.pop_if(|last| last.day == day);
            let new = || Batch { day, journal, gathered: Gathered::new(self.key, day.begins()) };
            let batch = batches.push_mut(Batch { journal, ..last.unwrap_or_else(new) });
            let parts = noted.bytes.split_first_chunk::<2>();
            let name =
                parts.and_then(|(n, rest)| rest.split_at_checked(u16::from_le_bytes(*n).into()));
            let read =
                name.map(|(name, rows)| batch.gathered.read(rows, &String::from_utf8_lossy(name)));
            unread |= !matches!(read, Some(Ok(())));
        })?;
        let mut torn = torn;
        if unread && torn.is_empty() {
            torn.push(PathBuf::from("journal"));
        }
        Ok(Replayed { batches, torn })
    }

    /// Begins a journal after the one given, and after all that there are.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn journal(&self, after: u64) -> Result<Journal, SegmentError> {
        self.segments.journal(after)
    }

    /// Gathering for one delivery; `now` stands in for events that name no time.
    #[must_use]
    pub fn begin(&self, now: Instant) -> Gathered {
        Gathered::new(self.key, now)
    }

    /// Notes what a delivery saw; a process that is killed afterwards finds it again.
    ///
    /// # Errors
    /// When there is no room; then it is not noted.
    pub fn note(
        journal: &mut Journal,
        day: Day,
        (gathered, from): (&Gathered, &str),
    ) -> Result<(), SegmentError> {
        let name = source(from);
        let length = u16::try_from(name.len()).unwrap_or(0);
        journal.note(day, |entry| {
            entry.extend_from_slice(&length.to_le_bytes());
            entry.extend_from_slice(name.as_bytes());
            gathered.write(entry);
        })
    }

    /// Adds what a delivery saw to what is gathered.
    pub fn gather(into: &mut Gathered, gathered: &Gathered, from: &str) {
        into.absorb(gathered, &source(from));
    }
}

#[cfg(test)]
mod tests;
