//! One run: the head, the peers, then our figures in an order in which each finds what it needs.

use super::child::{BenchError, rest};
use super::generate::long_indicator;
use super::plain::Plain;
use super::table::{Figure, Form, Table};
use super::taxii::{
    Bed, CONNECTIONS, by_id, figure, fill, paging, paging_again, post_many, post_one, seconds,
};
use super::{
    feeds, index, link, machine, peers, ready, recall, release, scale, seen, sighted, sigma,
    verify, watching, work,
};
use crate::runtime::now;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Bench {
    /// One group of figures; --help names them
    ///
    /// taxii, link, release, recall, verify, watch, index, ready, seen, sigma, feeds, or scale
    #[arg(hide_possible_values = true, value_name = "GROUP")]
    pub(crate) name: Option<Group>,
    /// Objects held [default: 100000; recall: 1000000]
    #[arg(long, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u64).range(2_000..=1_000_000_000))]
    pub(crate) objects: Option<u64>,
    /// From `make bench-setup`
    #[arg(long, value_name = "VENV", default_value = "tests/.bench-venv")]
    pub(crate) peers: PathBuf,
    #[command(flatten)]
    pub(crate) telemetry: watching::Telemetry,
    /// Print the table of BENCHMARKS.md
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// The groups of figures.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Group {
    /// TAXII, memory, disk and start, with the peers.
    Taxii,
    /// Two nodes.
    Link,
    /// What partners may have.
    Release,
    /// What two nodes take back.
    Recall,
    /// What a node holds, checked.
    Verify,
    /// Telemetry.
    Watch,
    /// Looking up alone, without a node; the objects are values of indicators.
    Index,
    /// Matching again after a start; the objects are indicators.
    Ready,
    /// What was seen, and looking back; the objects are values of telemetry.
    Seen,
    /// Sigma rules: a folder of them, and events.
    Sigma,
    /// Feeds for other tools; the objects are indicators.
    Feeds,
    /// The same at five times the objects.
    Scale,
}

/// Single posts of each connection.
const SINGLES: u64 = 400;
/// Objects asked for by id.
pub(super) const LOOKUPS: u64 = 5_000;
/// Objects of 1.2 KB that the store is weighed with, at most.
const WEIGHED_MAX: u64 = 100_000;
/// Where the numbers of single posts begin.
const SINGLES_FROM: u64 = 900_000_000;
/// Between two looks whether matching has begun.
const LOOK: Duration = Duration::from_millis(2);
/// Seconds after which a node that does not match is a failure.
const PATIENCE_SECONDS: i64 = 600;

/// Objects that the node holds, unless a number is given.
const OBJECTS: u64 = 100_000;
/// Objects among which a recall is looked for, when that alone is measured.
const OBJECTS_RECALL: u64 = 1_000_000;

/// Indicators in a feed, when that alone is measured: as many as the longest public lists have.
const INDICATORS_FED: u64 = 1_370_000;

/// Values of telemetry that are looked back for, and values that are looked up.
const VALUES_SEEN: u64 = 10_000_000;

impl Bench {
    fn objects(&self) -> u64 {
        let usual = match self.name {
            Some(Group::Recall) => OBJECTS_RECALL,
            Some(Group::Seen | Group::Index | Group::Ready) => VALUES_SEEN,
            Some(Group::Feeds) => INDICATORS_FED,
            Some(
                Group::Taxii
                | Group::Link
                | Group::Release
                | Group::Verify
                | Group::Watch
                | Group::Sigma
                | Group::Scale,
            )
            | None => OBJECTS,
        };
        self.objects.unwrap_or(usual)
    }
}

/// Measures and prints; gives false when a measurement failed, after saying why.
#[expect(clippy::print_stderr, reason = "this command's output")]
pub(crate) fn bench(bench: &Bench, json: bool) -> bool {
    let form = match (json, bench.markdown) {
        (true, _) => Form::Json,
        (false, true) => Form::Markdown,
        (false, false) => Form::Text,
    };
    let mut table = Table::new(form);
    let measured = measure(bench, &mut table);
    table.end();
    measured.map_err(|error| eprintln!("error: {error}")).is_ok()
}

fn measure(bench: &Bench, table: &mut Table) -> Result<(), BenchError> {
    let folder = std::env::temp_dir().join(format!("entente-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = measure_in(bench, table, &folder);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn measure_in(bench: &Bench, table: &mut Table, folder: &Path) -> Result<(), BenchError> {
    let wanted = |group: Group| bench.name.is_none_or(|only| only == group);
    let objects = bench.objects();
    head(bench, table, folder)?;
    if let Some(done) = alone(bench, folder, table) {
        return done;
    }
    if wanted(Group::Taxii) {
        peers::measure(&bench.peers, &folder.join("peers"), objects, table)?;
    }
    table.columns();
    if wanted(Group::Taxii) {
        table.add(disk(&folder.join("disk"), objects.min(WEIGHED_MAX))?);
    }
    let mut bed = Bed::new(&folder.join("a"))?;
    table.add(memory(work::MEMORY_EMPTY, bed.node.process().anonymous_mb()));
    table.add(post_many(&bed.door(), (0, objects))?);
    let mut records = objects;
    if wanted(Group::Taxii) {
        table.add(post_one(&bed.door(), SINGLES_FROM, (CONNECTIONS, SINGLES))?);
        records += CONNECTIONS * SINGLES;
        paging_again(&bed.door(), records)?.into_iter().for_each(|figure| table.add(figure));
        by_id(&bed.door(), objects, LOOKUPS)?.into_iter().for_each(|figure| table.add(figure));
    }
    table.add(memory(work::MEMORY_FULL, bed.node.process().anonymous_mb()));
    start(&mut bed)?.into_iter().for_each(|figure| table.add(figure));
    if wanted(Group::Watch) {
        let folders = (folder, bench.peers.as_path());
        watching::watch((&bed, objects), &bench.telemetry, folders, table)?;
        sighted::sighted(folder, table)?;
    }
    if wanted(Group::Link) || wanted(Group::Recall) {
        let other = link::link(&mut bed, &folder.join("b"), (objects, records), table)?;
        recall::recall(&bed, &other, objects, table)?;
    }
    drop(bed);
    if wanted(Group::Verify) {
        verify::verify(&folder.join("a"), records, table)?;
    }
    if bench.name.is_none() {
        release::release(folder, objects, table)?;
    }
    Ok(())
}

/// Groups that need no node that others fill; `None` for one that does.
fn alone(bench: &Bench, folder: &Path, table: &mut Table) -> Option<Result<(), BenchError>> {
    let objects = bench.objects();
    let group = bench.name?;
    let shares = [Group::Taxii, Group::Link, Group::Recall, Group::Verify, Group::Watch];
    if shares.contains(&group) {
        return None;
    }
    table.columns();
    Some(match group {
        Group::Scale => scale::scale(folder, objects, table),
        Group::Seen => seen::seen(folder, objects, table),
        Group::Index => index::index(folder, objects, table),
        Group::Ready => ready::ready(folder, objects, table),
        Group::Sigma => sigma::sigma(&bench.telemetry, table),
        Group::Feeds => feeds::feeds(folder, objects, table),
        Group::Release => release::release(folder, objects, table),
        Group::Taxii | Group::Link | Group::Recall | Group::Verify | Group::Watch => Ok(()),
    })
}

fn head(bench: &Bench, table: &mut Table, folder: &Path) -> Result<(), BenchError> {
    use clap::ValueEnum as _;
    let (p50, p99) = machine::fdatasync(folder)?;
    let group = bench.name.as_ref().and_then(Group::to_possible_value);
    let group = group.map(|group| format!(" {}", group.get_name())).unwrap_or_default();
    table.head(&[
        format!("entente {} bench{group} --objects {}", env!("CARGO_PKG_VERSION"), bench.objects()),
        machine::line(),
        format!("the disk alone, 4 KiB in place: fdatasync p50 {p50} us, p99 {p99} us"),
    ]);
    Ok(())
}

/// The store of a node that holds nothing but so many objects of 1.2 KB.
fn disk(folder: &Path, objects: u64) -> Result<Figure, BenchError> {
    let mut bed = Bed::new(folder)?;
    let empty = bed.node.store_bytes()?;
    let cost = fill(&bed.door(), (0, objects), long_indicator)?;
    paging(&bed.door(), objects)?;
    let bytes = bed.node.store_bytes()?.saturating_sub(empty);
    let figure = Figure {
        work: work::DISK.to_owned(),
        value: figure(bytes) / figure(objects),
        unit: "B",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!(
            "{objects} objects of {} B; all views, signature and proof",
            long_indicator(1).len()
        ),
    };
    drop(bed);
    std::fs::remove_dir_all(folder)?;
    Ok(figure)
}

/// Kills the node and starts it again: until it serves, and until it matches.
pub(super) fn start(bed: &mut Bed) -> Result<[Figure; 2], BenchError> {
    let before = now();
    bed.node.restart()?;
    let since = || seconds(now().micros() - before.micros());
    let (serving, serving_cpu) = (since(), bed.node.process().cpu());
    let mut plain = Plain::connect(&bed.node.http, &bed.node.admin)?;
    let deadline = before.plus_seconds(PATIENCE_SECONDS);
    loop {
        let heard = plain.ask("GET", "/health/ready", b"")?;
        let ready: serde_json::Value = serde_json::from_slice(&heard.body).unwrap_or_default();
        if ready.get("matching").and_then(serde_json::Value::as_bool) == Some(true) {
            break;
        }
        if now() > deadline {
            return Err(BenchError::Answer("the restarted node does not match".to_owned()));
        }
        rest(LOOK);
    }
    let of = |work: &str, wall: f64, cpu: f64| Figure {
        work: work.to_owned(),
        value: wall * 1_000.0,
        unit: "ms",
        cpu_seconds: cpu,
        wall_seconds: wall,
        note: "after kill -9".to_owned(),
    };
    let cpu = bed.node.process().cpu();
    Ok([of(work::SERVING, serving, serving_cpu), of(work::MATCHING, since(), cpu)])
}

pub(super) fn memory(work: &str, mb: f64) -> Figure {
    Figure { work: work.to_owned(), value: mb, unit: "MB", ..Figure::default() }
}
