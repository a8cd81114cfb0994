//! What stands beside a log that is rotated: the files that were the log before. Compressed ones
//! are ignored. It opens nothing for longer than a look at its beginning.

use model::id::Digest;
use model::seal::sha256;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Bytes at the beginning of a file by which it is known again.
pub(super) const HEAD_BYTES: u64 = 1_024;

/// Endings of files that were packed after they were rotated.
const PACKED: [&str; 8] = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".lzma", ".Z", ".zip"];

/// Which file it is, whatever its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FileId {
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl FileId {
    pub(super) fn of(found: &Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}

/// The beginning of a file: an inode's number may be given to another file, a beginning not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Head {
    /// So many bytes, at most [`HEAD_BYTES`].
    pub(super) bytes: u64,
    /// Their digest.
    pub(super) digest: Digest,
}

impl Head {
    /// The beginning of a file of which `upto` bytes were read.
    pub(super) fn of(file: &File, upto: u64) -> io::Result<Self> {
        let bytes = upto.min(HEAD_BYTES);
        let mut head = Vec::new();
        read_at(file, 0, bytes, &mut head)?;
        let bytes = u64::try_from(head.len()).unwrap_or(0);
        Ok(Self { bytes, digest: sha256(&[&head]) })
    }

    /// Whether a file begins like this.
    pub(super) fn begins(&self, file: &File) -> io::Result<bool> {
        Ok(Self::of(file, self.bytes)? == *self)
    }
}

/// Reads up to `most` bytes from `at` on; fewer where the file ends.
pub(super) fn read_at(file: &File, at: u64, most: u64, into: &mut Vec<u8>) -> io::Result<()> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    into.resize(most, 0);
    let mut filled = 0;
    while let Some(room) = into.get_mut(filled..).filter(|room| !room.is_empty()) {
        let place = at.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX));
        match file.read_at(room, place) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    into.truncate(filled);
    Ok(())
}

/// A file beside the log, or the log itself.
#[derive(Debug)]
pub(super) struct Sibling {
    pub(super) path: PathBuf,
    pub(super) id: FileId,
    pub(super) bytes: u64,
    pub(super) changed: SystemTime,
    /// Its name is the log's with a number or a date behind it: it can have been nothing else.
    pub(super) numbered: bool,
}

/// The files that may have been this log, the log itself among them.
pub(super) fn siblings(log: &Path) -> Vec<Sibling> {
    let name = log.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = log.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or_else(|| Path::new("."))) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let other = entry.file_name().to_string_lossy().into_owned();
        let Some(numbered) = relation(&name, &other) else { continue };
        let path = entry.path();
        let Ok(data) = std::fs::metadata(&path) else { continue };
        let Ok(changed) = data.modified() else { continue };
        if data.is_file() {
            let (id, bytes) = (FileId::of(&data), data.len());
            found.push(Sibling { path, id, bytes, changed, numbered });
        }
    }
    found
}

/// How a name is related to the log's; `None` when it is not.
fn relation(log: &str, other: &str) -> Option<bool> {
    if PACKED.iter().any(|ending| other.ends_with(ending)) {
        return None;
    }
    if let Some(rest) = other.strip_prefix(log) {
        let number = rest.strip_prefix(['.', '-']);
        let digits = number.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        return Some(digits);
    }
    // `eve-20260101.json` of `eve.json`: by its content it may be the same, by its name another.
    let (stem, extension) = log.rsplit_once('.')?;
    (other.starts_with(stem) && other.ends_with(extension)).then_some(false)
}

/// The file that begins like this and is at least so long: the same under another name, or a copy.
pub(super) fn like(found: &[Sibling], head: &Head, bytes: u64, not: FileId) -> Option<File> {
    if head.bytes == 0 {
        return None;
    }
    found
        .iter()
        .filter(|sibling| sibling.id != not && sibling.bytes >= bytes)
        .filter_map(|sibling| File::open(&sibling.path).ok())
        .find(|file| head.begins(file).unwrap_or(false))
}
