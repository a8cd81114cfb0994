//! `Released` is made in one file; whoever holds one holds a decision.
//!
//! The type's fields are private, so the compiler keeps other crates out; this check keeps other
//! files of `node` out. Handing a `Released` on is free, and so is naming it.

use crate::{
    finding::Finding,
    source::lines,
    tree::{File, Tree},
};

#[cfg(test)]
mod tests;

/// The one file that may make it, and the folder of its tests.
const MAKER: &str = "crates/node/src/release.rs";
const MAKER_FOLDER: &str = "crates/node/src/release";

const NAME: &str = "Released";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let elsewhere = |file: &&File| file.path != MAKER && !file.is_under(MAKER_FOLDER);
    tree.rust().filter(elsewhere).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    if !file.text.contains(NAME) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in lines(&file.text).iter().enumerate() {
        if let Some(what) = fault(&line.code) {
            let mend = "call `node::release`, which decides, and pass on what it returns";
            findings.push(Finding::new(&file.path, index + 1, what.to_owned(), mend));
        }
    }
    findings
}

/// What this line does with the name that only the maker may do.
fn fault(code: &str) -> Option<&'static str> {
    code.match_indices(NAME).find_map(|(at, _)| {
        let before = code.get(..at)?;
        let after = code.get(at + NAME.len()..)?;
        let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
        if before.ends_with(part_of_name) || after.starts_with(part_of_name) {
            return None;
        }
        fault_around(path_start(before), without_generics(after))
    })
}

fn fault_around(before: &str, after: &str) -> Option<&'static str> {
    let before = before.trim_end();
    let after = after.trim_start();
    if before.ends_with("->") {
        return Some("a function that makes `Released`");
    }
    if before.split_whitespace().next_back().is_some_and(|word| word.starts_with("impl")) {
        return after.starts_with('{').then_some("an inherent `impl Released`");
    }
    let names_type = before.ends_with("struct") || before.ends_with(" for");
    let opens = after.starts_with('{') || after.starts_with('(');
    (opens && !names_type).then_some("a construction of `Released`")
}

/// `crate::release::Released` counts as `Released`.
fn path_start(before: &str) -> &str {
    before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

fn without_generics(after: &str) -> &str {
    let after = after.trim_start().trim_start_matches("::");
    match after.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((_, rest)) => rest,
        None => after,
    }
}
