//! Only the rim speaks and waits: sockets, tasks and the environment belong to `entente`.
//!
//! The manifests keep the crates out ([`super::floors`]); this check keeps the standard library's
//! own doors shut. Time is a check of its own ([`super::clock`]).

use crate::{
    finding::Finding,
    source::{has_word, lines},
    tree::{File, Tree},
};

#[cfg(test)]
mod tests;

/// The rim, and what stands beside the floors and never ships.
const FREE: &[&str] = &["crates/entente", "sim", "tests", "xtask", "fuzz"];

const DOORS: &[(&str, &str)] = &[
    ("tokio", "hand in what arrived and return what should happen; `entente` waits"),
    ("std::env", "take the value as an argument; only `entente::config` reads the environment"),
    ("TcpStream", "take bytes; only `entente::wire` and `entente::http` hold sockets"),
    ("TcpListener", "take bytes; only `entente::wire` and `entente::http` hold sockets"),
    ("UdpSocket", "take bytes; only `entente` holds sockets"),
    ("UnixStream", "take bytes; only `entente` holds sockets"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter(|file| !is_free(file)).flat_map(|file| find(file, DOORS)).collect()
}

/// Whether the file may speak and wait. Build scripts and examples are no part of the program.
pub(super) fn is_free(file: &File) -> bool {
    let beside = file.path.ends_with("/build.rs") || file.path.contains("/examples/");
    beside || FREE.iter().any(|folder| file.is_under(folder))
}

/// Every line of code with one of `words` in it; the table gives each its remedy.
pub(super) fn find(file: &File, words: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in lines(&file.text).iter().enumerate() {
        for (word, mend) in words.iter().filter(|(word, _)| stands_in(&line.code, word)) {
            let what = format!("`{word}` below the rim");
            findings.push(Finding::new(&file.path, index + 1, what, mend));
        }
    }
    findings
}

/// A path such as `std::env` is also found when it is imported as `std::{env, fs}`.
fn stands_in(code: &str, word: &str) -> bool {
    let imported = word.strip_prefix("std::").is_some_and(|name| {
        code.split_once("std::{").is_some_and(|(_, names)| {
            names.split([',', '}']).any(|item| item.trim().split("::").next() == Some(name))
        })
    });
    imported || has_word(code, word)
}
