//! The honest client beside an attack: it asks for one object by its id and posts single objects,
//! all the time, and writes down how long each took. It never asks twice.

use crate::clock::{millis, now, pause, percentile};
use crate::data::say;
use crate::entente::Running;
use crate::http::Http;
use crate::stix::{envelope, indicator, indicator_id};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

const TAXII: &str = "application/taxii+json;version=2.1";
/// Between two requests: a client, not a load.
const PAUSE: Duration = Duration::from_millis(4);
/// The series of what it posts.
const SERIES: u32 = 0x57ead;

/// What it saw since the last look.
#[derive(Clone, Debug, Default)]
struct Seen {
    millis: Vec<f64>,
    faults: Vec<String>,
    acknowledged: Vec<u64>,
    memory_max: u64,
}

/// The honest client, until this is dropped.
#[derive(Debug)]
pub struct Steady {
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    acknowledged: Vec<u64>,
}

/// What one phase cost it.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Requests.
    pub requests: usize,
    /// Half of them took no longer, in milliseconds.
    pub p50: f64,
    /// One in a hundred took longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
    /// Requests that were not answered as they should be.
    pub faults: Vec<String>,
    /// Anonymous memory of the node at its highest, in bytes.
    pub memory_max: u64,
}

impl Steady {
    /// Begins to ask this node, as the owner of a token that reads and writes this circle.
    ///
    /// # Panics
    /// When the node does not run.
    #[must_use]
    pub fn begin(node: &Running, token: &str, circle: &str) -> Self {
        let (seen, stop) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let (told, ended) = (Arc::clone(&seen), Arc::clone(&stop));
        let mut client = Http::with(&node.http, token);
        let objects = Running::objects(circle);
        let pid = node.pid().expect("a running node");
        let thread = std::thread::spawn(move || {
            let mut number = 0;
            while !ended.load(Ordering::Relaxed) {
                number += 1;
                once(&mut client, &objects, number, &told);
                let memory = anonymous(pid);
                let mut seen = told.lock().unwrap_or_else(PoisonError::into_inner);
                seen.memory_max = seen.memory_max.max(memory);
                drop(seen);
                pause(PAUSE);
            }
        });
        Self { seen, stop, thread: Some(thread), acknowledged: Vec::new() }
    }

    /// What it saw while this was done, again and again until it has asked so often: what it asks
    /// in peace afterwards would flatter the figure.
    pub fn during(&mut self, name: &str, least: usize, mut attack: impl FnMut()) -> Phase {
        drop(self.take());
        let mut all = Seen::default();
        let end = now() + Duration::from_secs(30);
        loop {
            attack();
            let more = self.take();
            all.millis.extend(more.millis);
            all.faults.extend(more.faults);
            all.memory_max = all.memory_max.max(more.memory_max);
            if all.millis.len() >= least || now() > end {
                break;
            }
        }
        let phase = Phase {
            requests: all.millis.len(),
            p50: percentile(&all.millis, 500),
            p99: percentile(&all.millis, 990),
            max: percentile(&all.millis, 1000),
            faults: all.faults,
            memory_max: all.memory_max,
        };
        let Phase { requests, p50, p99, max, memory_max, .. } = &phase;
        let mib = memory_max >> 20;
        say(&format!(
            "{name:<28} {requests:>5} requests  p50 {p50:>6.1} ms  p99 {p99:>6.1} ms  max {max:>6.1} ms  {mib:>4} MiB"
        ));
        phase
    }

    fn take(&mut self) -> Seen {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = std::mem::take(&mut *seen);
        drop(seen);
        self.acknowledged.extend(&taken.acknowledged);
        taken
    }

    /// Ends; gives the ids of all that was acknowledged.
    #[must_use]
    pub fn end(mut self) -> Vec<String> {
        self.join();
        drop(self.take());
        self.acknowledged.iter().map(|number| indicator_id(SERIES, *number)).collect()
    }

    fn join(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Drop for Steady {
    fn drop(&mut self) {
        self.join();
    }
}

/// One POST of a new object, and one GET of the one before.
fn once(client: &mut Http, objects: &str, number: u64, told: &Mutex<Seen>) {
    let body = envelope(&[indicator(SERIES, number, &format!("n{number}.steady.example"))]);
    let asked = now();
    let posted = client.try_send("POST", objects, &[("Content-Type", TAXII)], body.as_bytes());
    let took = millis(asked);
    let mut seen = told.lock().unwrap_or_else(PoisonError::into_inner);
    seen.millis.push(took);
    match posted {
        Ok(reply) if reply.status == 202 => seen.acknowledged.push(number),
        Ok(reply) => seen.faults.push(format!("POST: {} {}", reply.status, reply.text())),
        Err(error) => seen.faults.push(format!("POST: {error}")),
    }
    drop(seen);
    let path = format!("{objects}{}/", indicator_id(SERIES, number.saturating_sub(1).max(1)));
    let asked = now();
    let got = client.try_send("GET", &path, &[], b"");
    let took = millis(asked);
    let mut seen = told.lock().unwrap_or_else(PoisonError::into_inner);
    seen.millis.push(took);
    match got {
        Ok(reply) if reply.status == 200 => {}
        Ok(reply) => seen.faults.push(format!("GET: {} {}", reply.status, reply.text())),
        Err(error) => seen.faults.push(format!("GET: {error}")),
    }
}

/// Anonymous memory of a process, in bytes; 0 when it is gone.
#[must_use]
pub fn anonymous(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}
