//! Words that mean "later" or "anything": unfinished work in code, and names that refuse nothing.
//!
//! It looks at program text only; a document may speak about such words.

use crate::{
    finding::Finding,
    source::has_word,
    tree::{File, Tree},
};

#[cfg(test)]
mod tests;

/// Marks of unfinished work. They are written in halves so that this table does not find itself.
const UNFINISHED: &[&str] =
    &[concat!("FIX", "ME"), concat!("TO", "DO"), concat!("X", "XX"), concat!("db", "g!")];

/// Names of files, folders and modules that say nothing about what is inside.
const NAMELESS: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "manager", "core", "misc", "stuff"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .filter(|file| file.is_code())
        .flat_map(|file| unfinished(file).into_iter().chain(nameless(file)).chain(modules(file)))
        .collect()
}

fn unfinished(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        for word in UNFINISHED.iter().filter(|word| stands_in(line, word)) {
            let mend = "finish it now, or file an issue and delete the mark";
            findings.push(Finding::new(&file.path, number, format!("`{word}` in code"), mend));
        }
    }
    findings
}

fn stands_in(line: &str, word: &str) -> bool {
    match word.strip_suffix('!') {
        Some(name) => line.contains(word) && has_word(line, name),
        None => has_word(line, word),
    }
}

const MEND_NAME: &str = "name it after its noun, or move each part to where its noun lives";

fn nameless(file: &File) -> Option<Finding> {
    let name = file.path.split('/').find_map(|component| nameless_part(component))?;
    let what = format!("`{name}` in a file's or folder's name");
    Some(Finding::new(&file.path, 1, what, MEND_NAME))
}

fn nameless_part(component: &str) -> Option<&str> {
    component.split(['.', '_', '-']).find(|part| NAMELESS.contains(part))
}

fn modules(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines().filter(|_| file.is_rust()) {
        let Some((before, after)) = line.split_once("mod ") else { continue };
        let declares = before.trim().is_empty() || before.trim_start().starts_with("pub");
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        let name = after.get(..end).unwrap_or_default();
        if declares && nameless_part(name).is_some() {
            let what = format!("a module is named `{name}`");
            findings.push(Finding::new(&file.path, number, what, MEND_NAME));
        }
    }
    findings
}
