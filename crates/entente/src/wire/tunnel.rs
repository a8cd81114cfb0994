//! The way out: straight, or through the operator's proxy by CONNECT. What is spoken over the
//! connection is encrypted by others; the proxy learns host and port and nothing else.

use crate::settings::Network;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::limits::{PROXY_ANSWER_BYTES_MAX, PROXY_SECONDS};
use std::io::{self, ErrorKind};
use std::str::FromStr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An HTTP proxy that we reach without TLS, as such proxies are reached.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Proxy {
    /// `host:port`.
    address: String,
    /// The value of `Proxy-Authorization`.
    authorization: Option<String>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A text that names no proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a proxy is http://[USER:PASSWORD@]HOST:PORT")]
pub(crate) struct NoProxy;

impl FromStr for Proxy {
    type Err = NoProxy;

    fn from_str(text: &str) -> Result<Self, NoProxy> {
        let rest = text.strip_prefix("http://").ok_or(NoProxy)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, address) =
            rest.rsplit_once('@').map_or((None, rest), |(before, after)| (Some(before), after));
        if !super::code::is_address(address) {
            return Err(NoProxy);
        }
        let authorization = match credentials {
            None => None,
            Some(pair) => {
                let (user, password) = pair.split_once(':').unwrap_or((pair, ""));
                let pair = [decoded(user).ok_or(NoProxy)?, decoded(password).ok_or(NoProxy)?];
                // SPEC: RFC 7617 §2
                Some(format!("Basic {}", BASE64_STANDARD.encode(pair.join(&b':'))))
            }
        };
        Ok(Self { address: address.to_owned(), authorization })
    }
}

/// `%40` and the like in a user's name or password.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(high * 16 + low);
    }
    Some(bytes)
}

/// Connects to `host:port`, through the proxy unless there is none or the host is excepted.
///
/// # Errors
/// When nobody answers, the proxy refuses or answers in no known form. The caller bounds the time
/// of a direct connection; the proxy's answer is bounded here.
pub(crate) async fn dial(network: &Network, address: &str) -> io::Result<TcpStream> {
    let proxy = network.proxy.as_deref().filter(|_| !is_excepted(&network.no_proxy, address));
    let Some(proxy) = proxy else {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        return Ok(stream);
    };
    let proxy: Proxy = proxy.parse().map_err(io::Error::other)?;
    let patience = Duration::from_secs(PROXY_SECONDS);
    tokio::time::timeout(patience, proxy.tunnel(address))
        .await
        .map_err(|_| io::Error::new(ErrorKind::TimedOut, "the proxy gave no answer in time"))?
}

impl Proxy {
    async fn tunnel(&self, address: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).await.map_err(|error| {
            io::Error::new(error.kind(), format!("the proxy cannot be reached: {error}"))
        })?;
        stream.set_nodelay(true)?;
        // SPEC: RFC 9110 §9.3.6: authority form, and no body.
        let mut head = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n");
        if let Some(authorization) = &self.authorization {
            head.extend(["Proxy-Authorization: ", authorization, "\r\n"]);
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await?;
        match status(&read_head(&mut stream).await?) {
            Some(200..=299) => Ok(stream),
            Some(407) => Err(io::Error::new(
                ErrorKind::PermissionDenied,
                "the proxy wants another user and password (network.proxy)",
            )),
            Some(status) => Err(io::Error::other(format!("the proxy refused with {status}"))),
            None => Err(io::Error::new(ErrorKind::InvalidData, "the proxy speaks no HTTP/1")),
        }
    }
}

/// The head of the proxy's answer and not a byte more: what follows is the other side's.
async fn read_head(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= PROXY_ANSWER_BYTES_MAX {
            return Err(io::Error::new(ErrorKind::InvalidData, "the proxy's answer has no end"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// SPEC: RFC 9112 §4
fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut parts = line.split(' ');
    parts.next().filter(|version| version.starts_with("HTTP/1."))?;
    parts.next()?.parse().ok()
}

/// Whether the operator wants this host reached directly: its name, a suffix with a leading dot,
/// or `*`.
fn is_excepted(excepted: &[String], address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let bare = |text: &str| text.trim_matches(['[', ']']).trim_end_matches('.').to_lowercase();
    let host = bare(host);
    excepted.iter().map(|one| bare(one)).any(|one| {
        one == "*" || one == host || (one.starts_with('.') && host.ends_with(one.as_str()))
    })
}

#[cfg(test)]
mod tests;
