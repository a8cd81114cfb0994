//! Signals that ask a process to end.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a terminal or an overseer sends to end a process.
pub(crate) const ENDING: [SignalKind; 2] = [SignalKind::interrupt(), SignalKind::terminate()];

/// Signals that are listened for. From the moment it is made none of them kills the process any
/// more, and one that comes before anybody waits is kept.
pub(crate) struct Signals(Vec<Signal>);

impl Signals {
    /// # Errors
    /// When the machine lets nobody listen.
    pub(crate) fn new(kinds: &[SignalKind]) -> io::Result<Self> {
        kinds.iter().map(|kind| signal(*kind)).collect::<io::Result<_>>().map(Self)
    }

    /// Comes with the first of them.
    pub(crate) async fn came(&mut self) {
        poll_fn(|context| {
            let came = self.0.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
