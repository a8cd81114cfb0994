//! Segments against themselves: every byte has a sum. It mends nothing.

use super::error::SegmentError;
use super::head::sum;
use super::names::PARQUET;
use super::read::{SegmentInfo, Segments};
use std::path::PathBuf;

/// What is wrong with one file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SegmentDamage {
    /// Which.
    pub path: PathBuf,
    /// What.
    pub what: String,
}

impl From<SegmentError> for SegmentDamage {
    fn from(error: SegmentError) -> Self {
        match error {
            SegmentError::File { path, source } => Self { path, what: source.to_string() },
            SegmentError::Damaged { path, what } => Self { path, what },
            SegmentError::Rows(what) => Self { path: PathBuf::new(), what },
        }
    }
}

impl Segments {
    /// Reads every byte of every segment and journal; says what is not as it was written. A node
    /// that runs may be writing a journal: then `alone` is false, and none is looked at.
    #[must_use]
    pub fn check(self, alone: bool) -> Vec<SegmentDamage> {
        let segments = self.list();
        let mut found: Vec<SegmentDamage> =
            segments.iter().filter_map(|info| self.whole(info).err()).map(Into::into).collect();
        // A node that has not kept anything yet, or was just restored, has no folder either.
        let there = alone && self.folder().exists();
        let journals = if there { self.journals() } else { Ok(Vec::new()) };
        match journals {
            Err(error) => found.push(error.into()),
            Ok(journals) => {
                for (number, path) in journals {
                    match self.frames(number, &path, &mut |_| {}) {
                        Ok(true) => {}
                        Ok(false) => {
                            let what = "its end cannot be read".to_owned();
                            found.push(SegmentDamage { path, what });
                        }
                        Err(error) => found.push(error.into()),
                    }
                }
            }
        }
        found.extend(self.into_unusable().into_iter().map(Into::into));
        found
    }

    fn whole(&self, info: &SegmentInfo) -> Result<(), SegmentError> {
        drop(self.cells(info.id)?);
        let path = self.folder().join(info.id.path(PARQUET));
        let bytes = std::fs::read(&path).map_err(|error| SegmentError::file(&path, error))?;
        if sum(&[&bytes]) != info.head.sum {
            return Err(SegmentError::damaged(&path, "its sum is another"));
        }
        Ok(())
    }
}
