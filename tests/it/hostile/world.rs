//! The node under attack: bounded, with some records, an honest client beside, and a hostile token.

use serde_json::Value;
use std::time::Duration;
use world_tests::clock::pause;
use world_tests::data::say;
use world_tests::entente::Running;
use world_tests::http::{Http, Reply};
use world_tests::steady::{Phase, Steady, anonymous};
use world_tests::stix::{envelope, indicator};

pub(super) const TAXII: &str = "application/taxii+json;version=2.1";
/// What the node may have of private memory.
const MEMORY_MAX: u64 = 256 << 20;
/// What one in a hundred of the honest client's requests should take at most, in milliseconds: told.
const P99_AIM: f64 = 100.0;
/// What it must not exceed: a shared machine cannot promise the aim (50 ms were measured on a quiet
/// one), and an attack that works costs seconds.
const P99_MAX: f64 = 300.0;
/// Requests of the honest client in one phase.
const REQUESTS: usize = 250;
/// Records that are there before: some pages full.
const RECORDS: u64 = 4_000;

pub(super) struct World {
    pub(super) node: Running,
    pub(super) circle: String,
    /// The token of the attacker: it may read and write, and no more.
    pub(super) hostile: String,
    steady: Option<Steady>,
    faults: Vec<String>,
}

impl World {
    pub(super) fn new(name: &str) -> Self {
        let mut node = Running::init(name);
        node.bound_memory(MEMORY_MAX);
        node.serve();
        let circle = node.circle("ring", "green");
        let flags = ["--circle", "ring", "--read", "--write"];
        let (hostile, honest) = (node.token("hostile", &flags), node.token("honest", &flags));
        let mut client = Http::with(&node.http, &honest);
        let filler = "x".repeat(600);
        for from in (0..RECORDS).step_by(500) {
            let objects: Vec<String> = (from..from + 500)
                .map(|n| {
                    indicator(
                        0xbead,
                        n,
                        &format!("n{n}.{}.example", filler.get(..40).unwrap_or_default()),
                    )
                })
                .map(|object| {
                    object.replace(
                        "\"name\":\"",
                        &format!("\"description\":\"{filler}\",\"name\":\""),
                    )
                })
                .collect();
            let reply = client.post(&Running::objects(&circle), TAXII, envelope(&objects));
            assert_eq!(reply.status, 202, "{}", reply.text());
        }
        let steady = Some(Steady::begin(&node, &honest, &circle));
        let mut world = Self { node, circle, hostile, steady, faults: Vec::new() };
        world.phase("nothing", |_| pause(Duration::from_millis(100)));
        world
    }

    /// The attacker.
    pub(super) fn attacker(&self) -> Http {
        Http::with(&self.node.http, &self.hostile)
    }

    /// Does something again and again, and sees what it costs the honest client.
    pub(super) fn phase(&mut self, name: &str, mut attack: impl FnMut(&mut Self)) {
        let Some(mut steady) = self.steady.take() else { return };
        let phase = steady.during(name, REQUESTS, || attack(self));
        self.steady = Some(steady);
        self.judge(name, &phase);
    }

    fn judge(&mut self, name: &str, phase: &Phase) {
        if phase.p99 > P99_AIM {
            say(&format!("{name}: p99 {:.1} ms is above the aim of {P99_AIM} ms", phase.p99));
        }
        if phase.p99 > P99_MAX {
            self.fault(format!("{name}: p99 {:.1} ms", phase.p99));
        }
        if phase.memory_max > MEMORY_MAX {
            self.fault(format!("{name}: {} MiB", phase.memory_max >> 20));
        }
        let dead = self.node.pid().is_none_or(|pid| anonymous(pid) == 0);
        assert!(!dead, "{name} ended the node:\n{}", self.faults.join("\n"));
        for fault in phase.faults.iter().take(3) {
            self.fault(format!("{name}: the honest client: {fault}"));
        }
    }

    pub(super) fn fault(&mut self, fault: String) {
        say(&format!("FAULT {fault}"));
        self.faults.push(fault);
    }

    /// An attacker's request must be answered, and never by a mistake of the node's own: 4xx with a
    /// code, or "come again" with a time.
    pub(super) fn answered(&mut self, what: &str, reply: std::io::Result<Reply>) {
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return self.fault(format!("{what}: no answer: {error}")),
        };
        let later = reply.status == 503 && reply.header("retry-after").is_some();
        let code = |name: &str| reply.json().get(name).is_some_and(Value::is_string);
        // HTTP itself refuses some heads before any handler can word a problem.
        // The doors for agents speak as the servers do that agents know.
        let number = |name: &str| reply.json().get(name).is_some_and(Value::is_number);
        let as_agents = (number("code") && code("text"))
            || reply.json().pointer("/error/reason").is_some_and(Value::is_string);
        let worded = reply.body.is_empty() || code("code") || code("error_code") || as_agents;
        if (reply.status >= 500 && !later) || (reply.status >= 400 && !worded) {
            let text: String = reply.text().chars().take(200).collect();
            self.fault(format!("{what}: {} {text}", reply.status));
        }
    }

    /// Ends: the node must still run, hold all that it acknowledged, and have made no mistake.
    pub(super) fn end(mut self) {
        let acknowledged = self.steady.take().map(Steady::end).unwrap_or_default();
        let mut client = self.attacker();
        let lost = acknowledged.iter().filter(|id| {
            let path = format!("{}{id}/", Running::objects(&self.circle));
            client.get(&path).status != 200
        });
        let lost = lost.count();
        if lost > 0 {
            self.fault(format!("{lost} of {} acknowledged are lost", acknowledged.len()));
        }
        let log = self.node.complaints();
        for word in ["panicked", "RUST_BACKTRACE", " ERROR "] {
            if let Some(line) = log.lines().find(|line| line.contains(word)) {
                self.fault(format!("its log: {line}"));
            }
        }
        let stopped = self.node.stop();
        assert_eq!(stopped, Some(0), "it did not stop as it should");
        assert!(
            self.faults.is_empty(),
            "{} faults:\n{}",
            self.faults.len(),
            self.faults.join("\n")
        );
        say(&format!("{} acknowledged, none lost", acknowledged.len()));
    }
}
