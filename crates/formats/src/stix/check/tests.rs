//! What a check lists.

use super::check;

const ID: &str = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

fn listed(json: &str) -> Vec<String> {
    check(json.as_bytes()).iter().map(|p| format!("{} {}", p.code, p.path)).collect()
}

#[test]
fn errors_and_warnings_are_listed_with_their_places() {
    let times = r#""created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z""#;
    let tool =
        format!(r#"{{"type":"tool","spec_version":"2.1","id":"tool--{ID}",{times},"name":"t"}}"#);
    let url = |members: &str| format!(r#"{{"type":"url","id":"url--{ID}","value":"u"{members}}}"#);
    let marking = format!("marking-definition--{ID}");
    let marked = url(&format!(r#","object_marking_refs":["{marking}"]"#));
    let statement = format!(
        r#"{{"type":"marking-definition","id":"{marking}","created":"2020-01-01T00:00:00Z",
        "definition_type":"statement","definition":{{"statement":"(c)"}}}}"#
    );
    let bundle = |objects: &[&str]| {
        format!(r#"{{"type":"bundle","id":"bundle--{ID}","objects":[{}]}}"#, objects.join(","))
    };
    let malware = tool.replace("tool", "malware").replace("Z\",\"name", "+00:00\",\"name");
    let table = [
        (tool.clone(), vec![]),
        (
            bundle(&[&tool, "{}", &tool]),
            vec!["E-STIX-001 /objects/1/type", "W-STIX-110 /objects/2/id"],
        ),
        (
            url(r#","a":[],"b":{"c":null,"d":{}},"confidence":101"#),
            vec!["W-STIX-105 /a", "W-STIX-105 /b/c", "W-STIX-105 /b/d", "W-STIX-106 /confidence"],
        ),
        (url(r#","a":[]"#), vec!["W-STIX-105 /a"]),
        (marked.clone(), vec!["W-STIX-103 "]),
        (bundle(&[&marked, &statement]), vec![]),
        (malware, vec!["W-STIX-109 /modified", "W-STIX-107 /is_family"]),
        (format!(r#"{{"type":"x-a","id":"x-a--{ID}"}}"#), vec!["W-STIX-108 /type"]),
        (
            bundle(&[format!(r#"{{"type":"x-a","id":"x-a--{ID}"}}"#).as_str(); 2]),
            vec!["W-STIX-108 /objects/0/type", "W-STIX-110 /objects/1/id"],
        ),
        ("{\"type\":".to_owned(), vec!["E-JSON-001 "]),
        ("{\"a\":1}".to_owned(), vec!["W-STIX-111 "]),
        (bundle(&[]), vec!["W-STIX-111 "]),
        ("[]".to_owned(), vec!["W-STIX-111 "]),
        ("[1]".to_owned(), vec!["E-JSON-005 /0"]),
    ];
    for (json, wanted) in table {
        assert_eq!(listed(&json), wanted, "{json}");
    }
}
