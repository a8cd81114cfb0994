//! TAXII under load, ours and a peer's alike: posts of many and of one, paging, one object by id.
//! It knows no table: it gives figures.

use super::child::{BenchError, Node, text};
use super::generate::{enveloped, id, indicator};
use super::machine::percentile;
use super::plain::Plain;
use super::process::{Cost, Process};
use super::table::Figure;
use super::work;
use crate::runtime::now;
use std::path::Path;

#[cfg(test)]
mod tests;

pub(super) use super::process::seconds;

/// Objects in one request of the many, and on a page.
pub(super) const MANY: u64 = 1_000;
/// Connections that post single objects to us at once.
pub(super) const CONNECTIONS: u64 = 16;

/// One collection behind one address: ours or a peer's.
pub(super) struct Door {
    /// Who answers.
    pub(super) process: Process,
    /// `host:port`.
    pub(super) http: String,
    /// The header that may read and write.
    pub(super) authorization: String,
    /// The path of the collection's objects.
    pub(super) objects: String,
}

impl Door {
    pub(super) fn connect(&self) -> Result<Plain, BenchError> {
        Ok(Plain::authorized(&self.http, self.authorization.clone())?)
    }
}

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

    /// Its collection; made anew after every restart.
    pub(super) fn door(&self) -> Door {
        Door {
            process: self.node.process(),
            http: self.node.http.clone(),
            authorization: format!("Bearer {}", self.token),
            objects: format!("/taxii2/root/collections/{}/objects/", self.circle),
        }
    }
}

/// A count as a figure, in two halves that are exact.
pub(super) fn figure(count: u64) -> f64 {
    let half = |bits: u64| u32::try_from(bits).map_or(0.0, f64::from);
    half(count >> 32).mul_add(4_294_967_296.0, half(count & u64::from(u32::MAX)))
}

/// Posts objects `from` to `to - 1` by requests of a thousand.
pub(super) fn fill(
    door: &Door,
    (from, to): (u64, u64),
    make: fn(u64) -> String,
) -> Result<Cost, BenchError> {
    let mut plain = door.connect()?;
    let ((), cost) = door.process.during(|| {
        let mut at = from;
        while at < to {
            let count = MANY.min(to - at);
            let heard = plain.ask("POST", &door.objects, &enveloped(at, count, make))?;
            expect(&heard, 202)?;
            at += count;
        }
        Ok::<_, BenchError>(())
    })?;
    Ok(cost)
}

/// Fills from `from` to `to` objects; the figure is that of the last tenth.
pub(super) fn post_many(door: &Door, (from, to): (u64, u64)) -> Result<Figure, BenchError> {
    let tenth = ((to - from) / 10 / MANY * MANY).max(MANY.min(to - from));
    let first = fill(door, (from, to - tenth), indicator)?;
    let last = fill(door, (to - tenth, to), indicator)?;
    let cpu = first.cpu + last.cpu;
    Ok(Figure {
        work: work::POST_MANY.to_owned(),
        value: figure(tenth) / last.cpu.max(0.01),
        unit: "objects/CPU-s",
        cpu_seconds: cpu,
        wall_seconds: first.wall + last.wall,
        note: format!(
            "{} B each; the last {tenth} up to {to} held; {:.0} over all",
            indicator(1).len(),
            figure(to - from) / cpu.max(0.01)
        ),
    })
}

/// Posts single objects, so many over each of several connections at once.
pub(super) fn post_one(
    door: &Door,
    from: u64,
    (connections, singles): (u64, u64),
) -> Result<Figure, BenchError> {
    let (mut took, cost) = door.process.during(|| {
        let threads: Vec<_> = (0..connections)
            .map(|c| {
                let (mut plain, path) = (door.connect()?, door.objects.clone());
                let from = from + c * singles;
                Ok(std::thread::spawn(move || post_singles(&mut plain, &path, (from, singles))))
            })
            .collect::<Result<_, BenchError>>()?;
        let mut took = Vec::new();
        for thread in threads {
            let joined = thread.join().map_err(|_| BenchError::Answer("a thread ended".into()))?;
            took.extend(joined?);
        }
        Ok::<_, BenchError>(took)
    })?;
    Ok(Figure {
        work: work::POST_ONE.to_owned(),
        value: figure(connections * singles) / cost.wall,
        unit: "objects/s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!(
            "connections: {connections}; p50 {} us, p99 {} us",
            percentile(&mut took, 50),
            percentile(&mut took, 99)
        ),
    })
}

fn post_singles(
    plain: &mut Plain,
    path: &str,
    (from, count): (u64, u64),
) -> Result<Vec<i64>, BenchError> {
    let mut took = Vec::new();
    for n in from..from + count {
        let body = enveloped(n, 1, indicator);
        let before = now();
        expect(&plain.ask("POST", path, &body)?, 202)?;
        took.push(now().micros() - before.micros());
    }
    Ok(took)
}

/// Pages through the whole collection, which holds so many objects; the second figure is how much
/// longer the pages of the last tenth take.
pub(super) fn paging(door: &Door, held: u64) -> Result<[Figure; 2], BenchError> {
    let mut plain = door.connect()?;
    let ((bytes, mut took), cost) = door.process.during(|| {
        let (mut bytes, mut took, mut next) = (0_usize, Vec::new(), None::<String>);
        loop {
            let more = next.as_ref().map(|next| format!("&next={next}")).unwrap_or_default();
            let path = format!("{}?limit={MANY}{more}", door.objects);
            let before = now();
            let heard = plain.ask("GET", &path, b"")?;
            took.push(now().micros() - before.micros());
            expect(&heard, 200)?;
            bytes += heard.body.len();
            next = next_of(&heard.body);
            if next.is_none() {
                return Ok::<_, BenchError>((bytes, took));
            }
        }
    })?;
    let pages = u64::try_from(took.len()).unwrap_or(0);
    if pages != held.div_ceil(MANY) {
        let told = format!("{held} objects came on {pages} pages");
        return Err(BenchError::Answer(told));
    }
    // The last page is rarely full.
    let whole = took.len().saturating_sub(1).max(1);
    let tenth = (whole / 10).max(1);
    let mut first: Vec<i64> = took.iter().take(tenth).copied().collect();
    let mut last: Vec<i64> = took.iter().take(whole).rev().take(tenth).copied().collect();
    let (first, last) = (percentile(&mut first, 50), percentile(&mut last, 50));
    let speed = Figure {
        work: work::PAGING.to_owned(),
        value: figure(held) / cost.cpu.max(0.01),
        unit: "objects/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!(
            "{held} objects, {} kB; page p50 {} us, p99 {} us",
            bytes / 1_000,
            percentile(&mut took, 50),
            percentile(&mut took, 99)
        ),
    };
    let drift = Figure {
        work: work::DRIFT.to_owned(),
        value: seconds(last * 1_000) / seconds(first * 1_000).max(0.001),
        unit: "times",
        note: format!("median page {first} us, then {last} us, of {pages} pages"),
        ..Figure::default()
    };
    Ok([speed, drift])
}

/// The same after a first visit, which has the collection numbered for this audience: what that
/// costs stands in the note.
pub(super) fn paging_again(door: &Door, held: u64) -> Result<[Figure; 2], BenchError> {
    let [first, _] = paging(door, held)?;
    let [mut speed, drift] = paging(door, held)?;
    speed.note = format!("{}; {:.0} a CPU-s on the first visit", speed.note, first.value);
    Ok([speed, drift])
}

/// Where to go on. It stands at either end of an envelope; nobody's body is parsed for it, which
/// would take the processor from who is measured.
fn next_of(body: &[u8]) -> Option<String> {
    const ENDS: usize = 300;
    let found = |part: &[u8]| {
        let text = String::from_utf8_lossy(part);
        let (_, rest) = text.split_once(r#""next":"#)?;
        let (next, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
        Some(next.to_owned())
    };
    let end = body.len().saturating_sub(ENDS);
    body.get(end..).and_then(found).or_else(|| found(body.get(..ENDS.min(body.len()))?))
}

/// Asks for single objects by id, of the first so many.
pub(super) fn by_id(door: &Door, held: u64, lookups: u64) -> Result<[Figure; 2], BenchError> {
    let mut plain = door.connect()?;
    let (mut took, cost) = door.process.during(|| {
        let mut took = Vec::new();
        for n in 0..lookups {
            let path = format!("{}{}/", door.objects, id(n * 7_919 % held));
            let before = now();
            expect(&plain.ask("GET", &path, b"")?, 200)?;
            took.push(now().micros() - before.micros());
        }
        Ok::<_, BenchError>(took)
    })?;
    let mut of = |percent: usize, work: &str| Figure {
        work: work.to_owned(),
        value: seconds(percentile(&mut took, percent) * 1_000),
        unit: "ms",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!("{lookups} lookups among {held}"),
    };
    Ok([of(50, work::BY_ID_P50), of(99, work::BY_ID_P99)])
}

/// An answer with this status, or an error that says what came.
pub(super) fn expect(heard: &super::plain::Heard, status: u16) -> Result<(), BenchError> {
    if heard.status == status {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&heard.body).chars().take(300).collect::<String>();
    Err(BenchError::Answer(format!("expected {status}, got {}: {body}", heard.status)))
}
