//! Asks a source, or posts to a receiver, over HTTP/1.1, with or without TLS, straight or through the operator's proxy, over
//! one connection that it keeps. It shows a secret to the server that it is for and to no other, and
//! sends nothing twice.

use super::address::Address;
use super::credentials::Credentials;
use super::failure::PullFailure;
use super::flow::{Bounds, Flow, Whole};
use super::header::{REST, rest};
use super::trust;
use crate::runtime::now;
use crate::settings::Network;
use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, HOST, HeaderName, LOCATION, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use model::limits::{
    DOCUMENT_BYTES_MAX, SOURCE_ANSWER_SECONDS, SOURCE_CONNECT_SECONDS, SOURCE_IDLE_SECONDS,
    SOURCE_PAGE_SECONDS, SOURCE_REDIRECTS_MAX,
};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Who we say that we are.
const AGENT: &str = concat!("entente/", env!("CARGO_PKG_VERSION"));
/// Bytes of an answer that is no success and is read so that the connection can be kept.
const REMAINS: u64 = 64 << 10;

/// How long a server may take, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) connect: u64,
    pub(crate) answer: u64,
    pub(crate) idle: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: SOURCE_CONNECT_SECONDS,
            answer: SOURCE_ANSWER_SECONDS,
            idle: SOURCE_IDLE_SECONDS,
        }
    }
}

/// An answer whose body has not been read yet.
pub(super) struct Answer {
    /// 200, 204, 206 or 304.
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Incoming,
    /// Where it came from, after redirections.
    pub(super) from: Address,
    idle: u64,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    /// The body as it comes: at most so many bytes, in so many seconds.
    pub(super) fn flow(self, bytes: u64, whole: u64) -> Result<Flow, PullFailure> {
        Flow::new(&self.headers, self.body, Bounds { bytes, idle: self.idle, whole })
    }

    /// The body whole, as large as a document may be.
    pub(super) async fn whole(self) -> Result<Whole, PullFailure> {
        let most = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
        self.flow(most, SOURCE_PAGE_SECONDS)?.whole().await
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An open connection; the task that drives it ends with it.
struct Open {
    to: Address,
    sender: SendRequest<Full<Bytes>>,
    driver: tokio::task::AbortHandle,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What is sent beside the address.
struct Asking<'a> {
    method: Method,
    headers: &'a [(HeaderName, HeaderValue)],
    body: Bytes,
}

/// A client for one pull, or for one receiver.
pub(crate) struct Client {
    network: Network,
    tls: Arc<ClientConfig>,
    /// What lets us in, and where.
    credentials: Option<(Address, Credentials)>,
    patience: Patience,
    open: Option<Open>,
}

impl Client {
    /// A client that shows `credentials`, if any, to the server of `home` alone.
    pub(crate) fn new(
        network: &Network,
        home: &Address,
        credentials: Option<Credentials>,
        patience: Patience,
    ) -> Result<Self, PullFailure> {
        Ok(Self {
            network: network.clone(),
            tls: trust::client_config(network)?,
            credentials: credentials.map(|credentials| (home.clone(), credentials)),
            patience,
            open: None,
        })
    }

    /// GETs, following redirections; every answer that is no success is a failure, but 406, which
    /// its caller may mend.
    pub(super) async fn get(
        &mut self,
        address: &Address,
        headers: &[(HeaderName, HeaderValue)],
    ) -> Result<Answer, PullFailure> {
        let mut at = address.clone();
        for _ in 0..=SOURCE_REDIRECTS_MAX {
            let asking = Asking { method: Method::GET, headers, body: Bytes::new() };
            let answer = self.once(&at, &asking).await?;
            match answer.status {
                StatusCode::OK
                | StatusCode::NO_CONTENT
                | StatusCode::NOT_MODIFIED
                | StatusCode::PARTIAL_CONTENT => return Ok(answer),
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => at = onwards(&at, &answer)?,
                _ => return Err(refused(answer).await),
            }
        }
        Err(PullFailure::Redirect(format!("more than {SOURCE_REDIRECTS_MAX} times")))
    }

    /// POSTs; a redirection is not followed, and every answer that is no success is a failure.
    pub(crate) async fn post(
        &mut self,
        address: &Address,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
    ) -> Result<(), PullFailure> {
        let asking = Asking { method: Method::POST, headers, body };
        let answer = self.once(address, &asking).await?;
        if answer.status.is_redirection() {
            return Err(PullFailure::Redirect(format!("with {}", answer.status)));
        }
        if !answer.status.is_success() {
            return Err(refused(answer).await);
        }
        // Read, so that the connection can be kept; what it says does not matter.
        if let Ok(flow) = answer.flow(REMAINS, SOURCE_CONNECT_SECONDS) {
            drop(flow.whole().await);
        }
        Ok(())
    }

    async fn once(&mut self, at: &Address, asking: &Asking<'_>) -> Result<Answer, PullFailure> {
        let request = || self.request(at, asking);
        let (first, second) = (request()?, request()?);
        let kept = self.open.take().filter(|open| open.to.same_origin(at));
        let mut open = match kept {
            Some(open) if !open.sender.is_closed() => open,
            Some(_) | None => self.connect(at).await?,
        };
        let seconds = self.patience.answer;
        let wait = Duration::from_secs(seconds);
        let slow = |_| PullFailure::Slow("an answer", seconds);
        let sent = async {
            // The rest of an answer that nobody read stands before the next one.
            open.sender.ready().await?;
            open.sender.send_request(first).await
        };
        let response = match timeout(wait, sent).await.map_err(slow)? {
            // It never left: the server had closed a connection that nobody used.
            Err(error) if error.is_canceled() || error.is_closed() => {
                open = self.connect(at).await?;
                timeout(wait, open.sender.send_request(second)).await.map_err(slow)?
            }
            sent => sent,
        };
        let response = response.map_err(|error| PullFailure::Cut(error.to_string()))?;
        let (head, body) = response.into_parts();
        self.open = Some(open);
        let (status, headers, idle) = (head.status, head.headers, self.patience.idle);
        Ok(Answer { status, headers, body, from: at.clone(), idle })
    }

    fn request(
        &self,
        at: &Address,
        asking: &Asking<'_>,
    ) -> Result<Request<Full<Bytes>>, PullFailure> {
        let odd = || PullFailure::Redirect(format!("{at} cannot stand in a request"));
        let mut request = Request::new(Full::new(asking.body.clone()));
        *request.method_mut() = asking.method.clone();
        *request.uri_mut() = at.target().parse().map_err(|_| odd())?;
        let into = request.headers_mut();
        into.insert(HOST, at.host_header().parse().map_err(|_| odd())?);
        into.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        into.insert(ACCEPT, HeaderValue::from_static("*/*"));
        into.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for (name, value) in asking.headers {
            into.insert(name.clone(), value.clone());
        }
        if let Some((home, credentials)) = &self.credentials
            && home.trusts(at)
        {
            let (name, value) = credentials.header();
            into.insert(name, value);
        }
        Ok(request)
    }

    async fn connect(&self, to: &Address) -> Result<Open, PullFailure> {
        let seconds = self.patience.connect;
        let connected = timeout(Duration::from_secs(seconds), self.shake_hands(to)).await;
        let (sender, driver) =
            connected.map_err(|_| PullFailure::Slow(A_CONNECTION, seconds))??;
        Ok(Open { to: to.clone(), sender, driver })
    }

    async fn shake_hands(
        &self,
        to: &Address,
    ) -> Result<(SendRequest<Full<Bytes>>, tokio::task::AbortHandle), PullFailure> {
        let unreached = |error| PullFailure::Connect(to.authority(), error);
        let stream = self.dial(to).await.map_err(unreached)?;
        if !to.is_secure() {
            let (sender, connection) =
                handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
            let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
            return Ok((sender, driver));
        }
        let name = ServerName::try_from(to.name().to_owned())
            .map_err(|error| unreached(std::io::Error::other(error)))?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await;
        let stream = stream.map_err(|error| PullFailure::Tls(to.authority(), error))?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        // How it ends is seen by whoever waits for an answer.
        let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        Ok((sender, driver))
    }

    /// What is on this machine is reached straight, whatever the proxy.
    async fn dial(&self, to: &Address) -> std::io::Result<TcpStream> {
        if to.is_loopback() {
            let stream = TcpStream::connect(to.authority()).await?;
            stream.set_nodelay(true)?;
            return Ok(stream);
        }
        crate::wire::tunnel::dial(&self.network, &to.authority()).await
    }
}

/// What did not come where nobody has been reached.
pub(crate) const A_CONNECTION: &str = "a connection";

fn broken(error: &hyper::Error) -> PullFailure {
    PullFailure::Cut(error.to_string())
}

/// Where a redirection leads; never from TLS to none.
fn onwards(at: &Address, answer: &Answer) -> Result<Address, PullFailure> {
    let to = answer.header(LOCATION.as_str());
    let to = to.ok_or_else(|| PullFailure::Redirect("without saying where".to_owned()))?;
    let to = at.join(to).map_err(|problem| PullFailure::Redirect(problem.message))?;
    if at.is_secure() && !to.is_secure() {
        return Err(PullFailure::Redirect(format!("to {to}, without TLS")));
    }
    Ok(to)
}

/// What an answer that is no success means; its body is looked at for a title, no further.
async fn refused(answer: Answer) -> PullFailure {
    let status = answer.status;
    let wait = answer.header(RETRY_AFTER.as_str()).map(|text| rest(text, now()));
    match (status, wait) {
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, Some(seconds)) => {
            PullFailure::Wait(status, seconds)
        }
        (StatusCode::TOO_MANY_REQUESTS, None) => PullFailure::Wait(status, REST),
        _ => {
            let from = Box::new(answer.from.clone());
            PullFailure::Status(status, from, title(answer).await)
        }
    }
}

/// The title of a TAXII error or of a problem document, for people; else nothing.
async fn title(answer: Answer) -> String {
    #[derive(serde::Deserialize)]
    struct Told {
        title: String,
    }
    let Ok(flow) = answer.flow(REMAINS, SOURCE_CONNECT_SECONDS) else { return String::new() };
    let whole = flow.whole().await;
    let told = whole.ok().and_then(|whole| serde_json::from_slice::<Told>(whole.bytes()).ok());
    told.map(|told| format!(": {}", formats::problem::shown(&told.title))).unwrap_or_default()
}

#[cfg(test)]
mod tests;
