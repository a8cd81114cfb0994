//! Whole lines from a file, from a log that is followed, or from standard input, as much as is there
//! at a time. It does not look into them.

use super::follow::{Follower, Piece};
use crate::command::failure::Failure;
use crate::runtime::now;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Bytes of one chunk.
const CHUNK_BYTES: usize = 4 << 20;
/// Bytes after which the end of a line is waited for no longer.
const LINE_BYTES_MAX: usize = 8 << 20;
/// Bytes taken from standard input at a time.
const INPUT_BYTES: usize = 1 << 20;
/// Between two looks at a log that may have grown.
const LOOK: Duration = Duration::from_millis(200);

type Read1 = std::io::Result<Vec<u8>>;

enum Source {
    /// Read by a thread of its own, which may wait for ever.
    Stream(mpsc::Receiver<Read1>),
    Log(mpsc::Receiver<std::io::Result<Piece>>),
}

/// Where lines come from.
pub(super) struct Feed {
    path: PathBuf,
    source: Source,
    /// Read, not yet given: the beginning of a line.
    rest: Vec<u8>,
    /// So much of it holds no end of a line.
    searched: usize,
    line: u64,
}

impl Feed {
    /// A file from its beginning to its end, or standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let source = if path == Path::new("-") {
            stream(std::io::stdin(), INPUT_BYTES)
        } else {
            let file = std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
            stream(file, CHUNK_BYTES)
        };
        Ok(Self::of(path, Source::Stream(source)))
    }

    /// A log that grows and is rotated; it never ends.
    pub(super) fn follow(path: &Path, follower: Follower) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(watch(follower, sender));
        Self::of(path, Source::Log(receiver))
    }

    fn of(path: &Path, source: Source) -> Self {
        Self { path: path.to_owned(), source, rest: Vec::new(), searched: 0, line: 1 }
    }

    /// Whole lines; at the end of a file also the last one without its end. `None` when nothing
    /// will come any more. Given up half-way, it loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, Failure> {
        loop {
            let new = self.rest.get(self.searched..).unwrap_or_default();
            if let Some(end) = new.iter().rposition(|byte| *byte == b'\n') {
                let beyond = self.rest.split_off(self.searched.saturating_add(end + 1));
                self.searched = beyond.len();
                let bytes = std::mem::replace(&mut self.rest, beyond);
                return Ok(Some(self.piece(bytes)));
            }
            if self.rest.len() >= LINE_BYTES_MAX {
                // No event is so long: the node says so, and memory stays bounded.
                self.searched = 0;
                let bytes = std::mem::take(&mut self.rest);
                return Ok(Some(self.piece(bytes)));
            }
            self.searched = self.rest.len();
            let read = match &mut self.source {
                Source::Stream(input) => input.recv().await,
                Source::Log(pieces) => {
                    let piece = pieces.recv().await.transpose();
                    return piece.map_err(|error| Failure::file(&self.path, &error));
                }
            };
            match read.transpose().map_err(|error| Failure::file(&self.path, &error))? {
                Some(bytes) if !bytes.is_empty() => self.rest.extend_from_slice(&bytes),
                _ => {
                    let last = std::mem::take(&mut self.rest);
                    self.searched = 0;
                    return Ok((!last.is_empty()).then(|| self.piece(last)));
                }
            }
        }
    }

    fn piece(&mut self, bytes: Vec<u8>) -> Piece {
        let line = self.line;
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.line = line.saturating_add(u64::try_from(lines).unwrap_or(0));
        Piece { bytes, line, place: None }
    }
}

/// Reads on a thread of its own; an empty read is the end.
fn stream(mut from: impl Read + Send + 'static, most: usize) -> mpsc::Receiver<Read1> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        loop {
            let mut bytes = vec![0; most];
            let read = match from.read(&mut bytes) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                read => read,
            };
            let read = read.map(|count| {
                bytes.truncate(count);
                bytes
            });
            let ended = read.as_ref().map_or(true, Vec::is_empty);
            if sender.blocking_send(read).is_err() || ended {
                return;
            }
        }
    });
    receiver
}

/// Looks at a log again and again, for as long as somebody takes its lines.
async fn watch(mut follower: Follower, pieces: mpsc::Sender<std::io::Result<Piece>>) {
    loop {
        let look = move || {
            let looked = follower.look(now());
            (follower, looked)
        };
        let Ok((back, looked)) = tokio::task::spawn_blocking(look).await else { return };
        follower = back;
        let sent = match looked.transpose() {
            Some(looked) => pieces.send(looked).await.is_ok(),
            None => {
                tokio::time::sleep(LOOK).await;
                !pieces.is_closed()
            }
        };
        if !sent {
            return;
        }
    }
}
