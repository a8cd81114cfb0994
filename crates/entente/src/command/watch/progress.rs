//! How far a followed log has been matched, kept in a file so that a new process goes on there:
//! what the node has acknowledged, and which pieces were on their way. It reads no log.

use super::follow::Place;
use super::siblings::{FileId, Head};
use crate::command::failure::{Exit, Failure};
use model::id::Digest;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Files of one log that are remembered: the current one and those before it that may still grow.
const FILES_MAX: usize = 4;

/// How far one file has been matched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Kept {
    pub(super) file: FileId,
    pub(super) stamp: u64,
    pub(super) head: Head,
    /// Everything before it is acknowledged.
    pub(super) offset: u64,
    /// The number of the line there.
    pub(super) line: u64,
    /// The ends of the pieces behind it that were sent.
    pub(super) pending: Vec<u64>,
}

/// The file's form.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Twin {
    log: PathBuf,
    files: Vec<FileTwin>,
}

#[derive(Debug, Deserialize, Serialize)]
struct FileTwin {
    device: u64,
    inode: u64,
    stamp: u64,
    head_bytes: u64,
    head: String,
    offset: u64,
    line: u64,
    #[serde(default)]
    pending: Vec<u64>,
}

/// The state of one followed log, ours as long as this lives.
#[derive(Debug)]
pub(super) struct Progress {
    path: PathBuf,
    log: PathBuf,
    _lock: File,
    /// The oldest first.
    files: VecDeque<Kept>,
}

impl Progress {
    /// Opens the state of a log, or begins one.
    pub(super) fn open(path: PathBuf, log: &Path) -> Result<Self, Failure> {
        let failed = |error: &std::io::Error| Failure::file(&path, error);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        }
        let beside = path.with_added_extension("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&beside);
        let lock = lock.map_err(|error| failed(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("{} is being followed already", log.display());
                return Err(Failure::new(Exit::Refused, message)
                    .hint("stop the other `entente watch`, or name another file with --state"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        let files = match std::fs::read(&path) {
            Ok(text) => read(&text, log).map_err(|why| {
                let message = format!("{}: {why}", path.display());
                Failure::new(Exit::Configuration, message)
                    .hint("name another file with --state, or delete it to begin anew")
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => VecDeque::new(),
            Err(error) => return Err(failed(&error)),
        };
        Ok(Self { log: log.to_owned(), _lock: lock, files, path })
    }

    /// What was kept.
    pub(super) fn kept(&self) -> Vec<Kept> {
        self.files.iter().cloned().collect()
    }

    /// A piece is about to be sent: should nobody hear of its end, it is sent again exactly so.
    pub(super) fn sending(&mut self, place: &Place) -> Result<(), Failure> {
        let Place { file, stamp, head, start, end, line, .. } = *place;
        if !self.files.iter().any(|kept| kept.stamp == stamp) {
            if self.files.len() >= FILES_MAX {
                self.files.pop_front();
            }
            let pending = Vec::new();
            self.files.push_back(Kept { file, stamp, head, offset: start, line, pending });
        }
        for kept in self.files.iter_mut().filter(|kept| kept.stamp == stamp) {
            (kept.file, kept.head) = (file, head);
            if !kept.pending.contains(&end) {
                kept.pending.push(end);
            }
        }
        self.save()
    }

    /// The node has a piece; pieces of one file are acknowledged in their order.
    pub(super) fn acknowledged(&mut self, place: &Place) -> Result<(), Failure> {
        if let Some(kept) = self.files.iter_mut().find(|kept| kept.stamp == place.stamp) {
            kept.offset = place.end;
            kept.line = place.next_line;
            kept.pending.retain(|end| *end > place.end);
        }
        self.save()
    }

    /// Replaces the file whole: a reader finds the old state or the new one.
    fn save(&self) -> Result<(), Failure> {
        let failed = |error: &std::io::Error| Failure::file(&self.path, error);
        let twin = Twin { log: self.log.clone(), files: self.files.iter().map(twin).collect() };
        let text = serde_json::to_vec(&twin).map_err(|e| Failure::input(e.to_string()))?;
        let fresh = self.path.with_added_extension("new");
        let mut file = File::create(&fresh).map_err(|error| failed(&error))?;
        let written = file.write_all(&text).and_then(|()| file.sync_data());
        written.and_then(|()| std::fs::rename(&fresh, &self.path)).map_err(|error| failed(&error))
    }
}

fn read(text: &[u8], log: &Path) -> Result<VecDeque<Kept>, String> {
    let twin: Twin = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if twin.log != log {
        return Err(format!("it is the state of {}", twin.log.display()));
    }
    let kept = |twin: FileTwin| {
        let digest: Digest = twin.head.parse().map_err(|_| "its digest cannot be read")?;
        Ok(Kept {
            file: FileId { device: twin.device, inode: twin.inode },
            stamp: twin.stamp,
            head: Head { bytes: twin.head_bytes, digest },
            offset: twin.offset,
            line: twin.line,
            pending: twin.pending,
        })
    };
    twin.files.into_iter().map(kept).collect()
}

fn twin(kept: &Kept) -> FileTwin {
    FileTwin {
        device: kept.file.device,
        inode: kept.file.inode,
        stamp: kept.stamp,
        head_bytes: kept.head.bytes,
        head: kept.head.digest.to_string(),
        offset: kept.offset,
        line: kept.line,
        pending: kept.pending.clone(),
    }
}

#[cfg(test)]
mod tests;
