//! Journals: what was seen since the last segment, written before it is acknowledged and not synced,
//! so that a process that is killed loses nothing. It knows no row, and packs none: what it holds is read
//! after a crash, and otherwise thrown away within minutes.

use super::error::SegmentError;
use super::names::{Day, JOURNAL, journal_of};
use super::read::{Segments, entries};
use model::limits::JOURNAL_BUFFER_BYTES_MAX;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Day, length and sum before each entry.
const FRAME_HEAD: usize = 16;

/// The journal that is being written.
#[derive(Debug)]
pub struct Journal {
    number: u64,
    path: PathBuf,
    file: File,
    bytes: u64,
    /// The entry that is being written, whose memory the next one takes.
    frame: Vec<u8>,
}

/// One entry of a journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Noted<'f> {
    /// The journal.
    pub journal: u64,
    /// The day that it arrived on.
    pub day: Day,
    /// What was noted.
    pub bytes: &'f [u8],
}

impl Journal {
    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Notes what `fill` appends; a process that is killed afterwards finds it again.
    ///
    /// # Errors
    /// When there is no room for it; then nothing of it is noted.
    pub fn note(&mut self, day: Day, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), SegmentError> {
        self.frame.clear();
        self.frame.resize(FRAME_HEAD, 0);
        fill(&mut self.frame);
        if let Some((head, entry)) = self.frame.split_first_chunk_mut() {
            *head = frame_head(day, entry);
        }
        let written = self.file.write_all(&self.frame);
        let length = u64::try_from(self.frame.len()).unwrap_or(0);
        self.frame.clear();
        self.frame.shrink_to(JOURNAL_BUFFER_BYTES_MAX);
        if let Err(error) = written {
            // What came after half an entry would not be found.
            let cut = self.file.set_len(self.bytes);
            return Err(SegmentError::file(&self.path, cut.err().unwrap_or(error)));
        }
        self.bytes = self.bytes.saturating_add(length);
        Ok(())
    }
}

impl Segments {
    /// Begins a journal after all that there are or were.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn journal(&self, after: u64) -> Result<Journal, SegmentError> {
        let known = self.journals()?.into_iter().map(|(number, _)| number);
        let held = self.list().into_iter().map(|info| info.head.journal);
        let number = known.chain(held).fold(after, u64::max).saturating_add(1);
        let path = self.folder().join(format!("{JOURNAL}{number:06}"));
        let mut options = File::options();
        let file = options.append(true).create(true).mode(0o600).open(&path);
        let file = file.map_err(|error| SegmentError::file(&path, error))?;
        Ok(Journal { number, path, file, bytes: 0, frame: Vec::new() })
    }

    /// What journals hold that no segment holds, in order; with it the paths of those that ended
    /// with something that cannot be read.
    ///
    /// # Errors
    /// When a journal cannot be read at all.
    pub fn noted(&self, each: &mut dyn FnMut(Noted<'_>)) -> Result<Vec<PathBuf>, SegmentError> {
        let (mut torn, list) = (Vec::new(), self.list());
        for (journal, path) in self.journals()? {
            if list.iter().any(|info| info.head.journal >= journal) {
                // Its segment was written, and only its own removal was cut off.
                std::fs::remove_file(&path).map_err(|e| SegmentError::file(&path, e))?;
                continue;
            }
            if !self.frames(journal, &path, each)? {
                torn.push(path);
            }
        }
        Ok(torn)
    }

    /// `false` when something at its end cannot be read.
    pub(super) fn frames(
        &self,
        journal: u64,
        path: &Path,
        each: &mut dyn FnMut(Noted<'_>),
    ) -> Result<bool, SegmentError> {
        let whole = std::fs::read(path).map_err(|error| SegmentError::file(path, error))?;
        let mut rest = whole.as_slice();
        while let Some((day, bytes, after)) = frame(rest) {
            each(Noted { journal, day, bytes });
            rest = after;
        }
        Ok(rest.is_empty())
    }

    /// Removes the journals up to this one: a segment holds what they held.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn drop_journals(&self, upto: u64) -> Result<(), SegmentError> {
        for (_, path) in self.journals()?.into_iter().filter(|(number, _)| *number <= upto) {
            std::fs::remove_file(&path).map_err(|error| SegmentError::file(&path, error))?;
        }
        Ok(())
    }

    pub(super) fn journals(&self) -> Result<Vec<(u64, PathBuf)>, SegmentError> {
        let files = entries(self.folder())?;
        let mut all: Vec<_> =
            files.into_iter().filter_map(|(name, path)| Some((journal_of(&name)?, path))).collect();
        all.sort();
        Ok(all)
    }
}

/// What stands before an entry: its sum tells one that was cut off from a whole one, and from zeros.
fn frame_head(day: Day, entry: &[u8]) -> [u8; FRAME_HEAD] {
    let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
    let (day, length) = (day.number().to_le_bytes(), length.to_le_bytes());
    let mut sum = crc32fast::Hasher::new();
    [&day[..], &length, entry].into_iter().for_each(|part| sum.update(part));
    let sum = sum.finalize().to_le_bytes();
    let mut head = [0; FRAME_HEAD];
    let all = day.into_iter().chain(length).chain(sum);
    head.iter_mut().zip(all).for_each(|(to, from)| *to = from);
    head
}

/// The first entry, and what follows it; `None` when it is not whole.
fn frame(bytes: &[u8]) -> Option<(Day, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<FRAME_HEAD>()?;
    let (day, numbers) = head.split_first_chunk::<8>()?;
    let length = u32::from_le_bytes(*numbers.first_chunk()?);
    let (entry, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let day = Day::numbered(i64::from_le_bytes(*day));
    (frame_head(day, entry) == *head).then_some((day, entry, rest))
}

#[cfg(test)]
mod tests;
