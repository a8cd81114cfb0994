//! A client of one node's local HTTP API with one token, over one connection that it keeps, so that
//! what is measured is the node and no handshake. It waits at most as long as the story does.

use super::failure::Failure;
use super::nodes::PATIENCE;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// The media type of TAXII 2.1.
pub(super) const TAXII: &str = "application/taxii+json;version=2.1";
const JSON: &str = "application/json";

/// One node, and the connection to it while there is one.
#[derive(Debug)]
pub(super) struct Door {
    host: String,
    token: String,
    open: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

impl Door {
    /// A client of the node at `http://host:port`; nothing is sent yet.
    pub(super) fn new(http: &str, token: &str) -> Self {
        let host = http.trim_start_matches("http://").to_owned();
        Self { host, token: token.to_owned(), open: Mutex::new(None) }
    }

    /// The token that it presents.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// The same node with another token.
    pub(super) fn with(&self, token: &str) -> Self {
        Self::new(&self.host, token)
    }

    /// Reads what is at a path.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        read(path, self.ask(Method::GET, path, JSON, Bytes::new()).await?)
    }

    /// Hands in a value at a path and reads the answer.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &impl Serialize,
    ) -> Result<T, Failure> {
        let bytes = serde_json::to_vec(value).map_err(|error| asked(path, error.to_string()))?;
        self.post_bytes(path, bytes).await
    }

    /// Hands in bytes at a path and reads the answer.
    pub(super) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<T, Failure> {
        read(path, self.ask(Method::POST, path, JSON, bytes.into()).await?)
    }

    /// Hands in bytes at a path and reads the answer line by line.
    pub(super) async fn lines<T: DeserializeOwned>(
        &self,
        path: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Vec<T>, Failure> {
        let (status, body) = self.ask(Method::POST, path, JSON, bytes.into()).await?;
        if status != StatusCode::OK {
            return Err(asked(path, said(status, &body)));
        }
        let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let read = lines.map(serde_json::from_slice).collect::<Result<_, _>>();
        read.map_err(|error| asked(path, error.to_string()))
    }

    /// Whether there is something at a path that this token may read.
    pub(super) async fn has(&self, path: &str) -> Result<bool, Failure> {
        let (status, body) = self.ask(Method::GET, path, JSON, Bytes::new()).await?;
        match status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            other => Err(asked(path, said(other, &body))),
        }
    }

    /// The bytes that a TAXII client gets.
    pub(super) async fn taxii(&self, path: &str) -> Result<Bytes, Failure> {
        let (status, body) = self.ask(Method::GET, path, TAXII, Bytes::new()).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(asked(path, said(status, &body))) }
    }

    /// Sends one request and receives its answer, within the story's patience.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        kind: &'static str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let call = async {
            let mut kept = self.open.lock().await;
            let mut sender = match kept.take().filter(|sender| !sender.is_closed()) {
                Some(sender) => sender,
                None => self.connect().await?,
            };
            let answer = self.send(&mut sender, method, path, kind, body).await?;
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            *kept = Some(sender);
            Ok((status, body))
        };
        let answered: Result<_, Box<dyn std::error::Error + Send + Sync>> =
            tokio::time::timeout(PATIENCE, call).await.map_err(|_| late(path))?;
        answered.map_err(|error| asked(path, error.to_string()))
    }

    /// Opens the node's stream of sightings on a connection of its own.
    pub(super) async fn stream(&self, path: &str) -> Result<Stream, Failure> {
        let call = async {
            let mut sender = self.connect().await?;
            let answer = self
                .send(&mut sender, Method::GET, path, "text/event-stream", Bytes::new())
                .await?;
            let status = answer.status();
            Ok((status, Stream { _sender: sender, body: answer.into_body(), text: String::new() }))
        };
        let opened: Result<_, Box<dyn std::error::Error + Send + Sync>> =
            tokio::time::timeout(PATIENCE, call).await.map_err(|_| late(path))?;
        let (status, stream) = opened.map_err(|error| asked(path, error.to_string()))?;
        if status == StatusCode::OK { Ok(stream) } else { Err(asked(path, status.to_string())) }
    }

    async fn send(
        &self,
        sender: &mut SendRequest<Full<Bytes>>,
        method: Method,
        path: &str,
        kind: &'static str,
        body: Bytes,
    ) -> Result<http::Response<Incoming>, Box<dyn std::error::Error + Send + Sync>> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host)
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(ACCEPT, kind)
            .header(CONTENT_TYPE, JSON)
            .body(Full::new(body))?;
        sender.ready().await?;
        Ok(sender.send_request(request).await?)
    }

    async fn connect(
        &self,
    ) -> Result<SendRequest<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
        let stream = TcpStream::connect(&self.host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // How it ends is seen by whoever waits for an answer.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }
}

/// Server-sent events as they come.
#[derive(Debug)]
pub(super) struct Stream {
    /// Dropping it would end the connection.
    _sender: SendRequest<Full<Bytes>>,
    body: Incoming,
    text: String,
}

impl Stream {
    /// The data of the next event; `None` when the node ends the stream.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let read = data.and_then(|data| serde_json::from_str(data).ok());
                self.text = rest.to_owned();
                if read.is_some() {
                    return read;
                }
            }
            let frame = self.body.frame().await?.ok()?;
            if let Some(bytes) = frame.data_ref() {
                self.text.push_str(&String::from_utf8_lossy(bytes));
            }
        }
    }
}

fn read<T: DeserializeOwned>(path: &str, answer: (StatusCode, Bytes)) -> Result<T, Failure> {
    let (status, body) = answer;
    if !status.is_success() {
        return Err(asked(path, said(status, &body)));
    }
    serde_json::from_slice(&body).map_err(|error| asked(path, error.to_string()))
}

/// What a refusal says: its detail, where it is a problem.
fn said(status: StatusCode, body: &[u8]) -> String {
    let problem: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let detail = problem.get("detail").and_then(serde_json::Value::as_str);
    detail.map_or_else(|| status.to_string(), |detail| format!("{status}: {detail}"))
}

fn asked(path: &str, why: String) -> Failure {
    Failure::Asked { path: path.to_owned(), why }
}

fn late(path: &str) -> Failure {
    Failure::Late { what: format!("an answer at {path}"), seconds: PATIENCE.as_secs() }
}
