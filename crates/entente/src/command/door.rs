//! The door of a running node as a command finds it: by what the node wrote into its folder, or by
//! `--url`. In the clear nothing leaves this machine; over TLS the node proves who it is, by a public
//! authority, one of the operator's, or exactly the certificate that was named. It sends no request.

use super::announce::Addresses;
use super::failure::{Exit, Failure};
use super::here::Here;
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// An open connection.
pub(super) type Open = SendRequest<Full<Bytes>>;

/// Where a node is, and how it proves that it is the one.
pub(super) struct Door {
    /// `host:port`.
    pub(super) address: String,
    /// What to say when nobody answers.
    pub(super) absent: String,
    tls: Option<Tls>,
    way: Way,
}

/// Whom we speak TLS with.
struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    /// What to do when it is somebody else.
    hint: &'static str,
}

/// How the node is reached.
enum Way {
    /// On this machine, or in the operator's own network.
    Straight,
    /// As the operator's proxy has it.
    Out(crate::settings::Network),
}

impl Door {
    /// The door that the node in the folder has named.
    pub(super) fn named(addresses: Addresses, absent: String) -> Result<Self, Failure> {
        const HINT: &str = "the node's certificate is not the one that it names in its folder";
        let Addresses { http: address, certificate, .. } = addresses;
        let tls = certificate.map(|certificate| pinned(&certificate, HINT)).transpose()?;
        Ok(Self { address, absent, tls, way: Way::Straight })
    }

    /// The door at a URL.
    pub(super) fn at(here: &Here, url: &str) -> Result<Self, Failure> {
        let absent = format!("nobody answers at {url}");
        let place = Place::read(url)?;
        let address = place.address();
        if !place.secure {
            if here.pin.is_some() {
                return Err(Failure::input("--pin names a certificate, and http:// has none")
                    .hint("write https://, or leave --pin out"));
            }
            return Ok(Self { address, absent, tls: None, way: Way::Straight });
        }
        let network = here.settings()?.settings.network;
        let tls = match &here.pin {
            Some(pin) => pinned(&fingerprint(pin)?, "the certificate there is not that of --pin")?,
            None => authorised(&network, place.host)?,
        };
        let way = if place.is_here() { Way::Straight } else { Way::Out(network) };
        Ok(Self { address, absent, tls: Some(tls), way })
    }

    /// Opens it.
    pub(super) async fn open(&self) -> Result<Open, Failure> {
        let absent = |hint: &str| Failure::new(Exit::Later, self.absent.clone()).hint(hint);
        let dialled = match &self.way {
            Way::Straight => TcpStream::connect(&self.address).await,
            Way::Out(network) => crate::wire::tunnel::dial(network, &self.address).await,
        };
        let stream = dialled.map_err(|_| absent("`entente serve` starts it"))?;
        stream.set_nodelay(true).ok();
        let Some(Tls { config, name, hint }) = &self.tls else {
            return talk(stream).await.ok_or_else(|| absent(""));
        };
        let connector = TlsConnector::from(Arc::clone(config));
        let stream = connector.connect(name.clone(), stream).await.map_err(|error| {
            Failure::new(Exit::Later, format!("{} does not prove who it is: {error}", self.address))
                .hint(*hint)
        })?;
        talk(stream).await.ok_or_else(|| absent(""))
    }
}

/// Begins HTTP on a connection; `None` when the other side does not speak it.
async fn talk<S>(stream: S) -> Option<Open>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

/// TLS with the node that offers this certificate, and with nobody else.
fn pinned(certificate: &str, hint: &'static str) -> Result<Tls, Failure> {
    let config = crate::http::pinned(certificate).map_err(io::Error::other);
    // Never sent and never looked at: only the certificate counts.
    let name = ServerName::try_from("entente.invalid").map_err(io::Error::other);
    match (config, name) {
        (Ok(config), Ok(name)) => Ok(Tls { config, name, hint }),
        (Err(error), _) | (_, Err(error)) => Err(Failure::new(Exit::Later, error.to_string())),
    }
}

/// TLS with whom an authority knows by this name.
fn authorised(network: &crate::settings::Network, host: &str) -> Result<Tls, Failure> {
    const HINT: &str = "name its authority in network.authorities, or its certificate with --pin";
    let config = crate::source::authorised(network)
        .map_err(|error| Failure::new(Exit::Configuration, error.to_string()))?;
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(|_| Failure::input(format!("`{host}` is no name of a node")))?;
    Ok(Tls { config, name, hint: HINT })
}

/// A fingerprint as `openssl x509 -fingerprint -sha256` prints it, or as the node does.
fn fingerprint(text: &str) -> Result<String, Failure> {
    let digits = text.rsplit('=').next().unwrap_or_default().replace(':', "");
    if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(digits.to_ascii_lowercase());
    }
    Err(Failure::input("--pin is no SHA-256 of a certificate")
        .hint("openssl x509 -in FILE -noout -fingerprint -sha256"))
}

/// What a URL says about where a node is.
#[derive(Debug, Eq, PartialEq)]
struct Place<'u> {
    secure: bool,
    /// As in the URL; an IPv6 address in brackets.
    host: &'u str,
    port: u16,
}

impl<'u> Place<'u> {
    /// Reads a URL; in the clear only this machine is spoken to.
    fn read(url: &'u str) -> Result<Self, Failure> {
        let wrong = |hint| {
            Failure::input(format!("`{}` is no address of a node", formats::problem::shown(url)))
                .hint(hint)
        };
        const USUAL: &str = "such as https://intel.example.org, or http://127.0.0.1:8440 here";
        let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(wrong(USUAL)),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
        let colon = authority.get(end..).and_then(|tail| tail.rfind(':')).map(|at| at + end);
        let (host, port) = match colon.and_then(|at| authority.split_at_checked(at)) {
            Some((host, port)) => (host, port.trim_start_matches(':').parse().ok()),
            None => (authority, Some(if secure { 443 } else { 80 })),
        };
        let port = port.ok_or_else(|| wrong(USUAL))?;
        if host.is_empty() || host.contains('@') {
            return Err(wrong(USUAL));
        }
        let place = Self { secure, host, port };
        if !secure && !place.is_here() {
            return Err(wrong("in the clear only this machine is spoken to: write https://"));
        }
        Ok(place)
    }

    fn is_here(&self) -> bool {
        matches!(self.host, "127.0.0.1" | "localhost" | "[::1]")
    }

    fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests;
