//! New segments: both files in full, on the disk, and only then under their names. It decides on no
//! row.

use super::error::SegmentError;
use super::head::{Head, SHAPE_BYTES, sum};
use super::names::{Day, PARQUET, PART, SKETCH, SegmentId};
use super::parquet_file;
use super::read::{KeyOf, SegmentInfo, Segments, tail_of};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// One value of one day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SegmentRow<'r> {
    /// What it is, in a word.
    pub kind: &'r str,
    /// Its normal form.
    pub value: &'r str,
    /// Microseconds since 1970 of the earliest event, by its own clock.
    pub first: i64,
    /// The same of the latest.
    pub last: i64,
    /// In how many events.
    pub count: u64,
    /// What its fields were for, with commas between.
    pub roles: &'r str,
    /// Where the events came from, with commas between.
    pub sources: &'r str,
}

/// What a segment is made of, beside its rows.
#[derive(Clone, Copy, Debug)]
pub struct NewSegment<'s> {
    /// The day that its rows arrived on.
    pub day: Day,
    /// The last journal whose rows these are; 0 for those of other segments.
    pub journal: u64,
    /// The first and last number of the segments of its day that it takes the place of; zeros for a
    /// segment of new rows.
    pub replaces: (u32, u32),
    /// What tells under which key the sketch was made.
    pub check: u64,
    /// The shape of the sketch.
    pub shape: [u8; SHAPE_BYTES],
    /// Its cells.
    pub cells: &'s [u8],
}

impl Segments {
    /// Writes a segment of rows in the order of the keys that `key_of` makes of them. It is on the disk
    /// once this returns, also after a power cut, and is read once it is [taken up](Segments::take_up).
    ///
    /// # Errors
    /// When there is no room, or the folder cannot be written; then nothing of it is there.
    pub fn append<'r>(
        &self,
        new: &NewSegment<'_>,
        rows: impl ExactSizeIterator<Item = SegmentRow<'r>>,
        key_of: KeyOf,
    ) -> Result<SegmentInfo, SegmentError> {
        let count = rows.len();
        let file = parquet_file::write(rows, key_of);
        let file = file.map_err(|error| SegmentError::Rows(error.to_string()))?;
        let head = Head {
            journal: new.journal,
            check: new.check,
            shape: new.shape,
            replaces: new.replaces,
            rows: u64::try_from(count).unwrap_or(u64::MAX),
            bytes: u64::try_from(file.len()).unwrap_or(u64::MAX),
            tail_sum: sum(&[tail_of(&file)]),
            sum: sum(&[&file]),
        };
        let id = SegmentId { day: new.day, number: self.next_number(new.day) };
        let folder = self.folder().join(new.day.folder());
        let made = std::fs::DirBuilder::new().mode(0o700).recursive(true).create(&folder);
        made.map_err(|error| SegmentError::file(&folder, error))?;
        let sketch: [&[u8]; 2] = [&head.write(new.cells), new.cells];
        let files: [(&str, &[&[u8]]); 2] = [(SKETCH, &sketch), (PARQUET, &[&file])];
        let written = files.iter().try_for_each(|(kind, parts)| self.part(id, kind, parts));
        // The segment last: a sketch alone is none, and is swept away.
        let named = written
            .and_then(|()| files.iter().try_for_each(|(kind, _)| self.name(id, kind)))
            .and_then(|()| sync(&folder))
            .and_then(|()| sync(self.folder()));
        if let Err(error) = named {
            for (kind, _) in &files {
                std::fs::remove_file(self.folder().join(id.path(kind))).ok();
                std::fs::remove_file(self.folder().join(part(id, kind))).ok();
            }
            return Err(error);
        }
        let parts = files.iter().flat_map(|(_, parts)| *parts);
        let bytes = parts.map(|part| u64::try_from(part.len()).unwrap_or(0)).sum();
        Ok(SegmentInfo { id, head, bytes })
    }

    fn part(&self, id: SegmentId, kind: &str, parts: &[&[u8]]) -> Result<(), SegmentError> {
        let path = self.folder().join(part(id, kind));
        let mut options = File::options();
        let opened = options.write(true).create(true).truncate(true).mode(0o600).open(&path);
        let write = |mut file: File| {
            parts.iter().try_for_each(|part| file.write_all(part))?;
            file.sync_all()
        };
        opened.and_then(write).map_err(|error| SegmentError::file(&path, error))
    }

    fn name(&self, id: SegmentId, kind: &str) -> Result<(), SegmentError> {
        let path = self.folder().join(id.path(kind));
        let renamed = std::fs::rename(self.folder().join(part(id, kind)), &path);
        renamed.map_err(|error| SegmentError::file(&path, error))
    }
}

fn part(id: SegmentId, kind: &str) -> String {
    format!("{}.{PART}", id.path(kind))
}

pub(super) fn sync(folder: &Path) -> Result<(), SegmentError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| SegmentError::file(folder, error))
}
