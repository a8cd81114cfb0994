//! Feeds that are folders, on the real binary: what MISP pulls, and Sigma rules one by one and
//! together; what is taken back leaves them, and no name leads anywhere else.

use crate::feeds::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use world_tests::clock::until;
use world_tests::entente::{number, word};
use world_tests::python;
use world_tests::stix::indicator_id;
use world_tests::turn;

/// The events that the list names, each with what the list says and what the event says.
fn events(world: &mut World) -> BTreeMap<String, (Value, Value)> {
    let list = world.feed("misp/manifest.json").json();
    let list = list.as_object().cloned().expect("an object");
    let events = list.into_iter().map(|(id, listed)| {
        let event = world.feed(&format!("misp/{id}.json")).json()["Event"].clone();
        (word(&event, "date"), (listed, event))
    });
    events.collect()
}

fn indicator(n: u64, pattern: &str, from: &str) -> String {
    let id = indicator_id(11, n);
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"{pattern}","pattern_type":"stix","valid_from":"{from}"}}"#
    )
}

fn values(event: &Value) -> Vec<(String, String)> {
    let all = event["Attribute"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| (word(one, "type"), word(one, "value"))).collect()
}

fn some() -> [String; 4] {
    let hash = format!("[file:hashes.MD5 = '{}']", "a".repeat(32));
    [
        indicator(1, "[domain-name:value = 'one.example']", "2026-03-01T10:00:00Z"),
        indicator(2, "[domain-name:value = 'two.example']", "2026-03-01T23:59:59Z"),
        indicator(3, "[ipv4-addr:value = '192.0.2.0/24']", "2026-03-02T00:00:00Z"),
        indicator(4, &hash, "2026-03-02T00:00:00Z"),
    ]
}

#[test]
fn misp_finds_a_list_of_events_the_events_and_the_digests_of_their_values() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.publish("some", &some());
    let events = events(&mut world);
    let days: Vec<&str> = events.keys().map(String::as_str).collect();
    assert_eq!(days, ["2026-03-01", "2026-03-02"]);
    for (listed, event) in events.values() {
        for name in ["info", "date", "Orgc", "Tag"] {
            assert_eq!(listed[name], event[name], "{name}");
        }
        assert_eq!(number(listed, "timestamp").to_string(), word(event, "timestamp"));
        assert_eq!(event["Orgc"]["name"], "CERT Alpha");
        assert_eq!(listed["Tag"][0]["name"], "tlp:green");
    }
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        values(&events["2026-03-01"].1),
        [pair("domain", "one.example"), pair("domain", "two.example")]
    );
    let second = [pair("ip-dst", "192.0.2.0/24"), pair("md5", &"a".repeat(32))];
    assert_eq!(values(&events["2026-03-02"].1), second);
    // Each value is found by its digest, and leads to its event.
    let hashes = world.feed("misp/hashes.csv").text();
    assert_eq!(hashes.lines().count(), 4, "{hashes}");
    // `printf one.example | md5sum`
    let line =
        format!("0a5f6c51aa27f1e5a5f8414688041f94,{}", word(&events["2026-03-01"].1, "uuid"));
    assert!(hashes.lines().any(|found| found == line), "{hashes}");
    for nothing in ["misp/", "misp/x.json", &format!("misp/{}.json", world_tests::stix::uuid(1, 1))]
    {
        assert_eq!(world.reader.get(&format!("/feeds/ring/{nothing}")).status, 404, "{nothing}");
    }
}

/// One value of every kind that MISP has a type for: the comparison, the type, the value as MISP holds
/// it, and whether it is to be detected by.
fn of_all_kinds() -> Vec<(String, &'static str, String, bool)> {
    let hex = |length: usize| "ab".repeat(length / 2);
    let row = |comparison: &str, kind, value: &str, detects| {
        (comparison.to_owned(), kind, value.to_owned(), detects)
    };
    let hashed = |algorithm: &str, kind, length| {
        row(&format!("file:hashes.{algorithm} = '{}'", hex(length)), kind, &hex(length), true)
    };
    let header = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'";
    vec![
        row("domain-name:value = 'Bad.Example'", "domain", "bad.example", true),
        row("ipv4-addr:value = '192.0.2.0/24'", "ip-dst", "192.0.2.0/24", true),
        row("ipv6-addr:value = '2001:DB8::1'", "ip-dst", "2001:db8::1", true),
        // The normal form, as in all feeds: without a scheme.
        row("url:value = 'http://bad.example/a?b=c'", "url", "bad.example/a?b=c", true),
        row("email-addr:value = 'who@bad.example'", "email", "who@bad.example", true),
        hashed("MD5", "md5", 32),
        hashed("'SHA-1'", "sha1", 40),
        hashed("'SHA-256'", "sha256", 64),
        hashed("'SHA-512'", "sha512", 128),
        row("file:name = 'evil.exe'", "filename", "evil.exe", true),
        row("mutex:name = 'Global Evil'", "mutex", "Global Evil", true),
        row("autonomous-system:number = 64500", "AS", "64500", false),
        row("mac-addr:value = '00:53:00:00:00:01'", "mac-address", "00:53:00:00:00:01", false),
        row("vulnerability:name = 'CVE-2026-0001'", "vulnerability", "CVE-2026-0001", false),
        row(&format!("{header} = 'Evil 1.0'"), "user-agent", "Evil 1.0", false),
        row(
            &format!("x-misp-attribute:ja3 = '{}'", hex(32)),
            "ja3-fingerprint-md5",
            &hex(32),
            true,
        ),
    ]
}

/// A real reader of MISP's feeds takes the folder, from the address and from a disk.
#[test]
fn pymisp_reads_the_feed_and_finds_what_was_published() {
    let _turn = turn::shared();
    let mut world = World::new();
    let mut wanted: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let all = of_all_kinds();
    let objects: Vec<String> = (1..)
        .zip(&all)
        .map(|(n, (comparison, kind, value, detects))| {
            let day = if n % 3 == 0 { "2026-03-02" } else { "2026-03-01" };
            wanted.entry(day).or_default().push(json!([kind, value, detects]));
            indicator(n, &format!("[{comparison}]"), &format!("{day}T10:00:00Z"))
        })
        .collect();
    world.publish("all", &objects);
    let folder = world.node.beside("pulled");
    let into = python::text(&folder);
    world.node.ok(&["export", "misp", "--circle", "ring", "--into", into]);
    let token = world.node.token("misp", &["--circle", "ring", "--read"]);
    let url = format!("http://{}/feeds/ring/misp", world.node.http);
    let told = python::succeeds("misp.py", &[&url, &token, into]);
    let told: Value = serde_json::from_str(told.lines().last().unwrap_or_default()).expect("JSON");
    assert_eq!(told.as_object().map(serde_json::Map::len), Some(wanted.len()), "{told}");
    for (day, mut wanted) in wanted {
        let held = told[day].as_array().cloned().unwrap_or_default();
        let mut held: Vec<Value> = held.iter().map(|one| json!([one[0], one[1], one[3]])).collect();
        [&mut wanted, &mut held].into_iter().for_each(|all| all.sort_by_key(Value::to_string));
        assert_eq!(held, wanted, "{day}");
    }
    // What is taken back is in no event that PyMISP reads.
    world.node.ok(&["recall", &indicator_id(11, 1), "--reason", "wrong"]);
    until("it left", 10, || {
        let events = events(&mut world);
        (!values(&events["2026-03-01"].1).iter().any(|(kind, _)| kind == "domain")).then_some(())
    });
    world.node.ok(&["export", "misp", "--circle", "ring", "--into", into]);
    let told = python::succeeds("misp.py", &[&url, &token, into]);
    assert!(told.contains("192.0.2.0/24") && !told.contains("\"bad.example\""), "{told}");
}

#[test]
fn a_recalled_indicator_leaves_its_event_which_alone_is_new() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.publish("some", &some());
    let before = events(&mut world);
    let list = world.feed("misp/manifest.json");
    let tag = list.header("etag").expect("a tag").to_owned();
    let asked = [("If-None-Match", tag.as_str())];
    let again = world.reader.send("GET", "/feeds/ring/misp/manifest.json", &asked, b"");
    assert_eq!(again.status, 304);
    let folder = world.node.beside("pulled");
    let into = folder.to_string_lossy().into_owned();
    let export = ["export", "misp", "--circle", "ring", "--into", &into];
    world.node.ok(&export);
    let files = || fs::read_dir(&folder).expect("a folder").flatten().count();
    assert_eq!(files(), 4, "two events, the list, the digests");
    world.node.ok(&["recall", &indicator_id(11, 1), "--reason", "wrong"]);
    let after = until("it left", 10, || {
        let events = events(&mut world);
        (values(&events["2026-03-01"].1).len() == 1).then_some(events)
    });
    let stamp =
        |events: &BTreeMap<String, (Value, Value)>, day: &str| number(&events[day].0, "timestamp");
    assert!(stamp(&after, "2026-03-01") > stamp(&before, "2026-03-01"));
    assert_eq!(stamp(&after, "2026-03-02"), stamp(&before, "2026-03-02"));
    // The last of its day: the event is gone, from the folder too.
    world.node.ok(&["recall", &indicator_id(11, 2), "--reason", "wrong"]);
    until("its event left", 10, || (events(&mut world).len() == 1).then_some(()));
    world.node.ok(&export);
    assert_eq!(files(), 3);
    let texts = fs::read_dir(&folder).expect("a folder").flatten();
    let text: String = texts.filter_map(|file| fs::read_to_string(file.path()).ok()).collect();
    assert!(text.contains("192.0.2.0/24") && !text.contains("one.example"), "{text}");
}

const RULE: &str = "title: Encoded command # as written\r\n\
    id: 0b9dd2f5-1d0c-4a7a-9f5e-6a8c6c1f6d01\n\
    logsource:\n    product: windows\n    category: process_creation\n\
    detection:\n    selection:\n        Image|endswith: '\\powershell.exe'\n    \
    condition: selection\n";

#[test]
fn sigma_rules_leave_byte_for_byte_each_in_a_file_and_all_in_one_stream() {
    let _turn = turn::shared();
    let mut world = World::new();
    let other = RULE.replace("Encoded", "Other").replace("6d01", "6d02");
    let publish = "/api/v1/publish?circle=ring&format=sigma";
    let told = world.node.api().post(publish, "application/yaml", RULE);
    assert_eq!(told.json()["accepted"], 1, "{}", told.text());
    let file = world.node.file("other.yml", &other);
    world.node.ok(&["publish", &file, "--circle", "ring"]);
    let wrong = world.node.api().post(publish, "application/yaml", "title: no rule\n");
    assert_eq!(wrong.status, 409, "{}", wrong.text());
    assert!(wrong.text().contains("E-SIGMA-"), "{}", wrong.text());
    // A rule that came as STIX from who knows where, and is more than one document.
    let hostile = format!("{RULE}---\ninjected: 1\n").replace("6d01", "6d03");
    let pattern = serde_json::to_string(&hostile).expect("a string");
    let stix = indicator(9, "PATTERN", "2026-03-01T10:00:00Z")
        .replace("\"PATTERN\"", &pattern)
        .replace("\"pattern_type\":\"stix\"", "\"pattern_type\":\"sigma\"");
    world.publish("some", &[stix, some()[0].clone()]);

    let list = world.feed("sigma/index.json").json();
    let list = list.as_array().cloned().unwrap_or_default();
    assert_eq!(list.len(), 3, "{list:?}");
    for (listed, text) in list.iter().zip([RULE, &other, &hostile]) {
        let name = word(listed, "file");
        assert_eq!(world.feed(&format!("sigma/{name}")).text(), text, "{name}");
        assert_eq!(number(listed, "bytes"), u64::try_from(text.len()).expect("small"));
    }
    let stream = world.feed("sigma.yml").text();
    assert_eq!(stream, format!("---\n{RULE}---\n{other}"));
    assert_eq!(world.node.ok(&["export", "sigma", "--circle", "ring"]), stream);
    let first = word(&list[0], "indicator");
    world.node.ok(&["suppress", &first, "--reason", "noisy", "--until", "7d"]);
    until("it is silent", 10, || {
        (world.feed("sigma.yml").text() == format!("---\n{other}")).then_some(())
    });
    let folder = world.node.beside("rules");
    let into = folder.to_string_lossy().into_owned();
    world.node.ok(&["export", "sigma", "--circle", "ring", "--into", &into]);
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 3);
    let misp = world.node.cli(&["export", "misp", "--circle", "ring"]);
    assert!(misp.code == 2 && misp.err.contains("--into"), "{misp:?}");
}
