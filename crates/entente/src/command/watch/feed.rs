//! Whole lines from a file that may grow, or from standard input, as much as is there at a time.
//! It does not look into them.

use crate::command::failure::Failure;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::mpsc;

/// Bytes of one chunk; a longer line makes it longer, up to what the node takes at all.
const CHUNK_BYTES: usize = 4 << 20;
/// Bytes taken from standard input at a time.
const INPUT_BYTES: usize = 1 << 20;
/// Between two looks at a file that may have grown.
const LOOK: Duration = Duration::from_millis(200);

enum Source {
    File(File),
    Input(mpsc::Receiver<std::io::Result<Vec<u8>>>),
}

/// Where lines come from.
pub(super) struct Feed {
    path: PathBuf,
    source: Source,
    follow: bool,
    /// Read, not yet given: the beginning of a line.
    rest: Vec<u8>,
    /// So much of it holds no end of a line.
    searched: usize,
    ended: bool,
}

impl Feed {
    pub(super) async fn open(path: &Path, follow: bool) -> Result<Self, Failure> {
        let source = if path == Path::new("-") {
            Source::Input(standard_input())
        } else {
            Source::File(File::open(path).await.map_err(|error| Failure::file(path, &error))?)
        };
        Ok(Self {
            path: path.to_owned(),
            source,
            follow,
            rest: Vec::new(),
            searched: 0,
            ended: false,
        })
    }

    /// Whole lines; at the end of a file that is not followed also the last one without its end.
    /// `None` when nothing will come any more. Given up half-way, it loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        while !self.ended {
            let new = self.rest.get(self.searched..).unwrap_or_default();
            let end = new.iter().rposition(|byte| *byte == b'\n');
            if let Some(end) = end {
                let beyond = self.rest.split_off(self.searched.saturating_add(end + 1));
                self.searched = beyond.len();
                return Ok(Some(std::mem::replace(&mut self.rest, beyond)));
            }
            self.searched = self.rest.len();
            let read = match &mut self.source {
                Source::File(file) => fill(file, &mut self.rest).await,
                Source::Input(input) => match input.recv().await {
                    Some(read) => read.map(|bytes| {
                        self.rest.extend_from_slice(&bytes);
                        bytes.len()
                    }),
                    None => Ok(0),
                },
            };
            if read.map_err(|error| Failure::file(&self.path, &error))? == 0 {
                self.at_end().await?;
            }
        }
        let last = std::mem::take(&mut self.rest);
        Ok((!last.is_empty()).then_some(last))
    }

    /// Ends, or waits for the file to grow; a file that became shorter was begun anew.
    async fn at_end(&mut self) -> Result<(), Failure> {
        let Source::File(file) = &mut self.source else {
            self.ended = true;
            return Ok(());
        };
        if !self.follow {
            self.ended = true;
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
        let failed = |error: &std::io::Error| Failure::file(&self.path, error);
        let at = file.stream_position().await.map_err(|error| failed(&error))?;
        let length = tokio::fs::metadata(&self.path).await.map_or(at, |found| found.len());
        if length < at {
            *file = File::open(&self.path).await.map_err(|error| failed(&error))?;
            self.rest.clear();
            self.searched = 0;
        }
        Ok(())
    }
}

/// Reads until the chunk is full or the source has no more at the moment.
async fn fill(source: &mut File, into: &mut Vec<u8>) -> std::io::Result<usize> {
    let start = into.len();
    into.reserve(CHUNK_BYTES);
    while into.len() - start < CHUNK_BYTES {
        if source.read_buf(into).await? == 0 {
            break;
        }
    }
    Ok(into.len() - start)
}

/// Reads on a thread of its own, which may wait for a line for ever.
fn standard_input() -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        loop {
            let mut bytes = vec![0; INPUT_BYTES];
            let read = input.read(&mut bytes).map(|count| {
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
