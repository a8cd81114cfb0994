//! Commands for a node behind TLS that is not in the folder at hand: known by its authority, or by
//! its very certificate, and by nothing less.

use super::certificates::renew;
use super::serving::{Serving, entente, set};
use serde_json::Value;
use world_tests::entente::{Ran, Running, word};

#[test]
fn a_node_behind_tls_is_asked_when_it_proves_who_it_is_and_never_otherwise() {
    let node = Running::init("Elsewhere");
    let certificate = renew(&node, "first.pem");
    let beside = |name: &str| node.beside(name).display().to_string();
    let (chain, key) = (beside("http.pem"), beside("http.key"));
    set(&node, &format!("[http]\ncertificate = \"{chain}\"\nkey = \"{key}\"\n"));
    let arguments = ["--listen", "0.0.0.0:0", "--link", "127.0.0.1:0"];
    let _serving = Serving::start(&node, &arguments, &[]);
    let text = std::fs::read(node.data().join("run/addresses.json")).expect("addresses");
    let addresses: Value = serde_json::from_slice(&text).expect("JSON");
    let (http, pin) = (word(&addresses, "http"), word(&addresses, "certificate"));
    let port = http.rsplit(':').next().expect("a port");
    let url = format!("https://localhost:{port}");
    let admin = node.admin();
    let token = [("ENTENTE_TOKEN", admin.as_str())];
    // Whoever asks sits at another machine: another folder, which has settings and no node.
    let desk = Running::init("Desk");
    let ask = |more: &[&str]| -> Ran {
        let arguments = [&["circle", "create", "Ring", "--json", "--url", &url], more].concat();
        entente(&desk, &arguments, &token)
    };

    let unknown = ask(&[]);
    assert_eq!(unknown.code, 75, "{}{}", unknown.out, unknown.err);
    assert!(unknown.err.contains("network.authorities"), "{}", unknown.err);
    assert!(unknown.err.contains("--pin"), "{}", unknown.err);
    let other = ask(&["--pin", &"0".repeat(64)]);
    assert_eq!(other.code, 75, "{}{}", other.out, other.err);
    let odd = ask(&["--pin", "first.pem"]);
    assert_eq!(odd.code, 2, "{}{}", odd.out, odd.err);
    let plain = format!("http://localhost:{port}");
    let clear = entente(&desk, &["circle", "list", "--url", &plain, "--pin", &pin], &token);
    assert_eq!(clear.code, 2, "{}{}", clear.out, clear.err);

    let pinned = ask(&["--pin", &pin.to_ascii_uppercase()]);
    assert_eq!(pinned.code, 0, "{}{}", pinned.out, pinned.err);
    set(&desk, &format!("[network]\nauthorities = \"{}\"\n", certificate.display()));
    let known = entente(&desk, &["circle", "list", "--json", "--url", &url], &token);
    assert_eq!(known.code, 0, "{}{}", known.out, known.err);
    assert_eq!(word(&known.json()[0], "circle"), "Ring");
    // Its name is looked at, too: the certificate has no such one.
    let strange = format!("https://127.0.0.2:{port}");
    let strange = entente(&desk, &["circle", "list", "--url", &strange], &token);
    assert_eq!(strange.code, 75, "{}{}", strange.out, strange.err);
    assert!(strange.err.contains("does not prove who it is"), "{}", strange.err);
}
