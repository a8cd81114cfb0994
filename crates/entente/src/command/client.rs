//! The command line's way to the running node: HTTP to where the node says it is. It repeats
//! nothing by itself but what the node asks to be repeated later.

use super::announce::Addresses;
use super::failure::{Exit, Failure};
use super::here::Here;
use crate::config::environment;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How often a node that asks for patience is asked again: about a minute.
const PATIENCE: u32 = 60;

/// A connection to the node.
pub(crate) struct Client {
    address: String,
    token: String,
    /// The certificate that the node offers, if it speaks TLS.
    certificate: Option<String>,
    /// What to say when nobody answers.
    absent: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// The node's answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A problem as the node words it (RFC 9457).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    detail: String,
    title: String,
    code: String,
    hint: String,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.address)
    }
}

/// Runs a command's conversation with the node.
pub(crate) fn wait<T>(talk: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Later, error.to_string()))?;
    let result = runtime.block_on(talk);
    // A reader of standard input may wait for a line that never comes.
    runtime.shutdown_background();
    result
}

impl Client {
    /// Finds the node: by `--url`, else by what it wrote into its folder.
    pub(crate) fn new(here: &Here) -> Result<Self, Failure> {
        let token = environment("ENTENTE_TOKEN");
        if let Some(url) = &here.url {
            let token = token.ok_or_else(|| {
                Failure::new(Exit::Configuration, "no token for the node at --url")
                    .hint("put one into the variable ENTENTE_TOKEN")
            })?;
            let absent = format!("nobody answers at {url}");
            return Ok(Self {
                address: host(url)?,
                token,
                certificate: None,
                absent,
                sender: None,
            });
        }
        let folder = here.folder();
        let token = token.map_or_else(|| folder.admin_token(), Ok)?;
        let absent = format!("no node is running on {}", here.data.display());
        let text = std::fs::read(folder.addresses()).map_err(|_| away(&absent, here))?;
        let addresses: Addresses =
            serde_json::from_slice(&text).map_err(|_| away(&absent, here))?;
        let Addresses { http: address, certificate, .. } = addresses;
        Ok(Self { address, token, certificate, absent, sender: None })
    }

    /// Asks and reads the answer's JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Failure> {
        let reply = self.send(Method::GET, path, None).await?;
        read(&reply.body)
    }

    /// Posts JSON and reads the answer's.
    pub(crate) async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        value: &(impl Serialize + Sync),
    ) -> Result<T, Failure> {
        let body = serde_json::to_vec(value).map_err(|error| Failure::input(error.to_string()))?;
        let body = Some(("application/json", Bytes::from(body)));
        let reply = self.send(Method::POST, path, body).await?;
        read(&reply.body)
    }

    /// Takes something away and reads the answer's JSON.
    pub(crate) async fn delete<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Failure> {
        let reply = self.send(Method::DELETE, path, None).await?;
        read(&reply.body)
    }

    /// Sends a request; while the node asks for patience, it has it.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<Reply, Failure> {
        let mut tries = 0;
        loop {
            let (status, reply) = self.once(&method, path, body.clone()).await?;
            let wait = reply.headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
            match wait {
                Some(seconds) if status == StatusCode::SERVICE_UNAVAILABLE && tries < PATIENCE => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_secs(u64::clamp(seconds, 1, 10))).await;
                }
                _ if status.is_success() => return Ok(reply),
                _ => return Err(refused(status, &reply.body)),
            }
        }
    }

    async fn once(
        &mut self,
        method: &Method,
        path: &str,
        body: Option<(&'static str, Bytes)>,
    ) -> Result<(StatusCode, Reply), Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.address)
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        let bytes = body.map(|(media_type, bytes)| {
            request = std::mem::take(&mut request).header(CONTENT_TYPE, media_type);
            bytes
        });
        let request = request.body(Full::new(bytes.unwrap_or_default()));
        let request = request.map_err(|error| Failure::input(error.to_string()))?;
        let absent = self.absent.clone();
        let broken = |error: hyper::Error| {
            Failure::new(Exit::Later, format!("{absent}: {error}"))
                .hint("see that the node is running and try again")
        };
        let sender = self.sender().await?;
        let response = sender.send_request(request).await.map_err(&broken)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(&broken)?.to_bytes();
        Ok((parts.status, Reply { headers: parts.headers, body }))
    }

    /// The open connection, or a new one.
    async fn sender(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, Failure> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let absent =
                || Failure::new(Exit::Later, self.absent.clone()).hint("`entente serve` starts it");
            let stream = TcpStream::connect(&self.address).await.map_err(|_| absent())?;
            stream.set_nodelay(true).ok();
            self.sender = match &self.certificate {
                None => talk(stream).await,
                Some(certificate) => {
                    let stream = secure(stream, certificate).await.map_err(|error| {
                        Failure::new(Exit::Later, format!("{}: {error}", self.absent)).hint(
                            "the node's certificate is not the one that it names in its folder",
                        )
                    })?;
                    talk(stream).await
                }
            };
        }
        self.sender.as_mut().ok_or_else(|| Failure::new(Exit::Later, self.absent.clone()))
    }
}

/// Begins HTTP on a connection; `None` when the other side does not speak it.
async fn talk<S>(stream: S) -> Option<SendRequest<Full<Bytes>>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

/// TLS with the node that offers this certificate, and with nobody else.
async fn secure(stream: TcpStream, certificate: &str) -> io::Result<TlsStream<TcpStream>> {
    let config = crate::http::pinned(certificate).map_err(io::Error::other)?;
    // Never sent and never looked at: only the certificate counts.
    let name = ServerName::try_from("entente.invalid").map_err(io::Error::other)?;
    TlsConnector::from(config).connect(name, stream).await
}

fn away(absent: &str, here: &Here) -> Failure {
    let hint = format!("entente serve --data {}", here.data.display());
    Failure::new(Exit::Later, absent.to_owned()).hint(hint)
}

/// Host and port of a URL; only plain HTTP is spoken, and only that is safe on this machine alone.
fn host(url: &str) -> Result<String, Failure> {
    let wrong = || {
        Failure::input(format!("`{url}` is no address of a node"))
            .hint("such as http://127.0.0.1:8440; for a node elsewhere use an SSH tunnel")
    };
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let host = rest.split('/').next().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") {
        return Err(wrong());
    }
    Ok(if name == host { format!("{host}:80") } else { host.to_owned() })
}

/// Reads the JSON of an answer.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Failure::new(Exit::Later, format!("the node's answer cannot be read: {error}"))
            .hint("is the running node of the same version as this program?")
    })
}

fn refused(status: StatusCode, body: &[u8]) -> Failure {
    let told: Told = serde_json::from_slice(body).unwrap_or_default();
    let exit = match status {
        StatusCode::UNAUTHORIZED => Exit::Configuration,
        StatusCode::FORBIDDEN | StatusCode::CONFLICT => Exit::Refused,
        // A thing that there is not is an answer; a name that nobody knows was mistyped.
        StatusCode::NOT_FOUND if told.code == "E-API-404" => Exit::Refused,
        status if status.is_client_error() => Exit::Input,
        _ => Exit::Later,
    };
    let message = [told.detail, told.title, status.to_string()];
    let message = message.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    Failure::new(exit, message).coded(&told.code).hint(told.hint)
}

/// A text as one segment of a path, or as a value in a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}
