//! Ten million values and made-up events of Suricata, without a node around them: what reading and
//! looking up alone cost. It checks no match; the tests of `detect` ask the judge.

use super::child::BenchError;
use super::eve::{Seeded, Values, event, value};
use super::process::{Cost, Process};
use super::table::{Figure, Table, tell};
use super::taxii::figure;
use super::work;
use crate::runtime::now;
use detect::index::{Handle, Index};
use detect::live::{Scratch, match_event};
use detect::past::Gathered;
use detect::reading::{Form, Reader, next_line};
use model::limits::{JOURNAL_BYTES_MAX, SEEN_FLUSH_BYTES, SEEN_FLUSH_ROWS};
use node::seen::{Day, Journal, Seen, SegmentError};
use std::path::Path;

/// Different events of a run; as many deliveries as fit.
const EVENTS: u64 = 50 * DELIVERY;
/// Passes over them: enough for some seconds of work.
const PASSES: u64 = 5;
/// How often each row is measured.
const ROUNDS: usize = 5;
/// Lines of one delivery, which lie one behind the other as in a file.
const DELIVERY: u64 = 4_096;
/// Values that come while a merge runs, and before it.
const LATE: u64 = 60_000;
/// The key of the fingerprints; a node draws its own.
const KEY: [u8; 16] = [7; 16];

/// Measures an index of so many values.
pub(super) fn index(folder: &Path, values: u64, table: &mut Table) -> Result<(), BenchError> {
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
    let deliveries = drawn(&mut draw, values, Values::Wide);
    table.add(yardstick(&deliveries)?);
    let unknown: Vec<String> = deliveries.iter().map(|lines| renamed(lines)).collect();
    let runs = [
        (work::INDEX_ONE, 1, &deliveries),
        (work::INDEX_TWO, 2, &deliveries),
        (work::INDEX_UNKNOWN, 1, &unknown),
    ];
    // In turns, for a shared machine is slower for minutes, and whatever runs then.
    let mut rounds: [Vec<(u64, Cost)>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for ((_, threads, deliveries), rounds) in runs.iter().zip(&mut rounds) {
            // The first pass over anything new waits for memory that was never touched.
            pass(&index, deliveries, None);
            let ran = || Ok::<_, BenchError>(run(&index, deliveries, *threads));
            rounds.push(process.during(ran)?);
        }
    }
    for ((work, threads, deliveries), rounds) in runs.into_iter().zip(rounds) {
        table.add(median(work, deliveries, threads, rounds));
    }
    drop(unknown);
    for (spread, works) in [
        (Values::Wide, (work::INDEX_GATHERED, work::INDEX_KEPT)),
        (Values::Measured, (work::INDEX_MEASURED_GATHERED, work::INDEX_MEASURED_KEPT)),
    ] {
        let more: Vec<_> = (0..PASSES).flat_map(|_| drawn(&mut draw, values, spread)).collect();
        let bytes = keep(&folder.join(format!("{spread:?}")), &index, &more, works, table)?;
        if spread == Values::Measured {
            table.add(Figure {
                work: work::INDEX_MEASURED_BYTES.to_owned(),
                value: bytes,
                unit: "B",
                cpu_seconds: 0.0,
                wall_seconds: 0.0,
                note: "segments with their sketches".to_owned(),
            });
        }
    }
    table.add(late(&mut index, values));
    Ok(())
}

/// Different deliveries, each with its lines one behind the other.
fn drawn(draw: &mut Seeded, values: u64, spread: Values) -> Vec<String> {
    let mut delivery = |_| (0..DELIVERY).map(|_| event(draw, values, spread)).collect();
    (0..EVENTS / DELIVERY).map(&mut delivery).collect()
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

/// What reading alone costs elsewhere: each line into a tree of values, and no more.
fn yardstick(deliveries: &[String]) -> Result<Figure, BenchError> {
    let process = Process(std::process::id());
    let read = || {
        let lines = deliveries.iter().flat_map(|delivery| delivery.lines());
        let values = lines.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        Ok::<_, BenchError>(values.count() as u64)
    };
    let (events, cost) = process.during(read)?;
    Ok(Figure {
        work: work::INDEX_YARDSTICK.to_owned(),
        value: figure(events) / cost.cpu.max(0.001),
        unit: "events/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: "the same lines, members in their order; nothing is looked for".to_owned(),
    })
}

/// The same lines under keys that nothing knows.
fn renamed(lines: &str) -> String {
    lines.replace("\":", "_q\":").replace("{\"", "{\"k_").replace(",\"", ",\"k_")
}

fn row(work: &str, deliveries: &[String], threads: u64, (found, cost): (u64, Cost)) -> Figure {
    // As many events in all, in passes or one after the other.
    let events = EVENTS * PASSES * threads;
    let bytes = deliveries.iter().map(String::len).sum::<usize>() / lines_of(deliveries);
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

/// The round in the middle, and how far the others lie from it.
fn median(work: &str, deliveries: &[String], threads: u64, mut rounds: Vec<(u64, Cost)>) -> Figure {
    rounds.sort_by(|(_, a), (_, b)| b.cpu.total_cmp(&a.cpu));
    let figure = |at: usize| {
        let round = rounds.get(at).copied().unwrap_or_default();
        row(work, deliveries, threads, round)
    };
    let (slowest, fastest) = (figure(0).value, figure(rounds.len().saturating_sub(1)).value);
    let middle = figure(rounds.len() / 2);
    let note = format!("{}; {} rounds, {slowest:.0} to {fastest:.0}", middle.note, rounds.len());
    Figure { note, ..middle }
}

fn lines_of(deliveries: &[String]) -> usize {
    deliveries.iter().map(|delivery| delivery.lines().count()).sum::<usize>().max(1)
}

/// Every line several times in each thread; gives how many matched.
fn run(index: &Index, deliveries: &[String], threads: u64) -> u64 {
    std::thread::scope(|scope| {
        let one = || (0..PASSES).map(|_| pass(index, deliveries, None)).sum::<u64>();
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        all.into_iter().filter_map(|thread| thread.join().ok()).sum()
    })
}

/// Takes what a delivery gathered.
type Take<'t> = &'t mut dyn FnMut(&Gathered);

fn pass(index: &Index, deliveries: &[String], mut take: Option<Take<'_>>) -> u64 {
    let (mut out, mut matched) = (Vec::new(), 0);
    let mut gathered = take.is_some().then(|| Gathered::new(KEY, now()));
    for delivery in deliveries {
        // As a node does: what lines taught ends with their delivery.
        let (mut reader, mut scratch) = (Reader::new(Form::Json), Scratch::default());
        let mut rest = delivery.as_bytes();
        while !rest.is_empty() {
            let line = next_line(rest);
            rest = rest.get(line.len() + 1..).unwrap_or_default();
            out.clear();
            if let Ok(Some(event)) = reader.event(line) {
                // A line that cannot be read matches nothing, and shows in the figure.
                let _read = match_event(index, &event, &mut scratch, gathered.as_mut(), &mut out);
            }
            matched += u64::from(!out.is_empty());
        }
        if let (Some(gathered), Some(take)) = (&mut gathered, &mut take) {
            take(gathered);
            gathered.renew(now());
        }
    }
    matched
}

/// The same while what is seen is kept: in memory alone, and as a node does it. Gives what an event
/// takes on the disk, in bytes.
fn keep(
    folder: &Path,
    index: &Index,
    deliveries: &[String],
    (in_memory, on_disk): (&str, &str),
    table: &mut Table,
) -> Result<f64, BenchError> {
    let process = Process(std::process::id());
    let failed = |error: SegmentError| BenchError::Answer(error.to_string());
    let seen = Seen::open(folder, KEY).map_err(failed)?;
    let mut kept = Kept { seen, last: 0, journal: None, open: Gathered::new(KEY, now()), rows: 0 };
    let mut rounds: [Vec<(u64, Cost)>; 2] = Default::default();
    // In turns as well, after one that finds its memory.
    pass(index, deliveries, Some(&mut |_: &Gathered| {}));
    for _ in 0..ROUNDS {
        let [gathered, written] = &mut rounds;
        let mut all = Gathered::new(KEY, now());
        let mut take = |gathered: &Gathered| all.absorb(gathered, "bench");
        let ran = || Ok::<_, BenchError>(pass(index, deliveries, Some(&mut take)));
        gathered.push(process.during(ran)?);
        written.push(process.during(|| kept.all(index, deliveries).map_err(failed))?);
    }
    let [gathered, written] = rounds;
    table.add(median(in_memory, deliveries, 1, gathered));
    let (segments, bytes) = kept.seen.size();
    let each = figure(bytes) / figure(EVENTS * PASSES * ROUNDS as u64);
    let mut written = median(on_disk, deliveries, 1, written);
    let rows = kept.rows;
    written.note =
        format!("{}; {rows} rows in {segments} segments, {each:.1} B an event", written.note);
    table.add(written);
    Ok(each)
}

/// Keeps as a node does: each delivery in the journal, many values in a segment.
struct Kept {
    seen: Seen,
    journal: Option<Journal>,
    last: u64,
    open: Gathered,
    rows: usize,
}

impl Kept {
    /// Every line once, until all that it held lies in segments; gives how many matched.
    fn all(&mut self, index: &Index, deliveries: &[String]) -> Result<u64, SegmentError> {
        let mut wrong = Ok(());
        let mut take = |gathered: &Gathered| {
            wrong = std::mem::replace(&mut wrong, Ok(())).and_then(|()| self.take(gathered));
        };
        let matched = pass(index, deliveries, Some(&mut take));
        wrong.and_then(|()| self.write()).map(|()| matched)
    }

    fn take(&mut self, gathered: &Gathered) -> Result<(), SegmentError> {
        let mut journal = match self.journal.take() {
            Some(journal) => journal,
            None => self.seen.journal(self.last)?,
        };
        Seen::note(&mut journal, Day::of(now()), (gathered, "bench"))?;
        let noted = journal.bytes();
        self.last = journal.number();
        self.journal = Some(journal);
        Seen::gather(&mut self.open, gathered, "bench");
        let full = self.open.rows() >= SEEN_FLUSH_ROWS || self.open.used() >= SEEN_FLUSH_BYTES;
        if full || noted >= JOURNAL_BYTES_MAX { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), SegmentError> {
        self.journal = None;
        let info = self.seen.write(Day::of(now()), &self.open, self.last)?;
        info.into_iter().for_each(|info| self.seen.take_up(info));
        self.rows += self.open.rows();
        self.open.renew(now());
        self.seen.drop_journals(self.last)
    }
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
