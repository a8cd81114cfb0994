//! Whether anything grows worse than linearly: the same rows at N and at five times N objects in
//! one node, and what an object costs there beside what it cost here; then that node and a small
//! one in turns. Peers are not asked.

use super::child::BenchError;
use super::generate::indicator;
use super::run::{LOOKUPS, memory, start};
use super::table::{Figure, Table, number, tell};
use super::taxii::{Bed, by_id, figure, fill, paging_again, post_many};
use super::turns::in_turns;
use super::work;
use std::path::Path;

/// How much larger the larger one is.
const TIMES: u64 = 5;

/// Measures both and prints the ratio after each row of the larger.
pub(super) fn scale(folder: &Path, objects: u64, table: &mut Table) -> Result<(), BenchError> {
    let mut bed = Bed::new(&folder.join("a"))?;
    let small = rows(&mut bed, (0, objects))?;
    small.iter().cloned().for_each(|figure| table.add(figure));
    let large = rows(&mut bed, (objects, objects * TIMES))?;
    for mut figure in large {
        let before = small.iter().find(|before| before.work == figure.work);
        // The drift is a ratio already.
        let before = before.filter(|before| before.work != work::DRIFT);
        if let Some(before) = before {
            let cost = cost_ratio(before, &figure);
            figure.note =
                format!("an object costs {} times as much; {}", number(cost), figure.note);
        }
        table.add(figure);
    }
    tell(&format!("filling a second node with {objects} objects"));
    let mut second = Bed::new(&folder.join("b"))?;
    fill(&second.door(), (0, objects), indicator)?;
    let growth = in_turns((&mut second, objects), (&mut bed, objects * TIMES))?;
    growth.into_iter().for_each(|figure| table.add(figure));
    Ok(())
}

/// The rows of a node that holds so many objects, after it is filled up to them.
fn rows(bed: &mut Bed, (from, objects): (u64, u64)) -> Result<Vec<Figure>, BenchError> {
    let mut rows = vec![post_many(&bed.door(), (from, objects))?];
    rows.extend(paging_again(&bed.door(), objects)?);
    rows.extend(by_id(&bed.door(), objects, LOOKUPS)?);
    let full = memory(work::MEMORY_FULL, bed.node.process().anonymous_mb());
    rows.push(per_object(full, objects));
    let bytes = bed.node.store_bytes()?;
    let disk = Figure {
        work: "store on disk".to_owned(),
        value: figure(bytes / objects.max(1)),
        unit: "B/object",
        ..Figure::default()
    };
    rows.push(disk);
    rows.extend(start(bed)?.map(|figure| per_object(figure, objects)));
    for row in &mut rows {
        if row.note.is_empty() {
            row.note = format!("{objects} objects");
        }
    }
    Ok(rows)
}

/// Keeps the total and says what falls on an object.
fn per_object(mut total: Figure, objects: u64) -> Figure {
    let each = total.value * 1_000_000.0 / figure(objects);
    total.note = format!("{} {} a million objects", number(each), total.unit);
    total
}

/// What an object costs in the larger beside the smaller. Totals are divided by what they are for.
fn cost_ratio(before: &Figure, after: &Figure) -> f64 {
    let ratio = after.value / before.value.max(f64::MIN_POSITIVE);
    let totals = [work::MEMORY_FULL, work::SERVING, work::MATCHING];
    if work::more_is_better(after.unit) {
        1.0 / ratio.max(f64::MIN_POSITIVE)
    } else if totals.contains(&after.work.as_str()) {
        ratio / figure(TIMES)
    } else {
        ratio
    }
}
