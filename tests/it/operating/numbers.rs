//! `/metrics` and the log tell how the node is, and never a name.

use super::serving::set;
use serde_json::Value;
use world_tests::clock::until;
use world_tests::entente::Running;
use world_tests::http::Http;

/// The number of a line of metrics.
fn metric(page: &str, line: &str) -> f64 {
    let found = page.lines().find_map(|one| one.strip_prefix(line)?.strip_prefix(' '));
    found.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {line} in\n{page}"))
}

/// An object whose every text is a canary.
fn object(number: u32) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-{number:012}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Canary name","pattern":"[domain-name:value = 'canary{number}.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn numbers_and_logs_tell_everything_but_names() {
    let (mut alpha, mut bravo) = (Running::init("Canary Alpha"), Running::init("Canary Bravo"));
    for node in [&alpha, &bravo] {
        set(node, "[log]\nlevel = \"debug\"\nform = \"json\"\n");
    }
    alpha.serve();
    bravo.serve();
    let circle = alpha.circle("Canary Circle", "green");
    let token = alpha.token("canary-token", &["--circle", "Canary Circle", "--read", "--write"]);
    alpha.link_with(&bravo, &["Canary Circle"]);
    let envelope = format!(r#"{{"objects":[{},{}]}}"#, object(1), object(2));
    let file = alpha.file(
        "objects.json",
        envelope.replacen(
            '{',
            r#"{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","#,
            1,
        ),
    );
    alpha.ok(&["publish", &file, "--circle", "Canary Circle"]);
    let events =
        alpha.file("events.ndjson", "{\"query\":\"canary1.example\"}\n{\"query\":\"x.example\"}\n");
    assert_eq!(alpha.cli(&["watch", &events]).code, 1);
    let mut tool = Http::with(&alpha.http, &token);
    let accept = [("Accept", "application/taxii+json;version=2.1")];
    assert_eq!(tool.send("GET", &Running::objects(&circle), &accept, b"").status, 200);
    assert_eq!(tool.get("/api/v1/objects/indicator--canary").status, 404);
    let mut wrong = Http::with(&alpha.http, "ent_canarysecret");
    assert_eq!(wrong.get("/api/v1/circles").status, 401);
    let page = until("the partner's link is up", 30, || {
        let page = Http::new(&alpha.http).get("/metrics");
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").is_some_and(|kind| kind.contains("version=0.0.4")));
        (metric(&page.text(), "entente_links_up") > 0.0).then(|| page.text())
    });
    assert!(metric(&page, r#"entente_objects_total{fate="accepted"}"#) >= 2.0);
    assert!(metric(&page, r#"entente_http_requests_total{resource="taxii",status="200"}"#) >= 1.0);
    assert!(metric(&page, r#"entente_http_requests_total{resource="api",status="404"}"#) >= 1.0);
    assert!(metric(&page, r#"entente_http_request_seconds_count{resource="api"}"#) >= 2.0);
    assert!(metric(&page, "entente_log_head") >= 3.0);
    assert!(metric(&page, "entente_events_total") >= 2.0);
    assert!(metric(&page, "entente_matches_total") >= 1.0);
    assert!(metric(&page, r#"entente_sightings_total{by="own"}"#) >= 1.0);
    assert!(metric(&page, "entente_indexed_values") >= 2.0);
    assert!(metric(&page, "entente_commit_seconds_count") >= 3.0);
    assert!(metric(&page, "entente_disk_free_bytes") > 0.0);
    assert!(metric(&page, "entente_wal_bytes") >= 0.0);
    assert!(metric(&page, r#"entente_memory_bytes{kind="resident"}"#) > 1e6);
    assert!(metric(&page, r#"entente_source_pulls_total{result="failed"}"#) < 1.0);
    assert!((metric(&page, "entente_partners") - 1.0).abs() < 1e-9);
    let forwarded =
        Http::new(&alpha.http).send("GET", "/metrics", &[("X-Forwarded-For", "::1")], b"");
    assert_eq!(forwarded.status, 401, "who comes by a proxy is not on this machine");

    assert_eq!((alpha.stop(), bravo.stop()), (Some(0), Some(0)));
    let logs = [alpha.complaints(), bravo.complaints()];
    for text in [&page, &logs[0], &logs[1]] {
        let lower = text.to_lowercase();
        let at = lower.find("canary").map(|at| lower.get(at.saturating_sub(200)..at + 100));
        assert_eq!(at, None, "a name stands in what machines collect");
        for secret in [&token, &alpha.admin(), &bravo.admin()] {
            assert!(!text.contains(secret.as_str()), "a token stands in what machines collect");
        }
    }
    for log in &logs {
        let lines: Vec<Value> =
            log.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
        let told = |message: &str| {
            lines.iter().any(|line| {
                line.pointer("/fields/message") == Some(&Value::from(message))
                    && line.get("level") == Some(&Value::from("INFO"))
            })
        };
        assert!(told("the node serves") && told("the node has stopped"), "{log}");
        assert!(log.contains("a request was answered"), "{log}");
    }
}
