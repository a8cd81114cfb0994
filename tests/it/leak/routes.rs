//! The list of routes: each with the check that tries what it gives away.

use super::checks::CHECKS;
use super::twins::Twins;
use std::collections::BTreeSet;
use world_tests::data::{root, say};
use world_tests::turn;

/// One line of the list.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) check: String,
}

/// All lines but empty ones and remarks.
fn routes() -> Vec<Route> {
    let text = std::fs::read_to_string(root().join("tests/routes.txt")).expect("the list");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let mut word = || words.next().unwrap_or_else(|| panic!("three words: {line}"));
            Route { method: word(), path: word(), check: word() }
        })
        .collect()
}

/// Lines of which nothing is tried yet, and why each may stand here for now. It may only shrink.
const UNCHECKED: &str = "unchecked";

#[test]
fn every_check_of_the_list_is_one_that_is_tried() {
    let known: BTreeSet<&str> = CHECKS.iter().map(|(name, _)| *name).chain([UNCHECKED]).collect();
    let unknown: Vec<Route> =
        routes().into_iter().filter(|route| !known.contains(route.check.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let used: BTreeSet<String> = routes().into_iter().map(|route| route.check).collect();
    let idle: Vec<_> = CHECKS.iter().filter(|(name, _)| !used.contains(*name)).collect();
    assert!(
        idle.is_empty(),
        "no route has these checks: {:?}",
        idle.iter().map(|c| c.0).collect::<Vec<_>>()
    );
}

#[test]
fn twins_that_differ_in_what_is_withheld_answer_alike_on_every_route() {
    let _turn = turn::shared();
    let mut twins = Twins::new();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    // What is read is tried before what writes, and last of all what hands in under hidden ids.
    let mut all = routes();
    all.sort_by_key(|route| (route.method != "GET", route.check == "publish"));
    for route in all.iter().filter(|route| route.check != UNCHECKED) {
        let Some((_, check)) = CHECKS.iter().find(|(name, _)| *name == route.check) else {
            continue;
        };
        tried += 1;
        for fault in check(&mut twins, route) {
            wrong.push(format!("{} {}: {fault}", route.method, route.path));
        }
    }
    say(&format!("leaks: {tried} of {} routes tried over twins", all.len()));
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
