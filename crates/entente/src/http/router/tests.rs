//! Every route is in `tests/routes.txt` with the check that tries what it gives away, and every line
//! there is a route.

use super::resources;
use std::collections::BTreeSet;

const LIST: &str = include_str!("../../../../../tests/routes.txt");

/// Methods and paths as axum itself knows them: nothing that answers can be missing.
fn routes() -> BTreeSet<String> {
    let told = format!("{:?}", resources());
    let start = told.find("routes: ").expect("axum tells its routes");
    panic!("{}", &told[start..start + 6000]);
}

#[test]
fn every_route_has_a_check_of_what_it_gives_away() {
    let _ = routes();
}
