//! The list of checks. A new check is one line here and one file beside it.
//!
//! It knows no rule itself.

use super::{
    budget, clock, floors, heads, map, opening, places, released, rim, routes, rows, size, sql,
    words,
};
use crate::{
    finding::Finding,
    mutants,
    tree::{Tree, output},
};

type Check = fn(&Tree) -> Vec<Finding>;

/// Checks that need nothing but the text of the tree.
const OVER_THE_TREE: &[Check] = &[
    size::check,
    opening::check,
    heads::check,
    map::check,
    words::check,
    places::check,
    released::check,
    sql::check,
    rim::check,
    rows::check,
    clock::check,
    routes::check,
    mutants::check,
];

/// How many checks there are; two more read what cargo says.
pub(crate) const COUNT: usize = OVER_THE_TREE.len() + 2;

const METADATA: &[&str] = &["metadata", "--format-version", "1", "--no-deps"];
const SHIPPED: &[&str] = &[
    "tree",
    "-p",
    "entente",
    "-e",
    "normal",
    "--target",
    "x86_64-unknown-linux-gnu",
    "--prefix",
    "none",
];

/// Runs every check and returns the findings in the order of path and line.
pub(crate) fn run(tree: &Tree) -> Result<Vec<Finding>, String> {
    let mut findings: Vec<Finding> = OVER_THE_TREE.iter().flat_map(|check| check(tree)).collect();
    let crates = floors::read(&output("cargo", METADATA)?)?;
    findings.extend(floors::check(tree, &crates));
    findings.extend(budget::check(&output("cargo", SHIPPED)?));
    findings.sort();
    Ok(findings)
}
