//! The node behind the table: two circles, four tokens, a handful of objects in several versions.
//! Rows are run here and their faults told together.

use super::corner::{Corner, TAXII, Who};
use world_tests::data::say;
use world_tests::entente::Running;
use world_tests::http::{Http, Reply};
use world_tests::stix::{envelope, indicator_id};

pub(super) struct World {
    pub(super) node: Running,
    pub(super) circle: String,
    clients: [Http; 5],
}

/// The indicator of three versions.
pub(super) fn versioned() -> String {
    indicator_id(0xa, 1)
}

/// Its versions as it spells them: three precisions, all legal.
pub(super) const VERSIONS: [&str; 3] =
    ["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00.123456789Z"];

pub(super) const ADDRESS: &str = "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4";
pub(super) const CUSTOM: &str = "x-thing--0000000a-0000-4000-8000-000000000003";
pub(super) const MALWARE: &str = "malware--0000000a-0000-4000-8000-000000000002";

/// A version of the indicator; its spacing and its numbers are nobody's but its own.
pub(super) fn version(modified: &str) -> String {
    let id = versioned();
    format!(
        r#"{{"type": "indicator",  "spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"{modified}","pattern":"[domain-name:value = 'versions.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","x_number":12345678901234567890.10}}"#
    )
}

fn objects() -> Vec<String> {
    let mut objects: Vec<String> = VERSIONS.iter().map(|modified| version(modified)).collect();
    objects.push(format!(
        r#"{{"type":"malware","spec_version":"2.1","id":"{MALWARE}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"a","is_family":false}}"#
    ));
    // No spec_version: legal for an observable, and what every tool writes.
    objects.push(format!(r#"{{"type":"ipv4-addr","id":"{ADDRESS}","value":"198.51.100.3"}}"#));
    objects.push(format!(
        r#"{{"type":"x-thing","spec_version":"2.1","id":"{CUSTOM}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","x_deep":{{"a":[1,2,{{}}]}}}}"#
    ));
    objects
}

/// Objects that a page shows when nothing is asked: the last version of each.
pub(super) const SHOWN: usize = 4;

impl World {
    pub(super) fn new() -> Self {
        let node = Running::new("CERT Alpha");
        let circle = node.circle("ring", "green");
        let other = node.circle("other", "green");
        assert_ne!(circle, other);
        let token = |name: &str, flags: &[&str]| {
            let token = node.token(name, flags);
            Http::with(&node.http, &token)
        };
        let clients = [
            token("both", &["--circle", "ring", "--read", "--write"]),
            token("reader", &["--circle", "ring", "--read"]),
            token("writer", &["--circle", "ring", "--write"]),
            token("stranger", &["--circle", "other", "--read", "--write"]),
            Http::new(&node.http),
        ];
        let mut world = Self { node, circle, clients };
        // One at a time, so that every entry has a date of its own.
        for object in objects() {
            let reply = world.posts(Who::Both, &[object]);
            assert_eq!(reply.json().get("success_count"), Some(&1.into()), "{}", reply.text());
        }
        world
    }

    pub(super) fn client(&mut self, who: Who) -> &mut Http {
        let [both, reader, writer, stranger, nobody] = &mut self.clients;
        match who {
            Who::Both => both,
            Who::Reader => reader,
            Who::Writer => writer,
            Who::Stranger => stranger,
            Who::Nobody => nobody,
        }
    }

    /// `{c}` is the collection.
    pub(super) fn path(&self, path: &str) -> String {
        let collection = format!("/taxii2/root/collections/{}/", self.circle);
        path.replace("{c}", &collection)
    }

    pub(super) fn gets(&mut self, path: &str) -> Reply {
        let path = self.path(path);
        self.client(Who::Both).get(&path)
    }

    pub(super) fn posts(&mut self, who: Who, objects: &[String]) -> Reply {
        let path = self.path("{c}objects/");
        let reply = self.client(who).post(&path, TAXII, envelope(objects));
        assert_eq!(reply.status, 202, "{}", reply.text());
        reply
    }

    pub(super) fn ask(&mut self, corner: &Corner) -> Reply {
        let path = self.path(&corner.path);
        self.client(corner.who).send(corner.method, &path, &corner.headers, &corner.body)
    }

    /// Runs all rows and fails with everything that is wrong with them.
    pub(super) fn check(&mut self, table: &str, corners: &[Corner]) {
        let mut wrong = Vec::new();
        for corner in corners {
            let faults = corner.faults(&self.ask(corner));
            if !faults.is_empty() {
                let Corner { name, method, path, .. } = corner;
                wrong.push(format!("{name}: {method} {path}\n    {}", faults.join("\n    ")));
            }
        }
        say(&format!(
            "taxii {table}: {} of {} corners",
            corners.len() - wrong.len(),
            corners.len()
        ));
        assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    }
}
