//! Bodies that are written while they are sent: pulled from an iterator, or pushed by a task. They
//! know nothing of what they carry.

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

type Polled = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

struct Pulled(Box<dyn Iterator<Item = Bytes> + Send>);

impl hyper::body::Body for Pulled {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Polled {
        Poll::Ready(self.0.next().map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A body that is made piece by piece, as fast as it is read.
pub(crate) fn pulled(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    Body::new(Pulled(Box::new(pieces)))
}

struct Pushed(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Pushed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// A body that somebody else writes; it ends when the sender is dropped.
pub(crate) fn pushed() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(16);
    (sender, Body::new(Pushed(receiver)))
}
