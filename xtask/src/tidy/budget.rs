//! The number of distinct crates in the shipped binary, against its budget.
//!
//! Crates that only build or test us are not counted; nor is their size weighed.

use std::collections::BTreeSet;

use crate::finding::Finding;

#[cfg(test)]
mod tests;

/// Every crate is somebody's promise that we pass on. The budget rises to 400 when passkeys and
/// single sign-on come, by a decision record, and not otherwise.
const CRATES_MAX: usize = 280;

/// Counts what `cargo tree --prefix none` printed.
pub(super) fn check(printed: &str) -> Option<Finding> {
    let crates: BTreeSet<&str> = printed.lines().filter_map(name_and_version).collect();
    let count = crates.len();
    let what = format!("{count} crates in the shipped binary, the budget is {CRATES_MAX}");
    let mend = "cargo tree -p entente -e normal -i CRATE says who brings one in; leave it out, or \
                write a decision record for a larger budget";
    (count > CRATES_MAX).then(|| Finding::new("Cargo.lock", 1, what, mend))
}

/// `serde v1.0.0 (proc-macro) (*)` is the same crate as `serde v1.0.0`.
fn name_and_version(line: &str) -> Option<&str> {
    let line = line.split(" (").next().unwrap_or_default().trim();
    (!line.is_empty()).then_some(line)
}
