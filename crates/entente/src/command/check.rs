//! `entente check`: what is wrong with a file, without a node.

use super::failure::{Ended, Failure, Outcome};
use super::here::Here;
use super::output::{json, line, remark};
use super::rule_file;
use super::table::Table;
use super::use_of;
use crate::http::api::publish::{Format, ProblemView};
use clap::Args;
use formats::problem::{Problem, Severity};
use serde::Serialize;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Check a file of objects, or a list, and say what is wrong
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// The file; - is standard input
    file: PathBuf,
    /// auto, stix, csv, list or sigma
    #[arg(long, default_value = "auto")]
    format: String,
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
    problems: Vec<ProblemView>,
}

impl Check {
    pub(crate) fn run(self, here: &Here) -> Ended {
        let bytes = read(&self.file)?;
        if bytes.trim_ascii().is_empty() {
            remark("note: the file is empty");
        }
        let rule = rule_file::is_rule(&self.format, &self.file);
        let problems = match Format::of(if rule { "stix" } else { &self.format }, &bytes)? {
            Format::Stix if rule => match rule_file::indicator(&bytes) {
                Ok(_) => rule_file::doubts(&bytes),
                Err(problem) => vec![problem],
            },
            Format::Stix => {
                let mut problems = formats::stix::check::check(&bytes);
                problems.extend(use_of::document(&bytes));
                problems
            }
            Format::List => formats::stix::list::items(&bytes).filter_map(Result::err).collect(),
        };
        let valid = problems.iter().all(|problem| problem.severity != Severity::Error);
        if here.json {
            let problems = problems.iter().map(|problem| ProblemView::of("", problem)).collect();
            json(&Checked { valid, problems })?;
        } else {
            print(&problems, valid)?;
        }
        Ok(if valid { Outcome::Done } else { Outcome::Found })
    }
}

/// Reads a file, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| Failure::file(path, &error))
}

fn print(problems: &[Problem], valid: bool) -> Result<(), Failure> {
    let mut table = Table::new(&["SEVERITY", "CODE", "WHERE", "WHAT"]);
    for problem in problems {
        let what = match problem.hint.as_str() {
            "" => problem.message.clone(),
            hint => format!("{} ({hint})", problem.message),
        };
        let severity = problem.severity.to_string();
        table.row([severity, problem.code.to_owned(), problem.path.clone(), what]);
    }
    if problems.is_empty() {
        return line("valid");
    }
    table.print("")?;
    line(if valid { "valid, with warnings" } else { "not valid" })
}
