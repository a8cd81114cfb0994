//! A file that has grown past 800 lines is two files.
//!
//! Functions are clippy's job (70 lines); this check counts lines and does not weigh them.

use crate::{finding::Finding, tree::Tree};

#[cfg(test)]
mod tests;

/// Aim at 300, think at 500, stop here.
const LINES_MAX: usize = 800;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let long = |file: &&crate::tree::File| file.is_code() && file.lines().count() > LINES_MAX;
    let report = |file: &crate::tree::File| {
        let what = format!("{} lines, at most {LINES_MAX} are allowed", file.lines().count());
        let mend = "name the second thing this file does and move it into a file of that name";
        Finding::new(&file.path, LINES_MAX + 1, what, mend)
    };
    tree.files().filter(long).map(report).collect()
}
