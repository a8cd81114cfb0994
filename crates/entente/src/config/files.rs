//! Files that the settings name: their bytes, and whether they have changed.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What changes when a file does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stamp {
    inode: u64,
    seconds: i64,
    nanoseconds: i64,
    bytes: u64,
}

/// Reads a file that the settings name.
///
/// # Errors
/// When that is not possible.
pub(crate) fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// What a file looks like now; `None` when there is none.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    let seen = std::fs::metadata(path).ok()?;
    Some(Stamp {
        inode: seen.ino(),
        seconds: seen.mtime(),
        nanoseconds: seen.mtime_nsec(),
        bytes: seen.len(),
    })
}

/// Who may do what with a file, in the nine bits of `chmod`; `None` when there is none.
pub(crate) fn mode(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|seen| seen.mode() & 0o777)
}
