//! Links through the operator's HTTP proxy: the only one who can resolve the partner's name.

use super::serving::set;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use world_tests::clock::until;
use world_tests::entente::Running;

/// What a proxy was asked: each head whole.
type Heard = Arc<Mutex<Vec<String>>>;

/// A proxy that knows one user and takes every name for this machine.
fn proxy() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let heard = Heard::default();
    let hears = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let hears = Arc::clone(&hears);
            thread::spawn(move || drop(tunnel(stream, &hears)));
        }
    });
    (address, heard)
}

fn tunnel(stream: TcpStream, heard: &Heard) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    heard.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
    let mut client = stream;
    // "us:pass word"
    if !head.contains("Proxy-Authorization: Basic dXM6cGFzcyB3b3Jk\r\n") {
        return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    let port = head.split(' ').nth(1).and_then(|target| target.rsplit(':').next());
    let server = TcpStream::connect(format!("127.0.0.1:{}", port.unwrap_or("0")))?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let (mut up, mut from) = (server.try_clone()?, server);
    let back = thread::spawn(move || {
        drop(io::copy(&mut from, &mut client));
        drop(client.shutdown(Shutdown::Both));
    });
    drop(io::copy(&mut reader, &mut up));
    drop(up.shutdown(Shutdown::Both));
    back.join().map_err(|_| io::Error::other("the way back broke"))
}

#[test]
fn a_node_behind_a_proxy_joins_and_exchanges_by_it() {
    let mut alpha = Running::new("Alpha");
    let port = alpha.link.rsplit(':').next().expect("a port").to_owned();
    assert_eq!(alpha.stop(), Some(0));
    // No resolver knows this name; only the proxy does.
    let public = format!("alpha.invalid:{port}");
    set(&alpha, &format!("[link]\npublic_address = \"{public}\"\n"));
    alpha.serve();
    let (address, heard) = proxy();
    let mut bravo = Running::init("Bravo");
    set(
        &bravo,
        &format!(
            "[network]\nproxy = \"http://us:pass%20word@{address}\"\n[log]\nlevel = \"debug\"\n"
        ),
    );
    bravo.serve();
    drop(alpha.circle("Ring", "green"));
    alpha.link_with(&bravo, &["Ring"]);
    let list = alpha.file("list.txt", "203.0.113.77\n");
    alpha.ok(&["publish", &list, "--circle", "Ring", "--format", "list"]);
    until("it came through the proxy", 30, || {
        (bravo.cli(&["search", "203.0.113.77", "--json"]).out.contains("203.0.113.77"))
            .then_some(())
    });
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(heard.len() >= 2, "joining, and the two directions of the link");
    for head in heard.iter() {
        assert!(head.starts_with(&format!("CONNECT {public} HTTP/1.1\r\n")), "{head}");
    }
    let log = bravo.complaints();
    assert!(!log.contains("pass") && !log.contains("dXM6"), "a password in the log: {log}");

    // With another password nothing is reached, and it is said why.
    let charlie = Running::init("Charlie");
    set(&charlie, &format!("[network]\nproxy = \"http://us:wrong@{address}\"\n"));
    let mut charlie = charlie;
    charlie.serve();
    drop(heard);
    let invited = alpha.json(&["partner", "invite", "--circle", "Ring"]);
    let code = invited.get("code").and_then(serde_json::Value::as_str).expect("a code");
    let refused = charlie.cli(&["partner", "join", code, "--yes"]);
    assert!(
        refused.code != 0 && refused.err.contains("another user and password"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains("wrong"), "{}", refused.err);
}
