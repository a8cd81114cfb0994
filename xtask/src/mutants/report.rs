//! `docs/mutants.md`: which fault was caught by which test, and a digest of the code that this was
//! said about.
//!
//! The digest covers the functions that faults are planted in and the tests that find them, not
//! whole files: a report is stale when what it speaks of has changed, and not before. It guards
//! against forgetting, not against malice.

use super::list::MUTANTS;
use super::plant::{Mutant, Outcome, count, word};
use crate::finding::Finding;
use crate::tree::{File, Tree};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

#[cfg(test)]
mod tests;

const PATH: &str = "docs/mutants.md";
const DIGEST: &str = "Digest of what this is about: ";
const MEND: &str = "run `make mutants`: it plants each fault and writes the report anew";

/// Writes the report.
pub(super) fn write(tree: &Tree, outcomes: &BTreeMap<&str, Outcome>) -> Result<(), String> {
    let mut text = String::from(
        "# Planted faults\n\nEach fault is put into the product alone, and the test beside it must \
         fail because of it. `make mutants` plants them\none by one and writes this page; \
         `cargo xtask tidy` says when it no longer speaks of the code that is there.\n\n\
         | fault | planted in | | by the test |\n|---|---|---|---|\n",
    );
    for mutant in MUTANTS {
        let outcome = outcomes.get(mutant.name).map_or("not run", word);
        let (name, file, test) = (mutant.name, mutant.file, mutant.test);
        let package = mutant.bin.package;
        writeln!(text, "| {name} | `{file}` | {outcome} | `{package}`: `{test}` |")
            .map_err(|e| e.to_string())?;
    }
    writeln!(text, "\n{DIGEST}{}", digest(tree, MUTANTS)).map_err(|e| e.to_string())?;
    fs::write(PATH, text).map_err(|e| format!("cannot write {PATH}: {e}"))
}

/// Whether every fault can still be planted, and the report is of today's code.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    check_of(tree, MUTANTS)
}

fn check_of(tree: &Tree, mutants: &[Mutant]) -> Vec<Finding> {
    let list = "xtask/src/mutants/list.rs";
    let mut findings: Vec<Finding> = mutants
        .iter()
        .filter(|mutant| tree.find(mutant.file).is_none_or(|file| count(file, mutant.from) != 1))
        .map(|mutant| {
            let line = tree.find(list).map_or(1, |file| line_of(file, mutant.name));
            let what = format!("\"{}\" has no place in {} any more", mutant.name, mutant.file);
            Finding::new(list, line, what, "plant it where the code is now, then `make mutants`")
        })
        .collect();
    let Some(report) = tree.find(PATH) else {
        findings.push(Finding::new(PATH, 1, "there is no report".to_owned(), MEND));
        return findings;
    };
    for (line, text) in report.lines() {
        if text.contains("| MISSED |") || text.contains("| UNFIT |") || text.contains("| not run |")
        {
            findings.push(Finding::new(PATH, line, "a fault that nobody finds".to_owned(), MEND));
        }
    }
    let told = report.lines().find_map(|(_, line)| line.strip_prefix(DIGEST));
    if told != Some(digest(tree, mutants).as_str()) {
        findings.push(Finding::new(PATH, 1, "the report is of older code".to_owned(), MEND));
    }
    findings
}

fn line_of(file: &File, text: &str) -> usize {
    file.lines().find(|(_, line)| line.contains(text)).map_or(1, |(line, _)| line)
}

/// FNV-1a of everything that decides what comes of the faults, 64 bits in hexadecimal.
fn digest(tree: &Tree, mutants: &[Mutant]) -> String {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for mutant in mutants {
        let Mutant { name, file, from, to, test, bin } = mutant;
        [name, file, from, to, bin.package, test].into_iter().for_each(&mut add);
        let place = tree.find(file).and_then(|file| Some((file, file.text.find(from)?)));
        add(place.map_or("", |(file, at)| function_at(&file.text, at)));
        let short = test.rsplit("::").next().unwrap_or(test);
        let head = format!("fn {short}(");
        let found = tree.rust().find_map(|file| Some((file, file.text.find(&head)?)));
        add(found.map_or("", |(file, at)| function_at(&file.text, at)));
    }
    format!("{sum:016x}")
}

/// The function around a place, as rustfmt lays it out: from its head to the brace below it.
fn function_at(text: &str, at: usize) -> &str {
    let (before, _) = text.split_at_checked(at).unwrap_or((text, ""));
    let line_begin =
        |place: usize| before.get(..place).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let here = line_begin(before.len());
    let mut begin = here;
    loop {
        let rest = text.get(begin..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let inner = line.trim_start();
        let head = inner.split_once("fn ").is_some_and(|(words, _)| {
            words
                .split_whitespace()
                .all(|word| matches!(word, "pub" | "const" | "pub(crate)" | "pub(super)"))
        });
        if head {
            let indent = line.len() - inner.len();
            let close = format!("\n{}}}", " ".repeat(indent));
            let end = rest.find(&close).map_or(rest.len(), |end| end + close.len());
            return rest.get(..end).unwrap_or(rest);
        }
        if begin == 0 {
            return text.get(here..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        }
        begin = line_begin(begin - 1);
    }
}
