//! Every route is in `tests/routes.txt` with the check that tries what it gives away, and every line
//! there is a route. What the checks do stands with them, in `tests/it/leak`.

use super::resources;
use std::collections::{BTreeMap, BTreeSet};

const LIST: &str = include_str!("../../../../../tests/routes.txt");
const LINK: &str = include_str!("../../wire/link.rs");
const LINK_PATHS: &str = include_str!("../../wire/message.rs");

/// The pieces of a text that stand between two others.
fn between<'a>(text: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// Methods and paths as axum itself tells them, so that nothing that answers can be missing.
fn of_http() -> BTreeSet<String> {
    let told = format!("{:?}", resources());
    let told = told.split_once("fallback_router").expect("axum tells its fallbacks").0;
    let (routes, rest) = told.split_once("node: Node").expect("axum tells routes, then paths");
    let ids = routes.split("RouteId(").skip(1).map(|route| {
        let id = route.split_once(')').expect("a number").0;
        let allowed = between(route, "allow_header: Bytes(b\"", "\")").next();
        (id, allowed.unwrap_or("ANY"))
    });
    let methods: BTreeMap<&str, &str> = ids.collect();
    let known = rest.split("RouteId(").skip(1).filter_map(|route| {
        let (id, rest) = route.split_once("): \"")?;
        Some((id, rest.split_once('"')?.0))
    });
    known
        .flat_map(|(id, path)| {
            let methods = methods.get(id).copied().expect("a route with this number");
            let told = methods.split(',').filter(|method| *method != "HEAD");
            told.map(|method| format!("{method} {path}")).collect::<Vec<_>>()
        })
        .collect()
}

/// The same of the link, from the one place where it is dispatched.
fn of_the_link() -> BTreeSet<String> {
    let paths: BTreeMap<&str, &str> = between(LINK_PATHS, "const ", "\";")
        .filter_map(|constant| constant.split_once(": &str = \""))
        .collect();
    let arms = between(LINK, "(\"", ") =>").filter_map(|arm| arm.split_once("\", "));
    let arms = arms.chain(between(LINK, "(&Method::", ")").filter_map(|arm| arm.split_once(", ")));
    arms.filter_map(|(method, name)| Some(format!("{method} {}", paths.get(name)?))).collect()
}

#[test]
fn every_route_has_a_check_of_what_it_gives_away() {
    let (http, link) = (of_http(), of_the_link());
    assert!(http.len() > 50 && link.len() > 5, "{http:?} {link:?}");
    let lines = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed = lines.map(|line| line.rsplit_once(' ').expect("three words").0.to_owned());
    let listed: BTreeSet<String> = listed.collect();
    let there: BTreeSet<String> = http.union(&link).cloned().collect();
    let lacking: Vec<_> = there.difference(&listed).collect();
    assert!(lacking.is_empty(), "give each a line in tests/routes.txt: {lacking:#?}");
    let gone: Vec<_> = listed.difference(&there).collect();
    assert!(gone.is_empty(), "tests/routes.txt has lines of no route: {gone:#?}");
}
