//! Whoever has the keys can check a record, with a program that is not ours; whoever changes one is
//! found, by it and by us. The other program is `verify_record.py`.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use world_tests::entente::{Running, run, word};
use world_tests::python::{self, succeeds, text};
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

fn exported(node: &Running, number: u64) -> Value {
    serde_json::from_str(&node.ok(&["show", &indicator_id(6, number), "--proof"])).expect("JSON")
}

fn published(name: &str) -> Running {
    let node = Running::new(name);
    let _circle = node.circle("ring", "green");
    let objects: Vec<String> =
        (0..200).map(|n| indicator(6, n, &format!("{n}.verify.example"))).collect();
    let file = node.file("objects.json", envelope(&objects));
    node.ok(&["publish", &file, "--circle", "ring"]);
    node
}

fn theirs(path: &str) -> Output {
    python::run("verify_record.py", &["check", path])
}

#[test]
fn a_record_is_checked_by_a_program_that_is_not_ours() {
    let _turn = turn::shared();
    let (alpha, beta) = (published("CERT Alpha"), Running::new("CERT Beta"));
    alpha.link_with(&beta, &["ring"]);
    let relayed = world_tests::clock::until("the record at the partner", 30, || {
        let ran = beta.cli(&["show", &indicator_id(6, 7), "--proof"]);
        (ran.code == 0).then(|| ran.json())
    });
    for (node, name, proof) in
        [(&alpha, "own.json", exported(&alpha, 7)), (&beta, "relayed.json", relayed)]
    {
        let path = node.file(name, proof.to_string());
        let told = succeeds("verify_record.py", &["check", &path]);
        assert!(told.contains(&word(&alpha.born, "node")), "it names the signer: {told}");
        assert_eq!(run(&["verify", &path]).code, 0, "and so do we");
        assert_eq!(word(&proof, "body"), indicator(6, 7, "7.verify.example"));
    }
}

/// A change to an exported record, made with everything that needs no key.
fn changes(proof: &Value) -> Vec<(&'static str, Value)> {
    let with = |name: &str, text: String| {
        let mut changed = proof.clone();
        changed[name] = json!(text);
        changed
    };
    let body = word(proof, "body").replace("7.verify.example", "8.verify.example");
    let head = word(proof, "head").replace("tlp green", "tlp clear");
    // Its first letter, whichever that is: of any two letters one signature in fifteen has neither.
    let mut other = word(proof, "signature");
    other.replace_range(..1, if other.starts_with('Q') { "R" } else { "Q" });
    vec![
        ("the body", with("body", body)),
        ("the label", with("head", head)),
        ("the signature", with("signature", other)),
        ("the digest", with("digest", "0".repeat(64))),
        ("the leaf", with("leaf", "0".repeat(64))),
    ]
}

#[test]
fn a_change_with_digest_and_leaf_made_to_fit_is_found_by_both() {
    let _turn = turn::shared();
    let node = published("CERT Alpha");
    let proof = exported(&node, 7);
    for (what, changed) in changes(&proof) {
        let path = node.file("changed.json", changed.to_string());
        assert_eq!(theirs(&path).status.code(), Some(1), "{what}, as it is");
        assert_eq!(run(&["verify", &path]).code, 1, "{what}, as it is");
        if ["the digest", "the leaf"].contains(&what) {
            continue;
        }
        let fitted = succeeds("verify_record.py", &["fit", &path]);
        let path = node.file("fitted.json", fitted);
        assert_eq!(theirs(&path).status.code(), Some(1), "{what}, made to fit");
        assert_eq!(run(&["verify", &path]).code, 1, "{what}, made to fit");
    }
    // Signed again with a key of one's own: everything fits but the signer.
    let path = node.file("proof.json", proof.to_string());
    let forged = succeeds("verify_record.py", &["forge", &path]);
    let path = node.file("forged.json", forged);
    assert_eq!(theirs(&path).status.code(), Some(1), "signed by somebody else");
    assert_eq!(run(&["verify", &path]).code, 1, "signed by somebody else");
    assert_eq!(run(&["verify", &node.file("none.json", "{}")]).code, 2, "no proof at all");
    assert_eq!(run(&["verify", "/nowhere/at/all"]).code, 2, "no file at all");
}

#[test]
fn a_byte_changed_in_the_store_is_found() {
    let _turn = turn::shared();
    let mut node = published("CERT Alpha");
    let data = node.data();
    let folder = text(&data);
    let clean = node.cli(&["verify", folder]);
    assert_eq!(clean.code, 0, "while it runs: {}{}", clean.out, clean.err);
    assert_eq!(node.stop(), Some(0));
    assert_eq!(run(&["verify", folder]).code, 0, "and when it does not");
    let store = data.join("store.db");
    let kept = std::fs::read(&store).expect("the store");
    for draw in 0..12_u32 {
        let told = succeeds("verify_record.py", &["spoil", text(&store), &draw.to_string()]);
        let ran = run(&["verify", folder, "--json"]);
        assert_eq!(ran.code, 1, "{told}: {}{}", ran.out, ran.err);
        assert_eq!(ran.json().pointer("/ok"), Some(&Value::Bool(false)), "{told}");
        restore(&store, &kept);
    }
    assert_eq!(run(&["verify", folder]).code, 0, "as it was");
}

fn restore(store: &Path, kept: &[u8]) {
    std::fs::write(store, kept).expect("the store is written back");
}
