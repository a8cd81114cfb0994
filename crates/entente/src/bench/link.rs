//! Two nodes on loopback: from publish to visible, and a whole backfill.

use super::child::{BenchError, text};
use super::generate::{envelope, id};
use super::machine::percentile;
use super::plain::Plain;
use super::table::{Figure, Table};
use super::taxii::{Bed, expect, figure, seconds};
use crate::runtime::now;
use std::path::Path;

/// Single objects that are published while somebody waits for them.
const WAITED: u64 = 200;
/// Seconds after which a record that does not arrive is a failure.
const PATIENCE_SECONDS: i64 = 120;

/// Joins a second node to the bed's and measures both.
pub(super) fn link(
    bed: &Bed,
    folder: &Path,
    objects: u64,
    table: &mut Table,
) -> Result<(), BenchError> {
    let other = super::child::Node::create(folder, "Other")?;
    let invite = ["partner", "invite", "--circle", "bench", "--trust-code"];
    let code = text(&bed.node.command(&invite)?, "code");
    let (cpu, wall) = (bed.node.cpu() + other.cpu(), now());
    other.command(&["partner", "join", &code, "--yes"])?;
    let mut there = Plain::connect(&other.http, &other.admin)?;
    await_object(&mut there, &id(objects - 1))?;
    let cpu = bed.node.cpu() + other.cpu() - cpu;
    let wall_seconds = seconds(now().micros() - wall.micros());
    table.add(Figure {
        work: "link backfill, verified and durable".to_owned(),
        value: figure(objects) / cpu.max(0.001),
        unit: "records/CPU-s",
        cpu_seconds: cpu,
        wall_seconds,
        note: "CPU of both sides summed".to_owned(),
    });
    let mut here = bed.connect()?;
    let cpu = bed.node.cpu() + other.cpu();
    let start = now();
    let mut took = Vec::new();
    for n in 0..WAITED {
        let number = 500_000_000 + n;
        let before = now();
        expect(&here.ask("POST", &bed.objects(), &envelope(number, 1))?, 202)?;
        await_object(&mut there, &id(number))?;
        took.push(now().micros() - before.micros());
    }
    table.add(Figure {
        work: "publish to visible at the partner, p50".to_owned(),
        value: seconds(percentile(&mut took, 50)) * 1_000.0,
        unit: "ms",
        cpu_seconds: bed.node.cpu() + other.cpu() - cpu,
        wall_seconds: seconds(now().micros() - start.micros()),
        note: format!("{WAITED} times, both durable, p99 {} us", percentile(&mut took, 99)),
    });
    Ok(())
}

/// Asks until an object is there.
fn await_object(plain: &mut Plain, id: &str) -> Result<(), BenchError> {
    let deadline = now().plus_seconds(PATIENCE_SECONDS);
    let path = format!("/api/v1/objects/{id}");
    while now() < deadline {
        if plain.ask("GET", &path, b"")?.status == 200 {
            return Ok(());
        }
        std::thread::yield_now();
    }
    Err(BenchError::Answer(format!("{id} did not arrive within {PATIENCE_SECONDS} s")))
}
