//! Every Rust file opens with `//!`: its purpose, and what it deliberately does not do.
//!
//! Whether the sentence is true is for a person to judge; this check sees only that it is there.

use crate::{finding::Finding, tree::Tree};

#[cfg(test)]
mod tests;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let bare = |text: &str| {
        let first = text.lines().next().unwrap_or_default();
        first.strip_prefix("//!").is_none_or(|words| words.trim().is_empty())
    };
    let report = |file: &crate::tree::File| {
        let mend = "open with `//! Purpose in one sentence.` and then what the file does not do";
        Finding::new(&file.path, 1, "the file does not open with `//!`".to_owned(), mend)
    };
    tree.rust().filter(|file| bare(&file.text)).map(report).collect()
}
