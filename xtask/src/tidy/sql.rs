//! SQL stands in string literals of `store` and nowhere else.
//!
//! It recognises statements by their opening words in capitals, as we write them; it does not
//! read SQL.

use crate::{
    finding::Finding,
    source::lines,
    tree::{File, Tree},
};

#[cfg(test)]
mod tests;

const STATEMENTS: &[&str] =
    &["SELECT ", "INSERT INTO", "DELETE FROM", "CREATE TABLE", "CREATE INDEX", "PRAGMA "];

const OWNER: &str = "crates/store";

/// The checks and their tests speak of SQL without asking any of a database.
const NOT_READ: &str = "xtask";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let elsewhere = |file: &&File| !file.is_under(OWNER) && !file.is_under(NOT_READ);
    tree.rust().filter(elsewhere).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in lines(&file.text).iter().enumerate() {
        for statement in STATEMENTS.iter().filter(|words| line.strings.contains(**words)) {
            let what = format!("SQL outside `store`: `{}`", statement.trim_end());
            let mend = "add a query with a name of its own to `store` and call that";
            findings.push(Finding::new(&file.path, index + 1, what, mend));
        }
    }
    findings
}
