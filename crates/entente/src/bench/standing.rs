//! A third node: what it costs others that it stands still, and then, while all the past is on its
//! way to it, how soon it has applied what is recalled.

use super::child::{BenchError, Node, text};
use super::generate::{envelope, id};
use super::link::{LOOK, await_answer, await_object, lag};
use super::machine::percentile;
use super::plain::Plain;
use super::table::{Figure, Table};
use super::taxii::{Bed, expect, figure, seconds};
use super::work;
use crate::runtime::now;
use std::path::Path;

/// Where the numbers of these objects begin, and how many rounds of how many there are.
const FROM: u64 = 600_000_000;
const ROUNDS: u64 = 9;
const SINGLES: u64 = 300;
/// Records that are recalled while the past is on its way.
const RECALLED: u64 = 40;
/// Seconds after which what does not arrive is a failure.
const PATIENCE_SECONDS: i64 = 120;

/// Joins a third node to the bed's, which has its past in the second one, and measures both.
pub(super) fn standing(
    bed: &Bed,
    other: &Node,
    (folder, records): (&Path, u64),
    table: &mut Table,
) -> Result<(), BenchError> {
    let third = Node::create(folder, "Third")?;
    let invite = ["partner", "invite", "--circle", "bench", "--trust-code", "--backfill", "no"];
    let code = text(&bed.node.command(&invite)?, "code");
    third.command(&["partner", "join", &code, "--yes"])?;
    let mut at_third = Plain::connect(&third.http, &third.admin)?;
    let mut runs = Singles::new(bed, other)?;
    // The first finds the link of the third node.
    runs.once(FROM)?;
    await_object(&mut at_third, &id(FROM), (LOOK, PATIENCE_SECONDS))?;
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let from = FROM + 1 + round * 2 * SINGLES;
        let running = runs.p99(from)?;
        third.process().signal("STOP")?;
        let standing = runs.p99(from + SINGLES);
        third.process().signal("CONT")?;
        ratios.push((standing? * 1_000, running.max(1)));
    }
    let mut thousandths: Vec<i64> = ratios.iter().map(|(one, other)| one / other).collect();
    table.add(Figure {
        work: work::STANDING.to_owned(),
        value: seconds(percentile(&mut thousandths, 50) * 1_000),
        unit: "x",
        note: format!("against p99 while it runs; median of {ROUNDS} rounds of {SINGLES} each"),
        ..Figure::default()
    });
    let last = id(FROM + ROUNDS * 2 * SINGLES);
    await_object(&mut at_third, &last, (LOOK, PATIENCE_SECONDS))?;
    beside(bed, (&third, &mut at_third), records, table)
}

/// Publishes single objects at one node and waits for each at the other.
struct Singles {
    here: Plain,
    there: Plain,
    objects: String,
}

impl Singles {
    fn new(bed: &Bed, other: &Node) -> Result<Self, BenchError> {
        let door = bed.door();
        let there = Plain::connect(&other.http, &other.admin)?;
        Ok(Self { here: door.connect()?, there, objects: door.objects })
    }

    /// Microseconds.
    fn once(&mut self, number: u64) -> Result<i64, BenchError> {
        let before = now();
        expect(&self.here.ask("POST", &self.objects, &envelope(number, 1))?, 202)?;
        await_object(&mut self.there, &id(number), (LOOK, PATIENCE_SECONDS))?;
        Ok(now().micros() - before.micros())
    }

    fn p99(&mut self, from: u64) -> Result<i64, BenchError> {
        let took = (from..from + SINGLES).map(|number| self.once(number));
        Ok(percentile(&mut took.collect::<Result<Vec<_>, _>>()?, 99))
    }
}

/// Lets the past go to the third node, and recalls what it has while that is on its way.
fn beside(
    bed: &Bed,
    (third, there): (&Node, &mut Plain),
    records: u64,
    table: &mut Table,
) -> Result<(), BenchError> {
    let mut here = Plain::connect(&bed.node.http, &bed.node.admin)?;
    let cpu = || bed.node.process().cpu() + third.process().cpu();
    bed.node.command(&["circle", "add", "bench", "Third", "--backfill", "yes"])?;
    let (used, start) = (cpu(), now());
    let (mut took, mut left) = (Vec::new(), records);
    for n in 0..RECALLED {
        let id = id(FROM + 1 + n);
        let body = serde_json::json!({ "id": id, "mode": "erase", "reason": "bench" });
        let before = now();
        expect(&here.ask("POST", "/api/v1/recall", body.to_string().as_bytes())?, 200)?;
        await_answer(there, (&id, 404), (LOOK, PATIENCE_SECONDS))?;
        let micros = now().micros() - before.micros();
        left = lag(&bed.node, "Third")?;
        // What comes after the past says nothing of what waits behind it.
        if left == 0 {
            break;
        }
        took.push(micros);
    }
    let (cpu_seconds, wall) = (cpu() - used, now().micros() - start.micros());
    if took.is_empty() {
        return Err(BenchError::Answer("the backfill was over before a recall".to_owned()));
    }
    let figure = Figure {
        cpu_seconds,
        wall_seconds: seconds(wall),
        note: format!(
            "{} recalls while {records} records go; {} numbered and not receipted at the end",
            took.len(),
            figure(left)
        ),
        ..Figure::default()
    };
    let works = [(50, work::RECALL_BESIDE_P50), (99, work::RECALL_BESIDE_P99)];
    table.percentiles(works, &mut took, &figure);
    Ok(())
}
