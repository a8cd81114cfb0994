//! The disk fails: what it did not confirm is not acknowledged, and the node stops.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use world_tests::data::root;
use world_tests::entente::Running;
use world_tests::http::Http;
use world_tests::python::text;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";

/// A library that makes the disk fail while a file exists, made by the C compiler.
fn failing_disk(node: &Running) -> (String, PathBuf) {
    let (library, switch) = (node.beside("fails.so"), node.beside("the-disk-fails"));
    let source = root().join("tests/it/disk/fails.c");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .status();
    assert!(made.is_ok_and(|status| status.success()), "no C compiler: apt-get install gcc");
    (text(&library).to_owned(), switch)
}

#[test]
fn a_disk_that_fails_stops_the_node_and_nothing_is_acknowledged() {
    let _turn = turn::shared();
    let mut node = Running::init("CERT Alpha");
    let (library, switch) = failing_disk(&node);
    node.surround("LD_PRELOAD", &library);
    node.surround("DISK_FAILS", text(&switch));
    node.serve();
    let objects = Running::objects(&node.circle("ring", "green"));
    let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
    let post = |node: &Running, number: u64| {
        let body = envelope(&[indicator(42, number, &format!("{number}.fails.example"))]);
        let mut client = Http::with(&node.http, &token);
        let headers = [("Content-Type", TAXII)];
        client.try_send("POST", &objects, &headers, body.as_bytes()).map(|reply| reply.status)
    };
    for number in 0..20 {
        assert_eq!(post(&node, number).ok(), Some(202));
    }
    drop(File::create(&switch).expect("the switch"));
    let answered = post(&node, 20);
    assert!(!matches!(answered, Ok(200..=299)), "acknowledged on a disk that fails: {answered:?}");
    assert!(!node.ended(), "an exit code that says so");
    let log = node.complaints();
    assert!(log.contains("the node stops") && log.contains("E-STORE-003"), "{log}");

    std::fs::remove_file(&switch).expect("the disk is mended");
    node.serve();
    for number in 0..20 {
        let path = format!("{objects}{}/", indicator_id(42, number));
        assert_eq!(Http::with(&node.http, &token).get(&path).status, 200, "object {number}");
    }
    assert_eq!(post(&node, 21).ok(), Some(202));
    assert_eq!(node.stop(), Some(0));
    assert_eq!(node.cli(&["verify", text(&node.data())]).code, 0);
}
