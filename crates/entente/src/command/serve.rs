//! `entente serve`: runs the node until it is asked to stop. What it serves is in `http` and `wire`.

use super::announce::{self, Addresses, announce, reached};
use super::failure::{Ended, Exit, Failure, Outcome};
use super::here::Here;
use super::lock::Lock;
use super::notify::Notify;
use super::output::{json, line};
use crate::config::{Folder, number_line};
use crate::http::{Certificate, Gate, keep_fresh};
use crate::runtime::Runtime;
use crate::settings::{HTTP_LISTEN, LINK_LISTEN, Settings};
use crate::signals::{ENDING, Signals};
use crate::telemetry::OpenError;
use clap::Args;
use model::limits::{BLOCKING_THREADS_MAX, STACK_BYTES};
use serde::Serialize;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Between two tries to get a port.
const BIND_EVERY: Duration = Duration::from_millis(50);
/// Tries before it is said that the port is taken: for a second.
const BIND_TRIES: u32 = 20;

/// How long all doors together may take to close; with the log's own closing a node has stopped
/// within the half minute that `docs/operating.md` promises.
const DOORS_CLOSE: Duration = Duration::from_secs(15);

/// Run the node
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// For people and tools
    ///
    /// 127.0.0.1:8440 when neither this nor the settings say; port 0 takes a free one. Beyond
    /// loopback the settings must name a certificate or trusted proxies.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// For partners
    ///
    /// 127.0.0.1:8441 when neither this nor the settings say; port 0 takes a free one, and keeps
    /// it over restarts. Mutual TLS.
    #[arg(long, value_name = "ADDRESS")]
    link: Option<SocketAddr>,
    /// Stop as soon as standard input ends: whoever started the node is gone then
    #[arg(long, hide = true)]
    until_stdin_ends: bool,
    /// Write down what connections carry
    #[cfg(feature = "tap")]
    #[arg(long, hide = true, value_name = "FOLDER")]
    tap: Option<std::path::PathBuf>,
}

#[derive(Serialize)]
struct Ready<'a> {
    name: &'a str,
    node: String,
    #[serde(flatten)]
    addresses: &'a Addresses,
}

impl Serve {
    pub(crate) fn run(self, here: &Here) -> Ended {
        super::memory::settle();
        #[cfg(feature = "tap")]
        if let Some(folder) = &self.tap {
            crate::tap::begin(folder).map_err(|error| Failure::input(error.to_string()))?;
        }
        let folder = here.folder();
        // Before the lock: a folder without a node must not become one by looking.
        folder.seed()?;
        let effective = here.settings()?.with_flags(self.listen, self.link);
        crate::observe::start(&effective.settings.log);
        let listen = effective.settings.http.listen.unwrap_or(HTTP_LISTEN);
        let certificate = Certificate::of(&effective.settings.http)
            .map_err(|error| Failure::new(Exit::Configuration, error.to_string()))?;
        Gate::of(&effective.settings.http, certificate.clone(), listen)
            .map_err(|error| Failure::new(Exit::Configuration, error.to_string()))?;
        let threads = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_stack_size(STACK_BYTES)
            .build();
        let threads = threads.map_err(|error| Failure::new(Exit::Later, error.to_string()))?;
        let lock = threads.block_on(Lock::take_patiently(&folder))?;
        let ended = threads.block_on(self.serve(here, certificate, effective.settings));
        threads.shutdown_timeout(Duration::from_secs(2));
        drop(lock);
        ended
    }

    async fn serve(
        &self,
        here: &Here,
        certificate: Option<Certificate>,
        settings: Settings,
    ) -> Ended {
        // Before anything is opened: whoever stops a node that is still starting stops it in order.
        let mut signals =
            Signals::new(&ENDING).map_err(|error| Failure::new(Exit::Later, error.to_string()))?;
        let folder = &here.folder();
        let store = folder.open()?;
        crate::rekey::settle(folder, &store)?;
        let identities = (folder.identity(&store)?, folder.identity(&store)?);
        let http = bind(settings.http.listen.unwrap_or(HTTP_LISTEN)).await?;
        let link = bind_link(folder, settings.link.listen.unwrap_or(LINK_LISTEN)).await?;
        let runtime = Runtime::start(store, identities, folder.seed()?, settings)?;
        runtime.set_folder(folder.clone());
        let opened = crate::telemetry::open(&runtime, certificate.clone()).await;
        let (syslog, matching) = opened.map_err(|error| closed(&error))?;
        let addresses = Addresses {
            syslog,
            http: reached(address(&http)?).to_string(),
            link: address(&link)?.to_string(),
            pid: std::process::id(),
            tls: certificate.is_some(),
            certificate: certificate.as_ref().map(Certificate::fingerprint),
        };
        let public = runtime.settings().link.public_address.clone();
        // An address that takes every interface leads nowhere from elsewhere.
        let said = !address(&link)?.ip().is_unspecified();
        if let Some(reached) = public.or_else(|| said.then(|| addresses.link.clone())) {
            runtime.set_link(reached);
        }
        let doors = [
            tokio::spawn(serve_http(runtime.clone(), http, certificate.clone())),
            tokio::spawn(crate::wire::serve(runtime.clone(), link)),
            tokio::spawn(crate::wire::dial_all(runtime.clone())),
            tokio::spawn(crate::source::pull_all(runtime.clone())),
            tokio::spawn(crate::rekey::keep(runtime.clone())),
            tokio::spawn(crate::disk::watch(runtime.clone())),
        ];
        let keepers = keepers(&runtime);
        let announced = announce(&runtime, folder.addresses(), &addresses)?;
        if let Some(certificate) = certificate {
            let (path, addresses) = (folder.addresses(), addresses.clone());
            tokio::spawn(keep_fresh(runtime.clone(), certificate, move |certificate| {
                announce_again(&path, &addresses, certificate);
            }));
        }
        let systemd = Notify::from_environment();
        let Addresses { http, link, tls, .. } = &addresses;
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(version, %http, %link, tls, "the node serves");
        say_ready(here, &runtime, &addresses)?;
        systemd.say("READY=1");
        tokio::select! {
            () = signals.came() => {}
            () = stdin_ends(), if self.until_stdin_ends => {}
            () = systemd.feed(&runtime) => {}
        }
        systemd.say("STOPPING=1");
        runtime.stop();
        // A door that hangs must not keep the log from being closed.
        let last = tokio::time::Instant::now() + DOORS_CLOSE;
        for door in doors.into_iter().chain(keepers).chain(matching) {
            tokio::time::timeout_at(last, door).await.ok();
        }
        runtime.ended().await;
        drop(announced);
        tracing::info!("the node has stopped");
        if !here.json {
            // Whoever started it may have gone; that is no failure.
            line(&format!("{} has stopped; all that it acknowledged is kept", runtime.me().name))
                .ok();
        }
        Ok(Outcome::Done)
    }
}

/// What goes on beside the doors until the node stops.
fn keepers(runtime: &Runtime) -> [JoinHandle<()>; 5] {
    [
        tokio::spawn(crate::seen::keep(runtime.clone())),
        tokio::spawn(crate::seen::answer(runtime.clone())),
        tokio::spawn(crate::known_good::reread(runtime.clone())),
        tokio::spawn(crate::out::forget_gone(runtime.clone())),
        tokio::spawn(crate::out::send_all(runtime.clone())),
    ]
}

/// Why a door for syslog stays closed, and what to do.
fn closed(error: &OpenError) -> Failure {
    let hint = match error {
        OpenError::Exposed(_) | OpenError::Prefix(_) => {
            "name who may send in telemetry.syslog_allow, as addresses and prefixes"
        }
        OpenError::NoCertificate => "set http.certificate and http.key, or leave syslog_tls away",
        OpenError::Bind(..) => "another address or port may be free",
    };
    Failure::new(Exit::Configuration, error.to_string()).hint(hint)
}

async fn serve_http(runtime: Runtime, listener: TcpListener, certificate: Option<Certificate>) {
    if let Err(error) = crate::http::serve(runtime, listener, certificate).await {
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
    if let (0, Some(port)) = (address.port(), folder.link_port())
        && let Ok(listener) = TcpListener::bind(SocketAddr::new(address.ip(), port)).await
    {
        return Ok(listener);
    }
    let listener = bind(address).await?;
    let port = listener.local_addr().map_or(0, |address| address.port());
    // Not to remember it is no reason not to serve; to write the same again on a full disk would be
    // one to forget it.
    if folder.link_port() != Some(port) {
        std::fs::write(&path, number_line(port.into())).ok();
    }
    Ok(listener)
}

fn say_ready(here: &Here, runtime: &Runtime, addresses: &Addresses) -> Result<(), Failure> {
    let me = runtime.me();
    let (name, node) = (me.name.as_str(), me.node().to_string());
    if here.json {
        return json(&Ready { name, node, addresses });
    }
    let Addresses { http, link, tls, .. } = addresses;
    let scheme = if *tls { "https" } else { "http" };
    let public = runtime.settings().http.public_url.as_ref();
    let http = public.map_or_else(|| format!("{scheme}://{http}/"), Clone::clone);
    line(&format!("{name} is ready: {http} for people and tools, {link} for partners"))
}

/// Tells the commands of this machine about another certificate.
fn announce_again(path: &Path, addresses: &Addresses, certificate: &Certificate) {
    let certificate = Some(certificate.fingerprint());
    if let Err(error) = announce::write(path, &Addresses { certificate, ..addresses.clone() }) {
        tracing::error!(%error, "commands on this machine will not know the new certificate");
    }
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::new(Exit::Later, error.to_string()))
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
