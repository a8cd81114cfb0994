//! Made-up manifests: each forbidden edge must be found, and each allowed one must not.

use super::{Package, check, read};
use crate::tree::Tree;

/// Each package is written as `name -> used used`.
fn packages(lines: &[&str]) -> Vec<Package> {
    let package = |line: &&str| {
        let (name, uses) = line.split_once(" ->").unwrap();
        Package {
            name: name.to_owned(),
            manifest: format!("crates/{name}/Cargo.toml"),
            uses: uses.split_whitespace().map(str::to_owned).collect(),
        }
    };
    lines.iter().map(package).collect()
}

fn found(lines: &[&str]) -> Vec<String> {
    check(&Tree::default(), &packages(lines)).into_iter().map(|finding| finding.what).collect()
}

#[test]
fn edges_that_go_down_are_allowed() {
    let house = [
        "model -> thiserror aws-lc-rs",
        "detect -> model memchr",
        "store -> model rusqlite",
        "policy -> model",
        "node -> model detect store policy",
        "entente -> node detect model tokio axum clap rustls",
    ];
    assert_eq!(found(&house), Vec::<String>::new());
}

#[test]
fn every_forbidden_edge_is_found() {
    let table = [
        ("model -> node", "`model` (floor 0) uses `node` (floor 2)"),
        ("detect -> store", "`detect` (floor 1) uses `store` (floor 1)"),
        ("node -> entente", "`node` (floor 2) uses `entente` (floor 3)"),
        ("entente -> store", "`entente` must not use `store`"),
        ("entente -> policy", "`entente` must not use `policy`"),
        ("node -> tokio", "`node` uses `tokio`"),
        ("store -> clap", "`store` uses `clap`"),
        ("formats -> rustls", "`formats` uses `rustls`"),
        ("node -> rusqlite", "`node` uses `rusqlite`"),
    ];
    for (line, expected) in table {
        assert_eq!(found(&[line]), [expected], "{line}");
    }
}

#[test]
fn what_ships_never_uses_what_does_not() {
    let mut house = packages(&["node -> sim", "sim -> node tokio"]);
    house[1].manifest = "sim/Cargo.toml".to_owned();
    let findings = check(&Tree::default(), &house);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].what.contains("never ships"));
}

#[test]
fn a_crate_without_a_floor_is_found() {
    assert_eq!(found(&["extra -> "]), ["`extra` stands in crates/ but has no floor"]);
}

#[test]
fn the_finding_points_at_the_line_of_the_manifest() {
    let text = "[package]\nname = \"node\"\n[dependencies]\ntokio.workspace = true\n";
    let tree = Tree::made_up(&[("crates/node/Cargo.toml", text)]);
    let findings = check(&tree, &packages(&["node -> tokio"]));
    assert_eq!(findings[0].line, 4);
}

#[test]
fn metadata_is_read_as_cargo_prints_it() {
    let metadata = r#"{"workspace_root": "/w", "packages": [{
        "name": "node", "manifest_path": "/w/crates/node/Cargo.toml",
        "dependencies": [{"name": "model", "kind": null}, {"name": "proptest", "kind": "dev"}]}]}"#;
    let read = read(metadata).unwrap();
    assert_eq!(read, packages(&["node -> model proptest"]));
}
