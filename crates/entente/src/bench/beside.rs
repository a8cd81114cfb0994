//! Other programs on the same values and the same lines in the same run: grep, ripgrep, Tenzir and the
//! OASIS matcher of patterns. Each is asked for what it can do; the note says what it does not do.
//! Those that are not here are named, and nothing is left out silently.

use super::child::{BenchError, rest};
use super::process::{Cost, Process, seconds};
use super::table::{Figure, Table, tell};
use super::taxii::figure;
use crate::runtime::now;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What all of them look for, and where.
pub(super) struct Lines<'l> {
    /// The name of the row that ours has.
    pub(super) work: &'l str,
    /// The values, one a line.
    pub(super) values: &'l Path,
    /// The events, one a line.
    pub(super) lines: &'l Path,
    /// How many events.
    pub(super) events: u64,
    /// A folder for what they write.
    pub(super) folder: &'l Path,
}

/// What a look through all lines cost, and how many of them it found.
struct Looked {
    cost: Cost,
    found: String,
}

/// Asks all of them; `python` has those that come as Python packages.
pub(super) fn beside(
    lines: &Lines<'_>,
    python: &Path,
    table: &mut Table,
) -> Result<(), BenchError> {
    for (who, program) in [("GNU grep -F -f", "grep"), ("ripgrep -F -f", "rg")] {
        match search(program, lines)? {
            Ok(figure) => table.peer(who, figure),
            Err(why) => tell(&format!("{program} {why}: nothing to compare with")),
        }
    }
    let tool = |name: &str| python.with_file_name(name);
    match tenzir(lines, (&tool("tenzir"), &tool("tenzir-node")))? {
        Some(figure) => table.peer("Tenzir 6.20", figure),
        None => tell("Tenzir is not here, or failed: `make bench-setup` installs it"),
    }
    match matcher(lines, python)? {
        Some(figure) => table.peer("stix2-matcher 3.0", figure),
        None => tell("stix2-matcher is not here, or failed: `make bench-setup` installs it"),
    }
    Ok(())
}

/// Runs a program to its end; `None` when it cannot be run or ends with another code than these.
fn run(command: &mut Command, codes: &[i32]) -> Result<Option<Looked>, BenchError> {
    let (cpu, wall) = (Process::ended_children(), now());
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let Ok(output) = output else { return Ok(None) };
    if !output.status.code().is_some_and(|code| codes.contains(&code)) {
        return Ok(None);
    }
    let wall = seconds(now().micros() - wall.micros());
    let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(Some(Looked { cost: Cost { cpu: Process::ended_children() - cpu, wall }, found }))
}

/// A difference of two runs that is no accident of the clock.
const SURE_SECONDS: f64 = 0.1;

/// A program that looks for the values as parts of lines, once over them and once twice: the
/// difference is what lines cost, without reading the values.
fn search(program: &str, lines: &Lines<'_>) -> Result<Result<Figure, String>, BenchError> {
    let over = |lines_of: &[&Path]| {
        let mut command = Command::new(program);
        command.args(["-c", "-F", "-f"]).arg(lines.values).args(lines_of).env("LC_ALL", "C");
        // 1: nothing found; more: it failed.
        run(&mut command, &[0, 1])
    };
    let (once, twice) = (over(&[lines.lines])?, over(&[lines.lines, lines.lines])?);
    let (Some(once), Some(twice)) = (once, twice) else {
        return Ok(Err("is not here, or failed".to_owned()));
    };
    if twice.cost.cpu - once.cost.cpu < SURE_SECONDS {
        let took = once.cost.cpu;
        return Ok(Err(format!("took {took:.1} s, nearly all of it to read the values")));
    }
    let note = format!(
        "{} lines, by substring; the {:.2} s to read the values not counted",
        once.found,
        (2.0 * once.cost.cpu - twice.cost.cpu).max(0.0)
    );
    Ok(Ok(per_second(lines, &twice.cost, (once.cost.cpu, note))))
}

fn per_second(lines: &Lines<'_>, cost: &Cost, (start, note): (f64, String)) -> Figure {
    Figure {
        work: lines.work.to_owned(),
        value: figure(lines.events) / (cost.cpu - start).max(0.01),
        unit: "events/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note,
    }
}

/// A node of Tenzir, which ends with this.
struct TenzirNode(Child);

impl Drop for TenzirNode {
    fn drop(&mut self) {
        // It is asked to end and not waited for too long: it serves nobody else.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Between two looks whether it answers, and how many.
const NODE_LOOK: Duration = Duration::from_millis(200);
const NODE_LOOKS: u32 = 150;

/// Tenzir's lookup table with the values, asked by one field's whole text.
fn tenzir(
    lines: &Lines<'_>,
    (tool, node): (&Path, &PathBuf),
) -> Result<Option<Figure>, BenchError> {
    let state = lines.folder.join("tenzir");
    std::fs::create_dir_all(&state)?;
    let endpoint = state.join("endpoint");
    let started = Command::new(node)
        .arg("--endpoint=127.0.0.1:0")
        .arg(format!("--write-endpoint={}", endpoint.display()))
        .arg(format!("--state-directory={}", state.join("state").display()))
        .arg(format!("--cache-directory={}", state.join("cache").display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(child) = started else { return Ok(None) };
    let node = TenzirNode(child);
    let mut address = String::new();
    for _ in 0..NODE_LOOKS {
        address = std::fs::read_to_string(&endpoint).unwrap_or_default().trim().to_owned();
        if !address.is_empty() {
            break;
        }
        rest(NODE_LOOK);
    }
    let values = state.join("values.json");
    as_json(lines.values, &values)?;
    let ask = |pipeline: &str| {
        let mut command = Command::new(tool);
        run(command.arg(pipeline).env("TENZIR_ENDPOINT", &address), &[0])
    };
    let process = Process(node.0.id());
    let created = ask("context_create_lookup_table \"values\"")?;
    let fill = format!(
        "from_file \"{}\" {{ read_ndjson }}\ncontext_update \"values\", key=v, value=v",
        values.display()
    );
    let filled = ask(&fill)?;
    let (Some(_), Some(filled)) = (created, filled) else { return Ok(None) };
    let look = format!(
        "from_file \"{}\" {{ read_ndjson }}\n{}\nsummarize n=count()",
        lines.lines.display(),
        TENZIR_LOOK
    );
    let (whole, served) = process.during(|| ask(&look))?;
    let Some(mut whole) = whole else { return Ok(None) };
    // The node has the table; the pipeline may run there.
    whole.cost.cpu += served.cpu;
    let found: String = whole.found.chars().filter(char::is_ascii_digit).collect();
    let note = format!(
        "{found} lines by one field, no parents of names; the {:.2} s to fill its table not counted",
        filled.cost.cpu
    );
    Ok(Some(per_second(lines, &whole.cost, (0.0, note))))
}

/// The name that was asked for, in our made-up events and in Zeek's.
const TENZIR_LOOK: &str = "name = dns?.rrname? else query?\n\
    context_enrich \"values\", key=name, into=hit\nwhere hit != null";

fn as_json(values: &Path, to: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(to)?);
    for line in BufReader::new(File::open(values)?).lines() {
        writeln!(out, "{}", serde_json::json!({ "v": line? }))?;
    }
    out.flush()
}

/// Patterns and events that the OASIS matcher is given: it tries each on each.
const PATTERNS: usize = 100;
const OBSERVED: usize = 200;

/// The OASIS matcher, on a hundred values and two hundred events.
fn matcher(lines: &Lines<'_>, python: &Path) -> Result<Option<Figure>, BenchError> {
    let mut command = Command::new(python);
    command.args(["-c", include_str!("peers/matcher.py")]).args([lines.values, lines.lines]);
    command.args([PATTERNS.to_string(), OBSERVED.to_string()]);
    let Some(told) = run(&mut command, &[0])? else { return Ok(None) };
    // The time of the matching alone, which it measures itself, and what it found.
    let mut words = told.found.split_whitespace();
    let cpu: f64 = words.next().and_then(|cpu| cpu.parse().ok()).unwrap_or(f64::INFINITY);
    let found = words.next().unwrap_or("0");
    let events = u64::try_from(OBSERVED).unwrap_or(0);
    Ok(Some(Figure {
        work: lines.work.to_owned(),
        value: figure(events) / cpu.max(0.001),
        unit: "events/CPU-s",
        cpu_seconds: cpu,
        wall_seconds: told.cost.wall,
        note: format!("{found} found; {OBSERVED} events against {PATTERNS} patterns, and no more"),
    }))
}
