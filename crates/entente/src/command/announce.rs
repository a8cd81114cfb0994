//! How commands find the running node: the file in its folder that says where it is, whole or not
//! there at all. It carries no token.

use super::failure::Failure;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// `DIR/run/addresses.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Addresses {
    /// `host:port` for people and tools, as this machine reaches it.
    pub(crate) http: String,
    /// `host:port` for partners.
    pub(crate) link: String,
    /// The process.
    pub(crate) pid: u32,
    /// Whether `http` is TLS.
    #[serde(default)]
    pub(crate) tls: bool,
    /// SHA-256 of the certificate that is offered there: commands speak to this one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<String>,
}

/// The file that says where the node is; gone when it stops.
pub(super) struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        // Whoever finds a stale file meets nobody at the address, and says so.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Says where the node is.
pub(super) fn announce(path: &Path, addresses: &Addresses) -> Result<Announced, Failure> {
    write(path, addresses).map_err(|error| Failure::file(path, &error))?;
    Ok(Announced(path.to_owned()))
}

/// Writes the file in one step.
pub(super) fn write(path: &Path, addresses: &Addresses) -> std::io::Result<()> {
    let text = serde_json::to_vec(addresses)?;
    let new = path.with_extension("json.new");
    std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path))
}

/// Where this machine reaches a listener: one that takes every address is reached on loopback.
pub(super) fn reached(listener: SocketAddr) -> SocketAddr {
    let loopback = match listener.ip() {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    let ip = if listener.ip().is_unspecified() { loopback } else { listener.ip() };
    SocketAddr::new(ip, listener.port())
}
