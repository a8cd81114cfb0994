//! TAXII under load: posts of many and of one, paging, one object by id, and what it costs in
//! memory, on disk and at the start.

use super::child::{BenchError, Node, text};
use super::generate::{envelope, id};
use super::machine::percentile;
use super::plain::Plain;
use super::table::{Figure, Table};
use crate::runtime::now;
use std::path::Path;

/// Objects in one request of the many.
const MANY: u64 = 1_000;
/// Connections that post single objects at once.
const CONNECTIONS: u64 = 16;
/// Single posts of each connection.
const SINGLES: u64 = 200;
/// Objects asked for by id.
const LOOKUPS: u64 = 2_000;

/// A node with one circle and a token that reads and writes it.
pub(super) struct Bed {
    pub(super) node: Node,
    pub(super) token: String,
    pub(super) circle: String,
}

impl Bed {
    /// Makes the node.
    pub(super) fn new(folder: &Path) -> Result<Self, BenchError> {
        let node = Node::create(folder, "Bench")?;
        let circle = text(&node.command(&["circle", "create", "bench"])?, "id");
        let token = ["token", "create", "bench", "--circle", "bench", "--read", "--write"];
        let token = text(&node.command(&token)?, "token");
        Ok(Self { node, token, circle })
    }

    pub(super) fn objects(&self) -> String {
        format!("/taxii2/root/collections/{}/objects/", self.circle)
    }

    pub(super) fn connect(&self) -> Result<Plain, BenchError> {
        Ok(Plain::connect(&self.node.http, &self.token)?)
    }
}

/// Wall and CPU seconds of a piece of work on a node.
pub(super) fn timed<T>(
    node: &Node,
    work: impl FnOnce() -> Result<T, BenchError>,
) -> Result<(T, f64, f64), BenchError> {
    let (cpu, wall) = (node.cpu(), now());
    let done = work()?;
    Ok((done, node.cpu() - cpu, seconds(now().micros() - wall.micros())))
}

/// Seconds from microseconds.
pub(super) fn seconds(micros: i64) -> f64 {
    i32::try_from(micros / 100).map_or(f64::INFINITY, f64::from) / 10_000.0
}

/// A count as a figure.
pub(super) fn figure(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Fills the node by requests of a thousand.
pub(super) fn post_many(bed: &Bed, objects: u64, table: &mut Table) -> Result<(), BenchError> {
    let path = bed.objects();
    let mut plain = bed.connect()?;
    let ((), cpu, wall) = timed(&bed.node, || {
        for from in (0..objects).step_by(usize::try_from(MANY).unwrap_or(1)) {
            let heard = plain.ask("POST", &path, &envelope(from, MANY.min(objects - from)))?;
            expect(&heard, 202)?;
        }
        Ok(())
    })?;
    table.add(Figure {
        work: format!("TAXII POST, {MANY} objects a request"),
        value: figure(objects) / cpu.max(0.001),
        unit: "objects/CPU-s",
        cpu_seconds: cpu,
        wall_seconds: wall,
        note: format!("{objects} objects, each signed and durable before the 202"),
    });
    Ok(())
}

/// Posts single objects over several connections at once.
pub(super) fn post_one(bed: &Bed, from: u64, table: &mut Table) -> Result<(), BenchError> {
    let path = bed.objects();
    let (mut took, cpu, wall) = timed(&bed.node, || {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|c| {
                let (mut plain, path) = (bed.connect()?, path.clone());
                Ok(std::thread::spawn(move || -> Result<Vec<i64>, BenchError> {
                    let mut took = Vec::new();
                    for n in 0..SINGLES {
                        let body = envelope(from + c * SINGLES + n, 1);
                        let before = now();
                        expect(&plain.ask("POST", &path, &body)?, 202)?;
                        took.push(now().micros() - before.micros());
                    }
                    Ok(took)
                }))
            })
            .collect::<Result<_, BenchError>>()?;
        let mut took = Vec::new();
        for thread in threads {
            let joined = thread.join().map_err(|_| BenchError::Answer("a thread ended".into()))?;
            took.extend(joined?);
        }
        Ok(took)
    })?;
    let posts = CONNECTIONS * SINGLES;
    table.add(Figure {
        work: format!("TAXII POST, 1 object, {CONNECTIONS} connections"),
        value: figure(posts) / wall,
        unit: "objects/s",
        cpu_seconds: cpu,
        wall_seconds: wall,
        note: format!("p50 {} us, p99 {} us", percentile(&mut took, 50), percentile(&mut took, 99)),
    });
    Ok(())
}

/// Pages through the whole collection.
pub(super) fn paging(bed: &Bed, table: &mut Table) -> Result<(), BenchError> {
    let mut plain = bed.connect()?;
    // The first visit numbers what nobody has read yet; that is not paging.
    expect(&plain.ask("GET", &format!("{}?limit=1", bed.objects()), b"")?, 200)?;
    let (((pages, bytes), mut took), cpu, wall) = timed(&bed.node, || {
        let (mut pages, mut bytes, mut took) = (0_u64, 0_usize, Vec::new());
        let mut next: Option<String> = None;
        loop {
            let more = next.as_ref().map(|next| format!("&next={next}")).unwrap_or_default();
            let before = now();
            let heard = plain.ask("GET", &format!("{}?limit={MANY}{more}", bed.objects()), b"")?;
            took.push(now().micros() - before.micros());
            expect(&heard, 200)?;
            (pages, bytes) = (pages + 1, bytes + heard.body.len());
            next = next_of(&heard.body);
            if next.is_none() {
                return Ok(((pages, bytes), took));
            }
        }
    })?;
    let tenth = (took.len() / 10).max(1);
    let first: i64 = took.iter().take(tenth).sum();
    let last: i64 = took.iter().rev().take(tenth).sum();
    let count = figure(pages.saturating_sub(1) * MANY).max(1.0);
    table.add(Figure {
        work: format!("TAXII paging, {MANY} a page, uncompressed"),
        value: count / cpu.max(0.001),
        unit: "objects/CPU-s",
        cpu_seconds: cpu,
        wall_seconds: wall,
        note: format!(
            "{} MB; page p99 {} us; last tenth / first tenth {}.{:02}",
            bytes / 1_000_000,
            percentile(&mut took, 99),
            last / first.max(1),
            last * 100 / first.max(1) % 100
        ),
    });
    Ok(())
}

/// Where to go on, read from the end of an envelope without reading the rest.
fn next_of(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Envelope {
        next: Option<String>,
    }
    serde_json::from_slice::<Envelope>(body).ok()?.next
}

/// Asks for single objects by id.
pub(super) fn by_id(bed: &Bed, objects: u64, table: &mut Table) -> Result<(), BenchError> {
    let mut plain = bed.connect()?;
    let (mut took, cpu, wall) = timed(&bed.node, || {
        let mut took = Vec::new();
        for n in 0..LOOKUPS {
            let path = format!("{}{}/", bed.objects(), id(n * 7_919 % objects));
            let before = now();
            expect(&plain.ask("GET", &path, b"")?, 200)?;
            took.push(now().micros() - before.micros());
        }
        Ok(took)
    })?;
    table.add(Figure {
        work: "TAXII, one object by id, p99".to_owned(),
        value: seconds(percentile(&mut took, 99)) * 1_000.0,
        unit: "ms",
        cpu_seconds: cpu,
        wall_seconds: wall,
        note: format!("{LOOKUPS} lookups, p50 {} us", percentile(&mut took, 50)),
    });
    Ok(())
}

/// An answer with this status, or an error that says what came.
pub(super) fn expect(heard: &super::plain::Heard, status: u16) -> Result<(), BenchError> {
    if heard.status == status {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&heard.body).chars().take(300).collect::<String>();
    Err(BenchError::Answer(format!("expected {status}, got {}: {body}", heard.status)))
}
