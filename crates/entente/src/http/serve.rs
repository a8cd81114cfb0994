//! Takes connections and serves them until the node stops: slow senders, too many connections and
//! strangers' networks are refused here. It knows no path.

use super::router;
use crate::runtime::Runtime;
use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use model::limits::{CONNECTIONS_MAX, HEADER_SECONDS, STOP_SECONDS, STREAMS_MAX};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt as _;

/// Serves until the node stops, and then until every connection has ended or had its time.
///
/// # Errors
/// When the listener is not on the loopback interface, or cannot be used any more.
pub(crate) async fn serve(runtime: Runtime, listener: TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let told = format!(
            "{address} can be reached by others, and this version serves plain HTTP only\n\
             Hint: listen on 127.0.0.1 and put a TLS proxy in front of it"
        );
        return Err(io::Error::new(io::ErrorKind::InvalidInput, told));
    }
    let mut stopping = runtime.stopping();
    let app = router(runtime);
    let builder = Arc::new(builder());
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut doors_closed = stopping.clone();
    loop {
        let stream = tokio::select! {
            stream = next(&listener, &room) => stream,
            _ = doors_closed.wait_for(|stop| *stop) => break,
        };
        let Some((stream, permit)) = stream else { continue };
        let (app, builder, stopping) = (app.clone(), Arc::clone(&builder), stopping.clone());
        tokio::spawn(async move {
            connection(stream, app, &builder, stopping).await;
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

/// The next connection for which there is room; `None` when there was none after all.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Without it, small answers wait for the acknowledgement of earlier ones.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection without TCP_NODELAY");
            }
            Some((stream, permit))
        }
        Err(error) => {
            // Mostly too many open files: another connection has to end first.
            tracing::warn!(%error, "a connection could not be taken");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let patience = Duration::from_secs(HEADER_SECONDS);
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .keep_alive_interval(patience)
        .keep_alive_timeout(patience);
    builder
}

/// Serves one connection until it ends, or has ended what it began when the node stops.
async fn connection(
    stream: TcpStream,
    app: axum::Router,
    builder: &Builder<TokioExecutor>,
    mut stopping: watch::Receiver<bool>,
) {
    let spoken = Arc::new(AtomicBool::new(false));
    let heard = Arc::clone(&spoken);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        app.clone().oneshot(request.map(Body::new))
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
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
            _ = stopping.wait_for(|stop| *stop) => break,
        }
    }
    connection.as_mut().graceful_shutdown();
    let rest = tokio::time::timeout(Duration::from_secs(STOP_SECONDS), connection);
    if let Ok(Err(error)) = rest.await {
        tracing::debug!(%error, "a connection broke at the stop");
    }
}
