//! Two nodes on loopback: a whole backfill, what it leaves in the sender's store, and from publish
//! to visible.

use super::child::{BenchError, Node, rest, text};
use super::generate::{envelope, id};
use super::plain::Plain;
use super::process::Process;
use super::standing;
use super::table::{Figure, Table};
use super::taxii::{Bed, expect, figure, seconds};
use super::work;
use crate::runtime::now;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Single objects that are published while somebody waits for them.
const WAITED: u64 = 400;
/// Between two looks for the end of a backfill: what asking costs must not count as the link's.
const BACKFILL_LOOK: Duration = Duration::from_millis(50);
/// Between two looks for a single object: short beside what is measured, and long enough to leave
/// the processor to those who are measured.
pub(super) const LOOK: Duration = Duration::from_micros(250);
/// Seconds after which a record that does not arrive is a failure, and a second more for so many.
const PATIENCE_SECONDS: i64 = 120;
const RECORDS_A_SECOND: i64 = 1_000;

/// Joins a second node to the bed's, which holds so many records, and measures both; gives it.
pub(super) fn link(
    bed: &mut Bed,
    folder: &Path,
    (objects, records): (u64, u64),
    table: &mut Table,
) -> Result<Node, BenchError> {
    let before = bed.node.store_bytes()?;
    let other = Node::create(folder, "Other")?;
    let both = [bed.node.process(), other.process()];
    let cpu = || both.into_iter().map(Process::cpu).sum::<f64>();
    let invite = ["partner", "invite", "--circle", "bench", "--trust-code", "--backfill", "yes"];
    let code = text(&bed.node.command(&invite)?, "code");
    let (used, start) = (cpu(), now());
    other.command(&["partner", "join", &code, "--yes"])?;
    let mut there = Plain::connect(&other.http, &other.admin)?;
    let patience = PATIENCE_SECONDS + i64::try_from(records).unwrap_or(0) / RECORDS_A_SECOND;
    await_object(&mut there, &id(objects - 1), (BACKFILL_LOOK, patience))?;
    await_receipts(&bed.node, patience)?;
    let (cpu_seconds, wall) = (cpu() - used, now().micros() - start.micros());
    table.add(Figure {
        work: work::BACKFILL.to_owned(),
        value: figure(records) / cpu_seconds.max(0.01),
        unit: "records/CPU-s",
        cpu_seconds,
        wall_seconds: seconds(wall),
        note: format!("{records} records, receipted; CPU of both sides summed"),
    });
    let after = bed.node.store_bytes()?;
    let grown = after.saturating_sub(before);
    table.add(Figure {
        work: work::PARTNER.to_owned(),
        value: figure(grown >> 10) / figure(before >> 10).max(1.0) * 100.0,
        unit: "% of the store",
        note: format!("{grown} B at the sender, whose store was {} MB", before / 1_000_000),
        ..Figure::default()
    });
    visible(bed, &other, table)?;
    standing::standing(bed, &other, (&folder.with_extension("third"), records), table)?;
    Ok(other)
}

/// From the request at one node to the answer at the other.
fn visible(bed: &Bed, other: &Node, table: &mut Table) -> Result<(), BenchError> {
    let door = bed.door();
    let (mut here, mut there) = (door.connect()?, Plain::connect(&other.http, &other.admin)?);
    let mut once = |number: u64| {
        let before = now();
        expect(&here.ask("POST", &door.objects, &envelope(number, 1))?, 202)?;
        await_object(&mut there, &id(number), (LOOK, PATIENCE_SECONDS))?;
        Ok::<_, BenchError>(now().micros() - before.micros())
    };
    // The first finds the link again after the restart; that is another figure.
    once(500_000_000)?;
    let used = || door.process.cpu() + other.process().cpu();
    let (cpu, start) = (used(), now());
    let mut took = (1..=WAITED).map(|n| once(500_000_000 + n)).collect::<Result<Vec<_>, _>>()?;
    let (cpu_seconds, wall) = (used() - cpu, now().micros() - start.micros());
    let figure = Figure {
        cpu_seconds,
        wall_seconds: seconds(wall),
        note: format!("{WAITED} objects one by one, durable at both"),
        ..Figure::default()
    };
    table.percentiles([(50, work::VISIBLE_P50), (99, work::VISIBLE_P99)], &mut took, &figure);
    Ok(())
}

/// Asks until an object is there, with a rest in between, for so many seconds.
pub(super) fn await_object(
    plain: &mut Plain,
    id: &str,
    patience: (Duration, i64),
) -> Result<(), BenchError> {
    await_answer(plain, (id, 200), patience)
}

/// Asks for an object until the answer has this status.
pub(super) fn await_answer(
    plain: &mut Plain,
    (id, status): (&str, u16),
    (look, patience): (Duration, i64),
) -> Result<(), BenchError> {
    let deadline = now().plus_seconds(patience);
    let path = format!("/api/v1/objects/{id}");
    while now() < deadline {
        if plain.ask("GET", &path, b"")?.status == status {
            return Ok(());
        }
        rest(look);
    }
    Err(BenchError::Answer(format!("{id}: no answer {status} within {patience} s")))
}

/// How many records a partner has not receipted.
pub(super) fn lag(node: &Node, partner: &str) -> Result<u64, BenchError> {
    let partners = node.command(&["partner", "list"])?;
    let named = |line: &&Value| line.get("name").and_then(Value::as_str) == Some(partner);
    let line = partners.as_array().into_iter().flatten().find(named);
    let lag = line.and_then(|line| line.get("lag_records")).and_then(Value::as_u64);
    lag.ok_or_else(|| BenchError::Answer(format!("{partner} is not among the partners")))
}

/// Waits until the partner has receipted everything.
fn await_receipts(node: &Node, patience: i64) -> Result<(), BenchError> {
    let deadline = now().plus_seconds(patience);
    while now() < deadline {
        let partners = node.command(&["partner", "list"])?;
        if partners.pointer("/0/lag_records").and_then(Value::as_u64) == Some(0) {
            return Ok(());
        }
        rest(BACKFILL_LOOK);
    }
    Err(BenchError::Answer(format!("no receipt for all within {patience} s")))
}
