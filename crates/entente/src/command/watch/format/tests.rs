//! First lines of each form.

use super::Format;

const EVE: &str = r#"{"timestamp":"2026-01-01T00:00:00.000001+0000","event_type":"dns","dns":{}}"#;
const ZEEK: &str = r#"{"ts":1.5,"uid":"C1","id.orig_h":"192.0.2.1"}"#;
const OTHER: &str = r#"{"message":"x"}"#;

#[test]
fn a_form_is_known_by_its_members() {
    let auto = |line: &str| Format::named("auto").unwrap().look(line.as_bytes()).unwrap();
    assert_eq!(auto(EVE), Some("Suricata EVE"));
    assert_eq!(auto(ZEEK), Some("Zeek JSON"));
    assert_eq!(auto(r#"{"@timestamp":"x","ecs":{"version":"8"}}"#), Some("Elastic ECS"));
    assert_eq!(auto("#separator \\x09\n"), Some("a log with columns"));
    assert_eq!(auto(OTHER), None);
    assert_eq!(auto("no JSON"), None);
    assert_eq!(auto(&format!("{EVE}\n{{}}\n")), Some("Suricata EVE"));
}

#[test]
fn a_form_that_was_asked_for_must_be_there() {
    let ok = |name: &str, line: &str| Format::named(name).unwrap().look(line.as_bytes()).is_ok();
    assert!(ok("eve", EVE) && ok("zeek", ZEEK) && ok("json", OTHER) && ok("json", EVE));
    assert!(!ok("eve", ZEEK) && !ok("zeek", EVE) && !ok("eve", OTHER));
    assert!(ok("eve", "{\"cut"), "told later with its number");
    assert!(!ok("eve", "#separator \\x09"), "it would pass without a match");
    for name in
        "auto eve zeek zeek-tsv sysmon ecs ocsf cef leef syslog key-value json text".split(' ')
    {
        assert!(Format::named(name).is_ok(), "{name}");
    }
    assert!(Format::named("nonsense").is_err());
}
