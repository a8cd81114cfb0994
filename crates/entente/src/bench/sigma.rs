//! Sigma rules on events, without a node around them: what the rules alone cost. It checks no match;
//! the tests of `detect` ask the judge.

use super::child::BenchError;
use super::process::Process;
use super::table::{Figure, Table, tell};
use super::taxii::figure;
use super::watching::Telemetry;
use crate::runtime::now;
use detect::index::Handle;
use detect::reading::{Form, Reader};
use detect::rules::{RuleScratch, Rules, Seen};
use model::facts::{Language, Rule};
use std::path::{Path, PathBuf};

/// Passes over the events: enough for a second of work.
const PASSES: usize = 5;

/// Measures the rules of a folder on the events of a file.
pub(super) fn sigma(what: &Telemetry, table: &mut Table) -> Result<(), BenchError> {
    let (Some(folder), Some(events)) = (&what.indicators, &what.events) else {
        tell("sigma: name a folder of rules by --indicators, and JSON lines by --events");
        return Ok(());
    };
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let process = Process(std::process::id());
    let (rules, cost) = process.during(|| compiled(&files))?;
    let (loaded, refused) = (rules.len(), rules.skipped());
    table.add(Figure {
        work: "sigma, rules read and compiled".to_owned(),
        value: figure(u64::try_from(loaded).unwrap_or(0)) / cost.cpu.max(0.001),
        unit: "rules/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!("{loaded} rules, {refused} refused, {} unrouted", rules.unrouted()),
    });
    let bytes = std::fs::read(events)?;
    let ((lines, matches), cost) =
        process.during(|| -> Result<_, BenchError> { Ok(ask(&rules, &bytes)) })?;
    table.add(Figure {
        work: "sigma, events against the rules of their source".to_owned(),
        value: figure(lines) / cost.cpu.max(0.001),
        unit: "events/CPU-s",
        cpu_seconds: cost.cpu,
        wall_seconds: cost.wall,
        note: format!("{} MB, {matches} matches, one thread", bytes.len() * PASSES / 1_000_000),
    });
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), BenchError> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "yml") {
            files.push(path);
        }
    }
    Ok(())
}

fn compiled(files: &[PathBuf]) -> Result<Rules, BenchError> {
    let mut rules = Rules::new();
    for (number, file) in (0_u64..).zip(files) {
        let rule = Rule { language: Language::Sigma, text: std::fs::read_to_string(file)? };
        if let Err(error) = rules.insert(Handle(number), &rule) {
            tell(&format!("{}: {error}", file.display()));
        }
    }
    if let Some(work) = rules.freeze() {
        rules.adopt(work.run());
    }
    Ok(rules)
}

/// Events and matches.
fn ask(rules: &Rules, bytes: &[u8]) -> (u64, u64) {
    let (mut scratch, mut out) = (RuleScratch::default(), Vec::new());
    let (mut lines, mut matches) = (0_u64, 0_u64);
    let now = now();
    for _ in 0..PASSES {
        let mut reader = Reader::new(Form::Json);
        for line in bytes.split(|byte| *byte == b'\n') {
            let Ok(Some(event)) = reader.event(line) else { continue };
            let seen = Seen { now, observation: lines, latest: now };
            rules.event(&event, seen, &mut scratch, &mut out);
            lines += 1;
            matches += u64::try_from(out.drain(..).count()).unwrap_or(0);
        }
    }
    (lines, matches)
}
