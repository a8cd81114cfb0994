//! The doors for syslog: UDP, TCP and TLS. Messages wait a moment for others, are matched together,
//! and what follows is made durable; the protocol has no acknowledgement, so what is lost is counted.

use super::deliver::{Again, Sender, deliver};
use super::framing::{Frames, line};
use crate::http::Certificate;
use crate::matching::Incoming;
use crate::runtime::{Runtime, random};
use crate::settings::Telemetry;
use detect::reading::Form;
use model::limits::{
    HANDSHAKE_SECONDS, SYSLOG_BATCH_BYTES, SYSLOG_BATCH_MILLIS, SYSLOG_CONNECTIONS_MAX,
    SYSLOG_DATAGRAM_BYTES_MAX, SYSLOG_QUEUE_BYTES_MAX,
};
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;

/// Where syslog is taken, as this machine reaches it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Doors {
    /// Datagrams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) udp: Option<SocketAddr>,
    /// Streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tcp: Option<SocketAddr>,
    /// Streams under TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<SocketAddr>,
}

impl Doors {
    /// Whether there is none.
    pub(crate) fn closed(&self) -> bool {
        *self == Self::default()
    }
}

/// Messages that wait, and the room that they take.
type Waiting = (OwnedSemaphorePermit, Vec<u8>);

/// The way from a door to the index.
#[derive(Clone)]
struct Queue {
    room: Arc<Semaphore>,
    waiting: mpsc::UnboundedSender<Waiting>,
    allowed: Arc<[Prefix]>,
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Prefix {
    address: IpAddr,
    bits: u32,
}

/// Why a door stays closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Strangers could bring events.
    #[error(
        "E-TELEMETRY-007: {0} can be reached from other machines, and anybody could send there"
    )]
    Exposed(SocketAddr),
    /// There is no certificate for TLS.
    #[error("E-TELEMETRY-008: telemetry.syslog_tls needs http.certificate and http.key")]
    NoCertificate,
    /// A prefix that is none.
    #[error("E-TELEMETRY-009: `{0}` in telemetry.syslog_allow is no address and no prefix")]
    Prefix(String),
    /// The port cannot be had.
    #[error("E-TELEMETRY-010: cannot listen for syslog on {0}: {1}")]
    Bind(SocketAddr, io::Error),
}

/// Opens the doors that the settings name; the task ends when the node stops and what had come by
/// then has been matched.
///
/// # Errors
/// When a door cannot be opened, or would be open to strangers.
pub(crate) async fn open(
    runtime: &Runtime,
    certificate: Option<Certificate>,
) -> Result<(Doors, Option<JoinHandle<()>>), OpenError> {
    let settings = runtime.settings().telemetry.clone();
    let named = [settings.syslog_udp, settings.syslog_tcp, settings.syslog_tls];
    if named.iter().all(Option::is_none) {
        return Ok((Doors::default(), None));
    }
    let allowed = allowed(&settings)?;
    for address in named.into_iter().flatten() {
        if !address.ip().is_loopback() && allowed.is_empty() {
            return Err(OpenError::Exposed(address));
        }
    }
    let (waiting, received) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(SYSLOG_QUEUE_BYTES_MAX));
    let queue = Queue { room, waiting, allowed: allowed.into() };
    let mut doors = Doors::default();
    if let Some(address) = settings.syslog_udp {
        let failed = |error| OpenError::Bind(address, error);
        let socket = UdpSocket::bind(address).await.map_err(failed)?;
        doors.udp = Some(socket.local_addr().map_err(failed)?);
        tokio::spawn(datagrams(runtime.clone(), socket, queue.clone()));
    }
    if let Some(address) = settings.syslog_tcp {
        let (listener, reached) = bind(address).await?;
        doors.tcp = Some(reached);
        tokio::spawn(streams(runtime.clone(), listener, None, queue.clone()));
    }
    if let Some(address) = settings.syslog_tls {
        let certificate = certificate.ok_or(OpenError::NoCertificate)?;
        let (listener, reached) = bind(address).await?;
        doors.tls = Some(reached);
        tokio::spawn(streams(runtime.clone(), listener, Some(certificate), queue.clone()));
    }
    Ok((doors, Some(tokio::spawn(match_all(runtime.clone(), received)))))
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), OpenError> {
    let failed = |error| OpenError::Bind(address, error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let reached = listener.local_addr().map_err(failed)?;
    Ok((listener, reached))
}

fn allowed(settings: &Telemetry) -> Result<Vec<Prefix>, OpenError> {
    let read = |text: &String| Prefix::read(text).ok_or_else(|| OpenError::Prefix(text.clone()));
    settings.syslog_allow.iter().map(read).collect()
}

impl Prefix {
    fn read(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    fn holds(self, other: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
            IpAddr::V6(address) => address.to_bits(),
        };
        let same = bits(self.address) ^ bits(other.to_canonical());
        let alike = self.address.is_ipv4() == other.to_canonical().is_ipv4();
        alike && same.leading_zeros() >= self.bits
    }
}

impl Queue {
    fn admits(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        peer.is_loopback() || self.allowed.iter().any(|prefix| prefix.holds(peer))
    }

    /// Waits for room: the sender of a stream waits with us.
    async fn push(&self, lines: Vec<u8>) -> Option<()> {
        let bytes = u32::try_from(lines.len().min(SYSLOG_QUEUE_BYTES_MAX)).ok()?;
        let permit = Arc::clone(&self.room).acquire_many_owned(bytes).await.ok()?;
        self.waiting.send((permit, lines)).ok()
    }

    /// Takes it now or not at all: a datagram's sender does not wait.
    fn try_push(&self, lines: Vec<u8>) -> Option<()> {
        let bytes = u32::try_from(lines.len()).ok()?;
        let permit = Arc::clone(&self.room).try_acquire_many_owned(bytes).ok()?;
        self.waiting.send((permit, lines)).ok()
    }
}

async fn datagrams(runtime: Runtime, socket: UdpSocket, queue: Queue) {
    let mut stopping = runtime.stopping();
    let mut datagram = vec![0; SYSLOG_DATAGRAM_BYTES_MAX];
    let port = socket.local_addr().map_or(0, |address| address.port());
    let mut lost = 0;
    let mut looks = tokio::time::interval(LOSS_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut datagram) => received,
            _ = looks.tick() => {
                lost = count_lost(&runtime, port, lost);
                continue;
            }
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let (mut lines, mut messages) = (Vec::new(), 0);
        let mut next = received;
        // What has come already goes together: a batch for each datagram would cost too much.
        while let Ok((length, peer)) = next {
            if queue.admits(peer.ip()) {
                line(datagram.get(..length).unwrap_or_default(), &mut lines);
                messages += 1;
            }
            if lines.len() >= SYSLOG_BATCH_BYTES {
                break;
            }
            next = socket.try_recv_from(&mut datagram);
        }
        if messages > 0 && queue.try_push(lines).is_none() {
            runtime.meters().dropped.add(messages);
            tracing::warn!(messages, "syslog came faster than it is matched, and was dropped");
        }
    }
}

/// Between two looks at what the kernel dropped before we could take it.
const LOSS_EVERY: Duration = Duration::from_secs(1);

fn count_lost(runtime: &Runtime, port: u16, before: u64) -> u64 {
    let Some(lost) = crate::machine::udp_drops(port).filter(|lost| *lost > before) else {
        return before;
    };
    let messages = lost.saturating_sub(before);
    runtime.meters().dropped.add(messages);
    tracing::warn!(messages, "syslog by UDP came faster than it was taken, and was lost");
    lost
}

async fn streams(
    runtime: Runtime,
    listener: TcpListener,
    certificate: Option<Certificate>,
    queue: Queue,
) {
    let mut stopping = runtime.stopping();
    let places = Arc::new(Semaphore::new(SYSLOG_CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, peer)) = accepted else {
            // Mostly too many open files: another connection has to end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        if !queue.admits(peer.ip()) {
            tracing::debug!(%peer, "syslog from an address that is not allowed");
            continue;
        }
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(%peer, "too many connections of syslog at once");
            continue;
        };
        let (runtime, queue, certificate) = (runtime.clone(), queue.clone(), certificate.clone());
        tokio::spawn(async move {
            match certificate {
                None => read(&runtime, stream, &queue).await,
                Some(certificate) => secured(&runtime, stream, &certificate, &queue).await,
            }
            drop(place);
        });
    }
}

/// SPEC: RFC 5425; who sends is known by its address alone, so no certificate is asked of it.
async fn secured(runtime: &Runtime, stream: TcpStream, certificate: &Certificate, queue: &Queue) {
    let handshake = TlsAcceptor::from(certificate.config()).accept(stream);
    match tokio::time::timeout(Duration::from_secs(HANDSHAKE_SECONDS), handshake).await {
        Ok(Ok(stream)) => read(runtime, stream, queue).await,
        Ok(Err(error)) => tracing::debug!(%error, "a handshake of syslog failed"),
        Err(_) => {}
    }
}

async fn read(runtime: &Runtime, mut stream: impl AsyncRead + Unpin, queue: &Queue) {
    let mut stopping = runtime.stopping();
    let mut frames = Frames::default();
    let mut buffer = vec![0; SYSLOG_DATAGRAM_BYTES_MAX];
    loop {
        let count = tokio::select! {
            read = stream.read(&mut buffer) => read.unwrap_or(0),
            _ = stopping.wait_for(|stop| *stop) => 0,
        };
        let mut lines = Vec::new();
        if count == 0 {
            frames.end(&mut lines);
        } else {
            frames.push(buffer.get(..count).unwrap_or_default(), &mut lines);
        }
        let skipped = frames.skipped();
        runtime.meters().skipped_bytes.add(skipped);
        if (!lines.is_empty() && queue.push(lines).await.is_none()) || count == 0 {
            return;
        }
    }
}

/// Matches what has come, until every door is closed.
async fn match_all(runtime: Runtime, mut received: mpsc::UnboundedReceiver<Waiting>) {
    let mut life = [0; 8];
    random(&mut life);
    let life = u64::from_le_bytes(life);
    let mut number = 0_u64;
    while let Some((permit, lines)) = received.recv().await {
        let (mut permits, mut lines) = (vec![permit], lines);
        let over = tokio::time::Instant::now() + Duration::from_millis(SYSLOG_BATCH_MILLIS);
        while lines.len() < SYSLOG_BATCH_BYTES {
            let Ok(Some((permit, more))) = tokio::time::timeout_at(over, received.recv()).await
            else {
                break;
            };
            permits.push(permit);
            lines.extend_from_slice(&more);
        }
        number += 1;
        taken(&runtime, lines, &format!("{life:016x}-{number}")).await;
        drop(permits);
    }
}

/// Tries until it is durable, or the node stops: nobody would send it again.
async fn taken(runtime: &Runtime, lines: Vec<u8>, name: &str) {
    let mut stopping = runtime.stopping();
    let mut told = false;
    loop {
        if runtime.matches() {
            match batch(runtime, lines.clone(), name).await {
                Ok(()) => return,
                Err(error) if !told => {
                    told = true;
                    tracing::warn!(error, "syslog cannot be made durable now; it waits");
                }
                Err(_) => {}
            }
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            _ = stopping.wait_for(|stop| *stop) => break,
        }
    }
    let lost = lines.iter().filter(|byte| **byte == b'\n').count();
    runtime.meters().dropped.add(u64::try_from(lost).unwrap_or(0));
    tracing::warn!(messages = lost, "the node stops before these syslog messages were matched");
}

/// Between two tries.
const AGAIN: Duration = Duration::from_millis(200);

async fn batch(runtime: &Runtime, lines: Vec<u8>, name: &str) -> Result<(), String> {
    let inside = runtime.clone();
    let eyes = runtime.read(move |reading| inside.own_lens(reading)).await;
    let eyes = eyes.map_err(|error| error.to_string())?;
    let sender = Sender { name: "syslog".to_owned(), eyes };
    let incoming = Incoming { form: Form::Auto, source: "syslog".to_owned(), header: None };
    let again = Again::Named(name.to_owned());
    let delivered = deliver(runtime, sender, lines, (incoming, 1), again).await;
    delivered.map(drop).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
