//! The floors: a crate uses only crates on floors below it, and the rim alone speaks and waits.
//!
//! It reads what the manifests declare, not what the code happens to use: an edge that is
//! declared will be used. Build output and third-party crates' own edges are not looked at.

use serde_json::Value;

use crate::{finding::Finding, tree::Tree};

#[cfg(test)]
mod tests;

/// Our crates that ship, each with its floor.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("formats", 1),
    ("detect", 1),
    ("policy", 1),
    ("store", 1),
    ("node", 2),
    ("entente", 3),
];

/// Edges that go down a floor and are refused all the same.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    ("entente", "store", "the rim must not open a row; ask `node::read`, which releases it"),
    ("entente", "policy", "the rim must not decide; ask `node`, which does and says why"),
];

/// Third-party crates that only the named crates of ours may use. The crates beside the floors
/// (the simulator, the tests, the chores) never ship and may use them as well.
const OWNED: &[(&[&str], &[&str], &str)] = &[
    (
        &["tokio", "tokio-rustls", "tokio-util", "rustls", "hyper", "hyper-util", "axum", "tower"],
        &["entente"],
        "sockets and waiting live on floor 3; hand the bytes or the value in instead",
    ),
    (
        &["clap", "indicatif", "tracing-subscriber"],
        &["entente"],
        "people and their terminal live on floor 3",
    ),
    (&["rusqlite"], &["store"], "all SQL lives in `store`; add a query there"),
];

/// One package of the workspace and what its manifest declares, of whatever kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest: String,
    pub(super) uses: Vec<String>,
}

/// Reads `cargo metadata --format-version 1 --no-deps`.
pub(super) fn read(metadata: &str) -> Result<Vec<Package>, String> {
    let metadata: Value = serde_json::from_str(metadata)
        .map_err(|e| format!("cargo metadata printed what is no JSON: {e}"))?;
    let root = text(&metadata, "workspace_root");
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.ok_or("cargo metadata names no packages")?;
    Ok(packages.iter().map(|package| read_package(package, &root)).collect())
}

fn read_package(package: &Value, root: &str) -> Package {
    let manifest = text(package, "manifest_path");
    let inside = manifest.strip_prefix(root).map(|rest| rest.trim_start_matches('/'));
    let edges = package.get("dependencies").and_then(Value::as_array);
    Package {
        name: text(package, "name"),
        manifest: inside.unwrap_or(&manifest).to_owned(),
        uses: edges.into_iter().flatten().map(|edge| text(edge, "name")).collect(),
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Every declared edge that does not go down, is forbidden, or belongs to another crate.
pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let from = floor(&package.name);
        for used in &package.uses {
            let beside = packages.iter().any(|other| other.name == *used && floor(used).is_none());
            let fault = if beside && from.is_some() {
                Some((beside_edge(&package.name, used), MEND_BESIDE))
            } else {
                from.and_then(|from| fault(&package.name, from, used))
            };
            if let Some((what, mend)) = fault {
                let line = line_of(tree, &package.manifest, used);
                findings.push(Finding::new(&package.manifest, line, what, mend));
            }
        }
        if from.is_none() && package.manifest.starts_with("crates/") {
            let what = format!("`{}` stands in crates/ but has no floor", package.name);
            let mend = "give it a floor in xtask/src/tidy/floors.rs and ARCHITECTURE.md, with a decision record";
            findings.push(Finding::new(&package.manifest, 1, what, mend));
        }
    }
    findings
}

const MEND_BESIDE: &str = "move what is needed down to a floor, or the test up beside the floors";

fn beside_edge(name: &str, used: &str) -> String {
    format!("`{name}` ships, but uses `{used}`, which never ships")
}

/// What is wrong with the edge from `name` on floor `from` to `used`, if anything is.
fn fault(name: &str, from: u8, used: &str) -> Option<(String, &'static str)> {
    if let Some((_, _, mend)) = FORBIDDEN.iter().find(|(a, b, _)| *a == name && *b == used) {
        return Some((format!("`{name}` must not use `{used}`"), mend));
    }
    if let Some(to) = floor(used) {
        let what = format!("`{name}` (floor {from}) uses `{used}` (floor {to})");
        let mend =
            "a crate uses only floors below it: move the shared part down, or hand a value in";
        return (to >= from).then_some((what, mend));
    }
    let (_, owners, mend) = OWNED.iter().find(|(crates, _, _)| crates.contains(&used))?;
    (!owners.contains(&name)).then(|| (format!("`{name}` uses `{used}`"), *mend))
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

/// The line of the manifest that declares `used`; the first line when it cannot be found.
fn line_of(tree: &Tree, manifest: &str, used: &str) -> usize {
    let declares =
        |line: &str| line.strip_prefix(used).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    let file = tree.find(manifest);
    let found = file.and_then(|file| file.lines().find(|(_, line)| declares(line)));
    found.map_or(1, |(number, _)| number)
}
