//! Posting: media types, envelopes, sizes, what becomes of each object, and the status of it.

use super::corner::{Corner, TAXII, Who, get, post};
use super::world::{World, version};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write as _;
use world_tests::entente::{number, word};
use world_tests::stix::{envelope, indicator, indicator_id, marked};
use world_tests::turn;

/// A marking that this node was never given.
const NOBODYS: &str = "marking-definition--0000000b-0000-4000-8000-0000000000ff";

fn some(number: u64) -> String {
    indicator(0xb, number, &format!("{number}.posted.example"))
}

/// SPEC: TAXII 2.1 §5.5, §1.6.8
fn requests() -> Vec<Corner> {
    let good = || envelope(&[some(1)]);
    let typed = |name, value| post(name, good()).with("Content-Type", value);
    vec![
        post("an envelope", good()).at("/status", "complete").at("/success_count", 1),
        typed("without a version", "application/taxii+json"),
        typed("with a space", "application/taxii+json; version=2.1"),
        typed("quoted and in capitals", "Application/TAXII+JSON; Version=\"2.1\""),
        typed("with a charset", "application/taxii+json;version=2.1;charset=utf-8"),
        typed("JSON", "application/json").says(415),
        typed("STIX", "application/stix+json;version=2.1").says(415),
        typed("TAXII 2.0", "application/vnd.oasis.taxii+json;version=2.0").says(415),
        typed("a version to come", "application/taxii+json;version=9.9").says(415),
        typed("no media type", "").says(415),
        post("another coding", good()).with("Content-Encoding", "br").says(415),
        post("a coding that it isn't", good()).with("Content-Encoding", "gzip").says(400),
        post("not acceptable", good()).with("Accept", "text/html").says(406),
        post("nothing", "").says(422),
        post("no JSON", "{\"objects\":[").says(422),
        post("no envelope", "[]").says(422),
        post("no objects", "{}").says(422),
        post("objects is an object", "{\"objects\":{}}").says(422),
        post("objects is empty", "{\"objects\":[]}").says(422),
        post("objects is a word", "{\"objects\":\"x\"}").says(422),
        post("an unknown version of STIX", envelope(&[some(2).replace("\"2.1\"", "\"9.9\"")]))
            .says(422),
        post("by a reader", good()).by(Who::Reader).says(403),
        post("by a stranger", good()).by(Who::Stranger).says(404),
        post("by nobody", good()).by(Who::Nobody).says(401),
        post("by a writer", good()).by(Who::Writer),
    ]
}

/// SPEC: TAXII 2.1 §5.5: a duplicate is no error; each object has a fate of its own.
fn fates() -> Vec<Corner> {
    let bad = r#"{"type":"indicator","id":"bad"}"#.to_owned();
    let half = some(4).replace("\"pattern\":", "\"pottern\":");
    let conflict =
        version("2026-03-01T00:00:00.123456789Z").replace("versions.example", "v.example");
    let twice = some(5).replace("\"name\":", "\"name\":\"first\",\"name\":");
    let failed = |name, objects: &[String]| {
        post(name, envelope(objects))
            .at("/status", "complete")
            .at("/failure_count", 1)
            .at("/pending_count", 0)
    };
    vec![
        post("twice is no error", envelope(&[some(1)]))
            .at("/success_count", 1)
            .at("/failure_count", 0),
        post("twice in one envelope", envelope(&[some(3), some(3)])).at("/success_count", 2),
        failed("an id that is none", &[some(6), bad]).at("/success_count", 1).contains("E-STIX-00"),
        failed("no pattern", &[half]).contains("E-STIX-007").lacks("\"successes\""),
        failed("the same version, other words", &[conflict]).contains("\"message\""),
        failed("a name twice", &[twice]).contains("E-JSON-"),
        failed("a word among objects", &["7".to_owned()]),
        post(
            "a marking of nobody is told",
            envelope(&[marked(0xb, 9, "m.example", Some(NOBODYS))]),
        )
        .at("/success_count", 1)
        .contains("W-LABEL-001"),
        get("and is nothing for a reader", &format!("{{c}}objects/{}/", indicator_id(0xb, 9)))
            .by(Who::Reader)
            .says(404),
        get("what failed is not here", &format!("{{c}}objects/{}/", indicator_id(0xb, 4)))
            .says(404),
        get("what was good is here", &format!("{{c}}objects/{}/", indicator_id(0xb, 6))),
    ]
}

#[test]
fn requests_and_the_fate_of_each_object() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.check("requests", &requests());
    world.check("fates", &fates());
}

#[test]
fn a_status_is_kept_for_who_posted() {
    let _turn = turn::shared();
    let mut world = World::new();
    let posted = world.posts(Who::Both, &[some(1), "{}".to_owned()]);
    let status = posted.json();
    let path = format!("/taxii2/root/status/{}/", word(&status, "id"));
    let kept = world.client(Who::Both).get(&path);
    assert_eq!((kept.status, kept.json()), (200, status.clone()));
    assert_eq!(number(&status, "total_count"), 2);
    let details = status["successes"][0].as_object().map(|d| d.keys().cloned().collect::<Vec<_>>());
    assert!(details.is_some_and(|d| d.contains(&"version".to_owned())), "{status}");
    assert_eq!(world.client(Who::Reader).get(&path).status, 404, "it is not the reader's");
    assert_eq!(world.client(Who::Nobody).get(&path).status, 401);
    world.node.kill();
    world.node.serve();
    assert_eq!(world.client(Who::Both).get(&path).json(), status, "it survives a power cut");
}

/// SPEC: TAXII 2.1 §5.5: what is not longer than max_content_length is never 413.
#[test]
fn a_body_is_taken_up_to_the_announced_length() {
    let _turn = turn::shared();
    let mut world = World::new();
    let root = world.gets("/taxii2/root/").json();
    let most = root.get("max_content_length").and_then(Value::as_u64).expect("a number");
    let most = usize::try_from(most).expect("a length");
    let mut body = envelope(&[some(7)]).into_bytes();
    body.resize(most, b' ');
    assert_eq!(
        post("the longest", body.clone()).faults(&world.ask(&post("", body.clone()))),
        Vec::<String>::new()
    );
    body.push(b' ');
    let corner = post("longer", body).says(413);
    assert_eq!(corner.faults(&world.ask(&corner)), Vec::<String>::new());
    // A short body that unpacks to a longer one is no way around it.
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..=most >> 20 {
        packer.write_all(&spaces).expect("memory");
    }
    let bomb = packer.finish().expect("memory");
    let corner = post("a bomb", bomb).with("Content-Encoding", "gzip").says(413);
    assert_eq!(corner.faults(&world.ask(&corner)), Vec::<String>::new());
}

#[test]
fn a_packed_body_is_taken() {
    let _turn = turn::shared();
    let mut world = World::new();
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(envelope(&[some(8)]).as_bytes()).expect("memory");
    let body = packer.finish().expect("memory");
    let corner = post("gzip", body).with("Content-Encoding", "gzip").at("/success_count", 1);
    assert_eq!(corner.faults(&world.ask(&corner)), Vec::<String>::new());
    let object = format!("{{c}}objects/{}/", indicator_id(0xb, 8));
    assert_eq!(
        world.gets(&object).json()["objects"][0],
        serde_json::from_str::<Value>(&some(8)).expect("JSON")
    );
    assert_eq!(TAXII, "application/taxii+json;version=2.1");
}
