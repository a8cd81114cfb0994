//! Sigma rules from one partner to another's telemetry, with the real binary: as files, as STIX, and
//! after a restart.

use serde_json::{Value, json};
use world_tests::clock::until;
use world_tests::entente::{Running, number};

const NDJSON: &str = "application/x-ndjson";

const RULE: &str = "title: Encoded command\n\
    id: 0b9dd2f5-1d0c-4a7a-9f5e-6a8c6c1f6d01\n\
    status: test\n\
    date: 2026-01-02\n\
    tags:\n    - attack.t1059.001\n\
    logsource:\n    product: windows\n    category: process_creation\n\
    detection:\n    selection:\n        Image|endswith: '\\powershell.exe'\n        \
    CommandLine|contains|windash: ' -enc '\n    filter:\n        User|contains: 'backup'\n    \
    condition: selection and not filter\n\
    level: high\n";

fn event(id: u64, command: &str, user: &str) -> String {
    let event = json!({"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": id,
        "Image": "C:\\Windows\\System32\\PowerShell.exe", "CommandLine": command, "User": user});
    format!("{event}\n")
}

/// How many of the events match, as the node that is asked says.
fn matches(node: &Running, events: &str) -> u64 {
    let reply = node.api().post("/telemetry/", NDJSON, events);
    assert_eq!(reply.status, 200, "{}", reply.text());
    number(&reply.json(), "matches")
}

#[test]
fn a_sigma_rule_published_at_a_alerts_at_b() {
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _circle = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let file = alpha.file("encoded.yml", RULE);
    alpha.ok(&["check", &file]);
    alpha.ok(&["publish", &file, "--circle", "ring"]);
    let one = event(1, "powershell /enc aGk=", "alice");
    until("the rule is looked for at Beta", 30, || (matches(&beta, &one) == 1).then_some(()));
    let none = [
        event(3, "powershell -enc aGk=", "alice"),
        event(1, "powershell -e aGk=", "alice"),
        event(1, "powershell -enc aGk=", "backup-agent"),
    ];
    assert_eq!(matches(&beta, &none.concat()), 0, "another source, another command, the filter");
    let sighted = || {
        let page: Value = alpha.api().get("/api/v1/sightings").json();
        page["sightings"].as_array().filter(|all| !all.is_empty()).map(|_| ())
    };
    until("Beta's sighting is at Alpha", 30, sighted);
}

#[test]
fn a_rule_is_looked_for_after_a_restart_and_its_newest_version_alone() {
    let mut node = Running::new("CERT Alpha");
    let _circle = node.circle("ring", "green");
    let file = node.file("encoded.yaml", RULE);
    node.ok(&["publish", &file, "--circle", "ring"]);
    let one = event(1, "powershell -enc aGk=", "alice");
    assert_eq!(matches(&node, &one), 1, "at once");
    assert_eq!(node.stop(), Some(0));
    node.serve();
    until("it is looked for again", 30, || (matches(&node, &one) == 1).then_some(()));
    let revised =
        RULE.replace(" -enc ", " -encoded ").replace("date:", "modified: 2026-02-02\ndate:");
    let file = node.file("revised.yml", revised);
    node.ok(&["publish", &file, "--circle", "ring"]);
    assert_eq!(matches(&node, &one), 0, "the newer version alone is looked for");
}

#[test]
fn a_rule_that_is_not_read_is_refused_where_it_is_wrong() {
    let node = Running::new("CERT Alpha");
    let _circle = node.circle("ring", "green");
    let file = node.file("wrong.yml", RULE.replace("contains|windash", "expand"));
    let told = node.cli(&["publish", &file, "--circle", "ring"]);
    assert_ne!(told.code, 0);
    assert!(told.err.contains("E-SIGMA-005") && told.err.contains("line 13"), "{told:?}");
}
