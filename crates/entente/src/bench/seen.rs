//! What it costs to ask what was seen, over as many generated values as are asked for, and over the
//! same files a thousand times. No node runs: these are the files and who reads them.

use super::child::BenchError;
use super::machine::percentile;
use super::process::Process;
use super::table::{Figure, Table};
use super::taxii::figure;
use super::work;
use crate::runtime::now;
use detect::observable::{Observable, normal};
use detect::past::{Gathered, SeenRow};
use model::facts::ValueKind;
use model::time::Instant;
use node::seen::{Day, Seen};
use std::path::Path;
use std::sync::Arc;

/// Values of one segment, as a busy node writes them.
const SEGMENT: u64 = 1_000_000;
/// Segments of the second table: a thousand million values.
const MANY: u64 = 1_000;
/// Questions of each kind.
const ASKED: u64 = 200;
const KEY: [u8; 16] = *b"a bench's own ke";

/// Writes so many values, and asks for some that are there and some that are not.
pub(super) fn seen(folder: &Path, values: u64, table: &mut Table) -> Result<(), BenchError> {
    let failed = |error: node::seen::SegmentError| BenchError::Answer(error.to_string());
    let folder = folder.join("seen");
    let seen = Seen::open(&folder, KEY).map_err(failed)?;
    let (process, day) = (Process(std::process::id()), Day::of(now()));
    let write = || {
        for segment in 0..values.div_ceil(SEGMENT) {
            let rows = segment * SEGMENT..values.min((segment + 1) * SEGMENT);
            let info = seen.write(day, &gathered(rows)?, segment + 1).map_err(failed)?;
            info.into_iter().for_each(|info| seen.take_up(info));
        }
        Ok::<_, BenchError>(())
    };
    let ((), cost) = process.during(write)?;
    let (segments, bytes) = seen.size();
    let row = |work: &str, value: f64, unit, note: &str| Figure {
        work: work.to_owned(),
        value,
        unit,
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: note.to_owned(),
    };
    let note = format!("{values} values never seen before, {segments} segments");
    table.add(row(work::SEEN_BYTES, figure(bytes) / figure(values), "B", &note));
    table.add(row(work::SEEN_WRITE, figure(values) / cost.wall.max(0.001), "values/s", &note));
    ask(&seen, values, &note, table)?;
    let (linked, copies) = multiplied(&folder, u64::try_from(segments).unwrap_or(1), day)?;
    let seen = Seen::open(&linked, KEY).map_err(failed)?;
    let note = format!("{} segments: each of those {copies} times", seen.size().0);
    ask(&seen, values, &note, table)
}

/// Questions for values that are there, and for values that are not.
fn ask(seen: &Seen, values: u64, note: &str, table: &mut Table) -> Result<(), BenchError> {
    for (never, names) in [(true, work::SEEN_NEVER), (false, work::SEEN_FOUND)] {
        let process = Process(std::process::id());
        let ((mut took, opened), cost) = process.during(|| questions(seen, values, never))?;
        for (name, percent) in names.into_iter().zip([50, 99]) {
            let micros = percentile(&mut took, percent);
            let millis = u32::try_from(micros).map_or(f64::INFINITY, f64::from) / 1_000.0;
            let note = format!("{note}; {ASKED} questions opened {opened}");
            table.add(Figure {
                work: name.to_owned(),
                value: millis,
                unit: "ms",
                cpu_seconds: cost.cpu,
                wall_seconds: cost.wall,
                note,
            });
        }
    }
    Ok(())
}

/// Asks, and gives how many microseconds each question took and how many segments all opened.
fn questions(seen: &Seen, values: u64, never: bool) -> Result<(Vec<i64>, usize), BenchError> {
    let (mut took, mut opened) = (Vec::new(), 0);
    for n in 0..ASKED {
        let number = n * (values / ASKED).max(1);
        let value = if never { number + values } else { number };
        let value = normal(ValueKind::Domain, &name(value));
        let value: Observable = value.ok_or_else(|| odd("no name"))?;
        let start = now();
        let asked = seen.ask(&[value], &mut || (Vec::<Arc<Gathered>>::new(), seen.segments()));
        took.push(now().micros() - start.micros());
        opened += asked.opened;
        if asked.lines.iter().flatten().next().is_some() == never || !asked.unread.is_empty() {
            return Err(odd("a wrong answer"));
        }
    }
    Ok((took, opened))
}

fn odd(what: &str) -> BenchError {
    BenchError::Answer(format!("looking back: {what}"))
}

/// A name that no other number has, as long as those of logs are.
fn name(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("h{mixed:x}.site{}.example", number % 100_003)
}

/// Rows of these numbers, as a journal would bring them.
fn gathered(numbers: std::ops::Range<u64>) -> Result<Gathered, BenchError> {
    let mut bytes = Vec::new();
    for number in numbers {
        let value = &name(number);
        let at = Instant::from_micros(1_770_000_000_000_000)
            .plus_micros(i64::try_from(number.wrapping_mul(1_000)).unwrap_or(0));
        let (kind, count, roles, sources) = (ValueKind::Domain, 1, 1, 0);
        SeenRow { kind, value, first: at, last: at, count, roles, sources }.write(&mut bytes);
    }
    let mut gathered = Gathered::new(KEY, now());
    gathered.read(&bytes, "bench").map_err(|error| odd(&error.to_string()))?;
    Ok(gathered)
}

/// The same files under as many other names as make a thousand segments.
fn multiplied(
    folder: &Path,
    segments: u64,
    day: Day,
) -> Result<(std::path::PathBuf, u64), BenchError> {
    let (linked, copies) = (folder.with_extension("linked"), MANY.div_ceil(segments.max(1)));
    let (from, to) = (folder.join(format!("day={day}")), linked.join(format!("day={day}")));
    std::fs::create_dir_all(&to)?;
    for copy in 0..copies {
        for segment in 1..=segments {
            for kind in ["parquet", "sketch"] {
                let number = copy * segments + segment;
                let name = format!("{segment:06}.{kind}");
                std::fs::hard_link(from.join(name), to.join(format!("{number:06}.{kind}")))?;
            }
        }
    }
    Ok((linked, copies))
}

#[cfg(test)]
mod tests;
