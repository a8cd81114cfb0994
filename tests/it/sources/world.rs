//! What these tests share: sources added and looked at, collections counted.

use serde_json::Value;
use world_tests::clock::until;
use world_tests::collection::Entries;
use world_tests::entente::{Running, number, word};

/// A source as `source list` shows it.
pub(super) fn source(node: &Running, name: &str) -> Value {
    let all = node.json(&["source", "list"]);
    let mut all = all.as_array().cloned().unwrap_or_default().into_iter();
    all.find(|source| word(source, "name") == name).unwrap_or_else(|| panic!("no source {name}"))
}

/// Waits until the pull that `source add` begins has ended.
pub(super) fn first_pull(node: &Running, name: &str) -> Value {
    until(&format!("{name} was pulled"), 120, || {
        let source = source(node, name);
        (!source["last_run"].is_null() && source["state"] != "pulling").then_some(source)
    })
}

/// Pulls now; gives the source afterwards.
pub(super) fn pull(node: &Running, name: &str) -> Value {
    let ran = node.cli(&["source", "pull", name, "--json"]);
    assert!(ran.code <= 1, "{}{}", ran.out, ran.err);
    ran.json()
}

/// The code of a source's error, or nothing.
pub(super) fn code(source: &Value) -> String {
    let error = source["error"].as_str().unwrap_or_default();
    error.split(':').next().unwrap_or_default().to_owned()
}

/// Accepted, there already, refused.
pub(super) fn counts(source: &Value) -> [u64; 3] {
    ["accepted", "duplicate", "refused"].map(|name| number(source, name))
}

/// All of a circle, in every version.
pub(super) fn entries(node: &Running, circle: &str) -> Entries {
    world_tests::collection::entries(node, &node.admin(), &Running::objects(circle))
}
