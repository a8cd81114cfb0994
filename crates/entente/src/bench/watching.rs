//! Telemetry against all indicators of a node, and other programs with the same values on the same
//! lines in the same run. It checks no match: the world tests do.

use super::beside::{Lines, beside};
use super::child::BenchError;
use super::generate::{domain, query};
use super::plain::Plain;
use super::process::Cost;
use super::table::{Figure, Table, tell};
use super::taxii::{Bed, expect, figure};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is matched with what; generated where no file is named.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Telemetry {
    /// watch: a list; sigma: a folder of rules
    #[arg(long, value_name = "FILE")]
    pub(crate) indicators: Option<PathBuf>,
    /// watch, sigma: the events of this file (JSON lines)
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
}

/// Events in the run, at least.
const EVENTS: usize = 500_000;
/// Bytes in one request.
const CHUNK_BYTES: usize = 4 << 20;

/// The lines that both read.
struct Events {
    chunks: Vec<Vec<u8>>,
    lines: u64,
    bytes: usize,
    name: String,
}

/// Feeds the events to a node, and to the others.
pub(super) fn watch(
    (bed, objects): (&Bed, u64),
    what: &Telemetry,
    (folder, peers): (&Path, &Path),
    table: &mut Table,
) -> Result<(), BenchError> {
    let python = peers.join("bin").join("python");
    let folder = folder.join("watching");
    std::fs::create_dir_all(&folder)?;
    let events = Events::read(what.events.as_deref(), objects)?;
    let values = folder.join("values");
    let count = match &what.indicators {
        Some(list) => values_of(list, &values)?,
        None => generated_values(objects, &values)?,
    };
    let lines = folder.join("events");
    events.write(&lines)?;
    let work = format!("watch, {} as JSON", events.name);
    // Theirs first: the table shows it under ours.
    let both = Lines {
        work: &work,
        values: &values,
        lines: &lines,
        events: events.lines,
        folder: &folder,
    };
    beside(&both, &python, table)?;
    let node = match &what.indicators {
        Some(list) => Some(filled(&folder.join("node"), list)?),
        None => None,
    };
    let ours = ours(node.as_ref().unwrap_or(bed), &events)?;
    let memory = node.as_ref().unwrap_or(bed).node.process().anonymous_mb();
    let megabytes = events.bytes / 1_000_000;
    table.add(Figure {
        work,
        value: figure(events.lines) / ours.cost.cpu.max(0.001),
        unit: "events/CPU-s",
        cpu_seconds: ours.cost.cpu,
        wall_seconds: ours.cost.wall,
        note: format!(
            "{megabytes} MB against {count} values, {} matches, {memory:.0} MB anonymous",
            ours.found
        ),
    });
    Ok(())
}

impl Events {
    /// The lines of a file, again and again until there are enough, or made-up ones.
    fn read(file: Option<&Path>, objects: u64) -> Result<Self, BenchError> {
        let (text, name) = match file {
            Some(path) => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                (unpacked(path)?, name.unwrap_or_default())
            }
            None => (generated(objects), "DNS events".to_owned()),
        };
        let once = text.iter().filter(|byte| **byte == b'\n').count().max(1);
        let times = EVENTS.div_ceil(once);
        let mut chunks: Vec<Vec<u8>> = Vec::new();
        for line in std::iter::repeat_n(&text, times).flat_map(|text| text.split_inclusive(is_end))
        {
            match chunks.last_mut().filter(|chunk| chunk.len() + line.len() <= CHUNK_BYTES) {
                Some(chunk) => chunk.extend_from_slice(line),
                None => chunks.push(line.to_vec()),
            }
        }
        let lines = u64::try_from(once.saturating_mul(times)).unwrap_or(u64::MAX);
        let bytes = chunks.iter().map(Vec::len).sum();
        Ok(Self { chunks, lines, bytes, name })
    }

    fn write(&self, to: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(to)?);
        self.chunks.iter().try_for_each(|chunk| file.write_all(chunk))?;
        file.flush()
    }
}

const fn is_end(byte: &u8) -> bool {
    *byte == b'\n'
}

fn unpacked(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes)?;
    } else {
        BufReader::new(file).read_to_end(&mut bytes)?;
    }
    if bytes.last().is_some_and(|last| *last != b'\n') {
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// DNS events, one in a thousand of which asks for a name that an indicator holds.
fn generated(objects: u64) -> Vec<u8> {
    let line = |n: u64| {
        let name = if n.is_multiple_of(1_000) {
            format!("www.{}", domain(n % objects))
        } else {
            format!("host-{n:x}.benign.example")
        };
        query(n, &name) + "\n"
    };
    (0..).take(EVENTS).map(line).collect::<String>().into_bytes()
}

fn generated_values(objects: u64, to: &Path) -> std::io::Result<u64> {
    let mut file = BufWriter::new(File::create(to)?);
    (0..objects).try_for_each(|n| writeln!(file, "{}", domain(n)))?;
    file.flush()?;
    Ok(objects)
}

/// The values of a list of `type,value,name` or of values alone, each once.
fn values_of(list: &Path, to: &Path) -> Result<u64, BenchError> {
    let mut values = BTreeSet::new();
    for (line, number) in BufReader::new(File::open(list)?).lines().zip(0_u64..) {
        let line = line?;
        let value = line.split(',').nth(1).unwrap_or(&line).trim();
        let head = number == 0 && value == "value";
        // An empty pattern would match every line.
        if !value.is_empty() && !value.starts_with('#') && !head {
            values.insert(value.to_owned());
        }
    }
    let mut file = BufWriter::new(File::create(to)?);
    values.iter().try_for_each(|value| writeln!(file, "{value}"))?;
    file.flush()?;
    Ok(u64::try_from(values.len()).unwrap_or(u64::MAX))
}

/// A node that holds the indicators of a list.
fn filled(folder: &Path, list: &Path) -> Result<Bed, BenchError> {
    let bed = Bed::new(folder)?;
    tell(&format!("publishing {}", list.display()));
    let output = Command::new(std::env::current_exe()?)
        .args(["publish", "--circle", "bench", "--format", "list", "--json", "--data"])
        .arg(folder)
        .arg(list)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()?;
    // Real lists hold a few lines that are no value.
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Err(BenchError::Answer(format!("{} cannot be published", list.display())));
    }
    Ok(bed)
}

/// What a look through all lines cost, and how many of them it found.
struct Looked {
    cost: Cost,
    found: u64,
}

fn ours(bed: &Bed, events: &Events) -> Result<Looked, BenchError> {
    let mut plain = Plain::connect(&bed.node.http, &bed.node.admin)?;
    let (found, cost) = bed.node.process().during(|| {
        let mut found = 0;
        for chunk in &events.chunks {
            let heard = plain.ask("POST", "/api/v1/watch", chunk)?;
            expect(&heard, 200)?;
            found += heard.body.iter().filter(|byte| is_end(byte)).count();
        }
        Ok::<_, BenchError>(found)
    })?;
    Ok(Looked { cost, found: u64::try_from(found).unwrap_or(u64::MAX) })
}
