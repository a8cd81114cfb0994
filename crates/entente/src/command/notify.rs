//! Tells systemd how the node is, in the few words of `sd_notify`. Without systemd it says nothing,
//! and nothing depends on whether anybody listens.

use crate::config::environment;
use crate::runtime::Runtime;
use node::Command;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// The socket that `Type=notify` hands to the service.
#[derive(Debug, Default)]
pub(super) struct Notify(Option<(UnixDatagram, SocketAddr)>);

impl Notify {
    /// The socket that the environment names, if any.
    pub(super) fn from_environment() -> Self {
        let named = environment("NOTIFY_SOCKET");
        let opened = named.map(|name| -> io::Result<_> {
            let address = match name.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name)?,
                None => SocketAddr::from_pathname(&name)?,
            };
            Ok((UnixDatagram::unbound()?, address))
        });
        Self(opened.and_then(|opened| {
            opened.inspect_err(|error| tracing::warn!(%error, "systemd cannot be told")).ok()
        }))
    }

    /// Says one thing: `READY=1`, `STOPPING=1`, `WATCHDOG=1`.
    pub(super) fn say(&self, state: &str) {
        let Some((socket, address)) = &self.0 else { return };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), address) {
            tracing::warn!(%error, "systemd cannot be told");
        }
    }

    /// Feeds the watchdog for as long as the writer answers, if systemd keeps one.
    pub(super) async fn feed(&self, runtime: &Runtime) {
        let micros = environment("WATCHDOG_USEC").and_then(|text| text.parse().ok());
        let Some(patience) = micros.map(Duration::from_micros).filter(|_| self.0.is_some()) else {
            return std::future::pending::<()>().await;
        };
        // A node that stops feeds nobody, and STOPPING=1 has been said.
        while runtime.write(Command::Tick).await.is_ok() {
            self.say("WATCHDOG=1");
            tokio::time::sleep(patience / 2).await;
        }
        std::future::pending::<()>().await;
    }
}
