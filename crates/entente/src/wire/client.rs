//! A client that speaks HTTP/1.1 over TLS to one pinned key, over one connection that it keeps.
//! It tries nothing twice: whether to call again is its user's decision.

use super::compress::ZSTD;
use super::message::NDJSON;
use super::tls::{self, Expected, TlsError};
use super::tunnel;
use crate::settings::Network;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use model::limits::{BATCH_WIRE_BYTES_MAX, PROXY_SECONDS};
use model::seal::PublicKey;
use rustls::pki_types::ServerName;
use std::time::Duration;
use tokio_rustls::TlsConnector;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);

/// A call that brought no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    /// Our own key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Nobody answers there, or not with the expected key.
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// Somebody answers there, with a key that is not expected.
    #[error("another key answers there than is known")]
    OtherKey,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    /// The answer is larger than the protocol allows, or broke off.
    #[error("the answer is too large or incomplete")]
    Answer,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status.
    pub(super) status: StatusCode,
    /// Whether the body is packed.
    pub(super) packed: bool,
    /// The body.
    pub(super) body: Bytes,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// The media type.
    pub(super) kind: &'static str,
    /// Whether the bytes are packed.
    pub(super) packed: bool,
    /// The bytes.
    pub(super) bytes: Bytes,
}

/// One node at one address, and the connection to it while there is one.
pub(super) struct Client {
    address: String,
    connector: TlsConnector,
    network: Network,
    open: Option<Open>,
}

/// A connection and the task that drives it; both end together.
struct Open {
    sender: SendRequest<Full<Bytes>>,
    driver: tokio::task::AbortHandle,
    proven: Option<PublicKey>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Client {
    /// A client for the node with this key at this address; nothing is sent yet.
    #[cfg(test)]
    pub(super) fn new(
        seed: &[u8; 32],
        address: &str,
        expected: PublicKey,
    ) -> Result<Self, TlsError> {
        Self::to(seed, address, Expected::These(vec![expected]))
    }

    /// A client for whoever shows one of these keys.
    pub(super) fn to_any(
        seed: &[u8; 32],
        address: &str,
        expected: Vec<PublicKey>,
    ) -> Result<Self, TlsError> {
        Self::to(seed, address, Expected::These(expected))
    }

    /// A client for whoever answers there: for what proves itself.
    pub(super) fn to_anybody(seed: &[u8; 32], address: &str) -> Result<Self, TlsError> {
        Self::to(seed, address, Expected::Anybody)
    }

    fn to(seed: &[u8; 32], address: &str, expected: Expected) -> Result<Self, TlsError> {
        let connector = TlsConnector::from(tls::client_config(seed, expected)?);
        let network = Network::default();
        Ok(Self { address: address.to_owned(), connector, network, open: None })
    }

    /// The key that the other side proved, while a connection stands.
    pub(super) fn proven(&self) -> Option<PublicKey> {
        self.open.as_ref()?.proven
    }

    /// The same by the way out that the operator has set.
    #[must_use]
    pub(super) fn by(mut self, network: &Network) -> Self {
        self.network = network.clone();
        self
    }

    /// GETs a path; `patience` covers connection and answer.
    pub(super) async fn get(
        &mut self,
        path: &str,
        patience: Duration,
    ) -> Result<Reply, ClientError> {
        let nothing = Content { kind: NDJSON, packed: false, bytes: Bytes::new() };
        self.call((Method::GET, path), nothing, patience).await
    }

    /// POSTs to a path; `patience` covers connection and answer.
    pub(super) async fn post(
        &mut self,
        path: &str,
        content: Content,
        patience: Duration,
    ) -> Result<Reply, ClientError> {
        self.call((Method::POST, path), content, patience).await
    }

    async fn call(
        &mut self,
        (method, path): (Method, &str),
        content: Content,
        patience: Duration,
    ) -> Result<Reply, ClientError> {
        // Taken out: a call that breaks off, or is dropped, takes its connection with it.
        let open = self.open.take().filter(|open| !open.sender.is_closed());
        let call = async {
            let mut open = match open {
                Some(open) => open,
                None => self.connect().await?,
            };
            let request = self.request((method, path), content);
            open.sender.ready().await?;
            let (head, body) = open.sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, BATCH_WIRE_BYTES_MAX).collect().await;
            let body = body.map_err(|_| ClientError::Answer)?.to_bytes();
            let packed = head.headers.get(CONTENT_ENCODING).is_some_and(|v| v == ZSTD);
            Ok((open, Reply { status: head.status, packed, body }))
        };
        let answered: Result<_, ClientError> =
            tokio::time::timeout(patience, call).await.map_err(|_| ClientError::Timeout)?;
        let (open, reply) = answered?;
        self.open = Some(open);
        Ok(reply)
    }

    fn request(&self, (method, path): (Method, &str), content: Content) -> Request<Full<Bytes>> {
        let host = HeaderValue::from_str(&self.address);
        let posts = method == Method::POST;
        let mut request = Request::new(Full::new(content.bytes));
        *request.method_mut() = method;
        // Paths are our own constants and numbers; one that is none asks for nothing.
        *request.uri_mut() = path.parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(HOST, host.unwrap_or_else(|_| HeaderValue::from_static("entente")));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ZSTD));
        if posts {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content.kind));
        }
        if content.packed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(ZSTD));
        }
        request
    }

    async fn connect(&self) -> Result<Open, ClientError> {
        let connect = async {
            let stream = tunnel::dial(&self.network, &self.address).await?;
            // Never sent and never looked at: only the key counts.
            let name = ServerName::try_from("entente.invalid").map_err(std::io::Error::other)?;
            self.connector.connect(name, stream).await
        };
        let proxied = self.network.proxy.as_ref().map_or(0, |_| PROXY_SECONDS);
        let patience = CONNECT + Duration::from_secs(proxied);
        let stream = tokio::time::timeout(patience, connect).await;
        let stream = stream.map_err(|_| ClientError::Timeout)?.map_err(not_connected)?;
        let proven = tls::peer_key(stream.get_ref().1);
        #[cfg(feature = "tap")]
        let stream = crate::tap::tapped(stream, "dialled");
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // How it ends is seen by whoever waits for an answer.
        let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok(Open { sender, driver, proven })
    }
}

/// A certificate over another key is told apart from every other failure: its node may have changed it.
fn not_connected(error: std::io::Error) -> ClientError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => ClientError::OtherKey,
        Some(_) | None => ClientError::Connect(error),
    }
}
