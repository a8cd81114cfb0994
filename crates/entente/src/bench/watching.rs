//! Telemetry against all indicators of the node: a file of DNS events, one in a thousand of which
//! asks for a name that an indicator holds.

use super::child::BenchError;
use super::generate::{domain, query};
use super::plain::Plain;
use super::table::{Figure, Table};
use super::taxii::{Bed, expect, figure, timed};

/// Events in the run.
const EVENTS: u64 = 500_000;
/// Events in one request.
const CHUNK: u64 = 10_000;

/// Feeds the events and counts the matches.
pub(super) fn watch(bed: &Bed, objects: u64, table: &mut Table) -> Result<(), BenchError> {
    let mut plain = Plain::connect(&bed.node.http, &bed.node.admin)?;
    let chunks: Vec<Vec<u8>> = (0..EVENTS)
        .step_by(usize::try_from(CHUNK).unwrap_or(1))
        .map(|from| {
            let line = |n: u64| {
                let name = if n.is_multiple_of(1_000) {
                    format!("www.{}", domain(n % objects))
                } else {
                    format!("host-{n:x}.benign.example")
                };
                query(n, &name) + "\n"
            };
            (from..from + CHUNK).map(line).collect::<String>().into_bytes()
        })
        .collect();
    let bytes: usize = chunks.iter().map(Vec::len).sum();
    let (matches, cpu, wall) = timed(&bed.node, || {
        let mut matches = 0;
        for chunk in &chunks {
            let heard = plain.ask("POST", "/api/v1/watch", chunk)?;
            expect(&heard, 200)?;
            matches += heard.body.iter().filter(|byte| **byte == b'\n').count();
        }
        Ok(matches)
    })?;
    table.add(Figure {
        work: "watch, DNS events as JSON".to_owned(),
        value: figure(EVENTS) / cpu.max(0.001),
        unit: "events/CPU-s",
        cpu_seconds: cpu,
        wall_seconds: wall,
        note: format!("{} MB against {objects} indicators, {matches} matches", bytes / 1_000_000),
    });
    Ok(())
}
