//! Whole lines from a file, from a log that is followed, or from standard input, as much as is there
//! at a time; packed ones unpacked. It does not look into them, but for the header of a log with
//! columns, which every piece of it needs.

use super::follow::{Follower, Piece};
use super::header::Heads;
use super::unpack::{broken, unpacked};
use crate::command::failure::Failure;
use crate::runtime::now;
use model::limits::EVENT_BYTES_MAX;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Bytes of one chunk.
const CHUNK_BYTES: usize = 4 << 20;
/// Bytes of a line that can be no event any more: so much of it is sent, so that it is told and
/// counted, and the rest is passed over.
pub(super) const LINE_BYTES_KEPT: usize = EVENT_BYTES_MAX + 1;
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
    /// Bytes of the line under way that were passed over: it can be no event.
    passed: u64,
    line: u64,
    heads: Heads,
    /// What went wrong, told when all that came before it was given.
    fault: Option<Failure>,
}

impl Feed {
    /// A file from its beginning to its end, or standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let source = if path == Path::new("-") {
            stream(unpacked(path, std::io::stdin())?, INPUT_BYTES)
        } else {
            let file = std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?;
            stream(unpacked(path, file)?, CHUNK_BYTES)
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
        let (rest, heads) = (Vec::new(), Heads::default());
        let path = path.to_owned();
        Self { path, source, rest, searched: 0, passed: 0, line: 1, heads, fault: None }
    }

    /// Whole lines; at the end of a file also the last one without its end. `None` when nothing
    /// will come any more. Given up half-way, it loses nothing; a fault is told behind the lines
    /// that came before it.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>, Failure> {
        loop {
            if let Some(piece) = self.whole() {
                return Ok(Some(piece));
            }
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            let read = match &mut self.source {
                Source::Stream(input) => input.recv().await,
                Source::Log(pieces) => {
                    let piece = pieces.recv().await.transpose();
                    return piece.map_err(|error| Failure::file(&self.path, &error));
                }
            };
            match read {
                Some(Ok(bytes)) if !bytes.is_empty() => self.rest.extend_from_slice(&bytes),
                Some(Err(error)) => {
                    self.fault = Some(broken(&self.path, &error));
                    if let Some(last) = self.last() {
                        return Ok(Some(last));
                    }
                }
                _ => return Ok(self.last()),
            }
        }
    }

    /// The whole lines that are here. Of a line that can be no event so much is kept as shows it.
    fn whole(&mut self) -> Option<Piece> {
        if self.passed > 0 {
            let kept = LINE_BYTES_KEPT.min(self.rest.len());
            let new = self.rest.get(kept..).unwrap_or_default();
            let end = new.iter().position(|byte| *byte == b'\n');
            let passed = end.unwrap_or(new.len());
            self.passed = self.passed.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX));
            if end.is_none() {
                self.rest.truncate(kept);
                return None;
            }
            let beyond = self.rest.split_off(kept.saturating_add(passed).saturating_add(1));
            self.rest.truncate(kept);
            self.rest.push(b'\n');
            self.searched = 0;
            let bytes = std::mem::replace(&mut self.rest, beyond);
            return Some(self.piece(bytes));
        }
        let new = self.rest.get(self.searched..).unwrap_or_default();
        if let Some(end) = new.iter().rposition(|byte| *byte == b'\n') {
            let beyond = self.rest.split_off(self.searched.saturating_add(end + 1));
            self.searched = beyond.len();
            let bytes = std::mem::replace(&mut self.rest, beyond);
            return Some(self.piece(bytes));
        }
        self.searched = self.rest.len();
        if self.rest.len() > LINE_BYTES_KEPT {
            // LIMIT: memory stays bounded, however long the line is.
            let passed = self.rest.len().saturating_sub(LINE_BYTES_KEPT);
            self.passed = u64::try_from(passed).unwrap_or(u64::MAX);
            self.rest.truncate(LINE_BYTES_KEPT);
        }
        None
    }

    fn last(&mut self) -> Option<Piece> {
        let last = std::mem::take(&mut self.rest);
        self.searched = 0;
        (!last.is_empty()).then(|| self.piece(last))
    }

    fn piece(&mut self, bytes: Vec<u8>) -> Piece {
        let line = self.line;
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.line = line.saturating_add(u64::try_from(lines).unwrap_or(0));
        let header = self.heads.before(&bytes);
        let passed = std::mem::take(&mut self.passed);
        Piece { bytes, line, header, passed, place: None }
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

#[cfg(test)]
mod tests;
