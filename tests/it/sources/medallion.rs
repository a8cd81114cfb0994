//! The OASIS committee's own server, as it is: its pages, its `next`, its password.

use super::world::{code, counts, entries, first_pull, pull};
use serde_json::json;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use world_tests::clock::until;
use world_tests::data::root;
use world_tests::entente::Running;
use world_tests::http::Http;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const COLLECTION: &str = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";
/// More make its first page last minutes: its time grows with their square.
const OBJECTS: u64 = 2_000;
const PAGE: u64 = 250;
const BASIC: &str = "Basic YWRtaW46UGFzc3dvcmQw";

/// The running server; ended when dropped.
struct Medallion(Child, String);

impl Drop for Medallion {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Medallion {
    fn start(node: &Running) -> Self {
        let objects: Vec<serde_json::Value> = (0..OBJECTS)
            .map(|n| {
                serde_json::from_str(&indicator(21, n, &format!("{n}.m.example"))).expect("JSON")
            })
            .collect();
        let manifest: Vec<serde_json::Value> = (0..OBJECTS)
            .map(|n| {
                json!({"id": indicator_id(21, n), "version": "2026-01-01T00:00:00.000Z",
                    // Four of each date: pages end between them.
                    "date_added": format!("2026-02-01T00:{:02}:{:02}.000001Z", n / 240, n / 4 % 60),
                    "media_type": "application/stix+json;version=2.1"})
            })
            .collect();
        let data = json!({
            "/discovery": {"title": "m", "default": "/trustgroup1/", "api_roots": ["/trustgroup1/"]},
            "trustgroup1": {
                "information": {"title": "t", "max_content_length": 9_765_625,
                    "versions": ["application/taxii+json;version=2.1"]},
                "status": [],
                "collections": [{"id": COLLECTION, "title": "c", "can_read": true, "can_write": true,
                    "media_types": ["application/stix+json;version=2.1"],
                    "objects": objects, "manifest": manifest}]
            }
        });
        let data = node.file("medallion-data.json", data.to_string());
        let config = json!({
            "backend": {"module": "medallion.backends.memory_backend",
                "module_class": "MemoryBackend", "filename": data},
            "users": {"admin": "Password0"}, "taxii": {"max_page_size": PAGE}
        });
        let config = node.file("medallion.json", config.to_string());
        // Free a moment ago; nobody else on this machine asks for ports one by one.
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let program = root().join("tests/.venv/bin/medallion");
        assert!(program.exists(), "{} is missing: make setup", program.display());
        let child = Command::new(program)
            .args(["--port", &port.to_string(), &config])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("medallion runs");
        let server = Self(child, format!("127.0.0.1:{port}"));
        until("medallion answers", 60, || std::net::TcpStream::connect(&server.1).ok());
        server
    }
}

#[test]
fn the_committees_own_server_is_read_whole_and_goes_on_being_read() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let circle = node.circle("ring", "green");
    let server = Medallion::start(&node);
    let key = node.file("medallion.key", "admin:Password0\n");
    let url = format!("http://{}/taxii2/", server.1);
    node.ok(&["source", "add", "m", "taxii", &url, "--circle", "ring", "--key-file", &key]);
    let first = until("it was pulled", 300, || {
        let source = super::world::source(&node, "m");
        (!source["last_run"].is_null()).then_some(source)
    });
    assert_eq!((code(&first), counts(&first)[0]), (String::new(), OBJECTS), "{first}");
    let held = entries(&node, &circle);
    assert_eq!(u64::try_from(held.len()), Ok(OBJECTS));
    assert!(held.values().all(|times| *times == 1));
    let new: Vec<String> = (0..7).map(|n| indicator(22, n, &format!("{n}.new.example"))).collect();
    let path = format!("/trustgroup1/collections/{COLLECTION}/objects/");
    let headers = [
        ("Authorization", BASIC),
        ("Content-Type", "application/taxii+json;version=2.1"),
        ("Accept", "application/taxii+json;version=2.1"),
    ];
    let mut client = Http::new(&server.1);
    let posted = client.send("POST", &path, &headers, envelope(&new).as_bytes());
    assert_eq!(posted.status, 202, "{}", posted.text());
    let second = pull(&node, "m");
    assert_eq!((code(&second), counts(&second)[0]), (String::new(), OBJECTS + 7), "{second}");
    let wrong = node.file("wrong.key", "admin:no\n");
    node.ok(&["source", "add", "w", "taxii", &url, "--circle", "ring", "--key-file", &wrong]);
    let refused = first_pull(&node, "w");
    assert_eq!(code(&refused), "E-SOURCE-013", "{refused}");
    assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("--key-file")), "{refused}");
}
