//! The rim opens no row: what a reader may have comes from `node::read`, which releases it.
//!
//! `node` hands the rim a store and snapshots to carry about, and with them comes `Reading`. This
//! check refuses its questions in `entente`, but for those that tell about no record. It goes by the
//! names that variables have here: it stops forgetting, not malice.

use crate::{
    finding::Finding,
    source::lines,
    tree::{File, Tree},
};

#[cfg(test)]
mod tests;

const RIM: &str = "crates/entente";

/// Questions that tell about no record.
const HARMLESS: &[&str] =
    &["circle", "circles", "head", "partner", "partners", "setting", "status", "token", "tokens"];

const RECEIVERS: &[&str] = &["reading.", "reading()."];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter(|file| file.is_under(RIM)).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in lines(&file.text).iter().enumerate() {
        for question in RECEIVERS.iter().flat_map(|receiver| questions(&line.code, receiver)) {
            let what = format!("the rim asks the store itself: `{question}`");
            let mend = "ask through `node::read`, which sees what this reader may see";
            findings.push(Finding::new(&file.path, index + 1, what, mend));
        }
    }
    findings
}

/// The names called on `receiver` in this line that are not harmless.
fn questions<'a>(code: &'a str, receiver: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(receiver).filter_map(move |(at, _)| {
        let before = code.get(..at)?.chars().next_back();
        let after = code.get(at + receiver.len()..)?;
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        let name = after.get(..end)?;
        let whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        (whole && !name.is_empty() && !HARMLESS.contains(&name)).then_some(name)
    })
}
