//! Every module of a crate stands on the map: ARCHITECTURE.md names it in that crate's section.
//!
//! It looks at the top of `src` alone, and does not judge what the map says of a module.

use crate::{finding::Finding, tree::Tree};
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

const MAP: &str = "ARCHITECTURE.md";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let map = tree.find(MAP).map_or("", |file| file.text.as_str());
    let mut modules = BTreeSet::new();
    for file in tree.rust() {
        let Some((name, rest)) = inside(&file.path) else { continue };
        let module = rest.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if !matches!(module, "lib" | "tests") {
            modules.insert((name, module));
        }
    }
    let missing = modules.into_iter().filter(|(name, module)| !is_named(map, name, module));
    let finding = |(name, module): (&str, &str)| {
        let what = format!("the map does not name `{module}` of `crates/{name}`");
        Finding::new(MAP, line_of(map, name), what, "say in its section what it is, in a few words")
    };
    missing.map(finding).collect()
}

/// A crate's name, and the path of a file in its `src`.
fn inside(path: &str) -> Option<(&str, &str)> {
    let (name, rest) = path.strip_prefix("crates/")?.split_once('/')?;
    Some((name, rest.strip_prefix("src/")?))
}

fn heading(name: &str) -> String {
    format!("### `crates/{name}`")
}

/// Whether a crate's section has the module between backticks, alone or as part of a path.
fn is_named(map: &str, name: &str, module: &str) -> bool {
    let section = map.split_once(&heading(name)).map_or("", |(_, rest)| rest);
    let section = section.split("\n### ").next().unwrap_or_default();
    let mut spans = section.split('`').skip(1).step_by(2);
    spans.any(|span| span.split('/').any(|part| part == module))
}

fn line_of(map: &str, name: &str) -> usize {
    let heading = heading(name);
    map.lines().position(|line| line.starts_with(&heading)).map_or(1, |line| line + 1)
}
