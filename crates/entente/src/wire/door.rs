//! The link port's door: who may come in, how many, and for how long. What they ask is answered in
//! `link`.

use super::link::{self, Caller};
use super::tls;
use crate::runtime::Runtime;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::id::NodeId;
use model::limits::{LINK_CONNECTIONS_MAX, LINK_STRANGERS_MAX, LINK_WAIT_SECONDS_MAX};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long somebody may stay who is no partner: long enough to join.
const STRANGER: Duration = Duration::from_secs(20);
/// How long a partner's connection may lie idle, and its next request may take to arrive.
const IDLE: Duration = Duration::from_secs(2 * LINK_WAIT_SECONDS_MAX);
/// How long to wait when the system has no more sockets.
const EXHAUSTED: Duration = Duration::from_millis(100);
/// Bytes of a request's head: ours are below one KiB.
const HEAD_BYTES_MAX: usize = 16 << 10;

struct Door {
    runtime: Runtime,
    acceptor: TlsAcceptor,
    strangers: Arc<Semaphore>,
    guests: Guests,
}

/// Serves the link port until the node stops.
pub(crate) async fn serve(runtime: Runtime, listener: TcpListener) {
    let config = match tls::server_config(runtime.seed()) {
        Ok(config) => config,
        Err(error) => {
            tracing::error!(%error, "the link port cannot be served");
            return;
        }
    };
    let mut stopping = runtime.stopping();
    let door = Arc::new(Door {
        runtime,
        acceptor: TlsAcceptor::from(config),
        strangers: Arc::new(Semaphore::new(LINK_STRANGERS_MAX)),
        guests: Guests::default(),
    });
    // Dropped at the end, and every connection with it: nothing was acknowledged that is not
    // durable, so nothing needs to be finished.
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match (accepted, Arc::clone(&door.strangers).try_acquire_owned()) {
            (Ok((stream, _)), Ok(permit)) => {
                open.spawn(Arc::clone(&door).attend(stream, permit));
            }
            // Too many strangers: this one is turned away before it costs anything.
            (Ok(_), Err(_)) => {}
            (Err(error), _) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

impl Door {
    /// One connection from its handshake to its end.
    async fn attend(self: Arc<Self>, stream: TcpStream, permit: OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small messages will be late");
        }
        let handshake = tokio::time::timeout(HANDSHAKE, self.acceptor.accept(stream)).await;
        let Ok(Ok(stream)) = handshake else { return };
        let Some(key) = tls::peer_key(stream.get_ref().1) else { return };
        let node = key.node();
        let known = self.runtime.read(move |reading| node::link::is_partner(reading, &node)).await;
        let caller = Caller { runtime: self.runtime.clone(), key };
        match known {
            Ok(true) => {
                let Some(_guest) = self.guests.admit(node) else { return };
                drop(permit);
                converse(caller, stream).await;
            }
            Ok(false) => drop(tokio::time::timeout(STRANGER, converse(caller, stream)).await),
            Err(error) => tracing::warn!(%error, "a connection cannot be served"),
        }
    }
}

async fn converse(caller: Caller, stream: TlsStream<TcpStream>) {
    let caller = Arc::new(caller);
    let service = service_fn(move |request| {
        let caller = Arc::clone(&caller);
        async move { Ok::<_, Infallible>(link::answer(&caller, request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a link connection ended");
    }
}

/// How many connections each partner has.
#[derive(Clone, Default)]
struct Guests(Arc<Mutex<BTreeMap<NodeId, usize>>>);

/// One connection of a partner; its place is free again when this is dropped.
struct Guest {
    guests: Guests,
    node: NodeId,
}

impl Guests {
    fn admit(&self, node: NodeId) -> Option<Guest> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = places.entry(node).or_default();
        if *taken >= LINK_CONNECTIONS_MAX {
            return None;
        }
        *taken += 1;
        Some(Guest { guests: self.clone(), node })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut places = self.guests.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = places.get_mut(&self.node) {
            *taken -= 1;
            if *taken == 0 {
                places.remove(&self.node);
            }
        }
    }
}
