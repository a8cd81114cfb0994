//! Takes connections and serves them until the node stops: slow senders, too many connections and
//! strangers' networks are refused here. It knows no path.

use super::certificate::Certificate;
use super::connections::{Connection, Connections, Underway};
use super::gate::{self, Gate, Peer};
use super::patience::Patience;
use super::router;
use crate::runtime::Runtime;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use model::limits::{
    CONNECTIONS_MAX, HEADER_SECONDS, HTTP_HEAD_BYTES_MAX, HTTP2_WINDOW_BYTES, STOP_SECONDS,
    STREAMS_MAX,
};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt as _;

/// Serves until the node stops, and then until every connection has ended or had its time.
///
/// # Errors
/// When strangers can reach the listener and it would be plain HTTP, or it cannot be used any more.
pub(crate) async fn serve(
    runtime: Runtime,
    listener: TcpListener,
    certificate: Option<Certificate>,
) -> io::Result<()> {
    let gate = Gate::of(&runtime.settings().http, certificate, listener.local_addr()?)?;
    let mut stopping = runtime.stopping();
    let app = router(runtime);
    let builder = Arc::new(builder());
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = Connections::default();
    let mut doors_closed = stopping.clone();
    loop {
        let stream = tokio::select! {
            stream = next(&listener, &room, &connections) => stream,
            _ = doors_closed.wait_for(|stop| *stop) => break,
        };
        let Some((stream, permit)) = stream else { continue };
        let (app, builder, stopping) = (app.clone(), Arc::clone(&builder), stopping.clone());
        let (place, gate) = (connections.open(), gate.clone());
        tokio::spawn(async move {
            let entered = tokio::select! {
                entered = gate.enter(stream) => entered,
                // Another needs the place more.
                () = place.ended() => None,
            };
            if let Some((stream, peer)) = entered {
                connection((stream, peer, place), app, &builder, stopping).await;
            }
            drop(permit);
        });
    }
    drop(listener);
    stopping.mark_unchanged();
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let ended = tokio::time::timeout(Duration::from_secs(STOP_SECONDS), room.acquire_many(all));
    if ended.await.is_err() {
        tracing::info!("connections were still open at the stop");
    }
    Ok(())
}

/// The next connection, once there is room for it; `None` when there was none after all.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    connections: &Connections,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    match listener.accept().await {
        Ok((stream, _)) => {
            // Without it, small answers wait for the acknowledgement of earlier ones.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection without TCP_NODELAY");
            }
            if let Ok(permit) = Arc::clone(room).try_acquire_owned() {
                return Some((stream, permit));
            }
            // Who opens connections and says nothing must not keep others out.
            connections.make_room();
            let permit = tokio::time::timeout(CROWDED, Arc::clone(room).acquire_owned()).await;
            Some((stream, permit.ok()?.ok()?))
        }
        Err(error) => {
            // Mostly too many open files: another connection has to end first.
            tracing::warn!(%error, "a connection could not be taken");
            connections.make_room();
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// How long a connection waits for another to end for its sake.
const CROWDED: Duration = Duration::from_secs(1);

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let patience = Duration::from_secs(HEADER_SECONDS);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(HTTP_HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(HTTP2_WINDOW_BYTES)
        .initial_connection_window_size(HTTP2_WINDOW_BYTES)
        .max_send_buf_size(HTTP2_SEND_BYTES)
        .keep_alive_interval(patience)
        .keep_alive_timeout(patience);
    builder
}

/// Serves one connection until it ends, or has ended what it began when the node stops.
async fn connection(
    (stream, peer, place): (Box<dyn gate::Bytes>, Peer, Connection),
    app: axum::Router,
    builder: &Builder<TokioExecutor>,
    mut stopping: watch::Receiver<bool>,
) {
    let spoken = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&spoken);
    let place = Arc::new(place);
    let counting = Arc::clone(&place);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(peer);
        let underway = counting.begin();
        let answer = app.clone().oneshot(request.map(Body::new));
        async move {
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| Counted { body, _underway: underway }))
        }
    });
    #[cfg(feature = "tap")]
    let stream = crate::tap::tapped(stream, "http");
    let stream = Patience::new(TokioIo::new(stream));
    let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
    // The version is recognised before any other timer runs; who stays silent even then is cut off.
    let silence = tokio::time::sleep(Duration::from_secs(HEADER_SECONDS));
    let mut silence = std::pin::pin!(silence);
    let mut listening = true;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            () = silence.as_mut(), if listening => {
                if !spoken.load(Ordering::Relaxed) {
                    return;
                }
                listening = false;
            }
            // Another needs the place more.
            () = place.ended() => return,
            _ = stopping.wait_for(|stop| *stop) => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    let rest = tokio::time::timeout(Duration::from_secs(STOP_SECONDS), connection);
    if let Ok(Err(error)) = rest.await {
        tracing::debug!(%error, "a connection broke at the stop");
    }
}

/// Bytes of one stream's answer that wait inside a connection of HTTP/2.
const HTTP2_SEND_BYTES: usize = 64 << 10;

/// An answer's body, whose request counts as under way until it is sent.
struct Counted {
    body: Body,
    _underway: Underway,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
