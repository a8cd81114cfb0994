//! Feeds for other tools, on the real binary: what they hold, when they change, how soon what is taken
//! back leaves them, and that the tools' own programs read them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use world_tests::clock::{now, until, wall};
use world_tests::entente::Running;
use world_tests::http::{Http, Reply};
use world_tests::stix::{GREEN, indicator_id, marked, uuid};
use world_tests::turn;

/// A node with one circle, and a reader of it.
pub(crate) struct World {
    pub(crate) node: Running,
    pub(crate) reader: Http,
}

impl World {
    pub(crate) fn new() -> Self {
        let node = Running::new("CERT Alpha");
        let _ring = node.circle("ring", "green");
        let token = node.token("firewall", &["--circle", "ring", "--read"]);
        let reader = Http::with(&node.http, &token);
        Self { node, reader }
    }

    pub(crate) fn publish(&self, name: &str, objects: &[String]) {
        let file = self.node.file(&format!("{name}.json"), objects.join("\n"));
        self.node.ok(&["publish", &file, "--circle", "ring"]);
    }

    pub(crate) fn feed(&mut self, name: &str) -> Reply {
        let reply = self.reader.get(&format!("/feeds/ring/{name}"));
        assert_eq!(reply.status, 200, "{name}: {}", reply.text());
        reply
    }

    fn text(&mut self, name: &str) -> String {
        self.feed(name).text()
    }
}

/// An indicator with a pattern of its own and more properties.
fn with(number: u64, pattern: &str, more: &str) -> String {
    let id = indicator_id(9, number);
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"{pattern}","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"{more}}}"#
    )
}

#[test]
fn an_unchanged_feed_answers_304_and_a_recalled_indicator_leaves_within_a_second() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.publish("two", &[1, 2].map(|n| marked(7, n, &format!("n{n}.example"), Some(GREEN))));
    let first = world.feed("blocklist.txt");
    assert_eq!(first.text(), "n1.example\nn2.example\n");
    let tag = first.header("etag").expect("a tag").to_owned();
    let mut again = |method| {
        let headers = [("If-None-Match", tag.as_str())];
        world.reader.send(method, "/feeds/ring/blocklist.txt", &headers, b"")
    };
    let unchanged = again("GET");
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.header("etag"), Some(tag.as_str()));
    assert_eq!(again("HEAD").status, 304);

    world.node.ok(&["recall", &indicator_id(7, 1), "--reason", "wrong"]);
    let recalled = now();
    until("the recalled indicator left", 10, || {
        (world.text("blocklist.txt") == "n2.example\n").then_some(())
    });
    assert!(recalled.elapsed() < Duration::from_secs(1), "{:?}", recalled.elapsed());
    assert_ne!(world.feed("blocklist.txt").header("etag"), Some(tag.as_str()));
    // Who got what is kept of feeds as well.
    let who = world.node.json(&["receipts", &indicator_id(7, 2)]).to_string();
    assert!(who.contains("firewall"), "{who}");
}

#[test]
fn an_indicator_leaves_when_its_time_is_over_and_when_it_is_revoked() {
    let _turn = turn::shared();
    let mut world = World::new();
    let soon = wall().plus_seconds(4);
    let more = format!(r#","valid_until":"{soon}""#);
    let objects = [
        with(1, "[domain-name:value = 'soon.example']", &more),
        with(2, "[domain-name:value = 'revoked.example']", ""),
        with(3, "[domain-name:value = 'past.example']", r#","valid_until":"2026-02-01T00:00:00Z""#),
        with(4, "[domain-name:value = 'future.example']", "")
            .replace("\"valid_from\":\"2026", "\"valid_from\":\"2036"),
    ];
    world.publish("four", &objects);
    assert_eq!(world.text("blocklist.txt"), "revoked.example\nsoon.example\n");
    until("the expired one left", 10, || {
        (world.text("blocklist.txt") == "revoked.example\n").then_some(())
    });
    let revoked = with(2, "[domain-name:value = 'revoked.example']", r#","revoked":true"#)
        .replace("\"modified\":\"2026-01-01", "\"modified\":\"2026-01-02");
    world.publish("revoked", &[revoked]);
    until("the revoked one left", 10, || world.text("blocklist.txt").is_empty().then_some(()));
}

#[test]
fn pap_amber_is_in_no_block_list_and_passive_intel_keeps_it() {
    let _turn = turn::shared();
    let mut world = World::new();
    // SPEC: PAP as MISP's taxonomy has it, in a statement of its own.
    let pap = format!(
        r#"{{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--{}","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{{"statement":"PAP:AMBER"}},"name":"PAP:AMBER"}}"#,
        uuid(9, 900)
    );
    let marking = format!(r#","object_marking_refs":["marking-definition--{}"]"#, uuid(9, 900));
    let objects = [
        pap,
        with(1, "[domain-name:value = 'amber.example']", &marking),
        with(2, "[domain-name:value = 'open.example']", ""),
    ];
    world.publish("pap", &objects);
    for acts in ["blocklist.txt", "rpz.zone", "suricata.rules?subdomains=1", "wazuh.cdb.txt"] {
        let text = world.text(acts);
        assert!(text.contains("open.example") && !text.contains("amber.example"), "{acts}: {text}");
    }
    let set = world.text("suricata/domain.lst");
    assert_eq!(set.lines().count(), 1, "{set}");
    for passive in ["intel.dat", "csv", "stix.json"] {
        assert!(world.text(passive).contains("amber.example"), "{passive}");
    }
    let none = world.text("csv?pap=green");
    assert!(!none.contains("amber.example"), "{none}");
    // Nobody raises it by asking.
    assert!(!world.text("blocklist.txt?pap=red").contains("amber.example"));
}

#[test]
fn what_would_strike_strangers_is_in_nothing_that_acts() {
    let _turn = turn::shared();
    let mut world = World::new();
    let patterns = [
        "[domain-name:value = 'com']",
        "[domain-name:value = 'duckdns.org']",
        "[ipv4-addr:value = '0.0.0.0/0']",
        "[ipv6-addr:value = '2000::/3']",
        "[domain-name:value = 'evil.duckdns.org']",
    ];
    let objects: Vec<String> = (1..).zip(patterns).map(|(n, p)| with(n, p, "")).collect();
    world.publish("wide", &objects);
    assert_eq!(world.text("blocklist.txt"), "evil.duckdns.org\n");
    let zone = world.text("rpz.zone");
    assert_eq!(zone.lines().filter(|line| line.contains(" CNAME ")).count(), 2, "{zone}");
    assert!(world.text("csv").contains("0.0.0.0/0"));
}

#[test]
fn named_checkzone_loads_the_zone_and_its_serial_rises_only_with_content() {
    let _turn = turn::shared();
    let mut world = World::new();
    let objects = [
        with(1, "[domain-name:value = 'evil.example']", ""),
        with(2, "[ipv4-addr:value = '192.0.2.0/24']", ""),
        with(3, "[ipv6-addr:value = '2001:db8::1']", ""),
        with(4, &format!("[domain-name:value = '{}.example']", ["a"; 60].join(".")), ""),
    ];
    world.publish("zone", &objects);
    let zone = world.text("rpz.zone");
    assert_eq!(zone, world.text("rpz.zone"));
    let serial = |zone: &str| -> u64 {
        let line = zone.lines().find(|line| line.contains(" SOA ")).expect("a head");
        line.split(' ').nth(4).and_then(|n| n.parse().ok()).expect("a number")
    };
    let file = world.node.file("rpz.zone", &zone);
    assert!(checked(&file).contains("OK"), "{zone}");
    world.publish("more", &[with(5, "[domain-name:value = 'more.example']", "")]);
    let next = until("the zone changed", 10, || {
        let next = world.text("rpz.zone");
        next.contains("more.example").then_some(next)
    });
    assert!(serial(&next) > serial(&zone), "{} {}", serial(&next), serial(&zone));
    // Another reader's zone, of the same content, has changed as often as that reader saw.
    world.publish("hash", &[with(6, &format!("[file:hashes.MD5 = '{}']", "a".repeat(32)), "")]);
    until("the hash came", 10, || world.text("csv").contains(&"a".repeat(32)).then_some(()));
    assert_eq!(serial(&world.text("rpz.zone")), serial(&next));
}

/// What Debian's own program says of a zone.
fn checked(file: &str) -> String {
    let program = ["/usr/bin/named-checkzone", "/usr/sbin/named-checkzone"];
    let program = program.iter().find(|path| Path::new(path).exists());
    let program = program.expect("named-checkzone: tests/setup.sh installs bind9-utils");
    let ran = Command::new(program).args(["-i", "local", "rpz.entente.test", file]).output();
    let ran = ran.expect("it runs");
    let text = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(ran.status.success(), "{text}");
    text
}

#[test]
fn every_suricata_rule_parses_and_its_sets_decode() {
    let _turn = turn::shared();
    let mut world = World::new();
    let objects = [
        with(1, "[domain-name:value = 'evil.example']", ""),
        with(2, "[ipv4-addr:value = '192.0.2.0/24']", ""),
        with(3, "[ipv6-addr:value = '2001:db8::1']", ""),
    ];
    world.publish("suricata", &objects);
    let rules = world.text("suricata.rules?subdomains=1");
    let set = world.text("suricata/domain.lst");
    let (rules, set) = (world.node.file("a.rules", rules), world.node.file("domain.lst", set));
    let said = world_tests::python::succeeds("suricata_rules.py", &[&rules, &set]);
    assert_eq!(said.trim(), "18 rules, 1 value: evil.example");
}

#[test]
fn a_query_is_read_strictly_and_narrows() {
    let _turn = turn::shared();
    let mut world = World::new();
    let objects = [
        with(
            1,
            "[domain-name:value = 'sure.example']",
            r#","confidence":90,"labels":["phishing"]"#,
        ),
        with(2, "[domain-name:value = 'unsure.example']", r#","confidence":10"#),
        with(3, "[url:value = 'https://sure.example/a']", r#","indicator_types":["phishing"]"#),
    ];
    world.publish("three", &objects);
    for (query, values) in [
        ("blocklist.txt", "sure.example\nsure.example/a\nunsure.example\n"),
        ("blocklist.txt?kind=url", "sure.example/a\n"),
        ("blocklist/url.txt", "sure.example/a\n"),
        ("blocklist.txt?label=phishing", "sure.example\nsure.example/a\n"),
        ("blocklist.txt?max_age=3", ""),
    ] {
        assert_eq!(world.text(query), values, "{query}");
    }
    let confident = world.text("blocklist.txt?min_confidence=1");
    assert!(confident.contains("sure.example\n"), "{confident}");
    for (query, status) in [
        ("blocklist.txt?knid=url", 400),
        ("blocklist.txt?kind=nothing", 400),
        ("rpz.zone?kind=sha256", 400),
        ("rpz.zone?action=walled:a%20b", 400),
        ("blocklist.txt?action=nodata", 400),
        ("nothing", 404),
    ] {
        assert_eq!(world.reader.get(&format!("/feeds/ring/{query}")).status, status, "{query}");
    }
    let export = world.node.ok(&["export", "blocklist", "--circle", "ring", "--kind", "url"]);
    assert_eq!(export, "sure.example/a\n");
}

#[test]
fn a_match_by_telemetry_can_be_looked_at_with_its_raw_event() {
    let _turn = turn::shared();
    let world = World::new();
    world.publish("one", &[marked(7, 1, "n1.example", Some(GREEN))]);
    // Who brings events needs not read what they match.
    let _other = world.node.circle("other", "green");
    let token = world.node.token("sensor", &["--circle", "other", "--read", "--write"]);
    let mut sensor = Http::with(&world.node.http, &token);
    let event = r#"{"query":"n1.example","odd":[1,{"a":"\u0041"}]}"#;
    for _ in 0..2 {
        let taken = sensor.post("/telemetry/?source=edge", "application/x-ndjson", event);
        assert_eq!(taken.status, 200, "{}", taken.text());
    }
    let kept = world.node.cli(&["matches", "--json"]).lines();
    // The same bytes again are the same delivery, and told once.
    assert_eq!(kept.len(), 1, "{kept:?}");
    let line = &kept[0];
    assert_eq!(line["indicator"], indicator_id(7, 1));
    assert_eq!((&line["value"], &line["field"]), (&"n1.example".into(), &"query".into()));
    assert_eq!(line["event"].to_string(), r#"{"odd":[1,{"a":"A"}],"query":"n1.example"}"#);
    let text = world.node.api().get("/api/v1/matches").text();
    assert!(text.contains(event), "byte for byte: {text}");
    let refused = sensor.get("/api/v1/matches");
    assert_eq!(refused.status, 403, "{}", refused.text());
    let table = world.node.ok(&["matches", &indicator_id(7, 1)]);
    assert!(table.contains("n1.example"), "{table}");
    assert!(world.node.cli(&["matches", &indicator_id(7, 2), "--json"]).lines().is_empty());
    let ocsf = world.node.cli(&["matches", "--as", "ocsf"]).lines();
    assert_eq!(
        (&ocsf[0]["class_uid"], &ocsf[0]["evidences"][0]["data"]),
        (&2004.into(), &event.into())
    );
    let ecs = world.node.cli(&["matches", "--as", "ecs"]).lines();
    assert_eq!(ecs[0]["threat"]["indicator"]["url"]["domain"], "n1.example");
    let later = ["matches", "--since", "2036-01-01T00:00:00Z", "--json"];
    assert!(world.node.cli(&later).lines().is_empty());
}

#[test]
fn what_a_sensor_that_may_read_nothing_matched_is_kept_at_home() {
    let _turn = turn::shared();
    let world = World::new();
    world.publish("one", &[marked(7, 1, "n1.example", Some(GREEN))]);
    let token = world.node.token("sensor", &["--circle", "ring", "--write"]);
    let mut sensor = Http::with(&world.node.http, &token);
    let event = r#"{"query":"n1.example"}"#;
    let taken = sensor.post("/telemetry/?source=edge", "application/x-ndjson", event);
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert!(!taken.text().contains("n1.example"), "it is told nothing: {}", taken.text());
    let splunk = format!("Splunk {token}");
    let headers = [("Authorization", splunk.as_str())];
    let event = r#"{"event":{"query":"a.n1.example"},"source":"agent"}"#;
    let mut agent = Http::new(&world.node.http);
    let taken = agent.send("POST", "/services/collector/event", &headers, event.as_bytes());
    assert_eq!(taken.status, 200, "{}", taken.text());
    let kept = world.node.cli(&["matches", "--json"]).lines();
    let kept: Vec<_> = kept.iter().map(|line| line["value"].as_str().expect("a value")).collect();
    assert_eq!(kept, ["a.n1.example", "n1.example"]);
    for path in ["/feeds/ring/csv", "/api/v1/matches", "/api/v1/sightings"] {
        assert_eq!(sensor.get(path).status, 403, "{path}");
    }
}

#[test]
fn an_indicator_that_matches_everything_is_kept_twenty_times_an_hour() {
    let _turn = turn::shared();
    let world = World::new();
    world.publish("one", &[marked(7, 1, "n1.example", Some(GREEN))]);
    let lines: String =
        (0..100).map(|n| format!("{{\"query\":\"n1.example\",\"n\":{n}}}\n")).collect();
    let taken = world.node.api().post("/api/v1/watch", "application/x-ndjson", lines);
    assert_eq!(taken.text().lines().count(), 100);
    let kept = world.node.cli(&["matches", "--json", "--limit", "1000"]).lines();
    // The hour may end in between.
    assert!(kept.len() == 20 || kept.len() == 40, "{}", kept.len());
}

#[test]
fn a_recall_takes_its_matches_out_of_the_journal() {
    let _turn = turn::shared();
    let world = World::new();
    let objects = [1, 2].map(|n| marked(7, n, &format!("n{n}.example"), Some(GREEN)));
    world.publish("two", &objects);
    let events = "{\"query\":\"n1.example\"}\n{\"query\":\"n2.example\"}\n";
    let taken = world.node.api().post("/api/v1/watch", "application/x-ndjson", events);
    assert_eq!(taken.text().lines().count(), 2);
    world.node.ok(&["recall", &indicator_id(7, 1), "--reason", "wrong"]);
    let folder = world.node.data().join("matches");
    until("its match is in no file", 60, || {
        let files = std::fs::read_dir(&folder).ok()?.flatten();
        let text: String = files.filter_map(|f| std::fs::read_to_string(f.path()).ok()).collect();
        (!text.contains("n1.example") && text.contains("n2.example")).then_some(())
    });
}
