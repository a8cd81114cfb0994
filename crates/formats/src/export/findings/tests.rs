//! Findings in the words of other tools.

use super::{Finding, FindingForm};
use model::facts::ValueKind;
use model::time::Instant;
use serde_json::Value;
use serde_json::value::RawValue;

fn written(kind: ValueKind, value: &str, form: FindingForm) -> Value {
    let event = RawValue::from_string("{\"q\": \"a\\u0041\"}".to_owned()).expect("JSON");
    let finding = Finding {
        id: "m1",
        at: Instant::from_micros(1_500_000),
        indicator: "indicator--1",
        circle: "ring \"x\"\n",
        signer: "CERT Beta",
        tlp: "green",
        field: "dns.query",
        value,
        kind: Some(kind),
        normal: value,
        source: "edge",
        event: &event,
        short: false,
    };
    let line = finding.write(form);
    assert!(!line.contains('\n'), "{line}");
    serde_json::from_str(&line).expect("JSON")
}

#[test]
fn an_ocsf_finding_has_the_class_the_observable_and_the_event_as_it_came() {
    let finding = written(ValueKind::Domain, "evil.example", FindingForm::Ocsf);
    assert_eq!(finding["class_uid"], 2004);
    assert_eq!(finding["type_uid"], 2004 * 100 + 1);
    assert_eq!((&finding["time"], &finding["finding_info"]["uid"]), (&1_500.into(), &"m1".into()));
    assert_eq!(finding["observables"][0]["type_id"], 1);
    assert_eq!(finding["observables"][0]["value"], "evil.example");
    assert_eq!(finding["evidences"][0]["data"], "{\"q\": \"a\\u0041\"}");
}

#[test]
fn an_ecs_alert_has_its_indicator_where_ecs_looks_for_it() {
    let alert = written(ValueKind::Domain, "evil.example", FindingForm::Ecs);
    assert_eq!((&alert["event"]["kind"], &alert["event"]["id"]), (&"alert".into(), &"m1".into()));
    assert_eq!(alert["threat"]["indicator"]["type"], "domain-name");
    assert_eq!(alert["threat"]["indicator"]["url"]["domain"], "evil.example");
    assert_eq!(alert["threat"]["enrichments"][0]["matched"]["field"], "dns.query");
    let hash = written(ValueKind::Sha256, "ab", FindingForm::Ecs);
    assert_eq!(hash["threat"]["indicator"]["file"]["hash"]["sha256"], "ab");
    let other = written(ValueKind::Mutex, "m", FindingForm::Ecs);
    assert!(other["threat"]["indicator"].get("type").is_none());
}
