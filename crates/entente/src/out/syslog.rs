//! Findings by syslog: RFC 5424 by UDP, TCP or TLS. The protocol has no acknowledgement, so what is
//! taken is what the network took. It goes straight, through no proxy.
//!
//! SPEC: RFC 5424 §6; RFC 6587 §3.4.1 and RFC 5425 §4.3 for streams; RFC 5426 for datagrams.

use super::failure::NotTaken;
use crate::settings::Network;
use crate::source::authorised;
use model::limits::{HOOK_SECONDS, SYSLOG_OUT_DATAGRAM_BYTES_MAX};
use model::time::Instant;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Facility local0, severity warning.
const PRIORITY: u8 = 16 * 8 + 4;
/// SPEC: RFC 5424 §6.2.4
const HOST_CHARS_MAX: usize = 255;

/// By what messages go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
    Tls,
}

/// A syslog server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Target {
    pub(crate) transport: Transport,
    /// `host:port`
    address: String,
}

impl std::str::FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "use udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT";
        let (scheme, address) = text.split_once("://").ok_or(WRONG)?;
        let transport = match scheme {
            "udp" => Transport::Udp,
            "tcp" => Transport::Tcp,
            "tls" => Transport::Tls,
            _ => return Err(WRONG),
        };
        if !crate::wire::is_address(address) {
            return Err(WRONG);
        }
        Ok(Self { transport, address: address.to_owned() })
    }
}

impl Target {
    /// The host without port and brackets.
    fn host(&self) -> &str {
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        host.trim_matches(['[', ']'])
    }

    /// Whether it is on this machine, as far as its name tells.
    pub(super) fn is_loopback(&self) -> bool {
        let ip = self.host().parse().map(|ip: std::net::IpAddr| ip.is_loopback());
        self.host() == "localhost" || ip.unwrap_or(false)
    }
}

/// What is written to and looked at: a stream of TCP, or of TLS over it.
trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// An open way.
enum Open {
    Datagrams(UdpSocket),
    Stream(Box<dyn Duplex>),
}

/// The way to a syslog server; its connection is kept.
pub(super) struct Syslog {
    target: Target,
    network: Network,
    /// What we call ourselves.
    host: String,
    open: Option<Open>,
}

/// A message with its header.
pub(super) fn message(host: &str, at: Instant, payload: &[u8]) -> Vec<u8> {
    let pid = std::process::id();
    let mut message = format!("<{PRIORITY}>1 {at} {host} entente {pid} finding - ").into_bytes();
    // An end of line would begin another message where frames are lines.
    message.extend(payload.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
    message
}

/// A node's name as a header takes it.
pub(super) fn host_name(name: &str) -> String {
    let graphic = |char: char| if char.is_ascii_graphic() { char } else { '-' };
    let host: String = name.chars().take(HOST_CHARS_MAX).map(graphic).collect();
    if host.is_empty() { "-".to_owned() } else { host }
}

impl Syslog {
    /// The way to a server.
    pub(super) fn open(network: &Network, name: &str, url: &str) -> Result<Self, NotTaken> {
        let wrong = |error: &'static str| {
            NotTaken::silent("E-HOOK-016", format!("out.syslog: {error}"), "mend entente.toml")
        };
        let target = url.parse().map_err(wrong)?;
        Ok(Self { target, network: network.clone(), host: host_name(name), open: None })
    }

    /// Sends one finding.
    pub(super) async fn send(&mut self, at: Instant, payload: &[u8]) -> Result<(), NotTaken> {
        let message = message(&self.host, at, payload);
        if self.target.transport == Transport::Udp && message.len() > SYSLOG_OUT_DATAGRAM_BYTES_MAX
        {
            let length = message.len();
            let what = format!("{}: no datagram holds {length} bytes", self.target.address);
            return Err(NotTaken::answered(
                "E-HOOK-017",
                what,
                "use tcp:// or tls:// in out.syslog",
            ));
        }
        let again = "it is tried again by itself; `entente webhook test syslog` tries now";
        let sent = timeout(Duration::from_secs(HOOK_SECONDS), self.hand_over(&message)).await;
        let failed = match sent {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => ("E-HOOK-010", error.to_string()),
            Err(_) => ("E-HOOK-012", format!("it took nothing within {HOOK_SECONDS} seconds")),
        };
        self.open = None;
        let (code, what) = failed;
        Err(NotTaken::silent(code, format!("{}: {what}", self.target.address), again))
    }

    async fn hand_over(&mut self, message: &[u8]) -> io::Result<()> {
        // Taken out: given up half-way, the stream would go on in the middle of a message.
        let mut kept = self.open.take();
        if let Some(open) = &mut kept
            && open.is_closed().await
        {
            kept = None;
        }
        let mut open = match kept {
            Some(open) => open,
            None => self.connect().await?,
        };
        open.write(message).await?;
        self.open = Some(open);
        Ok(())
    }

    async fn connect(&self) -> io::Result<Open> {
        let address = self.target.address.as_str();
        match self.target.transport {
            Transport::Udp => {
                let to = lookup_host(address).await?.next();
                let to = to.ok_or_else(|| io::Error::other("the name has no address"))?;
                let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let socket = UdpSocket::bind(any).await?;
                socket.connect(to).await?;
                Ok(Open::Datagrams(socket))
            }
            Transport::Tcp => Ok(Open::Stream(Box::new(TcpStream::connect(address).await?))),
            Transport::Tls => {
                let config = authorised(&self.network).map_err(io::Error::other)?;
                let mut config = config.as_ref().clone();
                config.alpn_protocols.clear();
                let name = ServerName::try_from(self.target.host().to_owned());
                let name = name.map_err(io::Error::other)?;
                let stream = TcpStream::connect(address).await?;
                let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
                Ok(Open::Stream(Box::new(stream)))
            }
        }
    }
}

impl Open {
    /// Whether the server has hung up: it says nothing else, and what is written to a stream that it
    /// has left is lost without a word.
    async fn is_closed(&mut self) -> bool {
        let Self::Stream(stream) = self else { return false };
        let mut byte = [0];
        !matches!(timeout(Duration::ZERO, stream.read(&mut byte)).await, Err(_) | Ok(Ok(1..)))
    }

    async fn write(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Datagrams(socket) => socket.send(message).await.map(drop),
            Self::Stream(stream) => {
                let mut framed = format!("{} ", message.len()).into_bytes();
                framed.extend_from_slice(message);
                stream.write_all(&framed).await?;
                stream.flush().await
            }
        }
    }
}

#[cfg(test)]
mod tests;
