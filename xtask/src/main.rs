//! Chores of the house, written as a program instead of a wiki page.
//!
//! It reads the tree and the dependency graph and says what is out of place, and plants faults in a
//! copy. It does not mend or format anything, and nothing that ships depends on it. Start with
//! [`tidy`].

mod finding;
mod mutants;
mod source;
mod tidy;
mod tree;

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
};

const USAGE: &str = "\
cargo xtask COMMAND

  tidy              checks what the compiler cannot: floors, sizes, words, the one maker of Released
  mutants [WORD]... plants faults one by one, and a named test must find each; without words all
                    of them, and docs/mutants.md is written
";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["tidy"] => tidy(),
        ["mutants", words @ ..] => mutants::run(words),
        [] | ["help" | "--help" | "-h"] => say(USAGE).map(|()| ExitCode::SUCCESS),
        [unknown, ..] => Err(format!("there is no chore `{unknown}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(code) => code,
        Err(problem) => {
            // Nowhere is left to report that standard error itself is gone.
            drop(writeln!(io::stderr(), "xtask: {problem}"));
            ExitCode::from(2)
        }
    }
}

/// Runs every check and prints what was found; the exit code is 1 when anything was.
fn tidy() -> Result<ExitCode, String> {
    let tree = tree::Tree::of_this_repository()?;
    let findings = tidy::run(&tree)?;
    for finding in &findings {
        say(&format!("{finding}\n"))?;
    }
    if findings.is_empty() {
        say(&format!("tidy: {} files, {} checks, nothing found\n", tree.len(), tidy::COUNT))?;
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("tidy: {} found\n", findings.len()))?;
    Ok(ExitCode::from(1))
}

fn say(text: &str) -> Result<(), String> {
    io::stdout().write_all(text.as_bytes()).map_err(|e| format!("cannot print: {e}"))
}
