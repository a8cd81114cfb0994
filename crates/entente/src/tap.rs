//! Every byte that a connection carries in plain, written to files beside it: so that a test can look
//! for what was withheld in all that left, whatever code let it out. Only in a binary that is built
//! for tests, with the feature `tap`; the one that ships has neither this file nor the flag.
//!
//! It alters nothing, and looks at nothing.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

static FOLDER: OnceLock<PathBuf> = OnceLock::new();
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// From now on connections are written to this folder.
///
/// # Errors
/// When the folder cannot be made.
pub(crate) fn begin(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    drop(FOLDER.set(folder.to_owned()));
    Ok(())
}

/// A connection of this sort, with its two files: what came in, and what went out.
pub(crate) fn tapped<S>(stream: S, sort: &str) -> Tapped<S> {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let open = |way: &str| {
        let folder = FOLDER.get()?;
        File::create(folder.join(format!("{sort}-{number:05}.{way}"))).ok()
    };
    Tapped { stream, came: open("in"), went: open("out") }
}

/// A stream whose bytes are written down.
pub(crate) struct Tapped<S> {
    stream: S,
    came: Option<File>,
    went: Option<File>,
}

fn note(file: &mut Option<File>, bytes: &[u8]) {
    if let Some(open) = file
        && open.write_all(bytes).is_err()
    {
        // A tap with a hole would let a test pass: the test looks for this.
        tracing::error!("a tap cannot be written");
        *file = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Some(new) = buffer.filled().get(before..).filter(|new| !new.is_empty()) {
            note(&mut self.came, new);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(taken)) = polled
            && let Some(gone) = bytes.get(..taken)
        {
            note(&mut self.went, gone);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
