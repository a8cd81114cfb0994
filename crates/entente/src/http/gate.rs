//! Who may connect, and whom a request comes from: TLS where there is a certificate, plain HTTP only
//! on this machine and from the operator's reverse proxies. It reads no path and no token.

use super::certificate::Certificate;
use crate::settings::Http;
use axum::http::{HeaderMap, HeaderName};
use model::limits::HANDSHAKE_SECONDS;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// What a proxy says about those behind it.
const FORWARDED: [HeaderName; 2] =
    [HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("forwarded")];

/// A connection's bytes, decrypted if need be.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// The other end of a connection; every request of it has one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Peer {
    address: IpAddr,
    /// Whether it is a proxy whose word about others is believed.
    trusted: bool,
    /// Whether it speaks for itself only: on this machine, and no proxy is set up.
    alone: bool,
}

impl Peer {
    /// Whether the request itself comes from this machine: no proxy stands between.
    pub(crate) fn is_nearby(&self, headers: &HeaderMap) -> bool {
        self.alone && !FORWARDED.iter().any(|name| headers.contains_key(name))
    }

    /// Where the request comes from: the peer, or whom a trusted proxy names last.
    pub(crate) fn client(&self, headers: &HeaderMap) -> IpAddr {
        let [forwarded_for, _] = FORWARDED;
        let told = headers.get_all(forwarded_for).iter().filter_map(|value| value.to_str().ok());
        // What stands before the last was written by whoever came to the proxy.
        let last = told.flat_map(|value| value.split(',')).last();
        let named = last.filter(|_| self.trusted).and_then(|text| text.trim().parse().ok());
        named.unwrap_or(self.address)
    }
}

/// What the operator has set about connections.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    certificate: Option<Certificate>,
    proxies: Vec<IpAddr>,
}

impl Gate {
    /// The gate of a listener.
    ///
    /// # Errors
    /// When strangers could reach it and it would speak plain HTTP to them.
    pub(crate) fn of(
        http: &Http,
        certificate: Option<Certificate>,
        listener: SocketAddr,
    ) -> io::Result<Self> {
        let safe = certificate.is_some() || !http.trusted_proxies.is_empty();
        if safe || listener.ip().is_loopback() {
            return Ok(Self { certificate, proxies: http.trusted_proxies.clone() });
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, exposed(listener)))
    }

    /// Lets a connection in, or not.
    pub(super) async fn enter(&self, stream: TcpStream) -> Option<(Box<dyn Bytes>, Peer)> {
        let (from, here) = (stream.peer_addr().ok()?.ip(), stream.local_addr().ok()?.ip());
        let (from, here) = (from.to_canonical(), here.to_canonical());
        let trusted = self.proxies.contains(&from);
        let local = from.is_loopback() || from == here;
        let alone = local && self.proxies.is_empty();
        let peer = Peer { address: from, trusted, alone };
        let Some(certificate) = &self.certificate else {
            if local || trusted {
                return Some((Box::new(stream), peer));
            }
            tracing::debug!("plain HTTP from elsewhere than a trusted proxy is not answered");
            return None;
        };
        let handshake = TlsAcceptor::from(certificate.config()).accept(stream);
        let patience = Duration::from_secs(HANDSHAKE_SECONDS);
        match tokio::time::timeout(patience, handshake).await {
            Ok(Ok(stream)) => Some((Box::new(stream), peer)),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a handshake failed");
                None
            }
            Err(_) => None,
        }
    }
}

/// Why plain HTTP is not served there, and what to do.
fn exposed(listener: SocketAddr) -> String {
    format!(
        "{listener} can be reached from other machines, and plain HTTP would be readable there\n\
         Hint: set http.certificate and http.key in entente.toml; or listen on 127.0.0.1 and let \
         a reverse proxy end TLS (http.trusted_proxies, if it is on another machine)"
    )
}

#[cfg(test)]
mod tests;
