//! Looking back further: for what only a field's name tells, for rules, of whose values some were seen,
//! and for what was taken back after it had matched.

use serde_json::{Value, json};
use world_tests::clock::until;
use world_tests::entente::{Running, number, word};
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
const NDJSON: &str = "application/x-ndjson";

fn hand_in(node: &Running, events: &str) {
    let reply = node.api().post("/telemetry/", NDJSON, events);
    assert!(matches!(reply.status, 200..=299), "{}: {}", reply.status, reply.text());
}

/// An indicator with this pattern.
fn with(id: u64, pattern: &str) -> String {
    let object = indicator(4, id, "pattern.example");
    object.replace(
        "\"[domain-name:value = 'pattern.example']\"",
        &serde_json::to_string(pattern).expect("text"),
    )
}

fn publish(node: &Running, circle: &str, objects: &[String]) {
    let reply = node.api().post(&Running::objects(circle), TAXII, envelope(objects));
    let told = reply.json();
    assert_eq!(number(&told, "success_count"), objects.len() as u64, "{}", reply.text());
}

fn sightings(node: &Running) -> Vec<Value> {
    let page = node.api().get("/api/v1/sightings").json();
    page["sightings"].as_array().cloned().unwrap_or_default()
}

/// An event of Sysmon, and one of a proxy, with what only their fields' names tell.
fn named() -> String {
    let sysmon = json!({"@timestamp": "2026-02-01T00:00:01.000Z", "EventID": 13,
        "Image": "C:\\Users\\Public\\Quokka.exe", "User": "CORP\\mallory",
        "TargetObject": "HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Quokka"});
    let proxy = json!({"ts": "2026-02-01T00:00:02Z", "user_agent": "Quokka/1.0 (evil)",
        "mutex": "Global\\QuokkaMutex", "ja4": "t13d1516h2_8daaf6152771_b186095e22b6",
        "src_asn": 64_500, "src_mac": "02:00:5E:10:00:01"});
    format!("{sysmon}\n{proxy}\n")
}

const NAMED: [&str; 9] = [
    "[file:name = 'quokka.exe']",
    "[directory:path = 'c:\\\\users\\\\public\\\\quokka.exe']",
    "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run\\\\Quokka']",
    "[user-account:account_login = 'mallory']",
    "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Quokka/1.0 (evil)']",
    "[mutex:name = 'Global\\\\QuokkaMutex']",
    "[x-misp-attribute:ja4 = 't13d1516h2_8daaf6152771_b186095e22b6']",
    "[autonomous-system:number = 64500]",
    "[mac-addr:value = '02:00:5e:10:00:01']",
];

#[test]
fn what_only_a_fields_name_tells_is_looked_back_for() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    hand_in(&node, &named());
    // One half while it is in a journal, the other once it is in a segment.
    let objects: Vec<String> =
        NAMED.iter().zip(0..).map(|(pattern, id)| with(id, pattern)).collect();
    let (first, second) = objects.split_at(4);
    publish(&node, &circle, first);
    until("the first are sighted", 30, || (sightings(&node).len() == 4).then_some(()));
    assert_eq!(node.stop(), Some(0));
    node.serve();
    publish(&node, &circle, second);
    let all = until("all are sighted", 30, || {
        Some(sightings(&node)).filter(|all| all.len() == NAMED.len())
    });
    for sighting in &all {
        assert_eq!(number(sighting, "count"), 1, "{sighting}");
        assert!(word(sighting, "first").starts_with("2026-02-01T00:00:0"), "{sighting}");
    }
    // A person asks for them by their kind: a name of a file has no shape.
    let asked = [
        ("file-name", "QUOKKA.exe", 1),
        ("file-path", "C:\\Users\\Public\\Quokka.exe", 1),
        ("user-agent", "Quokka/1.0 (evil)", 1),
        ("user-agent", "quokka", 0),
        ("mutex", "Global\\QuokkaMutex", 1),
        ("account", "mallory", 1),
        ("file-name", "okka.exe", 0),
    ];
    for (kind, value, count) in asked {
        let told = node.json(&["seen", value, "--kind", kind]);
        assert_eq!(number(&told, "count"), count, "{kind} {value}: {told}");
    }
    let wrong = node.cli(&["seen", "x", "--kind", "colour"]);
    assert!(wrong.code != 0 && wrong.err.contains("E-SEEN-006"), "{wrong:?}");
}

const RULE: &str = "title: Quokka\nid: 0b9dd2f5-1d0c-4a7a-9f5e-6a8c6c1f6d02\nstatus: test\n\
    date: 2026-01-02\nlogsource:\n    product: windows\n    category: process_creation\n\
    detection:\n    selection:\n        Image|endswith: '\\quokka.exe'\n        \
    CommandLine|contains: ' --dig '\n    filter:\n        Image|endswith: '\\wombat.exe'\n    \
    condition: selection and not filter\nlevel: high\n";

#[test]
fn a_rule_that_comes_after_its_values_is_possible_and_no_sighting() {
    let _turn = turn::shared();
    let mut node = Running::new("CERT Alpha");
    let _circle = node.circle("ring", "green");
    let event = |image: &str| format!("{}\n", json!({"EventID": 1, "Image": image}));
    hand_in(
        &node,
        &(event("C:\\q\\Quokka.exe") + &event("D:\\quokka.exe") + &event("C:\\wombat.exe")),
    );
    let file = node.file("quokka.yml", RULE);
    node.ok(&["publish", &file, "--circle", "ring"]);
    until("the log tells of it", 30, || {
        node.complaints().contains("a new rule may have matched before it came").then_some(())
    });
    for _ in ["before a restart", "after it"] {
        let told = node.json(&["seen", "--rules"]);
        assert_eq!(told["possible"], true, "{told}");
        assert_eq!(number(&told, "named"), 1, "what it excludes is not asked for: {told}");
        let part = &told["seen"][0];
        assert_eq!((word(part, "value"), number(part, "count")), ("quokka.exe".to_owned(), 2));
        let id = word(&told, "rule");
        assert_eq!(node.json(&["seen", "--rules", &id])["seen"][0], *part);
        assert_eq!(node.stop(), Some(0));
        node.serve();
    }
    assert!(sightings(&node).is_empty(), "a value of a rule is no match of it");
    // A rule that was taken back is no longer in force.
    let id = word(&node.json(&["seen", "--rules"]), "rule");
    node.ok(&["recall", &id, "--reason", "wrong"]);
    assert!(node.cli(&["seen", "--rules", "--json"]).out.trim().is_empty());
}

/// What was recalled after it had matched here.
fn here(node: &Running) -> Vec<Value> {
    let told = node.cli(&["recalls", "--here", "--json"]).json();
    told.as_array().cloned().unwrap_or_default()
}

#[test]
fn a_recall_tells_what_had_matched_by_it() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let circle = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let event = |name: &str, second: u32| {
        let at = format!("2026-02-01T00:00:{second:02}Z");
        format!("{}\n", json!({"timestamp": at, "query": name}))
    };
    hand_in(&beta, &event("wombat.example", 1));
    let objects = [indicator(4, 1, "wombat.example"), indicator(4, 2, "numbat.example")];
    publish(&alpha, &circle, &objects);
    until("Beta looked back", 30, || (sightings(&beta).len() == 1).then_some(()));
    hand_in(&beta, &(event("a.wombat.example", 5) + &event("wombat.example", 3)));
    hand_in(&beta, &event("quokka.example", 9));
    let kept = beta.cli(&["matches", "--json"]).lines();
    assert_eq!(kept.len(), 2, "live ones alone have their events: {kept:?}");
    assert_eq!(beta.cli(&["recalls", "--here"]).code, 0, "nothing was recalled");

    for n in [1, 2] {
        alpha.ok(&["recall", &indicator_id(4, n), "--reason", "a mistake of ours"]);
    }
    let told = until("Beta obeyed", 30, || Some(here(&beta)).filter(|all| !all.is_empty()));
    let [told] = told.as_slice() else { panic!("one of the two had matched: {told:?}") };
    assert_eq!(word(told, "id"), indicator_id(4, 1));
    assert_eq!(
        (word(told, "by"), word(told, "mode")),
        ("CERT Alpha".to_owned(), "erase".to_owned())
    );
    assert_eq!(word(told, "reason"), "a mistake of ours");
    assert_eq!(number(told, "matches"), 3, "one looked back for, two live: {told}");
    assert!(word(told, "first").starts_with("2026-02-01T00:00:01"), "{told}");
    assert!(word(told, "last").starts_with("2026-02-01T00:00:05"), "{told}");

    // The findings are named still when nothing of the indicator is left.
    let folder = beta.data().join("matches");
    until("the matches are in no file", 60, || {
        let files = std::fs::read_dir(&folder).ok()?.flatten();
        let text: String = files.filter_map(|f| std::fs::read_to_string(f.path()).ok()).collect();
        (!text.contains("wombat") && !text.contains(&indicator_id(4, 1))).then_some(())
    });
    let told = &here(&beta)[0];
    let mut left: Vec<String> = (told["findings"].as_array().expect("findings").iter())
        .map(|finding| word(finding, "match"))
        .collect();
    let ids = kept.iter().map(|line| word(line, "match"));
    let mut ids: Vec<String> = ids.collect();
    left.sort();
    ids.sort();
    assert_eq!(left, ids);
    assert!(!told["findings"].to_string().contains("wombat"), "{told}");
    assert!(beta.complaints().contains("an indicator that had matched here was taken back"));
    assert_eq!(beta.cli(&["recalls", "--here"]).code, 1, "there is something to look at");
}
