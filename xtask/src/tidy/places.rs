//! The repository speaks of the project alone: no machine's paths, no registry's hosts.
//!
//! It reads every text file, documents included. Lock files name where their packages come from
//! and may. This file holds the table and is therefore not read.

use crate::{
    finding::Finding,
    tree::{File, Tree},
};

#[cfg(test)]
mod tests;

/// Folders of somebody's machine. They are found at the start of a path only, so that a URL whose
/// path holds the same word is none.
const MACHINE_PATHS: &[&str] = &["/work/", "/root/", "/home/"];

/// What follows `/root/` in a TAXII address: our API root has that name.
const TAXII_AFTER_ROOT: &[&str] = &["collections", "status"];

const REGISTRIES: &[&str] = &[
    "crates.io",
    "pypi.org",
    "pythonhosted.org",
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "proxy.golang.org",
    "deb.debian.org",
];

const WORDS: &[&str] = &["AI"];

const NOT_READ: &[&str] = &["xtask/src/tidy/places.rs", "xtask/src/tidy/places/tests.rs"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let read = |file: &&File| !NOT_READ.contains(&file.path.as_str());
    tree.files().filter(read).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines().filter(|(_, line)| !is_lock_source(file, line)) {
        for path in MACHINE_PATHS.iter().filter(|path| names_machine_path(line, path)) {
            let what = format!("a machine's path: `{path}`");
            let mend = "write the path from the repository's root, or take it as an argument";
            findings.push(Finding::new(&file.path, number, what, mend));
        }
        for host in REGISTRIES.iter().filter(|host| line.contains(**host)) {
            let what = format!("a registry's host: `{host}`");
            let mend = "name the package; its client knows where to find it";
            findings.push(Finding::new(&file.path, number, what, mend));
        }
        for word in WORDS.iter().filter(|word| names_word(line, word)) {
            let mend = "say what the thing does instead";
            findings.push(Finding::new(&file.path, number, format!("the word `{word}`"), mend));
        }
    }
    findings
}

/// Lines of lock files that say where a package comes from.
fn is_lock_source(file: &File, line: &str) -> bool {
    let line = line.trim_start();
    (file.path.ends_with("Cargo.lock") && line.starts_with("source = "))
        || (file.path.ends_with("package-lock.json") && line.starts_with("\"resolved\": "))
}

fn names_machine_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let inside_a_path = |c: char| c.is_alphanumeric() || "._-}>:)".contains(c);
        let after = line.get(at + path.len()..).unwrap_or_default();
        let ours = *path == *"/root/" && is_taxii(after);
        !before.is_some_and(inside_a_path) && !ours
    })
}

fn is_taxii(after: &str) -> bool {
    TAXII_AFTER_ROOT.iter().any(|name| after.starts_with(name))
        || after.starts_with(['"', '`', '{'])
}

/// The word stands alone; within base64 text it means nothing.
fn names_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || "_+/=".contains(c);
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
