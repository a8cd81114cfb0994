//! Objects read, and objects refused with their code.

use super::{SpecVersion, read};
use model::facts::ValueKind;
use model::label::Tlp;

const ID: &str = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
const TIMES: &str =
    r#""created":"2020-01-01T00:00:00.123456789Z","modified":"2021-01-01T00:00:00Z""#;

fn object(kind: &str, rest: &str) -> String {
    format!(r#"{{"type":"{kind}","spec_version":"2.1","id":"{kind}--{ID}",{TIMES}{rest}}}"#)
}

#[test]
fn an_indicator_gives_its_identity_version_and_facts() {
    let json = object(
        "indicator",
        r#","name":"Bad \u00e9","description":"more","pattern":"[url:value = 'x']","confidence":85,
        "pattern_type":"stix","valid_from":"2022-01-01T00:00:00Z","valid_until":"2023-01-01T00:00:00Z",
        "created_by_ref":"identity--7e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","revoked":true,
        "x_custom":{"deep":[{"some_refs":["malware--6e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "identity--7E2E2D2B-17d4-4cbf-938f-98ee46b3cd3f","not an id",7]}]},"odd":1E400,
        "object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]"#,
    );
    let reading = read(json.as_bytes()).unwrap();
    assert_eq!(reading.thing.to_string(), format!("indicator--{ID}"));
    assert_eq!(reading.version.as_deref(), Some("2021-01-01T00:00:00Z"));
    assert_eq!(reading.spec_version, SpecVersion::V2_1);
    let facts = reading.facts;
    let refs: Vec<String> = facts.refs.iter().map(ToString::to_string).collect();
    assert_eq!(
        refs,
        [
            "identity--7e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "malware--6e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
        ]
    );
    assert_eq!(facts.pattern.as_deref(), Some("[url:value = 'x']"));
    assert_eq!(facts.title.as_deref(), Some("Bad é"));
    assert_eq!(facts.text.as_deref(), Some("Bad é\nmore"));
    assert_eq!((facts.confidence, facts.revoked), (Some(85), true));
    assert_eq!(facts.valid_from.unwrap().to_stix(), "2022-01-01T00:00:00.000Z");
    assert_eq!(facts.valid_until.unwrap().to_stix(), "2023-01-01T00:00:00.000Z");
    assert_eq!(facts.created.unwrap().to_taxii(), "2020-01-01T00:00:00.123456Z");
    assert_eq!(reading.markings.tlp, Some(Tlp::Amber));
}

#[test]
fn observables_give_their_values() {
    use ValueKind::{Asn, Domain, FileName, Md5, OtherHash, Sha1, Sha256};
    let observed = r#","first_observed":"2020-01-01T00:00:00Z","last_observed":"2020-01-01T00:00:00Z",
        "number_observed":3,"objects":{"0":{"value":"a.example","type":"domain-name"},
        "1":{"type":"file","hashes":{"SHA-1":"bb"},"name":"x.exe"}}"#;
    let sco = |kind: &str, rest: &str| format!(r#"{{"id":"{kind}--{ID}",{rest},"type":"{kind}"}}"#);
    let table = [
        (sco("domain-name", r#""value":"b.example""#), vec![(Domain, "b.example")]),
        (
            sco("file", r#""hashes":{"MD5":"aa","sha256":"bb","TLSH":"cc"},"name":"n""#),
            vec![(Md5, "aa"), (Sha256, "bb"), (OtherHash, "cc"), (FileName, "n")],
        ),
        (sco("autonomous-system", r#""number":15169"#), vec![(Asn, "15169")]),
        (sco("x-other", r#""value":"unknown types have no values""#), vec![]),
        (
            object("observed-data", observed),
            vec![(Domain, "a.example"), (Sha1, "bb"), (FileName, "x.exe")],
        ),
    ];
    for (json, wanted) in table {
        let reading = read(json.as_bytes()).unwrap();
        let values: Vec<_> =
            reading.facts.values.iter().map(|v| (v.kind, v.text.as_str())).collect();
        assert_eq!(values, wanted, "{json}");
    }
}

#[test]
fn versions_follow_the_class_of_the_type() {
    let marking = format!(
        r#"{{"type":"marking-definition","id":"marking-definition--{ID}",
        "created":"2017-01-20T00:00:00.000Z","definition_type":"statement","definition":{{}}}}"#
    );
    let table = [
        (format!(r#"{{"type":"url","id":"url--{ID}","value":"u"}}"#), None, SpecVersion::V2_1),
        (marking, Some("2017-01-20T00:00:00.000Z"), SpecVersion::V2_0),
        (
            format!(r#"{{"type":"x-a","id":"x-a--{ID}",{TIMES}}}"#),
            Some("2021-01-01T00:00:00Z"),
            SpecVersion::V2_0,
        ),
        (object("malware", ""), Some("2021-01-01T00:00:00Z"), SpecVersion::V2_1),
    ];
    for (json, version, spec) in table {
        let reading = read(json.as_bytes()).unwrap();
        assert_eq!((reading.version.as_deref(), reading.spec_version), (version, spec), "{json}");
    }
}

#[test]
fn unusable_objects_are_refused_with_a_code_and_a_place() {
    let times = |created: &str, modified: &str| {
        format!(
            r#"{{"type":"tool","name":"t","id":"tool--{ID}","created":"{created}","modified":"{modified}"}}"#
        )
    };
    let (early, late) = ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.001Z");
    let refs: Vec<String> =
        (0..20_001).map(|n| format!("\"tool--8e2e2d2b-17d4-4cbf-938f-{n:012}\"")).collect();
    let table = [
        ("{}".to_owned(), "E-STIX-001", "/type"),
        (r#"{"type":"bundle","id":"x"}"#.to_owned(), "E-STIX-001", "/type"),
        (r#"{"type":"tool"}"#.to_owned(), "E-STIX-002", "/id"),
        (r#"{"type":"tool","id":"bad"}"#.to_owned(), "E-STIX-002", "/id"),
        (format!(r#"{{"type":"tool","id":"malware--{ID}"}}"#), "E-STIX-003", "/id"),
        (
            format!(r#"{{"type":"url","id":"url--{ID}","value":"u","spec_version":"3.0"}}"#),
            "E-STIX-004",
            "/spec_version",
        ),
        (times("yesterday", late), "E-STIX-005", "/created"),
        (
            times(early, &format!("2020-01-01T00:00:00.{}Z", "1".repeat(80))),
            "E-STIX-005",
            "/modified",
        ),
        (times(late, early), "E-STIX-006", "/modified"),
        (
            format!(r#"{{"type":"tool","name":"t","id":"tool--{ID}","created":"{early}"}}"#),
            "E-STIX-007",
            "/modified",
        ),
        (object("indicator", r#","pattern":"[a:b = 1]""#), "E-STIX-007", "/valid_from"),
        (
            object("indicator", r#","pattern":7,"valid_from":"2022-01-01T00:00:00Z""#),
            "E-STIX-008",
            "/pattern",
        ),
        (
            object("indicator", r#","pattern":"[a:b = 1]","valid_from":"soon""#),
            "E-STIX-005",
            "/valid_from",
        ),
        (object("sighting", r#","sighting_of_ref":"bad""#), "E-STIX-008", "/sighting_of_ref"),
        (object("tool", r#","name":null"#), "E-STIX-007", "/name"),
        (
            object("report", &format!(r#","name":"r","object_refs":[{}]"#, refs.join(","))),
            "E-STIX-009",
            "",
        ),
        (object("tool", r#","name":"t","object_marking_refs":[7]"#), "E-STIX-010", ""),
        (object("tool", r#","name":"t","name":"u""#), "E-JSON-002", "/name"),
    ];
    for (json, code, path) in table {
        let problem = read(json.as_bytes()).unwrap_err();
        assert_eq!((problem.code, problem.path.as_str()), (code, path), "{json:.300}");
    }
}
