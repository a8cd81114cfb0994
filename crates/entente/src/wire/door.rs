//! The link port's door: who may come in, how many, and for how long. What they ask is answered in
//! `link`.

use super::link::{self, Caller};
use super::tls;
use super::turns::Turns;
use crate::runtime::{Runtime, now};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::id::NodeId;
use model::limits::{
    LINK_CONNECTIONS_MAX, LINK_STRANGERS_MAX, LINK_STRANGERS_PER_ADDRESS_MAX, LINK_WAIT_SECONDS_MAX,
};
use model::seal::PublicKey;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::AtomicU32;
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
    acceptor: Mutex<(PublicKey, TlsAcceptor)>,
    strangers: Arc<Semaphore>,
    addresses: Places<IpAddr>,
    guests: Places<NodeId>,
    turns: Turns,
    giving: Turns,
}

/// Serves the link port until the node stops.
pub(crate) async fn serve(runtime: Runtime, listener: TcpListener) {
    let acceptor = match acceptor(&runtime) {
        Ok(acceptor) => acceptor,
        Err(error) => {
            tracing::error!(%error, "the link port cannot be served");
            return;
        }
    };
    let mut stopping = runtime.stopping();
    let door = Arc::new(Door {
        runtime,
        acceptor: Mutex::new(acceptor),
        strangers: Arc::new(Semaphore::new(LINK_STRANGERS_MAX)),
        addresses: Places::default(),
        guests: Places::default(),
        turns: Turns::default(),
        giving: Turns::default(),
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
        match accepted {
            Ok((stream, from)) => {
                // Too many strangers: this one is turned away before it costs anything.
                if let Some(stay) = door.stranger(from) {
                    open.spawn(Arc::clone(&door).attend(stream, stay));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

/// The place of one who has not proven to be a partner, among all such and among those of its
/// address.
struct Stay {
    _any: OwnedSemaphorePermit,
    _address: Place<IpAddr>,
}

impl Door {
    /// A place for a stranger from this address, if there is one.
    fn stranger(&self, from: SocketAddr) -> Option<Stay> {
        let address = self.addresses.admit(one_address(from), LINK_STRANGERS_PER_ADDRESS_MAX)?;
        let any = Arc::clone(&self.strangers).try_acquire_owned().ok()?;
        Some(Stay { _any: any, _address: address })
    }

    /// What the present key is shown by.
    fn acceptor(&self) -> Result<TlsAcceptor, tls::TlsError> {
        let mut shown = self.acceptor.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.0 != self.runtime.me().public() {
            *shown = acceptor(&self.runtime)?;
        }
        Ok(shown.1.clone())
    }

    /// One connection from its handshake to its end.
    async fn attend(self: Arc<Self>, stream: TcpStream, stay: Stay) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small messages will be late");
        }
        let acceptor = match self.acceptor() {
            Ok(acceptor) => acceptor,
            Err(error) => return tracing::error!(%error, "a connection cannot be served"),
        };
        let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
        let Ok(Ok(stream)) = handshake else { return };
        let Some(key) = tls::peer_key(stream.get_ref().1) else { return };
        let known = move |reading: &node::Reading<'_>| {
            let who = node::keys::who(reading, &key, now())?;
            let good = matches!(who, node::keys::Who::Node(_));
            Ok((who.node(), good && node::link::is_partner(reading, &who.node())?))
        };
        let (node, known) = match self.runtime.read(known).await {
            Ok((node, known)) => (node, Ok(known)),
            Err(error) => (key.node(), Err(error)),
        };
        let (turns, giving) = (self.turns.clone(), self.giving.clone());
        let runtime = self.runtime.clone();
        let caller = Caller { runtime, key, node, turns, giving, knows: AtomicU32::new(0) };
        match known {
            Ok(true) => {
                let Some(_guest) = self.guests.admit(node, LINK_CONNECTIONS_MAX) else { return };
                drop(stay);
                converse(caller, stream).await;
            }
            Ok(false) => drop(tokio::time::timeout(STRANGER, converse(caller, stream)).await),
            Err(error) => tracing::warn!(%error, "a connection cannot be served"),
        }
    }
}

/// The present key, and what shows it.
fn acceptor(runtime: &Runtime) -> Result<(PublicKey, TlsAcceptor), tls::TlsError> {
    let config = tls::server_config(runtime.seed())?;
    Ok((runtime.me().public(), TlsAcceptor::from(config)))
}

async fn converse(caller: Caller, stream: TlsStream<TcpStream>) {
    #[cfg(feature = "tap")]
    let stream = crate::tap::tapped(stream, "link");
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

/// How many connections each partner, or each address of strangers, has.
struct Places<K: Ord>(Arc<Mutex<BTreeMap<K, usize>>>);

/// One connection; its place is free again when this is dropped.
struct Place<K: Ord + Clone> {
    places: Places<K>,
    of: K,
}

impl<K: Ord> Default for Places<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Ord + Clone> Places<K> {
    fn admit(&self, of: K, max: usize) -> Option<Place<K>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = places.entry(of.clone()).or_default();
        if *taken >= max {
            return None;
        }
        *taken += 1;
        Some(Place { places: Self(Arc::clone(&self.0)), of })
    }
}

impl<K: Ord + Clone> Drop for Place<K> {
    fn drop(&mut self) {
        let mut places = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = places.get_mut(&self.of) {
            *taken -= 1;
            if *taken == 0 {
                places.remove(&self.of);
            }
        }
    }
}

/// What counts as one address: of IPv6 the network, since who has one address has them all.
fn one_address(address: SocketAddr) -> IpAddr {
    match address.ip().to_canonical() {
        IpAddr::V6(host) => {
            let [a, b, c, d, ..] = host.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        host @ IpAddr::V4(_) => host,
    }
}

#[cfg(test)]
mod tests;
