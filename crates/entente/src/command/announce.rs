//! How commands find the running node: the file in its folder that says where it is, whole or not
//! there at all. It carries no token.

use super::failure::Failure;
use crate::runtime::Runtime;
use crate::settings::DISK_EVERY;
use crate::telemetry::Doors;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::ErrorKind::{QuotaExceeded, StorageFull};
use std::io::Write as _;
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
    /// Where syslog is taken, by transport.
    #[serde(default, skip_serializing_if = "Doors::closed")]
    pub(crate) syslog: Doors,
}

/// The file that says where the node is; gone when it stops.
pub(super) struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        // Whoever finds a stale file meets nobody at the address, and says so.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Says where the node is. For want of room on the disk alone no node stays away: it serves, and
/// says so later.
pub(super) fn announce(
    runtime: &Runtime,
    path: PathBuf,
    addresses: &Addresses,
) -> Result<Announced, Failure> {
    match write(&path, addresses) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), StorageFull | QuotaExceeded) => {
            tracing::error!(
                "the disk is full: commands on this machine do not find this node until there is \
                 room for {}; they can name it with --url",
                path.display()
            );
            tokio::spawn(later(runtime.clone(), path.clone(), addresses.clone()));
        }
        Err(error) => return Err(Failure::file(&path, &error)),
    }
    Ok(Announced(path))
}

/// Writes the file in one step. Where there is no room for a second one, the one that a crash has
/// left is written over: it has its place already, and tells nobody anything true.
pub(super) fn write(path: &Path, addresses: &Addresses) -> std::io::Result<()> {
    let text = serde_json::to_vec(addresses)?;
    let new = path.with_extension("json.new");
    let written = std::fs::write(&new, &text).and_then(|()| std::fs::rename(&new, path));
    written.or_else(|error| {
        drop(std::fs::remove_file(&new));
        let mut old = File::options().write(true).open(path).map_err(|_| error)?;
        let over = old.write_all(&text);
        // Shorter than it was, or half written: then it must not be read.
        let length = if over.is_ok() { u64::try_from(text.len()).unwrap_or(0) } else { 0 };
        old.set_len(length).and(over)
    })
}

/// Says where the node is as soon as there is room, unless somebody has or the node stops.
async fn later(runtime: Runtime, path: PathBuf, addresses: Addresses) {
    let mut stopping = runtime.stopping();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(DISK_EVERY) => {}
        }
        if std::fs::metadata(&path).is_ok_and(|file| file.len() > 0) {
            return;
        }
        if write(&path, &addresses).is_ok() {
            tracing::info!("commands on this machine find this node again");
            return;
        }
    }
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
