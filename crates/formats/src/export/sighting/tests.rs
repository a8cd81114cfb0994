//! A finding as STIX: every reference leads somewhere, and our own reader takes all of it.

use super::super::{Finding, FindingForm};
use model::facts::ValueKind;
use model::time::Instant;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

const INDICATOR: &str = "indicator--7a2b4f0e-0000-4000-8000-000000000001";

fn told(finding: &Finding<'_>) -> Vec<Value> {
    let told = finding.write(FindingForm::Stix);
    let bundle: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(bundle["type"], "bundle");
    assert_eq!(told, finding.write(FindingForm::Stix), "the same match, the same ids");
    bundle["objects"].as_array().expect("objects").clone()
}

fn with<T>(event: &str, read: impl FnOnce(Finding<'_>) -> T) -> T {
    let event = RawValue::from_string(event.to_owned()).expect("JSON");
    read(Finding {
        id: "m1",
        at: Instant::from_micros(1_500_000),
        indicator: INDICATOR,
        circle: "ring \"x\"\n",
        signer: "CERT Beta",
        tlp: "amber+strict",
        field: "dns.query",
        value: "EVIL.example.",
        kind: Some(ValueKind::Domain),
        normal: "evil.example",
        source: "edge",
        event: &event,
        short: false,
    })
}

fn kinds(objects: &[Value]) -> Vec<&str> {
    objects.iter().filter_map(|one| one["type"].as_str()).collect()
}

#[test]
fn the_sighting_names_its_indicator_and_what_was_observed() {
    let objects = with(r#"{"q": "a\u0041"}"#, |finding| told(&finding));
    let all = ["domain-name", "artifact", "observed-data", "sighting", "marking-definition"];
    assert_eq!(kinds(&objects), all);
    let (name, event, observed, sighting) = (&objects[0], &objects[1], &objects[2], &objects[3]);
    assert_eq!(name["value"], "evil.example");
    // As the library of OASIS makes it of the same value.
    assert_eq!(name["id"], "domain-name--69228563-c8d2-54ae-aeca-5f4134cb59aa");
    assert_eq!(event["payload_bin"], "eyJxIjogImFcdTAwNDEifQ==");
    let known: BTreeSet<&str> = objects.iter().filter_map(|one| one["id"].as_str()).collect();
    let refs = observed["object_refs"].as_array().expect("references");
    assert!(refs.len() == 2 && refs.iter().all(|id| known.contains(id.as_str().unwrap())));
    assert_eq!(sighting["sighting_of_ref"], INDICATOR);
    assert_eq!(sighting["observed_data_refs"][0], observed["id"]);
    assert_eq!(sighting["first_seen"], "1970-01-01T00:00:01.500Z");
    let marked = objects.iter().take(4).map(|one| &one["object_marking_refs"][0]);
    assert!(marked.into_iter().all(|marking| *marking == objects[4]["id"]), "{objects:?}");
}

#[test]
fn a_text_is_kept_as_text_and_a_hash_is_a_file() {
    let text = with(r#""a \"line\"""#, |finding| told(&finding));
    assert_eq!(
        (&text[1]["mime_type"], &text[1]["payload_bin"]),
        (&"text/plain".into(), &"YSAibGluZSI=".into())
    );
    let kind = Some(ValueKind::Sha256);
    let file = with("1", |finding| told(&Finding { kind, normal: "ab", ..finding }));
    assert_eq!(file[0]["hashes"]["SHA-256"], "ab");
    let kind = Some(ValueKind::Ja4);
    let none = with("1", |finding| told(&Finding { kind, ..finding }));
    assert_eq!(kinds(&none)[..2], ["artifact", "observed-data"]);
}

#[test]
fn what_cannot_be_shown_is_not_made_up() {
    let (long, short) =
        with("1", |finding| (told(&finding), told(&Finding { short: true, ..finding })));
    assert_eq!(kinds(&short), ["sighting", "marking-definition"]);
    assert!(short[0].get("observed_data_refs").is_none());
    assert_ne!(long[3]["id"], short[0]["id"], "another telling, another object");
    let indicator = "misp/attribute--7a2b4f0e-0000-4000-8000-000000000001";
    let foreign = with("1", |finding| told(&Finding { indicator, ..finding }));
    assert_eq!(kinds(&foreign), ["domain-name", "artifact", "observed-data", "marking-definition"]);
}
