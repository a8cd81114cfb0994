//! From publish at one node to the sighting back at it, through the other's live telemetry: an event a
//! millisecond, each of which names what is about to be published. It counts what is looked back for as
//! well: whichever is first.

use super::child::{BenchError, Node, rest, text};
use super::generate::{domain, envelope, id, query};
use super::link::{LOOK, await_object};
use super::plain::Plain;
use super::table::{Figure, Table, tell};
use super::taxii::{Bed, expect, seconds};
use super::work;
use crate::runtime::now;
use model::time::Instant;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Indicators that are published one by one.
const ROUNDS: u64 = 300;
/// Where their numbers begin.
const FROM: u64 = 700_000_000;
/// Between two events of the live telemetry.
const EVENT_EVERY: Duration = Duration::from_millis(1);
/// Seconds after which a sighting that does not come is a failure.
const PATIENCE_SECONDS: i64 = 60;

/// Measures two nodes of their own.
pub(super) fn sighted(folder: &Path, table: &mut Table) -> Result<(), BenchError> {
    tell("two nodes: from publish to the sighting");
    std::fs::create_dir_all(folder)?;
    let bed = Bed::new(&folder.join("sighted-a"))?;
    let other = Node::create(&folder.join("sighted-b"), "Other")?;
    let invite = ["partner", "invite", "--circle", "bench", "--trust-code", "--backfill", "yes"];
    let code = text(&bed.node.command(&invite)?, "code");
    other.command(&["partner", "join", &code, "--yes"])?;
    let (current, over) = (AtomicU64::new(FROM), AtomicBool::new(false));
    let (before, start) = (cpu(&bed, &other), now());
    let took = std::thread::scope(|scope| {
        let feeding = scope.spawn(|| feed(&other, (&current, &over)));
        let took = rounds(&bed, &other, &current);
        over.store(true, Ordering::Release);
        let fed = feeding.join().map_err(|_| BenchError::Answer("a thread ended".to_owned()))?;
        Ok::<_, BenchError>((took?, fed?))
    });
    let (mut took, fed) = took?;
    let (cpu_seconds, wall) = (cpu(&bed, &other) - before, now().micros() - start.micros());
    let figure = Figure {
        cpu_seconds,
        wall_seconds: seconds(wall),
        note: format!("{ROUNDS} indicators one by one, {fed} events beside; durable at both"),
        ..Figure::default()
    };
    table.percentiles([(50, work::SIGHTED_P50), (99, work::SIGHTED_P99)], &mut took, &figure);
    Ok(())
}

fn cpu(bed: &Bed, other: &Node) -> f64 {
    bed.node.process().cpu() + other.process().cpu()
}

/// Hands in an event for what is published now, again and again; gives how many.
fn feed(other: &Node, (current, over): (&AtomicU64, &AtomicBool)) -> Result<u64, BenchError> {
    let mut plain = Plain::connect(&other.http, &other.admin)?;
    let mut fed = 0;
    while !over.load(Ordering::Acquire) {
        let n = current.load(Ordering::Acquire);
        let event = query(n, &domain(n)) + "\n";
        expect(&plain.ask("POST", "/api/v1/watch", event.as_bytes())?, 200)?;
        fed += 1;
        rest(EVENT_EVERY);
    }
    Ok(fed)
}

/// Microseconds of each round.
fn rounds(bed: &Bed, other: &Node, current: &AtomicU64) -> Result<Vec<i64>, BenchError> {
    let door = bed.door();
    let mut here = door.connect()?;
    let mut asking = Plain::connect(&bed.node.http, &bed.node.admin)?;
    // The first finds the link: that is another figure.
    let mut there = Plain::connect(&other.http, &other.admin)?;
    expect(&here.ask("POST", &door.objects, &envelope(FROM, 1))?, 202)?;
    await_object(&mut there, &id(FROM), (LOOK, PATIENCE_SECONDS))?;
    let mut took = Vec::new();
    for n in FROM + 1..=FROM + ROUNDS {
        current.store(n, Ordering::Release);
        let before = now();
        expect(&here.ask("POST", &door.objects, &envelope(n, 1))?, 202)?;
        await_sighting(&mut asking, &id(n), before)?;
        took.push(now().micros() - before.micros());
    }
    Ok(took)
}

/// Asks until a sighting of this indicator is there.
fn await_sighting(plain: &mut Plain, id: &str, from: Instant) -> Result<(), BenchError> {
    let (path, deadline) =
        (format!("/api/v1/sightings?after={from}"), now().plus_seconds(PATIENCE_SECONDS));
    while now() < deadline {
        let heard = plain.ask("GET", &path, b"")?;
        expect(&heard, 200)?;
        if String::from_utf8_lossy(&heard.body).contains(id) {
            return Ok(());
        }
        rest(LOOK);
    }
    Err(BenchError::Answer(format!("{id}: no sighting within {PATIENCE_SECONDS} s")))
}
