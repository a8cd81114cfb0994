//! Telemetry as it comes in real life: logs that are rotated while they are followed, agents that
//! send again, nodes and followers that die. Every event counts, and none counts twice.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use world_tests::clock::until;
use world_tests::data::{root, say};
use world_tests::entente::{Running, binary, number, word};
use world_tests::python;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";
const NDJSON: &str = "application/x-ndjson";

/// A node that watches for `evil.example`.
fn watching() -> Running {
    let node = Running::new("CERT Alpha");
    let objects = Running::objects(&node.circle("ring", "green"));
    let body = envelope(&[indicator(1, 1, "evil.example")]);
    let reply = node.api().post(&objects, TAXII, body);
    assert_eq!(reply.json()["success_count"], 1, "{}", reply.text());
    node
}

/// An event that matches; its number tells it from all others.
fn event(number: u64) -> String {
    let query = format!("n{number}.evil.example");
    format!(
        "{}\n",
        json!({"timestamp": "2026-02-01T00:00:00.000001+0000", "event_type": "dns",
        "dns": {"type": "query", "rrname": query}, "n": number})
    )
}

/// The events that all sightings of the node count, once it has ended in order.
fn counted(node: &mut Running) -> u64 {
    assert_eq!(node.stop(), Some(0), "an orderly end");
    node.serve();
    let page = node.api().get("/api/v1/sightings").json();
    let all = page["sightings"].as_array().cloned().unwrap_or_default();
    for sighting in &all {
        assert_eq!(word(sighting, "indicator"), indicator_id(1, 1));
    }
    all.iter().map(|sighting| number(sighting, "count")).sum()
}

/// `entente watch --follow`, as long as it lives.
struct Following {
    child: Child,
    /// One file for each process: a death may leave half a line.
    told: Vec<PathBuf>,
}

impl Following {
    fn start(node: &Running, log: &Path) -> Self {
        Self { child: Self::spawn(node, log, 0), told: vec![node.beside("told-0")] }
    }

    /// Another process, which goes on where the last one was.
    fn again(&mut self, node: &Running, log: &Path) {
        let number = self.told.len();
        self.child = Self::spawn(node, log, number);
        self.told.push(node.beside(&format!("told-{number}")));
    }

    fn spawn(node: &Running, log: &Path, number: usize) -> Child {
        let create = |name: String| File::create(node.beside(&name)).expect("a file");
        Command::new(binary())
            .args(["watch", "--json", "--follow", "--format", "eve", "--data"])
            .arg(node.data())
            .arg(log)
            .env_remove("ENTENTE_TOKEN")
            .stdin(Stdio::null())
            .stdout(create(format!("told-{number}")))
            .stderr(create(format!("watch-{number}.log")))
            .spawn()
            .expect("the binary runs")
    }

    /// How often each event was told, whole lines only.
    fn told(&self) -> BTreeMap<u64, u32> {
        let mut told = BTreeMap::new();
        for file in &self.told {
            let text = fs::read_to_string(file).unwrap_or_default();
            for line in text.lines() {
                let Ok(found) = serde_json::from_str::<Value>(line) else { continue };
                *told.entry(number(&found["event"], "n")).or_default() += 1;
            }
        }
        told
    }

    /// Waits until all events below this have been told.
    fn until(&self, events: u64) {
        until("all events are told", 60, || {
            self.told().range(..events).map(|(n, _)| *n).eq(0..events).then_some(())
        });
    }

    fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A log, and who writes it.
struct Log {
    path: PathBuf,
    written: u64,
}

impl Log {
    fn name(&self, ending: &str) -> PathBuf {
        PathBuf::from(format!("{}{ending}", self.path.display()))
    }

    fn append_to(path: &Path, text: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("a log");
        file.write_all(text.as_bytes()).expect("a line");
    }

    /// Some more events.
    fn write(&mut self, events: u64) {
        let text: String = (self.written..self.written + events).map(event).collect();
        self.written += events;
        Self::append_to(&self.path, &text);
    }

    fn rename(&self) {
        drop(fs::rename(self.name(".1"), self.name(".2")));
        fs::rename(&self.path, self.name(".1")).expect("renamed");
    }

    fn copy_and_cut(&self) {
        drop(fs::rename(self.name(".1"), self.name(".2")));
        fs::copy(&self.path, self.name(".1")).expect("copied");
        File::options().write(true).open(&self.path).and_then(|file| file.set_len(0)).expect("cut");
    }

    fn delete(&self) {
        fs::remove_file(&self.path).expect("deleted");
    }

    /// What a packer leaves of what was rotated; its lines have been read long ago.
    fn pack(&self) {
        let lines = fs::read(self.name(".1")).expect("a rotated log");
        fs::write(self.name(".2.gz"), lines).expect("packed");
    }
}

#[test]
fn a_log_is_followed_through_every_kind_of_rotation_and_every_kind_of_death() {
    let _turn = turn::shared();
    let mut node = watching();
    let mut log = Log { path: node.beside("eve.json"), written: 0 };
    // It is not there yet.
    let mut following = Following::start(&node, &log.path);
    log.write(100);
    following.until(100);
    // A line that is not finished waits for its end.
    let line = event(100);
    let (half, rest) = line.split_at(30);
    Log::append_to(&log.path, half);
    log.rename();
    Log::append_to(&log.name(".1"), rest);
    log.written += 1;
    log.write(50);
    following.until(151);
    log.pack();
    log.write(10);
    log.copy_and_cut();
    log.write(40);
    following.until(201);
    log.write(10);
    log.delete();
    log.write(40);
    following.until(251);
    say("telemetry: renamed, copied and cut, deleted: all events are told");
    assert!(following.told().values().all(|times| *times == 1), "none twice");
    // The node dies between two pieces: the follower waits, and sends again.
    for _ in 0..3 {
        node.kill();
        log.write(50);
        log.rename();
        log.write(50);
        node.serve();
        following.until(log.written);
    }
    assert!(following.told().values().all(|times| *times == 1), "none twice");
    // The follower dies, and another goes on where it was, through a rotation or two.
    for round in 0..6 {
        log.write(500);
        if round % 2 == 0 {
            following.until(log.written - 250);
        }
        following.kill();
        log.write(50);
        if round % 3 == 0 {
            log.copy_and_cut();
        } else {
            log.rename();
        }
        log.write(50);
        following.again(&node, &log.path);
        following.until(log.written);
    }
    following.kill();
    assert_eq!(counted(&mut node), log.written, "every event counts, and none twice");
}

#[test]
fn an_agent_that_sends_again_counts_nothing_twice_whoever_dies() {
    let _turn = turn::shared();
    let mut node = watching();
    let token = node.token("sensor", &["--circle", "ring", "--write"]);
    let events: String = (0..6_000).map(event).collect();
    let file = node.file("events.json", events);
    let url = format!("http://{}/telemetry/", node.http);
    let arguments = [&*url, &*token, &*file, "50"].map(str::to_owned);
    let agent = thread::spawn(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        python::succeeds("telemetry.py", &arguments)
    });
    let mut deaths = 0;
    while !agent.is_finished() && deaths < 8 {
        let seen = node.api().get("/api/v1/sightings").text().len();
        until("something is counted", 20, || {
            let more = node.api().get("/health/ready").status == 200;
            (more || agent.is_finished() || seen == 0).then_some(())
        });
        world_tests::clock::pause(std::time::Duration::from_millis(40 + deaths * 17));
        node.kill();
        node.serve();
        deaths += 1;
    }
    let told = agent.join().expect("the agent");
    let told: Value = serde_json::from_str(told.lines().last().unwrap_or_default()).expect("JSON");
    say(&format!("telemetry: an agent through {deaths} deaths of the node: {told}"));
    assert_eq!((number(&told, "lines"), number(&told, "bad")), (6_000, 0));
    assert_eq!(counted(&mut node), 6_000, "every event counts, and none twice");
}

#[test]
fn a_body_is_counted_line_by_line_and_its_faults_are_told() {
    let _turn = turn::shared();
    let mut node = watching();
    let mut client = node.api();
    let body = format!("{}{{\"cut\":\n\n{}\u{1}\n{}", event(1), "[1,2", event(2).trim_end());
    let post = |client: &mut world_tests::http::Http, headers: &[(&str, &str)]| {
        let reply = client.send("POST", "/telemetry/", headers, body.as_bytes());
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    };
    // What curl sends when nobody tells it what it sends.
    let told = post(&mut client, &[("Content-Type", "application/x-www-form-urlencoded")]);
    assert_eq!(
        [number(&told, "lines"), number(&told, "matches"), number(&told, "bad")],
        [5, 2, 2],
        "{told}"
    );
    let problems = told["problems"].as_array().expect("a list");
    let lines: Vec<_> = problems.iter().map(|p| (number(p, "line"), word(p, "code"))).collect();
    assert_eq!(lines, [(2, "E-EVENT-003".to_owned()), (4, "E-EVENT-003".to_owned())]);
    assert_eq!(post(&mut client, &[]), told, "sent again, answered alike");
    // Under another name it is another delivery, under the same it is not.
    for name in ["a", "b", "b"] {
        post(&mut client, &[("Idempotency-Key", name)]);
    }
    // Only writers may count, and only readers learn how much matched.
    let [reader, writer] = [("reader", "--read"), ("writer", "--write")]
        .map(|(name, right)| node.token(name, &["--circle", "ring", right]));
    let mut client = world_tests::http::Http::with(&node.http, &reader);
    assert_eq!(client.post("/telemetry/", NDJSON, event(3)).status, 403);
    let mut client = world_tests::http::Http::with(&node.http, &writer);
    assert_eq!(client.post("/telemetry/", NDJSON, event(3)).json()["matches"], Value::Null);
    let mut client = world_tests::http::Http::new(&node.http);
    assert_eq!(client.post("/telemetry/", NDJSON, event(3)).status, 401);
    assert_eq!(counted(&mut node), 2 + 2 + 2 + 1);
}

#[test]
fn a_log_of_suricata_goes_in_by_every_door() {
    let _turn = turn::shared();
    let mut node = watching();
    let eve = root().join("testdata/telemetry/eve.json");
    let eve = python::text(&eve);
    let ran = node.cli(&["watch", "--format", "eve", "--json", eve]);
    assert_eq!(ran.code, 1, "it found something: {}", ran.err);
    let fields = |ran: &world_tests::entente::Ran| -> Vec<(u64, String)> {
        ran.lines().iter().map(|m| (number(m, "line"), word(m, "field"))).collect()
    };
    let found = fields(&ran);
    assert!(found.contains(&(1, "http.hostname".to_owned())), "{found:?}");
    assert!(found.contains(&(4, "dns.answers.rdata".to_owned())), "{found:?}");
    assert!(found.contains(&(8, "tls.sni".to_owned())), "{found:?}");
    assert!(!found.iter().any(|(line, _)| [9, 10, 12, 13, 14, 16, 17].contains(line)), "{found:?}");
    let auto = node.cli(&["watch", eve]);
    assert!(auto.err.contains("Suricata EVE"), "{}", auto.err);
    assert_eq!(fields(&node.cli(&["watch", "--json", eve])), found);
    let zeek = node.cli(&["watch", "--format", "zeek", eve]);
    assert_eq!(zeek.code, 2, "{}", zeek.err);
    // The way of many a shell script.
    let admin = format!("Authorization: ApiKey {}", node.admin());
    let url = format!("http://{}/telemetry/", node.http);
    let data = format!("@{eve}");
    let curl = |_: u32| {
        let ran = Command::new("curl")
            .args(["-sS", "--noproxy", "*", "-H", &admin, "--data-binary", &data, &url])
            .output()
            .expect("curl runs");
        serde_json::from_slice::<Value>(&ran.stdout).expect("JSON")
    };
    let told = curl(1);
    assert_eq!((number(&told, "lines"), number(&told, "bad")), (17, 0), "{told}");
    assert_eq!(usize::try_from(number(&told, "matches")).expect("few"), found.len());
    assert_eq!(curl(2), told);
    let lines: std::collections::BTreeSet<u64> = found.iter().map(|(line, _)| *line).collect();
    let events = u64::try_from(lines.len()).expect("few");
    assert_eq!(counted(&mut node), events * 4, "three looks through the file, and one delivery");
}
