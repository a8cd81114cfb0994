//! TLS on the HTTP port with the operator's own certificate, also when it is renewed.

use super::serving::{Serving, curl, set};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;
use world_tests::clock::until;
use world_tests::entente::Running;

/// A new self-made certificate in the place of the node's; gives a copy of it.
pub(super) fn renew(node: &Running, name: &str) -> PathBuf {
    let key = rcgen::KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let parameters = rcgen::CertificateParams::new(names).expect("names");
    let certificate = parameters.self_signed(&key).expect("a certificate").pem();
    // The key first: in between the two don't fit, and the node must live with that.
    std::fs::write(node.beside("http.key"), key.serialize_pem()).expect("the key is written");
    std::fs::write(node.beside("http.pem"), &certificate).expect("the certificate is written");
    let copy = node.beside(name);
    std::fs::write(&copy, certificate).expect("the copy is written");
    copy
}

fn port(node: &Running) -> u64 {
    let text = std::fs::read(node.data().join("run/addresses.json")).expect("addresses");
    let addresses: Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(addresses.get("tls"), Some(&Value::Bool(true)), "{addresses}");
    let http = addresses.get("http").and_then(Value::as_str).unwrap_or_default();
    http.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

#[test]
fn a_certificate_opens_the_port_to_others_and_is_renewed_without_a_restart() {
    let node = Running::init("Certified");
    let first = renew(&node, "first.pem");
    let beside = |name: &str| node.beside(name).display().to_string();
    let (certificate, key) = (beside("http.pem"), beside("http.key"));
    set(&node, &format!("[http]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n"));
    let arguments = ["--listen", "0.0.0.0:0", "--link", "127.0.0.1:0"];
    let serving = Serving::start(&node, &arguments, &[]);
    let (port, local) = (port(&node), format!("https://localhost:{}", port(&node)));
    let ready = format!("{local}/health/ready");
    for version in ["--http1.1", "--http2", "--tlsv1.3", "--tls-max=1.2"] {
        let options: Vec<&str> = version.split('=').collect();
        let (code, status, body) = curl(Some(&first), &ready, &options);
        assert_eq!((code, status.as_str()), (0, "200"), "{version}: {body}");
    }
    let (_, protocol, _) =
        curl(Some(&first), &ready, &["--http2", "--write-out", "\n%{http_version}"]);
    assert_eq!(protocol, "2", "HTTP/2 is agreed on by ALPN");
    // Plain HTTP gets no answer in plain HTTP.
    let mut plain = TcpStream::connect(("127.0.0.1", u16::try_from(port).expect("a port")))
        .expect("the port is open");
    plain.set_read_timeout(Some(Duration::from_secs(20))).expect("a bound");
    plain.write_all(b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer));
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1"), "{answer:?}");
    // The command line knows the node by its folder.
    assert_eq!(node.circle("Ring", "amber").len(), 36);

    let second = renew(&node, "second.pem");
    serving.signal("HUP");
    until("the new certificate is offered", 20, || {
        (curl(Some(&second), &ready, &[]).0 == 0).then_some(())
    });
    assert_ne!(curl(Some(&first), &ready, &[]).0, 0, "the first one is offered no more");
    until("the command line knows it", 20, || {
        (node.cli(&["circle", "list"]).code == 0).then_some(())
    });
    std::fs::write(node.beside("http.pem"), "half a certif").expect("a bad file");
    serving.signal("HUP");
    until("the bad one is complained about", 20, || {
        serving.log().contains("the old one is kept").then_some(())
    });
    assert_eq!(curl(Some(&second), &ready, &[]).0, 0, "the old one is kept");
}

#[test]
fn behind_a_proxy_plain_http_is_served_to_it_alone() {
    let node = Running::init("Behind");
    set(
        &node,
        "[http]\ntrusted_proxies = [\"127.0.0.1\"]\npublic_url = \"https://intel.example.org/\"\n",
    );
    let _serving = Serving::start(&node, &["--listen", "0.0.0.0:0", "--link", "127.0.0.1:0"], &[]);
    let text = std::fs::read_to_string(node.data().join("run/addresses.json")).expect("addresses");
    let addresses: Value = serde_json::from_str(&text).expect("JSON");
    let http = addresses.get("http").and_then(Value::as_str).expect("an address");
    assert_eq!(curl(None, &format!("http://{http}/health/ready"), &[]).1, "200");
    // Whoever comes by a proxy may be anyone: the numbers are for the administrator.
    let metrics = format!("http://{http}/metrics");
    assert_eq!(curl(None, &metrics, &[]).1, "401");
    let told = ["-H", "X-Forwarded-For: 127.0.0.1"];
    assert_eq!(curl(None, &metrics, &told).1, "401", "and no header changes that");
    let header = format!("Authorization: Bearer {}", node.admin());
    assert_eq!(curl(None, &metrics, &["-H", &header]).1, "200");
    assert_eq!(node.circle("Ring", "amber").len(), 36);
    let reader = node.token("reader", &["--circle", "Ring", "--read"]);
    let header = format!("Authorization: Bearer {reader}");
    assert_eq!(curl(None, &metrics, &["-H", &header]).1, "403");
}
