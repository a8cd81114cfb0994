//! A node is asked to stop: it ends in time, says so, and tells systemd.

use super::serving::Serving;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;
use world_tests::clock::until;
use world_tests::data::{root, say};
use world_tests::entente::Running;
use world_tests::http::Http;

/// Seconds in which a node has stopped, whatever its clients do; `docs/operating.md` promises it.
const BOUND: u64 = 30;

fn heard(socket: &UnixDatagram) -> String {
    let mut bytes = [0; 256];
    let length = socket.recv(&mut bytes).expect("systemd is told");
    String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned()
}

#[test]
fn it_tells_systemd_and_stops_in_time_with_clients_that_never_end() {
    let node = Running::init("Service");
    let socket = UnixDatagram::bind(node.beside("notify")).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a bound");
    let path = node.beside("notify").display().to_string();
    let variables = [("NOTIFY_SOCKET", path.as_str()), ("WATCHDOG_USEC", "200000")];
    let arguments = ["--listen", "127.0.0.1:0", "--link", "127.0.0.1:0"];
    let mut serving = Serving::start(&node, &arguments, &variables);
    assert_eq!(heard(&socket), "READY=1");
    assert_eq!([heard(&socket), heard(&socket)], ["WATCHDOG=1", "WATCHDOG=1"]);
    let text = std::fs::read(node.data().join("run/addresses.json")).expect("addresses");
    let addresses: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let http = addresses.get("http").and_then(|http| http.as_str()).expect("an address").to_owned();
    // One listens for ever, one never finishes its request, one says nothing.
    let listener = Http::with(&http, &node.admin()).stream("/api/v1/stream").expect("a stream");
    let mut slow = TcpStream::connect(&http).expect("a connection");
    let head = format!(
        "POST /api/v1/circles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 100\r\n\r\n{{",
        node.admin()
    );
    slow.write_all(head.as_bytes()).expect("sent");
    let silent = TcpStream::connect(&http).expect("a connection");
    let (code, words) = serving.stop(BOUND);
    assert_eq!(code, Some(0), "{}", serving.log());
    assert!(words.contains("Service has stopped"), "{words}");
    assert!(!node.data().join("run/addresses.json").exists());
    until("systemd hears of the end", 5, || (heard(&socket) == "STOPPING=1").then_some(()));
    drop((listener, slow, silent));
    assert_eq!(node.cli(&["circle", "list"]).code, 75, "nobody is there");
}

#[test]
fn the_unit_file_is_one_that_systemd_takes() {
    let text = std::fs::read_to_string(root().join("dist/entente.service")).expect("the unit");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let section = line.starts_with('[') && line.ends_with(']');
        let known =
            line.split_once('=').is_some_and(|(key, _)| key.chars().all(char::is_alphanumeric));
        assert!(section || known, "{line}");
    }
    for line in ["Type=notify", "UMask=0077", "ProtectSystem=strict", "NoNewPrivileges=true"] {
        assert!(text.contains(line), "{line}");
    }
    let folder = tempfile::tempdir().expect("a folder of its own");
    let unit = folder.path().join("entente.service");
    // The program is not installed where the tests run.
    std::fs::write(&unit, text.replace("/usr/local/bin/entente", "/bin/true")).expect("a copy");
    match Command::new("systemd-analyze").arg("verify").arg(&unit).output() {
        Ok(checked) => {
            let told = String::from_utf8_lossy(&checked.stderr);
            assert!(checked.status.success() && !told.contains("entente.service"), "{told}");
        }
        Err(_) => {
            say("systemd-analyze is not there: the unit's form was checked, its words were not");
        }
    }
}
