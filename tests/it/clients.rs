//! Other people's clients against two linked nodes: all of ATT&CK in through one of them, out at
//! the partner through another, every object byte for byte. What is compared is in `clients.py`.

use world_tests::entente::Running;
use world_tests::python::{succeeds, text};
use world_tests::{data, turn};

#[test]
fn attack_goes_in_through_one_client_and_comes_out_at_the_partner_through_another() {
    let _turn = turn::shared();
    let Some(folder) = data::folder("clients") else { return };
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    // The three domains share ids and versions in different spacing: each has its own collection.
    let domains = ["enterprise", "mobile", "ics"];
    let circles = domains.map(|domain| alpha.circle(domain, "green"));
    alpha.link_with(&beta, &domains);
    let flags: Vec<&str> = domains.iter().flat_map(|domain| ["--circle", domain]).collect();
    let writer = alpha.token("writer", &[&flags[..], &["--read", "--write"]].concat());
    let reader = beta.token("reader", &[&flags[..], &["--read"]].concat());
    let mut arguments = vec![text(&folder), &alpha.http, &writer, &beta.http, &reader];
    arguments.extend(circles.iter().map(String::as_str));
    let told = succeeds("clients.py", &arguments);
    assert!(told.contains("28745 objects"), "all objects of the three files were compared");
}
