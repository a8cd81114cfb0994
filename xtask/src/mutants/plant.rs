//! Plants the faults one by one in a copy of the repository and runs the test of each.
//!
//! It never touches the files of the repository itself, but for the report at the end; a fault that
//! nobody finds, and one whose place is not there any more, are both failures.

use super::list::MUTANTS;
use super::report;
use crate::say;
use crate::tree::{File, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the copy lies, and what is built of it.
const COPY: &str = "target/mutants/tree";
const BUILT: &str = "target/mutants/built";
/// Worlds that the simulator tries beside those that failed once.
const WORLDS: &str = "60";
/// No test here takes longer by itself; a fault may make one wait for ever.
const SECONDS: &str = "900";

/// A program of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bin {
    pub(super) package: &'static str,
    /// How cargo is told which of the package's.
    pub(super) target: &'static [&'static str],
}

/// One fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mutant {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// What stands in the file, exactly once.
    pub(super) from: &'static str,
    /// What stands there instead.
    pub(super) to: &'static str,
    pub(super) bin: Bin,
    /// The whole name of the test that must fail.
    pub(super) test: &'static str,
}

/// What came of one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The test failed.
    Caught,
    /// The test passed.
    Missed,
    /// The place is not there, it does not compile, or the test fails without it.
    Unfit(String),
}

/// Plants all faults, or those whose names hold `words`, and says what came of them; with all of
/// them the report is written.
pub(crate) fn run(words: &[&str]) -> Result<ExitCode, String> {
    let tree = Tree::of_this_repository()?;
    let wanted = |mutant: &&Mutant| words.iter().all(|word| mutant.name.contains(word));
    let mutants: Vec<&Mutant> = MUTANTS.iter().filter(wanted).collect();
    copy(&tree)?;
    let whole = unplanted(&mutants)?;
    let mut outcomes = BTreeMap::new();
    for mutant in &mutants {
        let outcome = match whole.get(&(mutant.bin, mutant.test)) {
            Some(problem) => Outcome::Unfit(problem.clone()),
            None => planted(&tree, mutant)?,
        };
        say(&format!("{:<8} {}\n", word(&outcome), mutant.name))?;
        if let Outcome::Unfit(why) = &outcome {
            say(&format!("         {why}\n"))?;
        }
        outcomes.insert(mutant.name, outcome);
    }
    let caught = outcomes.values().filter(|outcome| **outcome == Outcome::Caught).count();
    say(&format!("{caught} of {} planted faults are caught\n", mutants.len()))?;
    if words.is_empty() {
        report::write(&tree, &outcomes)?;
    }
    Ok(if caught == mutants.len() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

pub(super) const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Caught => "caught",
        Outcome::Missed => "MISSED",
        Outcome::Unfit(_) => "UNFIT",
    }
}

/// Brings the copy up to date; what is the same stays untouched, so that little is built anew.
fn copy(tree: &Tree) -> Result<(), String> {
    let root = Path::new(COPY);
    let mut there = BTreeSet::new();
    walk(root, &mut there);
    for file in tree.files() {
        let path = root.join(&file.path);
        there.remove(&path);
        put(&path, &file.text)?;
    }
    for path in there {
        fs::remove_file(&path).map_err(|e| format!("cannot remove {}: {e}", path.display()))?;
    }
    // Files that are no text: keys, databases, pictures. They are few and never mutated.
    for path in crate::tree::others()? {
        let bytes = fs::read(&path).map_err(|e| format!("cannot read {path}: {e}"))?;
        let to = root.join(&path);
        if fs::read(&to).is_ok_and(|old| old == bytes) {
            continue;
        }
        make_folder(&to)?;
        fs::write(&to, bytes).map_err(|e| format!("cannot write {}: {e}", to.display()))?;
    }
    Ok(())
}

fn walk(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.insert(path);
        }
    }
}

fn make_folder(path: &Path) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    make_folder(path)?;
    fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// The tests that do not pass without any fault, each with what is wrong.
fn unplanted(mutants: &[&Mutant]) -> Result<BTreeMap<(Bin, &'static str), String>, String> {
    let tests: BTreeSet<(Bin, &str)> =
        mutants.iter().map(|mutant| (mutant.bin, mutant.test)).collect();
    let mut unfit = BTreeMap::new();
    for (bin, test) in tests {
        let told = cargo(bin, test)?;
        if !told.contains("test result: ok. 1 passed") {
            unfit.insert((bin, test), format!("without a fault: {}", last(&told)));
        }
    }
    Ok(unfit)
}

fn planted(tree: &Tree, mutant: &Mutant) -> Result<Outcome, String> {
    let Some(file) = tree.find(mutant.file) else {
        return Ok(Outcome::Unfit(format!("there is no {}", mutant.file)));
    };
    if count(file, mutant.from) != 1 {
        let times = count(file, mutant.from);
        return Ok(Outcome::Unfit(format!("its place is {times} times in {}", mutant.file)));
    }
    let path = Path::new(COPY).join(mutant.file);
    put(&path, &file.text.replacen(mutant.from, mutant.to, 1))?;
    let told = cargo(mutant.bin, mutant.test);
    put(&path, &file.text)?;
    let told = told?;
    Ok(if told.contains("test result: FAILED. 0 passed; 1 failed") {
        Outcome::Caught
    } else if told.contains("test result: ok. 1 passed") {
        Outcome::Missed
    } else {
        Outcome::Unfit(last(&told))
    })
}

pub(super) fn count(file: &File, piece: &str) -> usize {
    file.text.matches(piece).count()
}

/// What cargo and the test printed. The simulator is run over product code that is built for speed.
fn cargo(bin: Bin, test: &str) -> Result<String, String> {
    let built = std::path::absolute(BUILT).map_err(|e| format!("no such folder {BUILT}: {e}"))?;
    let fast: &[&str] = if bin.package == "sim" { &["--config", "sim/fast.toml"] } else { &[] };
    let done = Command::new("timeout")
        .args([SECONDS, "cargo", "test", "--locked", "--package", bin.package])
        .args(bin.target)
        .args(fast)
        .args(["--", "--exact", test])
        .current_dir(COPY)
        .env("CARGO_TARGET_DIR", built)
        .env("SIM_SEEDS", WORLDS)
        .output()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    Ok(format!("{err}\n{out}"))
}

fn last(told: &str) -> String {
    let errors = told.lines().filter(|line| line.starts_with("error"));
    errors.chain(told.lines().rev().filter(|line| !line.is_empty())).next().unwrap_or("").to_owned()
}
