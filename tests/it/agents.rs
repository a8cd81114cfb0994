//! The agents that organisations run already, pointed at a node with only address and token changed:
//! rsyslog, Elasticsearch's own client, what speaks to Splunk. And logs of every form.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use world_tests::clock::until;
use world_tests::data::{folder, say, unpacked};
use world_tests::entente::{Running, number, word};
use world_tests::http::Http;
use world_tests::python;
use world_tests::stix::{envelope, indicator};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";

/// A node with these settings, not started yet.
fn set_up(settings: &str) -> Running {
    let node = Running::init("CERT Alpha");
    fs::write(node.data().join("entente.toml"), settings).expect("settings");
    node
}

/// Starts it and has it watch for `evil.example`.
fn watching(settings: &str) -> Running {
    let mut node = set_up(settings);
    node.serve();
    let objects = Running::objects(&node.circle("ring", "green"));
    let reply = node.api().post(&objects, TAXII, envelope(&[indicator(1, 1, "evil.example")]));
    assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
    node
}

/// The events that all sightings of the node count.
fn counted(node: &Running) -> u64 {
    let page = node.api().get("/api/v1/sightings").json();
    let all = page["sightings"].as_array().cloned().unwrap_or_default();
    all.iter().map(|sighting| number(sighting, "count")).sum()
}

/// The same, once it has ended in order: what waited for its hour is told then.
fn counted_at_the_end(node: &mut Running) -> u64 {
    assert_eq!(node.stop(), Some(0), "an orderly end");
    node.serve();
    counted(node)
}

/// A number of `/metrics`.
fn metric(node: &Running, name: &str) -> u64 {
    let page = node.api().get("/metrics").text();
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}:\n{page}"))
}

fn door(node: &Running, transport: &str) -> String {
    let text = fs::read(node.data().join("run/addresses.json")).expect("addresses");
    let addresses: Value = serde_json::from_slice(&text).expect("JSON");
    word(&addresses["syslog"], transport)
}

/// Debian's rsyslog with one input and these actions, as long as it lives.
pub(super) struct Rsyslog {
    child: Child,
    pub(super) port: u16,
}

impl Rsyslog {
    pub(super) fn start(node: &Running, actions: &str) -> Self {
        Self::listening(node, "", actions)
    }

    /// The same, with settings of the module that listens.
    pub(super) fn listening(node: &Running, module: &str, actions: &str) -> Self {
        let folder = node.beside("rsyslog");
        fs::create_dir_all(&folder).expect("a folder");
        let folder = python::text(&folder);
        let settings = format!(
            "global(workDirectory=\"{folder}\")\nmodule(load=\"imtcp\" {module})\n\
             input(type=\"imtcp\" port=\"0\" address=\"127.0.0.1\" \
             listenPortFileName=\"{folder}/port\")\n{actions}\n"
        );
        let file = node.file("rsyslog.conf", settings);
        let log = fs::File::create(node.beside("rsyslog.log")).expect("a log");
        let child = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-f", &file, "-i", &format!("{folder}/pid")])
            .env_remove("http_proxy")
            .env_remove("HTTP_PROXY")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("rsyslogd runs: apt-get install rsyslog rsyslog-elasticsearch rsyslog-gnutls");
        let port = until("rsyslog listens", 30, || {
            fs::read_to_string(format!("{folder}/port")).ok()?.trim().parse().ok()
        });
        Self { child, port }
    }

    /// Log lines of some web server; every one names what is looked for.
    fn log(&self, lines: std::ops::Range<u64>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("rsyslog listens");
        let mut text = String::new();
        for n in lines {
            writeln!(text, "<34>1 2026-02-01T00:00:00.{:06}Z web nginx 12 - - GET http://n{n}.evil.example/x 200", n % 1_000_000)
                .expect("text");
        }
        stream.write_all(text.as_bytes()).expect("sent");
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Events that rsyslog sends at once.
const BATCH: u64 = 200;

#[test]
fn rsyslog_points_at_us_with_address_and_token_only() {
    let _turn = turn::shared();
    let mut node = watching("");
    let token = node.token("sensor", &["--circle", "ring", "--write"]);
    // As in rsyslog's own documentation, with another server and another password.
    let actions = format!(
        "module(load=\"omelasticsearch\")\n\
         action(type=\"omelasticsearch\" server=\"http://{}/telemetry\" uid=\"entente\" \
         pwd=\"{token}\" bulkmode=\"on\" action.resumeRetryCount=\"-1\" \
         action.resumeInterval=\"1\" queue.type=\"LinkedList\" queue.dequeueBatchSize=\"{BATCH}\" \
         errorFile=\"{}\")",
        node.http,
        python::text(&node.beside("errors")),
    );
    let rsyslog = Rsyslog::start(&node, &actions);
    rsyslog.log(0..500);
    until("500 events came", 60, || (metric(&node, "entente_events_total") >= 500).then_some(()));
    // The node dies and comes back: rsyslog waits, and sends what was not acknowledged.
    node.kill();
    rsyslog.log(500..900);
    node.serve();
    until("400 more came", 90, || (metric(&node, "entente_events_total") >= 400).then_some(()));
    rsyslog.log(900..1_000);
    until("100 more came", 60, || (metric(&node, "entente_events_total") >= 500).then_some(()));
    let errors = fs::read_to_string(node.beside("errors")).unwrap_or_default();
    assert_eq!(errors, "", "rsyslog was refused nothing");
    drop(rsyslog);
    // What was counted when the node died, and not yet acknowledged, is sent again: one batch at most.
    let counted = counted_at_the_end(&mut node);
    assert!((1_000..=1_000 + BATCH).contains(&counted), "every event counts: {counted}");
    say("agents: rsyslog 1,000 events through omelasticsearch and one death of the node");
}

#[test]
fn syslog_comes_by_udp_tcp_and_tls() {
    let _turn = turn::shared();
    let key = rcgen::KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let parameters = rcgen::CertificateParams::new(names).expect("names");
    let certificate = parameters.self_signed(&key).expect("a certificate").pem();
    let doors = "syslog_udp = \"127.0.0.1:0\"\nsyslog_tcp = \"127.0.0.1:0\"\n";
    let mut node = watching(&format!("[telemetry]\n{doors}"));
    let pem = node.file("http.pem", &certificate);
    let actions = format!(
        "action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"tcp\" \
         tcp_framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"tcp\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"udp\")",
        port(&door(&node, "tcp")),
        port(&door(&node, "tcp")),
        port(&door(&node, "udp")),
    );
    let rsyslog = Rsyslog::start(&node, &actions);
    rsyslog.log(0..200);
    until("each came thrice", 60, || {
        (metric(&node, "entente_events_read_total{form=\"syslog\"}") >= 600).then_some(())
    });
    assert_eq!(metric(&node, "entente_syslog_dropped_total"), 0);
    drop(rsyslog);
    assert_eq!(counted_at_the_end(&mut node), 600);
    // And under TLS, where the certificate is that of HTTP.
    node.kill();
    let key = node.file("http.key", key.serialize_pem());
    let settings = format!(
        "[http]\ncertificate = \"{pem}\"\nkey = \"{key}\"\n[telemetry]\nsyslog_tls = \"127.0.0.1:0\"\n"
    );
    let secured = set_up(&settings);
    let serving = Serving::start(&secured);
    let actions = format!(
        "global(defaultNetstreamDriverCAFile=\"{pem}\")\n\
         action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"tcp\" \
         tcp_framing=\"octet-counted\" StreamDriver=\"gtls\" StreamDriverMode=\"1\" \
         StreamDriverAuthMode=\"x509/certvalid\" template=\"RSYSLOG_SyslogProtocol23Format\")",
        port(&door(&secured, "tls")),
    );
    let rsyslog = Rsyslog::start(&secured, &actions);
    rsyslog.log(0..50);
    until("50 came by TLS", 60, || {
        let page = secured.cli(&["doctor"]);
        drop(page);
        (serving.events(&pem) >= 50).then_some(())
    });
}

#[test]
fn udp_loss_is_counted_and_named() {
    let _turn = turn::shared();
    let node = watching("[telemetry]\nsyslog_udp = \"127.0.0.1:0\"\n");
    let door = door(&node, "udp");
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let filling = "x".repeat(600);
    let (mut sent, mut told) = (0_u64, (0, 0));
    // As fast as the kernel takes them, until some are lost.
    while told.1 == 0 && sent < 2_000_000 {
        for _ in 0..20_000 {
            let message = format!("<34>Feb  1 00:00:00 fw app: {filling} {sent}");
            sent += u64::from(socket.send_to(message.as_bytes(), &door).is_ok());
        }
        until("each datagram was matched or is counted as lost", 60, || {
            told = (
                metric(&node, "entente_events_total"),
                metric(&node, "entente_syslog_dropped_total"),
            );
            (told.0 + told.1 == sent).then_some(())
        });
    }
    assert!(told.1 > 0, "{sent} datagrams at once and none lost");
    assert!(node.complaints().contains("was lost"), "{}", node.complaints());
    say(&format!("agents: of {sent} datagrams {} matched, {} lost and counted", told.0, told.1));
}

fn port(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

/// A node whose HTTP is TLS, as long as it lives.
struct Serving {
    child: Child,
    http: String,
    admin: String,
}

impl Serving {
    fn start(node: &Running) -> Self {
        let child = Command::new(world_tests::entente::binary())
            .args(["serve", "--listen", "127.0.0.1:0", "--link", "127.0.0.1:0", "--data"])
            .arg(node.data())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(node.beside("serve.log")).expect("a log"))
            .spawn()
            .expect("the binary runs");
        let http = until("it says where it is", 60, || {
            let text = fs::read(node.data().join("run/addresses.json")).ok()?;
            let addresses: Value = serde_json::from_slice(&text).ok()?;
            Some(word(&addresses, "http"))
        });
        Self { child, http, admin: node.admin() }
    }

    fn events(&self, authority: &str) -> u64 {
        let ran = Command::new("curl")
            .args(["-sS", "--noproxy", "*", "--cacert", authority])
            .args(["-H", &format!("Authorization: Bearer {}", self.admin)])
            .arg(format!("https://{}/metrics", self.http))
            .output()
            .expect("curl runs");
        let page = String::from_utf8_lossy(&ran.stdout).into_owned();
        let line = page.lines().find_map(|line| line.strip_prefix("entente_events_total "));
        line.and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn the_elasticsearch_client_of_python_indexes_in_bulk() {
    let _turn = turn::shared();
    let mut node = watching("");
    let token = node.token("application", &["--circle", "ring", "--write"]);
    let url = format!("http://{}/telemetry", node.http);
    let told = python::succeeds("agents.py", &[&url, &token, "1200"]);
    let told: Value = serde_json::from_str(told.lines().last().unwrap_or_default()).expect("JSON");
    assert_eq!((number(&told, "taken"), number(&told, "refused")), (3_600, 0), "{told}");
    assert_eq!(told["statuses"], json!([400, 201]), "{told}");
    assert_eq!((word(&told, "status"), &told["stranger"]), ("green".to_owned(), &json!(401)));
    assert_eq!(counted_at_the_end(&mut node), 3_600);
    // Items are answered one by one: the one that cannot be read is told, the others count.
    let mut client = Http::with(&node.http, &token);
    let body = "{\"index\":{}}\n{\"q\":\"a.evil.example\"}\n{\"create\":{\"_id\":\"7\"}}\n{\"q\":\n\
        {\"index\":{}}\n{\"q\":\"b.evil.example\"}\n";
    let reply = client.post("/telemetry/_bulk", "application/x-ndjson", body);
    let told = reply.json();
    assert_eq!(told["errors"], true, "{told}");
    let statuses: Vec<_> = told["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            item.as_object()
                .and_then(|item| item.values().next())
                .map(|item| number(item, "status"))
        })
        .collect();
    assert_eq!(statuses, [Some(201), Some(400), Some(201)], "{told}");
    let refused =
        client.post("/telemetry/_bulk", "application/x-ndjson", "{\"q\":\"c.evil.example\"}\n");
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert_eq!(counted_at_the_end(&mut node), 3_602);
}

#[test]
fn a_hec_agent_gets_its_ack_after_the_sighting_is_durable() {
    let _turn = turn::shared();
    let mut node = watching("");
    let token = node.token("forwarder", &["--circle", "ring", "--write"]);
    let headers = [("Authorization", format!("Splunk {token}"))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let mut sent = 0;
    for round in 0..5_u64 {
        let mut client = Http::new(&node.http);
        let body = format!(
            "{{\"event\":\"GET http://a{round}.evil.example/x 200\",\"time\":1770000000.{round},\"host\":\"web\"}}\
             {{\"event\":{{\"query\":\"b{round}.evil.example\"}},\n\"sourcetype\":\"dns\"}}"
        );
        let reply =
            client.send("POST", "/services/collector/event?channel=c1", &headers, body.as_bytes());
        assert_eq!((reply.status, &reply.json()["code"]), (200, &json!(0)), "{}", reply.text());
        let ack = number(&reply.json(), "ackId");
        sent += 2;
        // It dies in this moment: what was acknowledged is kept.
        node.kill();
        node.serve();
        let mut client = Http::new(&node.http);
        let asked = json!({"acks": [ack]}).to_string();
        let reply =
            client.send("POST", "/services/collector/ack?channel=c1", &headers, asked.as_bytes());
        assert_eq!(reply.json()["acks"][ack.to_string()], true, "{}", reply.text());
    }
    let mut client = Http::new(&node.http);
    let raw = "<34>Feb  1 00:00:00 web app: asked for c[.]evil[.]example\n";
    let reply = client.send("POST", "/services/collector/raw", &headers, raw.as_bytes());
    assert_eq!(reply.status, 200, "{}", reply.text());
    let bad = client.send(
        "POST",
        "/services/collector",
        &headers,
        b"{\"event\":{\"q\":\"d.evil.example\"}}{",
    );
    assert_eq!(
        (bad.status, &bad.json()["invalid-event-number"]),
        (400, &json!(1)),
        "{}",
        bad.text()
    );
    assert_eq!(client.get("/services/collector/health").status, 200);
    assert_eq!(counted_at_the_end(&mut node), sent + 2);
}

/// The same events, 200 of them, as each form writes them.
fn forms() -> Vec<(&'static str, String)> {
    let lines = |line: &dyn Fn(u64) -> String| (0..200).map(|n| line(n) + "\n").collect::<String>();
    let columns = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
        #path\tdns\n#fields\tts\tuid\tid.orig_h\tquery\tanswers\n\
        #types\ttime\tstring\taddr\tstring\tvector[string]\n";
    vec![
        (
            "eve",
            lines(&|n| {
                format!(
                    r#"{{"timestamp":"2026-02-01T00:00:00.000001+0000","event_type":"dns","dns":{{"rrname":"n{n}.evil.example"}}}}"#
                )
            }),
        ),
        (
            "zeek",
            lines(&|n| {
                format!(r#"{{"ts":1770000000.{n},"uid":"C{n}","query":"n{n}.evil.example"}}"#)
            }),
        ),
        (
            "zeek-tsv",
            columns.to_owned()
                + &lines(&|n| format!("1770000000.{n}\tC{n}\t192.0.2.1\tn{n}.evil.example\t-")),
        ),
        (
            "sysmon",
            lines(&|n| {
                format!(
                    r#"{{"EventID":22,"Channel":"Microsoft-Windows-Sysmon/Operational","QueryName":"n{n}.evil.example"}}"#
                )
            }),
        ),
        (
            "ecs",
            lines(&|n| {
                format!(
                    r#"{{"@timestamp":"2026-02-01T00:00:00Z","ecs":{{"version":"8.11"}},"dns":{{"question":{{"name":"n{n}.evil.example"}}}}}}"#
                )
            }),
        ),
        (
            "ocsf",
            lines(&|n| {
                format!(
                    r#"{{"class_uid":4003,"time":1770000000000,"query":{{"hostname":"n{n}.evil.example"}}}}"#
                )
            }),
        ),
        (
            "cef",
            lines(&|n| {
                format!(
                    "CEF:0|Corp|Proxy|1|7|web|3|rt=1770000000000 src=192.0.2.1 dhost=n{n}.evil.example msg=a b"
                )
            }),
        ),
        (
            "leef",
            lines(&|n| format!("LEEF:1.0|Corp|Proxy|1|7|src=192.0.2.1\tdomain=n{n}.evil.example")),
        ),
        (
            "syslog",
            lines(&|n| {
                format!("<34>Feb  1 00:00:00 fw named[7]: 192.0.2.1#53 (n{n}.evil.example): query")
            }),
        ),
        ("json", lines(&|n| format!(r#"{{"x":[{{"y":"n{n}.evil.example"}}]}}"#))),
        ("text", lines(&|n| format!("somebody saw hxxps://n{n}[.]evil[.]example/x, again"))),
    ]
}

#[test]
fn every_form_is_watched_from_files_as_they_are_and_packed() {
    let _turn = turn::shared();
    let mut node = watching("");
    let mut looked = 0;
    for (form, text) in forms() {
        let file = node.file(&format!("{form}.log"), &text);
        let packed = node.beside(&format!("{form}.log.gz"));
        let gzip = Command::new("gzip").args(["-k", "-f", &file]).status().expect("gzip runs");
        assert!(gzip.success());
        for (path, name) in [(file.as_str(), form), (python::text(&packed), form), (&file, "auto")]
        {
            let ran = node.cli(&["watch", "--json", "--format", name, path]);
            assert_eq!(ran.code, 1, "{form} as {name}: {}", ran.err);
            let lines: BTreeSet<u64> =
                ran.lines().iter().map(|found| number(found, "line")).collect();
            assert_eq!(lines.len(), 200, "{form} as {name}: {}", ran.err);
            looked += 1;
        }
        assert!(node.cli(&["watch", &file]).err.contains("200 matches"), "{form}");
        looked += 1;
    }
    // What cannot be read is told, and what stands around it is matched.
    let mut text = "{\"q\":\"a.evil.example\"}\n".to_owned();
    text.push_str(&"x".repeat(20 << 20));
    text.push_str("\n{\"q\":\"b.evil.example\"}\n{\"q\":\"\u{1}\n");
    let ran = node.cli(&["watch", "--json", &node.file("long.log", text)]);
    assert_eq!((ran.code, ran.lines().len()), (1, 2), "{}", ran.err);
    assert!(
        ran.err.contains("2 lines not readable") && ran.err.contains("passed over"),
        "{}",
        ran.err
    );
    assert!(metric(&node, "entente_skipped_bytes_total") >= 20 << 20);
    assert!(metric(&node, "entente_bad_lines_total") >= 2);
    let cut = fs::read(node.beside("eve.log.gz")).expect("packed");
    let cut = node.file("cut.gz", &cut[..cut.len() - 20]);
    let ran = node.cli(&["watch", "--json", &cut]);
    assert!(ran.code == 2 && ran.err.contains("E-TELEMETRY-006"), "{} {}", ran.code, ran.err);
    let cut: u64 = ran
        .out
        .lines()
        .filter(|line| line.contains("\"indicator\""))
        .count()
        .try_into()
        .expect("few");
    assert!(cut > 0, "what came is matched");
    assert_eq!(counted_at_the_end(&mut node), looked * 200 + 2 + cut);
}

#[test]
fn real_events_match_alike_in_every_form() {
    let _turn = turn::shared();
    let Some(folder) = folder("agents: real events in every form") else { return };
    let node = watching("");
    let objects = Running::objects(&node.circle("zeek", "green"));
    let names =
        ["wrccdc.org", "microsoft.com", "ntp.org", "wrccdc.cpp.edu", "akadns.net", "debian.org"];
    let wanted: Vec<String> = (2..).zip(names).map(|(n, name)| indicator(1, n, name)).collect();
    assert_eq!(node.api().post(&objects, TAXII, envelope(&wanted)).json()["success_count"], 6);
    let source = node.file("zeek", unpacked(&folder.join("telemetry/zeek-dns.json.gz")));
    let beside = node.beside("forms");
    fs::create_dir_all(&beside).expect("a folder");
    let told = python::succeeds("agents_forms.py", &[&source, python::text(&beside)]);
    let header: u64 = told.trim().parse().expect("lines of the header");
    let found = |form: &str, path: &str, before: u64| -> BTreeSet<(u64, String)> {
        let ran = node.cli(&["watch", "--json", "--format", form, path]);
        assert_eq!(ran.code, 1, "{form}: {}", ran.err);
        assert!(!ran.err.contains("not readable"), "{form}: {}", ran.err);
        let of = |one: &Value| (number(one, "line") - before, word(one, "indicator"));
        ran.lines().iter().map(of).collect()
    };
    let original = found("json", &source, 0);
    assert!(original.len() > 1_000, "{}", original.len());
    for (form, before) in [
        ("zeek-tsv", header),
        ("cef", 0),
        ("leef", 0),
        ("key-value", 0),
        ("syslog", 0),
        ("text", 0),
    ] {
        let path = beside.join(form);
        for name in [form, "auto"] {
            let same = found(name, python::text(&path), before);
            let differ: Vec<_> = same.symmetric_difference(&original).take(5).collect();
            assert!(differ.is_empty(), "{form} as {name}: {differ:?}");
        }
    }
    say(&format!("agents: {} matches of 53,615 real events, alike in seven forms", original.len()));
}

#[test]
fn a_zeek_log_is_followed_from_its_middle_through_a_rotation() {
    let _turn = turn::shared();
    let node = watching("");
    let log = node.beside("dns.log");
    let header = "#separator \\x09\n#fields\tts\tquery\n#types\ttime\tstring\n";
    let line = |n: u64| format!("1770000000.{n:06}\tn{n}.evil.example\n");
    let append = |path: &Path, text: &str| {
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).expect("a log");
        file.write_all(text.as_bytes()).expect("a line");
    };
    let follow = |name: &str| {
        Command::new(world_tests::entente::binary())
            .args(["watch", "--json", "--follow", "--data"])
            .arg(node.data())
            .arg(&log)
            .env_remove("ENTENTE_TOKEN")
            .stdin(Stdio::null())
            .stdout(fs::File::create(node.beside(name)).expect("a file"))
            .stderr(fs::File::create(node.beside("watch.log")).expect("a file"))
            .spawn()
            .expect("the binary runs")
    };
    let told = |name: &str| {
        fs::read_to_string(node.beside(name)).unwrap_or_default().matches("\"indicator\"").count()
    };
    append(&log, header);
    append(&log, &(0..100).map(line).collect::<String>());
    let mut first = follow("first");
    until("100 are told", 60, || (told("first") == 100).then_some(()));
    drop(first.kill());
    drop(first.wait());
    // Another process, which never sees the header pass by.
    append(&log, &(100..200).map(line).collect::<String>());
    let mut second = follow("second");
    until("100 more are told", 60, || (told("second") >= 100).then_some(()));
    fs::rename(&log, node.beside("dns.log.1")).expect("renamed");
    append(&log, "#separator \\x09\n#fields\tquery\tts\n");
    append(&log, "n200.evil.example\t1770000000.0\n");
    until("the new file's columns are known", 60, || (told("second") >= 101).then_some(()));
    drop(second.kill());
    drop(second.wait());
}
