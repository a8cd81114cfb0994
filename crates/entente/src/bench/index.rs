//! Ten million values and made-up events of Suricata, without a node around them: what reading and
//! looking up alone cost. It checks no match; the tests of `detect` ask the judge.

use super::child::BenchError;
use super::eve::{Seeded, event, value};
use super::process::{Cost, Process};
use super::table::{Figure, Table, tell};
use super::taxii::figure;
use super::work;
use crate::runtime::now;
use detect::index::{Handle, Index};
use detect::live::{Scratch, match_event};
use detect::past::Gathered;
use detect::reading::{Form, Reader};

/// Different events of a run.
const EVENTS: u64 = 200_000;
/// Passes over them: enough for some seconds of work.
const PASSES: u64 = 5;
/// Lines of one delivery.
const DELIVERY: usize = 4_096;
/// Values that come while a merge runs, and before it.
const LATE: u64 = 60_000;
/// The key of the fingerprints; a node draws its own.
const KEY: [u8; 16] = [7; 16];

/// Measures an index of so many values.
pub(super) fn index(values: u64, table: &mut Table) -> Result<(), BenchError> {
    let process = Process(std::process::id());
    tell(&format!("filling an index with {values} values"));
    let (mut index, cost) = process.during(|| filled(values))?;
    let (whole, stored) = (index.bytes(), index.value_bytes());
    table.add(Figure {
        work: "index, values filled in".to_owned(),
        value: figure(values) / cost.cpu.max(0.001),
        unit: "values/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!("made up on the way; {} anonymous MB", process.anonymous_mb()),
    });
    table.add(Figure {
        work: work::INDEX_MEMORY.to_owned(),
        value: figure(u64::try_from(whole - stored.min(whole)).unwrap_or(u64::MAX)) / 1e6,
        unit: "MB",
        cpu_seconds: 0.0,
        wall_seconds: 0.0,
        note: format!("{values} values, of {} MB", stored / 1_000_000),
    });
    let mut draw = Seeded(42);
    let lines: Vec<String> = (0..EVENTS).map(|_| event(&mut draw, values)).collect();
    let unknown: Vec<String> = lines.iter().map(|line| renamed(line)).collect();
    let runs = [
        (work::INDEX_ONE, 1, false, &lines),
        (work::INDEX_TWO, 2, false, &lines),
        (work::INDEX_KEPT, 1, true, &lines),
        (work::INDEX_UNKNOWN, 1, false, &unknown),
    ];
    for (work, threads, keep, lines) in runs {
        let (found, cost) =
            process.during(|| Ok::<_, BenchError>(run(&index, lines, (threads, keep))))?;
        table.add(row(work, lines, threads, (found, cost)));
    }
    table.add(late(&mut index, values));
    Ok(())
}

fn filled(values: u64) -> Result<Index, BenchError> {
    let mut index = Index::new(KEY);
    let mut base = index.base(usize::try_from(values).unwrap_or(usize::MAX));
    for n in 0..values {
        let (kind, text) = value(n);
        base.insert(kind, &text, Handle(n + 1));
    }
    index.begin(base.sealed());
    Ok(index)
}

/// The same line under keys that nothing knows.
fn renamed(line: &str) -> String {
    line.replace("\":", "_q\":").replace("{\"", "{\"k_").replace(",\"", ",\"k_")
}

fn row(work: &str, lines: &[String], threads: u64, (found, cost): (u64, Cost)) -> Figure {
    let events = EVENTS * PASSES * threads;
    let bytes = lines.iter().map(String::len).sum::<usize>() / lines.len().max(1);
    Figure {
        work: work.to_owned(),
        value: figure(events) / cost.cpu.max(0.001),
        unit: "events/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!(
            "{bytes} bytes each, {:.0} events/s on the wall, {found} matched",
            figure(events) / cost.wall.max(0.001)
        ),
    }
}

/// Every line several times in each thread; gives how many matched.
fn run(index: &Index, lines: &[String], (threads, keep): (u64, bool)) -> u64 {
    std::thread::scope(|scope| {
        let one = || (0..PASSES).map(|_| pass(index, lines, keep)).sum::<u64>();
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        all.into_iter().filter_map(|thread| thread.join().ok()).sum()
    })
}

fn pass(index: &Index, lines: &[String], keep: bool) -> u64 {
    let (mut reader, mut scratch) = (Reader::new(Form::Json), Scratch::default());
    let (mut out, mut matched) = (Vec::new(), 0);
    let mut kept = Gathered::new(KEY, now());
    let mut gathered = keep.then(|| Gathered::new(KEY, now()));
    for delivery in lines.chunks(DELIVERY) {
        for line in delivery {
            out.clear();
            if let Ok(Some(event)) = reader.event(line.trim_end().as_bytes()) {
                // A line that cannot be read matches nothing, and shows in the figure.
                let _read = match_event(index, &event, &mut scratch, gathered.as_mut(), &mut out);
            }
            matched += u64::from(!out.is_empty());
        }
        if let Some(gathered) = &mut gathered {
            kept.absorb(gathered, "bench");
            gathered.renew(now());
        }
    }
    matched
}

/// How long each of many new values takes to be live, while a merge runs beside them.
fn late(index: &mut Index, values: u64) -> Figure {
    let mut next = values;
    let mut insert = |index: &mut Index| {
        let (kind, text) = value(next);
        next += 1;
        let start = now();
        index.insert_text(kind, &text, Handle(next));
        now().micros() - start.micros()
    };
    (0..LATE).for_each(|_| {
        insert(index);
    });
    let start = now();
    let merge = index.freeze();
    let mut took: Vec<i64> = Vec::new();
    std::thread::scope(|scope| {
        let merged = scope.spawn(|| merge.map(detect::index::Merge::run));
        took.extend((0..LATE).map(|_| insert(index)));
        if let Some(merged) = merged.join().ok().flatten() {
            index.adopt(merged);
        }
    });
    let wall = super::process::seconds(now().micros() - start.micros());
    took.sort_unstable();
    let at = took.len() - took.len() / 100;
    let p99 = took.get(at).or(took.last()).copied().unwrap_or_default();
    Figure {
        work: work::INDEX_LATE.to_owned(),
        value: super::process::seconds(p99) * 1e3,
        unit: "ms",
        cpu_seconds: 0.0,
        wall_seconds: wall,
        note: format!(
            "of {LATE}; the slowest {:.3} ms",
            super::process::seconds(took.last().copied().unwrap_or(0)) * 1e3
        ),
    }
}
