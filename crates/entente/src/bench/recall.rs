//! A recall, from the request at its signer until the partner answers that there is no such object,
//! and until the partner has said that no file of it holds any of them either.

use super::child::{BenchError, Node, rest};
use super::generate::id;
use super::link::{LOOK, await_answer};
use super::machine::percentile;
use super::plain::Plain;
use super::table::{Figure, Table};
use super::taxii::{Bed, expect, seconds};
use super::work;
use crate::runtime::now;
use serde_json::Value;
use std::time::Duration;

/// Records that are recalled, one by one.
const RECALLED: u64 = 40;
/// Between two looks whether all is purged: asking must not keep the nodes from it.
const PURGE_LOOK: Duration = Duration::from_millis(100);
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
    let ended = now();
    let p50 = percentile(&mut took, 50);
    table.add(Figure {
        work: work::RECALL.to_owned(),
        value: seconds(percentile(&mut took, 99) * 1_000),
        unit: "ms",
        cpu_seconds,
        wall_seconds: seconds(wall),
        note: format!("p99 of {RECALLED} among {records} records, durable at both; p50 {p50} us"),
    });
    let used = cpu();
    for n in 0..RECALLED {
        await_purged(&mut here, &id(records / RECALLED * n))?;
    }
    let wall = seconds(now().micros() - ended.micros());
    table.add(Figure {
        work: work::PURGED.to_owned(),
        value: wall,
        unit: "s",
        cpu_seconds: cpu() - used,
        wall_seconds: wall,
        note: format!("the partner's signed word on all {RECALLED}, after the last of them"),
    });
    Ok(())
}

/// Asks the recaller until its partner has said that all of a record is gone.
fn await_purged(here: &mut Plain, id: &str) -> Result<(), BenchError> {
    let deadline = now().plus_seconds(PATIENCE_SECONDS * 2);
    let path = format!("/api/v1/recalls/{id}");
    while now() < deadline {
        let heard = here.ask("GET", &path, b"")?;
        let told: Value = serde_json::from_slice(&heard.body).unwrap_or_default();
        if told.pointer("/0/done").and_then(Value::as_bool) == Some(true) {
            return Ok(());
        }
        rest(PURGE_LOOK);
    }
    Err(BenchError::Answer(format!("{id}: its partner has not said that it is purged")))
}
