//! A recall, from the request at its signer until the partner answers that there is no such object.

use super::child::{BenchError, Node};
use super::generate::id;
use super::link::{LOOK, await_answer};
use super::machine::percentile;
use super::plain::Plain;
use super::table::{Figure, Table};
use super::taxii::{Bed, expect, seconds};
use super::work;
use crate::runtime::now;

/// Records that are recalled, one by one.
const RECALLED: u64 = 40;
/// Seconds after which a recall that is not applied is a failure.
const PATIENCE_SECONDS: i64 = 60;

/// Recalls some of what the bed gave to the other node, spread over all of it.
pub(super) fn recall(
    bed: &Bed,
    other: &Node,
    records: u64,
    table: &mut Table,
) -> Result<(), BenchError> {
    let mut here = Plain::connect(&bed.node.http, &bed.node.admin)?;
    let mut there = Plain::connect(&other.http, &other.admin)?;
    let cpu = || bed.node.process().cpu() + other.process().cpu();
    let (used, start) = (cpu(), now());
    let mut took = Vec::new();
    for n in 0..RECALLED {
        let id = id(records / RECALLED * n);
        let body = serde_json::json!({ "id": id, "mode": "erase", "reason": "bench" });
        let before = now();
        let heard = here.ask("POST", "/api/v1/recall", body.to_string().as_bytes())?;
        expect(&heard, 200)?;
        await_answer(&mut there, (&id, 404), (LOOK, PATIENCE_SECONDS))?;
        took.push(now().micros() - before.micros());
    }
    let (cpu_seconds, wall) = (cpu() - used, now().micros() - start.micros());
    let p50 = percentile(&mut took, 50);
    table.add(Figure {
        work: work::RECALL.to_owned(),
        value: seconds(percentile(&mut took, 99) * 1_000),
        unit: "ms",
        cpu_seconds,
        wall_seconds: seconds(wall),
        note: format!("p99 of {RECALLED} among {records} records, durable at both; p50 {p50} us"),
    });
    Ok(())
}
