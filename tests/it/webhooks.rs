//! Findings on their way out, on the real binary: webhooks that were down, that refuse, that never
//! answer; a process that is killed; what is taken back meanwhile; and a real syslog server.

use crate::agents::Rsyslog;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use world_tests::clock::{now, until};
use world_tests::entente::{Running, number, word};
use world_tests::python;
use world_tests::scripted::{Reply, Request, Server};
use world_tests::stix::{GREEN, RED, indicator_id, marked};
use world_tests::turn;

const SECRET: &str = "a secret that is long enough";

/// A node that watches for `nNUMBER.example`.
fn watching(names: std::ops::Range<u64>) -> Running {
    let mut node = Running::init("CERT Alpha");
    node.serve();
    let _ring = node.circle("ring", "green");
    publish(&node, names, GREEN);
    node
}

fn publish(node: &Running, names: std::ops::Range<u64>, marking: &str) {
    let objects: Vec<String> =
        names.map(|n| marked(7, n, &format!("n{n}.example"), Some(marking))).collect();
    let file = node.file("objects.json", objects.join("\n"));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

/// One event for each name, in one delivery.
fn events(node: &Running, names: std::ops::Range<u64>) {
    let lines: String = names.map(|n| format!("{{\"query\":\"n{n}.example\"}}\n")).collect();
    let reply = node.api().post("/telemetry/", "application/x-ndjson", lines);
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// A port on which nobody listens yet.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// Has the node post its findings there.
fn told(node: &Running, name: &str, address: &str, flags: &[&str]) {
    let secret = node.file("secret", SECRET);
    let url = format!("http://{address}/hook");
    let add = ["webhook", "add", name, url.as_str(), "--secret-file", secret.as_str()];
    node.ok(&[&add, flags].concat());
}

/// How a webhook fares.
fn state(node: &Running, name: &str) -> Value {
    let all = node.json(&["webhook", "list"]);
    let found = all.as_array().expect("a list").iter().find(|one| one["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no webhook {name}: {all}"))
}

/// The address of the settings is known a moment after the start.
fn known(node: &Running, url: &str) {
    until("the address is known", 30, || {
        let all = node.json(&["webhook", "list"]);
        all.as_array()?.iter().any(|one| one["url"] == url).then_some(())
    });
}

fn waits(node: &Running, name: &str, findings: u64) {
    until("so many findings wait", 30, || {
        (number(&state(node, name), "waiting") == findings).then_some(())
    });
}

/// What came, by key: the bodies under it.
fn by_key(requests: &[Request]) -> BTreeMap<String, BTreeSet<Vec<u8>>> {
    let mut keys: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for request in requests {
        let key = request.header("idempotency-key").expect("a key").to_owned();
        keys.entry(key).or_default().insert(request.body.clone());
    }
    keys
}

/// The ids of the matches that are kept at home.
fn at_home(node: &Running) -> BTreeSet<String> {
    let kept = node.cli(&["matches", "--json", "--limit", "1000"]).lines();
    kept.iter().map(|line| word(line, "match")).collect()
}

#[test]
fn a_webhook_that_was_down_gets_each_finding_once_by_its_key() {
    let _turn = turn::shared();
    let mut node = watching(0..40);
    let address = free();
    told(&node, "soc", &address, &["--as", "ocsf"]);
    events(&node, 0..30);
    // The same bytes again are the same delivery, and told once.
    events(&node, 0..30);
    // The node dies as soon as it has acknowledged: all of it is in the queue, and more comes.
    node.kill();
    node.serve();
    waits(&node, "soc", 30);
    events(&node, 30..40);
    waits(&node, "soc", 40);
    let failing = until("it was tried", 30, || {
        let state = state(&node, "soc");
        (number(&state, "failures") > 0).then_some(state)
    });
    assert!(word(&failing, "error").starts_with("E-HOOK-010"), "{failing}");
    // The receiver comes back, and the node dies while it sends.
    let server = Server::at(&address, |_| Reply::ok(""));
    node.ok(&["webhook", "test", "soc"]);
    until("some of it came", 30, || (server.seen().len() >= 5).then_some(()));
    node.kill();
    node.serve();
    waits(&node, "soc", 0);
    let requests = server.seen();
    let (tests, findings): (Vec<Request>, Vec<Request>) = requests
        .into_iter()
        .partition(|one| one.header("idempotency-key").is_some_and(|key| key.starts_with("test-")));
    assert_eq!(tests.len(), 1);
    let keys = by_key(&findings);
    assert!(keys.values().all(|bodies| bodies.len() == 1), "one key, one body");
    let ids: BTreeSet<String> = keys.keys().cloned().collect();
    assert_eq!((ids.len(), &ids), (40, &at_home(&node)), "each match, under its own id");
    for body in keys.values().flatten() {
        let finding: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(finding["class_uid"], 2004, "{finding}");
        let id = finding["finding_info"]["uid"].as_str().expect("an id");
        assert!(ids.contains(id), "{finding}");
    }
    // Every signature holds, and none holds for another body, time or secret.
    let file = json!({ "secret": SECRET, "requests": findings.iter().map(|one| json!({
        "signature": one.header("entente-signature"),
        "body": String::from_utf8(one.body.clone()).expect("text"),
    })).collect::<Vec<_>>() });
    let file = node.file("signed.json", file.to_string());
    let checked = python::succeeds("webhook_signature.py", &[&file]);
    let checked: Value = serde_json::from_str(checked.trim()).expect("JSON");
    let all = u64::try_from(findings.len()).expect("few");
    assert_eq!((number(&checked, "good"), number(&checked, "forged")), (all, 0), "{checked}");
    assert_eq!(word(&state(&node, "soc"), "state"), "ready");
}

#[test]
fn a_receiver_that_answers_500_is_asked_again_with_growing_pauses() {
    let _turn = turn::shared();
    let node = watching(0..1);
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let seen = Arc::clone(&times);
    let server = Server::start(move |_| {
        let mut times = seen.lock().expect("no test panics here");
        times.push(now());
        if times.len() < 3 { Reply::status(500) } else { Reply::ok("") }
    });
    told(&node, "soc", &server.address, &[]);
    events(&node, 0..1);
    until("it was taken at the third try", 60, || {
        (number(&state(&node, "soc"), "sent") == 1).then_some(())
    });
    let times = times.lock().expect("no test panics here").clone();
    let pauses: Vec<f64> =
        times.windows(2).map(|two| two[1].duration_since(two[0]).as_secs_f64()).collect();
    assert!(pauses.len() == 2 && pauses[0] >= 4.9 && pauses[1] >= 9.9, "{pauses:?}");
    assert_eq!(by_key(&server.seen()).len(), 1, "always under the same key");
    let page = node.api().get("/metrics").text();
    for line in [
        "entente_findings_total{fate=\"taken\"} 1",
        "entente_findings_total{fate=\"failed\"} 2",
        "entente_findings_waiting 0",
        "entente_receivers_failing 0",
    ] {
        assert!(page.lines().any(|one| one == line), "{line}: {page}");
    }
}

#[test]
fn a_receiver_that_never_answers_holds_up_neither_matching_nor_other_receivers() {
    let _turn = turn::shared();
    let node = watching(0..20);
    let silent = Server::start(|_| Reply::never());
    let quick = Server::start(|_| Reply::ok("thanks"));
    told(&node, "silent", &silent.address, &[]);
    told(&node, "quick", &quick.address, &["--as", "ecs", "--circle", "ring"]);
    let began = now();
    for n in 0..20 {
        events(&node, n..n + 1);
    }
    until("the other has all", 30, || (quick.seen().len() == 20).then_some(()));
    // A finding may be asked for ten seconds: nothing waited for that.
    assert!(began.elapsed().as_secs() < 9, "{:?}", began.elapsed());
    assert_eq!(number(&state(&node, "silent"), "waiting"), 20);
    let first: Value = serde_json::from_slice(&quick.seen()[0].body).expect("JSON");
    assert_eq!(first["event"]["kind"], "alert", "{first}");
    assert_eq!(quick.seen()[0].header("content-type"), Some("application/json"));
    // Who is told no more gets nothing, and what waited is forgotten.
    node.ok(&["webhook", "remove", "silent"]);
    let left = node.json(&["webhook", "list"]);
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
    let ledger = node.ok(&["search", "webhook"]);
    assert!(ledger.contains("entente/audit"), "who added and removed what is in it: {ledger}");
}

#[test]
fn what_is_recalled_leaves_the_queue_and_what_is_red_never_enters_it() {
    let _turn = turn::shared();
    let node = watching(0..3);
    publish(&node, 3..4, RED);
    let (plain, red) = (free(), free());
    told(&node, "plain", &plain, &[]);
    told(&node, "red", &red, &["--red"]);
    events(&node, 0..4);
    waits(&node, "red", 4);
    assert_eq!(number(&state(&node, "plain"), "waiting"), 3, "nothing of TLP:RED");
    // A newer version of one says nothing against what the older one found.
    let newer = marked(7, 1, "n1.example", Some(GREEN))
        .replace("\"modified\":\"2026-01-01", "\"modified\":\"2026-01-02");
    let newer = node.file("newer.json", newer);
    node.ok(&["publish", &newer, "--circle", "ring"]);
    node.ok(&["recall", &indicator_id(7, 0), "--reason", "wrong"]);
    node.ok(&["recall", &indicator_id(7, 2), "--reason", "wrong", "--mode", "stop"]);
    assert_eq!(number(&state(&node, "plain"), "waiting"), 1, "in the commit of the recall");
    assert_eq!(number(&state(&node, "red"), "waiting"), 2);
    let server = Server::at(&plain, |_| Reply::ok(""));
    node.ok(&["webhook", "test", "plain"]);
    waits(&node, "plain", 0);
    let came = server.seen();
    let came: Vec<Value> = came
        .iter()
        .map(|one| serde_json::from_slice::<Value>(&one.body).expect("JSON"))
        .filter(|finding| finding.get("test").is_none())
        .collect();
    assert_eq!(came.len(), 1, "{came:?}");
    assert_eq!((&came[0]["value"], &came[0]["tlp"]), (&json!("n1.example"), &json!("green")));
    assert_eq!(came[0]["event"], json!({"query": "n1.example"}), "with its raw event");
}

#[test]
fn a_webhook_is_refused_where_it_would_show_events_or_go_astray() {
    let _turn = turn::shared();
    let node = watching(0..1);
    for (url, code) in [
        ("http://192.0.2.1/hook", "E-HOOK-003"),
        ("https://user:secret@soc.example/hook", "E-HOOK-003"),
        ("ftp://soc.example/hook", "E-HOOK-003"),
    ] {
        let ran = node.cli(&["webhook", "add", "soc", url]);
        assert!(ran.code != 0 && ran.err.contains(code), "{url}: {}", ran.err);
        assert!(!ran.err.contains("secret@"), "{}", ran.err);
    }
    let short = node.file("short", "short");
    let ran = node.cli(&["webhook", "add", "soc", "https://soc.example/", "--secret-file", &short]);
    assert!(ran.err.contains("E-HOOK-004"), "{}", ran.err);
    // Redirections are not followed: the finding would go where nobody said.
    let elsewhere = Server::start(|_| Reply::ok(""));
    let to = elsewhere.url("/hook");
    let server = Server::start(move |_| Reply::status(307).with("Location", to.clone()));
    let url = server.url("/hook");
    let added = node.cli(&["webhook", "add", "soc", &url, "--json"]).json();
    assert_eq!(word(&added, "secret").len(), 64, "made here, shown once: {added}");
    let ran = node.cli(&["webhook", "test", "soc"]);
    assert!(ran.code != 0 && ran.err.contains("E-HOOK-015"), "{}", ran.err);
    assert_eq!(elsewhere.seen().len(), 0);
    let list = node.ok(&["webhook", "list", "--json"]);
    assert!(!list.contains(&word(&added, "secret")) && !list.contains("/hook"), "{list}");
}

#[test]
fn a_dead_receiver_is_named_by_doctor() {
    let _turn = turn::shared();
    let node = watching(0..1);
    let broken = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&broken);
    let server = Server::start(move |_| {
        if flag.load(Ordering::Acquire) { Reply::status(503) } else { Reply::ok("") }
    });
    told(&node, "soc", &server.address, &[]);
    events(&node, 0..1);
    let doctor = until("doctor names it", 60, || {
        let told = node.cli(&["doctor"]).out;
        told.contains("webhook soc").then_some(told)
    });
    assert!(doctor.contains("has failed 3 times, 1 wait: E-HOOK-013"), "{doctor}");
    assert!(doctor.contains("entente webhook test soc"), "{doctor}");
    broken.store(false, Ordering::Release);
    // A test that goes well ends the rest.
    node.ok(&["webhook", "test", "soc"]);
    waits(&node, "soc", 0);
    assert!(!node.cli(&["doctor"]).out.contains("webhook soc"));
}

#[test]
fn findings_reach_a_real_syslog_server() {
    let _turn = turn::shared();
    let mut node = Running::init("CERT Alpha");
    let written = node.beside("findings");
    let actions = format!(
        "template(name=\"all\" type=\"string\" string=\"%app-name% %msgid% %hostname% %msg%\\n\")\n\
         action(type=\"omfile\" file=\"{}\" template=\"all\")",
        python::text(&written)
    );
    let rsyslog = Rsyslog::start(&node, &actions);
    let settings = format!("[out]\nsyslog = \"tcp://127.0.0.1:{}\"\n", rsyslog.port);
    fs::write(node.data().join("entente.toml"), settings).expect("settings");
    node.serve();
    let _ring = node.circle("ring", "green");
    publish(&node, 0..10, GREEN);
    publish(&node, 10..11, RED);
    events(&node, 0..11);
    let lines = until("all findings are written", 60, || {
        let text = fs::read_to_string(&written).ok()?;
        let lines: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_prefix("entente finding CERT-Alpha "))
            .map(|line| line.trim().to_owned())
            .collect();
        (lines.len() >= 10).then_some(lines)
    });
    let ids: BTreeSet<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("OCSF"))
        .map(|finding| {
            assert_eq!(finding["class_uid"], 2004, "{finding}");
            word(&finding["finding_info"], "uid")
        })
        .collect();
    let home = at_home(&node);
    assert_eq!((ids.len(), home.len()), (10, 11), "each once, and nothing of TLP:RED");
    assert!(ids.is_subset(&home));
    waits(&node, "syslog", 0);
    // It is the settings' to take away.
    let ran = node.cli(&["webhook", "remove", "syslog"]);
    assert!(ran.err.contains("E-HOOK-002"), "{}", ran.err);
    assert_eq!(node.stop(), Some(0));
    let cef =
        format!("[out]\nsyslog = \"udp://127.0.0.1:{}\"\nsyslog_as = \"cef\"\n", rsyslog.port);
    fs::write(node.data().join("entente.toml"), cef).expect("settings");
    node.serve();
    let other = until("the other one is known", 30, || {
        let state = state(&node, "syslog");
        (word(&state, "as") == "cef").then_some(state)
    });
    assert_eq!(number(&other, "sent"), 0, "{other}");
}

/// SPEC: RFC 5425 §4.3: each message has its length before it. Ends of lines end none here, so that
/// nothing else would be read as messages.
#[test]
fn findings_reach_a_syslog_server_by_tls_if_its_certificate_is_right() {
    let _turn = turn::shared();
    let mut node = Running::init("CERT Alpha");
    let key = rcgen::KeyPair::generate().expect("a key");
    let parameters = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("names");
    let certificate = parameters.self_signed(&key).expect("a certificate").pem();
    let (pem, key) = (node.file("ca.pem", certificate), node.file("key.pem", key.serialize_pem()));
    let written = node.beside("findings");
    let actions = format!(
        "global(defaultNetstreamDriverCAFile=\"{pem}\" defaultNetstreamDriverCertFile=\"{pem}\" \
         defaultNetstreamDriverKeyFile=\"{key}\")\n\
         template(name=\"all\" type=\"string\" string=\"%app-name% %msgid% %msg%\\n\")\n\
         action(type=\"omfile\" file=\"{}\" template=\"all\")",
        python::text(&written)
    );
    let module = "StreamDriver.Name=\"gtls\" StreamDriver.Mode=\"1\" StreamDriver.AuthMode=\"anon\" \
        DisableLFDelimiter=\"on\"";
    let rsyslog = Rsyslog::listening(&node, module, &actions);
    let settings = node.data().join("entente.toml");
    let to = |host: &str| format!("tls://{host}:{}", rsyslog.port);
    let sending = |url: &str| format!("[out]\nsyslog = \"{url}\"\n");
    let trusts = format!("[network]\nauthorities = \"{pem}\"\n");
    // Signed by nobody that is trusted; of another name.
    for (trusted, wrong) in [("", to("127.0.0.1")), (&trusts, to("localhost"))] {
        fs::write(&settings, trusted.to_owned() + &sending(&wrong)).expect("settings");
        node.serve();
        known(&node, &wrong);
        let ran = node.cli(&["webhook", "test", "syslog"]);
        assert!(ran.code != 0 && ran.err.contains("E-HOOK-010"), "{wrong}: {ran:?}");
        assert!(ran.err.contains("certificate"), "{wrong}: {ran:?}");
        assert_eq!(node.stop(), Some(0));
    }
    let right = to("127.0.0.1");
    fs::write(&settings, trusts + &sending(&right)).expect("settings");
    node.serve();
    known(&node, &right);
    let _ring = node.circle("ring", "green");
    publish(&node, 0..10, GREEN);
    publish(&node, 10..11, RED);
    events(&node, 0..11);
    node.ok(&["webhook", "test", "syslog"]);
    let ids = until("all findings are written", 60, || {
        let text = fs::read_to_string(&written).ok()?;
        let found = text.lines().filter_map(|line| line.strip_prefix("entente finding "));
        let found = found.map(|line| serde_json::from_str::<Value>(line.trim()).expect("OCSF"));
        let ids: Vec<String> = found.map(|finding| word(&finding["finding_info"], "uid")).collect();
        (ids.len() >= 11).then_some(ids)
    });
    let home = at_home(&node);
    let sent: BTreeSet<String> =
        ids.iter().filter(|id| !id.starts_with("test-")).cloned().collect();
    // The refused tests left nothing behind: the last message is the only one of its kind.
    assert_eq!((ids.len(), sent.len(), home.len()), (11, 10, 11), "{ids:?}");
    assert!(sent.is_subset(&home));
}

#[test]
fn watch_tells_matches_in_the_words_of_other_tools() {
    let _turn = turn::shared();
    let node = watching(0..2);
    let file = node.file("dns.json", "{\"query\":\"n0.example\"}\n{\"query\":\"n1.example\"}\n");
    let ran = node.cli(&["watch", &file, "--as", "ocsf"]);
    assert_eq!((ran.code, ran.lines().len()), (1, 2), "{}", ran.err);
    let uid = |finding: &Value| word(&finding["finding_info"], "uid");
    let told: BTreeSet<String> = ran.lines().iter().map(uid).collect();
    assert_eq!(told, at_home(&node), "under the ids that they are kept under");
    let ecs = node.cli(&["watch", &file, "--as", "ecs"]).lines();
    assert_eq!(ecs[0]["threat"]["indicator"]["url"]["domain"], "n0.example");
    assert_eq!(node.cli(&["watch", &file, "--as", "json"]).lines()[1]["value"], "n1.example");
    let stix = node.cli(&["watch", &file, "--as", "stix"]).lines();
    assert_eq!(stix[0]["objects"][0]["value"], "n0.example");
    assert!(word(&stix[1]["objects"][3], "sighting_of_ref").starts_with("indicator--"), "{stix:?}");
    let cef = node.cli(&["watch", &file, "--as", "cef"]).out;
    assert!(cef.starts_with("CEF:0|Entente|Entente|"), "{cef}");
    let wrong = node.cli(&["watch", &file, "--as", "xml"]);
    assert!(wrong.code != 0 && wrong.err.contains("json, ocsf, ecs, stix or cef"), "{}", wrong.err);
}
