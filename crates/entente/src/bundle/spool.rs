//! A file without a name in which a bundle grows until it is whole: an answer that was begun cannot be
//! taken back. What is in it is sealed already.

use crate::config::Folder;
use crate::runtime::random;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;

/// Bytes that are handed out at once.
const PIECE: usize = 64 << 10;

/// The file; it is gone with the last handle on it, also when the node dies.
#[derive(Debug)]
pub(crate) struct Spool(File);

impl Spool {
    /// Makes one in the node's folder.
    pub(crate) fn new(folder: &Folder) -> io::Result<Self> {
        let mut name = [0; 8];
        random(&mut name);
        let path = folder.path().join(format!("run/bundle-{:016x}", u64::from_be_bytes(name)));
        let file =
            File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(Self(file))
    }

    /// Back to its beginning, to be read; gives its length.
    pub(crate) fn rewind(&mut self) -> io::Result<u64> {
        let length = self.0.stream_position()?;
        self.0.rewind()?;
        Ok(length)
    }

    /// The next piece; nothing at the end, or where it cannot be read.
    pub(crate) fn piece(&mut self) -> Option<bytes::Bytes> {
        let mut piece = vec![0; PIECE];
        let read = self.0.read(&mut piece).ok().filter(|read| *read > 0)?;
        piece.truncate(read);
        Some(piece.into())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
