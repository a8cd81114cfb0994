//! One run: the head, then the figures in an order in which each finds what it needs.

use super::child::BenchError;
use super::machine;
use super::table::{Figure, Table};
use super::taxii::{Bed, by_id, figure, paging, post_many, post_one, seconds};
use super::{link, watching};

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Bench {
    /// One group only: taxii, link or watch
    pub(crate) name: Option<String>,
    /// Objects that the node holds
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    pub(crate) objects: u64,
}

/// Measures and prints; gives false when a measurement failed, after saying why.
#[expect(clippy::print_stderr, reason = "this command's output")]
pub(crate) fn bench(bench: &Bench, json: bool) -> bool {
    match measure(bench, json) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("error: {error}");
            false
        }
    }
}

fn measure(bench: &Bench, json: bool) -> Result<(), BenchError> {
    let folder = std::env::temp_dir().join(format!("entente-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = measure_in(bench, json, &folder);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn measure_in(bench: &Bench, json: bool, folder: &std::path::Path) -> Result<(), BenchError> {
    let wanted = |name: &str| bench.name.as_deref().is_none_or(|only| only == name);
    let objects = bench.objects;
    let mut table = Table::new(json);
    let (p50, p99) = machine::fdatasync(folder)?;
    let group = bench.name.as_deref().unwrap_or("all");
    table.head(&[
        format!("entente {} bench {group} --objects {objects}", env!("CARGO_PKG_VERSION")),
        machine::line(),
        format!("the disk alone, 4 KiB in place: fdatasync p50 {p50} us, p99 {p99} us"),
    ]);
    let mut bed = Bed::new(&folder.join("a"))?;
    let empty = bed.node.anonymous_mib();
    memory(&mut table, "anonymous memory, empty", empty);
    post_many(&bed, objects, &mut table)?;
    let held = bed.node.store_bytes();
    table.add(Figure {
        work: "disk per object, all views, signature, proof".to_owned(),
        value: figure(held) / figure(objects),
        unit: "bytes",
        cpu_seconds: 0.0,
        wall_seconds: 0.0,
        note: format!(
            "{} bytes an object; the write-ahead log aside",
            super::generate::indicator(1).len()
        ),
    });
    if wanted("taxii") {
        post_one(&bed, 900_000_000, &mut table)?;
        paging(&bed, &mut table)?;
        by_id(&bed, objects, &mut table)?;
    }
    memory(&mut table, "anonymous memory, full", bed.node.anonymous_mib());
    if wanted("watch") {
        watching::watch(&bed, objects, &mut table)?;
    }
    if wanted("link") {
        link::link(&bed, &folder.join("b"), objects, &mut table)?;
    }
    let (node, took) = bed.node.restart()?;
    bed.node = node;
    table.add(Figure {
        work: "start until it serves".to_owned(),
        value: seconds(took) * 1_000.0,
        unit: "ms",
        cpu_seconds: bed.node.cpu(),
        wall_seconds: seconds(took),
        note: "after kill -9".to_owned(),
    });
    Ok(())
}

fn memory(table: &mut Table, work: &str, mib: f64) {
    table.add(Figure {
        work: work.to_owned(),
        value: mib,
        unit: "MiB",
        cpu_seconds: 0.0,
        wall_seconds: 0.0,
        note: String::new(),
    });
}
