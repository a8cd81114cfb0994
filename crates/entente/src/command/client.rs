//! The command line's way to the running node: HTTP to where the node says it is. It repeats
//! nothing by itself but what the node asks to be repeated later.

use super::announce::Addresses;
use super::door::{Door, Open};
use super::failure::{Exit, Failure};
use super::here::Here;
use crate::config::environment;
use crate::http::api::asking::ForeseenView;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::time::Duration;

/// How often a node that asks for patience is asked again: about a minute.
const PATIENCE: u32 = 60;

/// What to do when the node does not know the token that somebody gave, or the folder's own.
const GIVEN_TOKEN: &str = "put a good one into ENTENTE_TOKEN; `entente token create` makes one";
const OWN_TOKEN: &str = "admin.token is not this store's: put it back from a backup, or stop the node, \
    and `entente token create NAME --admin` writes a new one";

/// A connection to the node.
pub(crate) struct Client {
    door: Door,
    token: String,
    /// The token is the folder's own, not one that somebody gave.
    own: bool,
    sender: Option<Open>,
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
    foreseen: Option<Box<ForeseenView>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.door.address)
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
            return Ok(Self { door: Door::at(here, url)?, token, own: false, sender: None });
        }
        let folder = here.folder();
        let own = token.is_none();
        let token = token.map_or_else(|| folder.admin_token(), Ok)?;
        let absent = format!("no node is running on {}", here.data.display());
        let text = std::fs::read(folder.addresses()).map_err(|_| away(&absent, here))?;
        let addresses: Addresses =
            serde_json::from_slice(&text).map_err(|_| away(&absent, here))?;
        Ok(Self { door: Door::named(addresses, absent)?, token, own, sender: None })
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
                _ if status == StatusCode::UNAUTHORIZED => {
                    let failure = refused(status, &reply.body);
                    return Err(failure.hint(if self.own { OWN_TOKEN } else { GIVEN_TOKEN }));
                }
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
            .header(HOST, &self.door.address)
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        let bytes = body.map(|(media_type, bytes)| {
            request = std::mem::take(&mut request).header(CONTENT_TYPE, media_type);
            bytes
        });
        let request = request.body(Full::new(bytes.unwrap_or_default()));
        let request = request.map_err(|error| Failure::input(error.to_string()))?;
        let absent = self.door.absent.clone();
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
    async fn sender(&mut self) -> Result<&mut Open, Failure> {
        let open = match self.sender.take() {
            Some(open) if !open.is_closed() => open,
            Some(_) | None => self.door.open().await?,
        };
        Ok(self.sender.insert(open))
    }
}

fn away(absent: &str, here: &Here) -> Failure {
    let hint = format!("entente serve --data {}", here.data.display());
    Failure::new(Exit::Later, absent.to_owned()).hint(hint)
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
        StatusCode::TOO_MANY_REQUESTS => Exit::Later,
        // A thing that there is not is an answer; a name that nobody knows was mistyped.
        StatusCode::NOT_FOUND if told.code == "E-API-404" => Exit::Refused,
        status if status.is_client_error() => Exit::Input,
        _ => Exit::Later,
    };
    let message = [told.detail, told.title, status.to_string()];
    let message = message.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let failure = Failure::new(exit, message).coded(&told.code).hint(told.hint);
    Failure { asks: told.foreseen, ..failure }
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
