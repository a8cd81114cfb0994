//! What a copy has and what it has not, against bodies with everything that may have to go.

use super::{Cut, copy, derived_from};
use crate::stix::{read, tlp_marking_id};
use model::id::ThingId;
use model::label::Tlp;
use std::collections::BTreeSet;
use uuid::Uuid;

const SECRET: &str = "malware--11111111-17d4-4cbf-938f-98ee46b3cd3f";
const PUBLIC: &str = "malware--22222222-17d4-4cbf-938f-98ee46b3cd3f";
const STATEMENT: &str = "marking-definition--33333333-17d4-4cbf-938f-98ee46b3cd3f";
const ODD: &str = "marking-definition--44444444-17d4-4cbf-938f-98ee46b3cd3f";

fn cut() -> Cut {
    Cut {
        refs: BTreeSet::from([ThingId::parse_stix(SECRET).unwrap()]),
        markings: BTreeSet::from([ODD.to_owned()]),
        tlp: Tlp::Green,
        uuid: Uuid::from_u128(0x1234_4321_0000_4000_8000_0000_0000_0009),
        now: "2026-11-22T08:00:00Z".parse().unwrap(),
    }
}

fn report(more: &str) -> String {
    format!(
        r#"{{"type":"report","spec_version":"2.1","id":"report--55555555-17d4-4cbf-938f-98ee46b3cd3f",
        "created":"2026-01-01T00:00:00.000Z","modified":"2026-02-01T00:00:00.000Z","name":"A report",
        "published":"2026-01-01T00:00:00Z","x_number":12345678901234567890.10{more}}}"#
    )
}

#[test]
fn what_is_too_strict_goes_and_the_rest_keeps_its_bytes() {
    let red = tlp_marking_id(Tlp::Red);
    let body = report(&format!(
        r#","object_refs":["{SECRET}","{PUBLIC}"],"created_by_ref":"identity--{0}",
        "description":"Three words here","x_link_ref":"{SECRET}","x_note":"see {SECRET}",
        "object_marking_refs":["{red}","{STATEMENT}","{ODD}"],"labels":["one","two"],
        "granular_markings":[{{"selectors":["labels.[0]"],"marking_ref":"{red}"}},
        {{"selectors":["name"],"lang":"en"}}]"#,
        "66666666-17d4-4cbf-938f-98ee46b3cd3f"
    ));
    let copied = copy(body.as_bytes(), &cut()).unwrap();
    let text = String::from_utf8(copied.body.clone()).unwrap();
    let back = read(&copied.body).unwrap();
    assert_eq!(back.id, copied.id);
    assert_eq!(back.version.as_deref(), Some("2026-11-22T08:00:00.000Z"));
    assert_eq!(back.markings.tlp, Some(Tlp::Green), "{text}");
    assert_eq!(back.markings.unknown, [STATEMENT], "what limits nothing stays");
    assert_eq!(back.facts.refs, [ThingId::parse_stix(PUBLIC).unwrap()]);
    assert!(text.contains("12345678901234567890.10"), "numbers keep their spelling: {text}");
    for gone in ["created_by_ref", "x_link_ref", "labels", "identity--", "55555555"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    let paths: Vec<&str> = copied.removed.iter().map(|removed| removed.path.as_str()).collect();
    for path in [&*format!("object_refs {SECRET}"), "created_by_ref", "x_link_ref", "labels"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert_eq!(copied.mentions, ["x_note"], "texts are kept, and told of");
    assert_eq!(copied.words, 5);
}

#[test]
fn what_cannot_be_without_is_refused() {
    let all = report(&format!(r#","object_refs":["{SECRET}"]"#));
    assert_eq!(copy(all.as_bytes(), &cut()).unwrap_err().code, "E-COPY-002");
    let named = report(&format!(
        r#","object_refs":["{PUBLIC}"],"granular_markings":[{{"selectors":["name"],"marking_ref":"{}"}}]"#,
        tlp_marking_id(Tlp::Amber)
    ));
    assert_eq!(copy(named.as_bytes(), &cut()).unwrap_err().code, "E-COPY-002");
    for odd in ["", "[]", "{}", r#"{"type":"report"}"#] {
        assert!(copy(odd.as_bytes(), &cut()).is_err(), "{odd}");
    }
}

#[test]
fn a_part_whose_marking_is_loose_enough_stays_marked() {
    let green = tlp_marking_id(Tlp::Green);
    let body = report(&format!(
        r#","object_refs":["{PUBLIC}"],"granular_markings":[{{"selectors":["name"],"marking_ref":"{green}"}}]"#
    ));
    let copied = copy(body.as_bytes(), &cut()).unwrap();
    assert!(copied.removed.is_empty(), "{:?}", copied.removed);
    assert!(String::from_utf8(copied.body).unwrap().contains("granular_markings"));
}

#[test]
fn what_it_is_derived_from_is_a_readable_relationship() {
    let text = derived_from(PUBLIC, SECRET, Uuid::from_u128(7), cut().now);
    assert_eq!(read(text.as_bytes()).unwrap().facts.refs.len(), 2, "{text}");
}
