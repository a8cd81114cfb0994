//! Lets a client finish sending before it is refused: a connection that is closed on unread bytes
//! is reset, and the client never sees why. Bounded in bytes and time; it answers nothing itself.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, Version, header::EXPECT};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use model::limits::{DRAIN_BYTES_MAX, DRAIN_SECONDS};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// A body that can be read on after its reader has lost interest.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}

/// Reads off what an error left unread.
pub(super) async fn drain(request: Request, next: Next) -> Response {
    // HTTP/2 ends one stream without touching the others, and who expects 100 has sent nothing.
    if request.version() >= Version::HTTP_2 || expects(request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let shared = Shared(Arc::new(Mutex::new(body)));
    let response = next.run(Request::from_parts(parts, Body::new(shared.clone()))).await;
    if response.status().is_client_error() {
        let rest = tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), read_off(shared));
        // Who sends more, or slower, is cut off.
        drop(rest.await);
    }
    response
}

fn expects(headers: &HeaderMap) -> bool {
    headers.contains_key(EXPECT)
}

async fn read_off(mut body: Shared) {
    let mut left = DRAIN_BYTES_MAX;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
