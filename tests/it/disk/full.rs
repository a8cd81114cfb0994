//! The disk fills: bulk is refused first, recalls last, reading never; and a node starts on it.

use super::small::{SmallDisk, inside, settings};
use serde_json::Value;
use world_tests::clock::until;
use world_tests::data::say;
use world_tests::entente::{Running, word};
use world_tests::http::{Http, Reply};
use world_tests::python::text;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const TAXII: &str = "application/taxii+json;version=2.1";

/// A node on a small disk, a circle, its collection and a token that writes.
struct Small {
    node: Running,
    disk: SmallDisk,
    objects: String,
    token: String,
    posted: u64,
}

impl Small {
    fn new(mebibytes: u32, (bulk, all): (&str, &str)) -> Option<Self> {
        let mut node = Running::init("CERT Alpha");
        settings(&node, bulk, all);
        let disk = SmallDisk::under(&node.data(), mebibytes)?;
        node.serve();
        let objects = Running::objects(&node.circle("ring", "green"));
        let token = node.token("writer", &["--circle", "ring", "--read", "--write"]);
        Some(Self { node, disk, objects, token, posted: 0 })
    }

    /// Posts so many objects that were not posted before; they count when they are acknowledged.
    fn post(&mut self, count: u64) -> Reply {
        let numbers = self.posted..self.posted + count;
        let all: Vec<String> =
            numbers.map(|n| indicator(41, n, &format!("{n}.full.example"))).collect();
        let mut client = Http::with(&self.node.http, &self.token);
        let headers = [("Content-Type", TAXII)];
        let reply = client.send("POST", &self.objects, &headers, envelope(&all).as_bytes());
        if reply.status == 202 {
            self.posted += count;
        }
        reply
    }

    fn page(&self) -> u16 {
        Http::with(&self.node.http, &self.token).get(&self.objects).status
    }

    /// All that was acknowledged and not recalled is there.
    fn holds_all_but(&self, recalled: &[u64]) {
        for number in 0..self.posted {
            let path = format!("{}{}/", self.objects, indicator_id(41, number));
            let status = Http::with(&self.node.http, &self.token).get(&path).status;
            assert_eq!(status == 200, !recalled.contains(&number), "object {number}: {status}");
        }
    }
}

fn refused(reply: &Reply) {
    assert_eq!(reply.status, 507, "{}", reply.text());
    assert_eq!(reply.header("retry-after"), Some("10"));
    assert!(reply.text().contains("E-DISK-001"), "{}", reply.text());
}

#[test]
fn bulk_stops_first_recalls_last_and_reading_never() {
    const NAME: &str = "disk::full::bulk_stops_first_recalls_last_and_reading_never";
    let _turn = turn::shared();
    let Some(mut small) = Small::new(96, ("24MiB", "8MiB")) else { return inside(NAME) };
    assert_eq!(small.post(200).status, 202);
    small.disk.fill(16 << 20);
    until("bulk is refused", 20, || (small.post(1).status == 507).then_some(()));
    refused(&small.post(1));
    assert_eq!(small.page(), 200);
    let late = small.node.token("late", &["--circle", "ring", "--read"]);
    small.node.ok(&["recall", &indicator_id(41, 3), "--reason", "while it is scarce"]);

    small.disk.fill(4 << 20);
    until("a token is refused", 20, || {
        let ran = small.node.cli(&["token", "create", "later", "--circle", "ring", "--read"]);
        (ran.code != 0 && ran.err.contains("nearly full")).then_some(())
    });
    refused(&small.post(1));
    small.node.ok(&["recall", &indicator_id(41, 4), "--reason", "while there is none"]);
    small.node.ok(&["token", "revoke", "writer"]);
    assert_eq!(small.page(), 401, "a revocation is tried to the last");
    small.token = late;
    assert_eq!(small.page(), 200, "a reader that had no number yet reads what has one");

    small.disk.empty();
    small.token = until("there is room again", 20, || {
        let args = ["token", "create", "again", "--circle", "ring", "--read", "--write", "--json"];
        let ran = small.node.cli(&args);
        ran.json().get("token").and_then(Value::as_str).map(str::to_owned)
    });
    assert_eq!(small.post(50).status, 202);
    small.holds_all_but(&[3, 4]);
    assert_eq!(small.node.stop(), Some(0));
    assert_eq!(small.node.cli(&["verify", text(&small.node.data())]).code, 0);
}

#[test]
fn a_disk_that_is_really_full_refuses_and_loses_nothing() {
    const NAME: &str = "disk::full::a_disk_that_is_really_full_refuses_and_loses_nothing";
    let _turn = turn::shared();
    let Some(mut small) = Small::new(48, ("0B", "0B")) else { return inside(NAME) };
    assert_eq!(small.post(100).status, 202);
    small.disk.fill(0);
    let mut taken = 0;
    let full = until("the disk refuses", 120, || {
        let reply = small.post(500);
        taken += u64::from(reply.status == 202);
        (reply.status != 202).then_some(reply)
    });
    refused(&full);
    let pid = small.node.pid();
    assert_eq!(small.page(), 200, "reading goes on");
    let recalled = until("a recall finds a place", 60, || {
        let ran = small.node.cli(&["recall", &indicator_id(41, 7), "--reason", "on a full disk"]);
        (ran.code == 0).then_some(ran.out)
    });
    say(&format!("disk: full after {taken} posts; the recall: {}", recalled.trim()));
    small.disk.empty();
    until("there is room again", 30, || (small.post(10).status == 202).then_some(()));
    assert_eq!(small.node.pid(), pid, "the node went on all the time");
    assert_eq!(small.page(), 200);
    small.node.kill();
    small.node.serve();
    small.holds_all_but(&[7]);
    assert_eq!(small.node.stop(), Some(0));
    let ran = small.node.cli(&["verify", text(&small.node.data())]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

/// What `doctor` complains about.
fn checks(node: &Running) -> Vec<String> {
    let told = node.cli(&["doctor", "--json"]).json();
    let findings = told["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().map(|finding| word(finding, "check")).collect()
}

#[test]
fn a_node_starts_on_a_full_disk_and_serves_who_reads() {
    const NAME: &str = "disk::full::a_node_starts_on_a_full_disk_and_serves_who_reads";
    let _turn = turn::shared();
    let Some(mut small) = Small::new(64, ("24MiB", "8MiB")) else { return inside(NAME) };
    assert_eq!(small.post(200).status, 202);
    assert_eq!(small.page(), 200);
    let port = small.node.link.clone();
    // After an orderly end, with every byte taken that the end has set free.
    assert_eq!(small.node.stop(), Some(0));
    small.disk.fill_up();
    small.node.serve();
    assert_eq!((small.page(), &small.node.link), (200, &port));
    small.holds_all_but(&[]);
    until("bulk is refused", 20, || (small.post(1).status == 507).then_some(()));
    assert!(small.node.complaints().contains("do not find this node until there is room"));
    let checks_full = checks(&small.node);
    for check in ["addresses", "disk"] {
        assert!(checks_full.iter().any(|told| told == check), "{check}: {checks_full:?}");
    }
    // After a power cut, which leaves its files.
    small.node.kill();
    small.disk.fill_up();
    small.node.serve();
    assert_eq!(small.page(), 200);

    small.disk.empty();
    until("commands find it again", 30, || {
        (small.node.cli(&["token", "list"]).code == 0).then_some(())
    });
    until("there is room again", 30, || (small.post(10).status == 202).then_some(()));
    assert!(!checks(&small.node).iter().any(|check| check == "addresses" || check == "disk"));
    small.node.ok(&["recall", &indicator_id(41, 5), "--reason", "there is room again"]);
    // A power cut leaves the file that says where it is: there is room for that one.
    small.node.kill();
    small.disk.fill_up();
    small.node.serve();
    small.holds_all_but(&[5]);
    let listed = small.node.json(&["token", "list"]);
    assert!(listed.as_array().is_some_and(|tokens| !tokens.is_empty()), "{listed}");
    small.disk.empty();
    assert_eq!(small.node.stop(), Some(0));
    assert_eq!(small.node.cli(&["verify", text(&small.node.data())]).code, 0);
}
