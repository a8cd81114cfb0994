//! The segments that there are, and reading in them. It asks no sketch: its caller knows how.

use super::error::SegmentError;
use super::head::{HEAD_BYTES, Head, sum};
use super::names::{Day, PARQUET, PART, SKETCH, SegmentId, number_of};
use super::parquet_file;
use super::write::SegmentRow;
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes at the end of a Parquet file: the length of what precedes them, and four letters.
const END: usize = 8;

/// One segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentInfo {
    /// Which.
    pub id: SegmentId,
    /// What its sketch begins with.
    pub head: Head,
    /// Bytes of both files.
    pub bytes: u64,
}

/// What a row is sorted by, made of its kind and its value; `None` for a kind that is not known.
pub type KeyOf = fn(&str, &str) -> Option<Vec<u8>>;

/// The folder of segments.
#[derive(Debug)]
pub struct Segments {
    folder: PathBuf,
    list: Mutex<BTreeMap<SegmentId, SegmentInfo>>,
    /// Segments that cannot be used, and why.
    unusable: Vec<SegmentError>,
}

impl Segments {
    /// Opens the folder, made where there is none, and sweeps away what a crash left half done.
    ///
    /// # Errors
    /// When the folder cannot be read or made. A segment that cannot be read is left aside, and
    /// [`Segments::unusable`] tells of it.
    pub fn open(folder: &Path) -> Result<Self, SegmentError> {
        let made = std::fs::DirBuilder::new().mode(0o700).recursive(true).create(folder);
        made.map_err(|error| SegmentError::file(folder, error))?;
        Self::look(folder, true)
    }

    /// Opens the folder and changes nothing in it; one that is not there holds nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn inspect(folder: &Path) -> Result<Self, SegmentError> {
        if !folder.exists() {
            let (folder, list, unusable) = (folder.to_owned(), Mutex::default(), Vec::new());
            return Ok(Self { folder, list, unusable });
        }
        Self::look(folder, false)
    }

    fn look(folder: &Path, sweep: bool) -> Result<Self, SegmentError> {
        let (mut list, mut unusable) = (BTreeMap::new(), Vec::new());
        for (name, path) in entries(folder)? {
            let Some(day) = Day::of_folder(&name) else { continue };
            let files = entries(&path)?;
            for (name, path) in &files {
                let sketch = number_of(name, SKETCH).map(|number| SegmentId { day, number });
                let alone = sketch.is_some_and(|id| !folder.join(id.path(PARQUET)).exists());
                if sweep && (name.ends_with(PART) || alone) {
                    std::fs::remove_file(path).map_err(|e| SegmentError::file(path, e))?;
                }
                let Some(number) = number_of(name, PARQUET) else { continue };
                let id = SegmentId { day, number };
                match head_of(folder, id) {
                    Ok((head, bytes)) => drop(list.insert(id, SegmentInfo { id, head, bytes })),
                    Err(error) => unusable.push(error),
                }
            }
            if sweep && files.is_empty() {
                std::fs::remove_dir(&path).ok();
            }
        }
        let replaced: Vec<SegmentId> = list
            .keys()
            .filter(|id| list.values().any(|info| is_replaced(**id, info)))
            .copied()
            .collect();
        list.retain(|id, _| !replaced.contains(id));
        let segments = Self { folder: folder.to_owned(), list: Mutex::new(list), unusable };
        if sweep {
            replaced.into_iter().try_for_each(|id| segments.drop_segment(id).map(drop))?;
        }
        Ok(segments)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Segments that were there at the start and cannot be used.
    #[must_use]
    pub fn unusable(&self) -> &[SegmentError] {
        &self.unusable
    }

    pub(super) fn into_unusable(self) -> Vec<SegmentError> {
        self.unusable
    }

    /// The segments, the oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<SegmentInfo> {
        self.all().values().copied().collect()
    }

    /// Bytes of all segments.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.all().values().fold(0, |all, info| all.saturating_add(info.bytes))
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<SegmentId, SegmentInfo>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up a segment that was written, and lets go of those whose place it takes; their files
    /// are the caller's to drop.
    pub fn take_up(&self, info: SegmentInfo) -> Vec<SegmentId> {
        let mut all = self.all();
        let gone: Vec<_> = all.keys().copied().filter(|id| is_replaced(*id, &info)).collect();
        all.retain(|id, _| !gone.contains(id));
        all.insert(info.id, info);
        gone
    }

    /// The number after all that the day's folder has a file of, damaged ones as well.
    pub(super) fn next_number(&self, day: Day) -> u32 {
        let files = entries(&self.folder.join(day.folder())).unwrap_or_default();
        let number = |name: &str| name.get(..6).and_then(|number| number.parse::<u32>().ok());
        let last = files.iter().filter_map(|(name, _)| number(name)).max();
        last.map_or(1, |last| last.saturating_add(1))
    }

    /// What three cells of a sketch hold that begin at these bytes.
    ///
    /// # Errors
    /// When the file cannot be read there.
    pub fn cells_at<const BYTES: usize>(
        &self,
        id: SegmentId,
        places: [u64; 3],
    ) -> Result<[[u8; BYTES]; 3], SegmentError> {
        let path = self.folder.join(id.path(SKETCH));
        let file = File::open(&path).map_err(|error| SegmentError::file(&path, error))?;
        let mut found = [[0; BYTES]; 3];
        for (cell, place) in found.iter_mut().zip(places) {
            let at = place.saturating_add(u64::try_from(HEAD_BYTES).unwrap_or(0));
            let read = file.read_exact_at(cell, at);
            read.map_err(|error| SegmentError::file(&path, error))?;
        }
        Ok(found)
    }

    /// All cells of a sketch, checked.
    ///
    /// # Errors
    /// When the file cannot be read, or is not as it was written.
    pub fn cells(&self, id: SegmentId) -> Result<Vec<u8>, SegmentError> {
        let path = self.folder.join(id.path(SKETCH));
        let bytes = std::fs::read(&path).map_err(|error| SegmentError::file(&path, error))?;
        let parts = bytes.split_first_chunk::<HEAD_BYTES>();
        let cells = parts.filter(|(head, cells)| Head::is_of(head, cells)).map(|(_, cells)| cells);
        let damaged = || SegmentError::damaged(&path, "its sum is another");
        Ok(cells.ok_or_else(damaged)?.to_vec())
    }

    /// Hands every row whose key lies in one of the ranges to `each`, with the place of the range,
    /// until it says `false`; keys are made as they were when it was written.
    ///
    /// # Errors
    /// When the file cannot be read, or is not as it was written.
    pub fn scan(
        &self,
        info: &SegmentInfo,
        (ranges, key_of): (&[Range<Vec<u8>>], KeyOf),
        each: &mut dyn FnMut(usize, SegmentRow<'_>) -> bool,
    ) -> Result<(), SegmentError> {
        let path = self.folder.join(info.id.path(PARQUET));
        let file = File::open(&path).map_err(|error| SegmentError::file(&path, error))?;
        // Pages have sums of their own; what says where they are has ours.
        if sum(&[&tail(&file, &path)?]) != info.head.tail_sum {
            return Err(SegmentError::damaged(&path, "the sum of its end is another"));
        }
        parquet_file::scan(file, (ranges, key_of), each)
            .map_err(|error| SegmentError::damaged(&path, error.to_string()))
    }

    /// Removes a segment; says how many bytes that were.
    ///
    /// # Errors
    /// When its files cannot be removed.
    pub fn drop_segment(&self, id: SegmentId) -> Result<u64, SegmentError> {
        // The segment first: a sketch alone is swept away at the next start.
        for kind in [PARQUET, SKETCH] {
            let path = self.folder.join(id.path(kind));
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(SegmentError::file(&path, error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        let gone = self.all().remove(&id).map_or(0, |info| info.bytes);
        // It stays where something else lies in it.
        std::fs::remove_dir(self.folder.join(id.day.folder())).ok();
        Ok(gone)
    }
}

/// Whether another segment took its place.
fn is_replaced(id: SegmentId, by: &SegmentInfo) -> bool {
    let (first, last) = by.head.replaces;
    id.day == by.id.day && id != by.id && (first..=last).contains(&id.number) && last > 0
}

/// The names and paths of what lies in a folder.
pub(super) fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, SegmentError> {
    let read = std::fs::read_dir(folder).map_err(|error| SegmentError::file(folder, error))?;
    let mut all: Vec<_> = read
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect();
    all.sort();
    Ok(all)
}

/// A segment's head, and the bytes of both files.
fn head_of(folder: &Path, id: SegmentId) -> Result<(Head, u64), SegmentError> {
    let [sketch, parquet] = [SKETCH, PARQUET].map(|kind| folder.join(id.path(kind)));
    let file = File::open(&sketch).map_err(|error| SegmentError::file(&sketch, error))?;
    let mut bytes = [0; HEAD_BYTES];
    file.read_exact_at(&mut bytes, 0).map_err(|error| SegmentError::file(&sketch, error))?;
    let head = Head::read(&bytes).ok_or_else(|| SegmentError::damaged(&sketch, "its head"))?;
    let length = |path: &Path| {
        std::fs::metadata(path)
            .map(|about| about.len())
            .map_err(|error| SegmentError::file(path, error))
    };
    let (own, other) = (length(&sketch)?, length(&parquet)?);
    if other != head.bytes {
        return Err(SegmentError::damaged(&parquet, "it is not as long as it was written"));
    }
    Ok((head, own.saturating_add(other)))
}

/// What a Parquet file ends with: where everything in it is.
pub(super) fn tail_of(file: &[u8]) -> &[u8] {
    let length = tail_length(file.last_chunk::<END>());
    file.get(file.len().saturating_sub(length)..).unwrap_or_default()
}

fn tail_length(end: Option<&[u8; END]>) -> usize {
    let length = end.and_then(|end| end.first_chunk::<4>()).map(|n| u32::from_le_bytes(*n));
    usize::try_from(length.unwrap_or(0)).unwrap_or(0).saturating_add(END)
}

fn tail(file: &File, path: &Path) -> Result<Vec<u8>, SegmentError> {
    let failed = |error| SegmentError::file(path, error);
    let length = file.metadata().map_err(failed)?.len();
    let mut end = [0; END];
    let at = |bytes: usize| length.saturating_sub(u64::try_from(bytes).unwrap_or(0));
    file.read_exact_at(&mut end, at(END)).map_err(failed)?;
    let bytes = tail_length(Some(&end));
    if u64::try_from(bytes).unwrap_or(u64::MAX) > length {
        return Err(SegmentError::damaged(path, "its end"));
    }
    let mut tail = vec![0; bytes];
    file.read_exact_at(&mut tail, at(bytes)).map_err(failed)?;
    Ok(tail)
}
