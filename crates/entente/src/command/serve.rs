//! `entente serve`: runs the node until it is asked to stop. What it serves is in `http` and `wire`.

use super::client::Addresses;
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::output::{json, line};
use crate::config::Folder;
use crate::runtime::Runtime;
use crate::settings::Settings;
use clap::Args;
use serde::Serialize;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Between two tries to get a port.
const BIND_EVERY: Duration = Duration::from_millis(50);
/// Tries before it is said that the port is taken: for a second.
const BIND_TRIES: u32 = 20;

/// Run the node
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// For people and tools
    ///
    /// Plain HTTP, so loopback only; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8440")]
    listen: SocketAddr,
    /// For partners
    ///
    /// Mutual TLS; port 0 takes a free one, and keeps it over restarts.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8441")]
    link: SocketAddr,
    /// Stop as soon as standard input ends: whoever started the node is gone then
    #[arg(long, hide = true)]
    until_stdin_ends: bool,
}

#[derive(Serialize)]
struct Ready<'a> {
    name: &'a str,
    node: String,
    #[serde(flatten)]
    addresses: &'a Addresses,
}

/// The file that says where the node is; gone when it stops.
struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        // Whoever finds a stale file meets nobody at the address, and says so.
        std::fs::remove_file(&self.0).ok();
    }
}

impl Serve {
    pub(crate) fn run(self, here: &Here) -> Ended {
        if !self.listen.ip().is_loopback() {
            let message = format!("{} can be reached from other machines", self.listen);
            return Err(Failure::new(Exit::Configuration, message)
                .hint("plain HTTP is served on loopback only; put a TLS proxy in front"));
        }
        let folder = here.folder();
        // Before the lock: a folder without a node must not become one by looking.
        folder.seed()?;
        let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let threads = threads.map_err(|error| Failure::new(Exit::Later, error.to_string()))?;
        let lock = threads.block_on(Lock::take_patiently(&folder))?;
        let ended = threads.block_on(self.serve(here, &folder));
        threads.shutdown_timeout(Duration::from_secs(2));
        drop(lock);
        ended
    }

    async fn serve(&self, here: &Here, folder: &Folder) -> Ended {
        let store = folder.open()?;
        let identities = (folder.identity(&store)?, folder.identity(&store)?);
        let http = bind(self.listen).await?;
        let link = bind_link(folder, self.link).await?;
        let runtime = Runtime::start(store, identities, folder.seed()?, Settings::default())?;
        let address = |listener: &TcpListener| {
            let address = listener.local_addr().map(|address| address.to_string());
            address.map_err(|error| Failure::new(Exit::Later, error.to_string()))
        };
        let addresses =
            Addresses { http: address(&http)?, link: address(&link)?, pid: std::process::id() };
        runtime.set_link(addresses.link.clone());
        let doors = [
            tokio::spawn(serve_http(runtime.clone(), http)),
            tokio::spawn(crate::wire::serve(runtime.clone(), link)),
            tokio::spawn(crate::wire::dial_all(runtime.clone())),
        ];
        let announced = announce(&folder.addresses(), &addresses)?;
        say_ready(here, &runtime, &addresses)?;
        asked_to_stop(self.until_stdin_ends).await?;
        runtime.stop();
        for door in doors {
            // A door that hangs must not keep the log from being closed.
            tokio::time::timeout(Duration::from_secs(10), door).await.ok();
        }
        runtime.ended().await;
        drop(announced);
        Ok(Outcome::Done)
    }
}

async fn serve_http(runtime: Runtime, listener: TcpListener) {
    if let Err(error) = crate::http::serve(runtime, listener).await {
        tracing::error!(%error, "HTTP is not served any more");
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let mut bound = TcpListener::bind(address).await;
    // The ports of a process that was killed are free a moment after its lock.
    for _ in 0..BIND_TRIES {
        match &bound {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                tokio::time::sleep(BIND_EVERY).await;
                bound = TcpListener::bind(address).await;
            }
            Ok(_) | Err(_) => break,
        }
    }
    bound.map_err(|error| {
        Failure::new(Exit::Configuration, format!("cannot listen on {address}: {error}"))
            .hint("is another node running? --listen and --link choose other ports, 0 a free one")
    })
}

/// A free port of the link is kept over restarts where that is possible: partners dial it.
async fn bind_link(folder: &Folder, address: SocketAddr) -> Result<TcpListener, Failure> {
    let path = folder.path().join("run").join("link.port");
    let before = std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
    if let (0, Some(port)) = (address.port(), before)
        && let Ok(listener) = TcpListener::bind(SocketAddr::new(address.ip(), port)).await
    {
        return Ok(listener);
    }
    let listener = bind(address).await?;
    let port = listener.local_addr().map_or(0, |address| address.port());
    // Not to remember it is no reason not to serve.
    std::fs::write(&path, port.to_string()).ok();
    Ok(listener)
}

fn say_ready(here: &Here, runtime: &Runtime, addresses: &Addresses) -> Result<(), Failure> {
    let me = runtime.me();
    let (name, node) = (me.name.as_str(), me.node().to_string());
    if here.json {
        return json(&Ready { name, node, addresses });
    }
    let Addresses { http, link, .. } = addresses;
    line(&format!("{name} is ready: http://{http}/ for people and tools, {link} for partners"))
}

/// Writes where the node is, whole or not at all.
fn announce(path: &Path, addresses: &Addresses) -> Result<Announced, Failure> {
    let text = serde_json::to_vec(addresses).map_err(|e| Failure::input(e.to_string()))?;
    let new = path.with_extension("json.new");
    let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, path));
    written.map_err(|error| Failure::file(path, &error))?;
    Ok(Announced(path.to_owned()))
}

async fn asked_to_stop(until_stdin_ends: bool) -> Result<(), Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::new(Exit::Later, error.to_string()));
    let (mut interrupt, mut terminate) =
        (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = stdin_ends(), if until_stdin_ends => {}
    }
    Ok(())
}

/// Comes when standard input is at its end. Reading blocks, so a thread of its own does it.
async fn stdin_ends() {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        // An error is an end, too.
        drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
        drop(ended);
    });
    end.await.ok();
}
