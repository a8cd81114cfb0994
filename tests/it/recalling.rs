//! A recall to its end: obeyed by the partner, gone from every file of both nodes within a minute,
//! refused when it comes back; whoever refused it or read it without a receipt is named.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::note::Checkpoint;
use model::seal::pae;
use model::time::Instant;
use serde_json::{Value, json};
use std::path::PathBuf;
use world_tests::clock::until;
use world_tests::entente::{Running, number, word};
use world_tests::http::Http;
use world_tests::peer::Peer;
use world_tests::python;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

/// What must be found nowhere afterwards: words that nothing else has.
const NAME: &str = "quokkaname7e1";
const DOMAIN: &str = "wombatdomain3b9.example";
const ABOUT: &str = "numbatabout5d2";
const UUID: &str = "5eec7a11-90de-4b1d-8a5e-c0ffee15dead";

fn id() -> String {
    format!("indicator--{UUID}")
}

fn secret() -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"{NAME}","description":"{ABOUT}","pattern":"[domain-name:value = '{DOMAIN}']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}}"#,
        id()
    )
}

/// The canaries in every spelling in which a file may hold them, and the stored bytes themselves.
fn needles(node: &Running) -> Vec<Vec<u8>> {
    let mut needles = Vec::new();
    // The id's text is no canary: the recall itself names what it takes back.
    for word in [NAME, DOMAIN, ABOUT] {
        needles.push(word.as_bytes().to_vec());
        needles.push(hex(word.as_bytes()).into_bytes());
        // However it lies among other bytes: what its middle gives in each of the three phases.
        for skip in 0..3 {
            let middle = &word.as_bytes()[skip..];
            let whole = &middle[..middle.len() / 3 * 3];
            needles.push(BASE64_STANDARD.encode(whole).into_bytes());
        }
    }
    needles.push(unhex(&UUID.replace('-', "")));
    let store = node.data().join("store.db");
    let told = python::succeeds("stored_bytes.py", &["of", python::text(&store), UUID]);
    let stored: Vec<Vec<u8>> = told.lines().map(unhex).collect();
    assert!(stored.len() >= 3, "body, salt and signature are stored: {told}");
    needles.extend(stored);
    needles
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let pair = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).expect("a byte");
    digits.chunks(2).map(pair).collect()
}

/// The files that hold any of these, one a line.
fn holders(folders: &[PathBuf], needles: &[Vec<u8>]) -> Vec<String> {
    let needles = needles.iter().map(|needle| hex(needle)).collect::<Vec<_>>().join(",");
    let mut arguments = vec!["find", needles.as_str()];
    arguments.extend(folders.iter().map(|folder| python::text(folder)));
    let told = python::succeeds("stored_bytes.py", &arguments);
    told.lines().map(str::to_owned).collect()
}

fn has(node: &Running, id: &str) -> bool {
    node.cli(&["show", id]).code == 0
}

fn state(told: &Value, who: &str) -> String {
    let lines = told.as_array().expect("lines");
    let line = lines.iter().find(|line| word(line, "partner") == who);
    word(line.unwrap_or_else(|| panic!("nothing of {who} in {told}")), "state")
}

/// Two nodes that both have the record, used in every way that could leave a trace of it.
fn shared() -> (Running, Running, Vec<Vec<u8>>) {
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    let mut objects: Vec<String> =
        (0..300).map(|n| indicator(8, n, &format!("{n}.recall.example"))).collect();
    objects.insert(150, secret());
    let file = alpha.file("objects.json", envelope(&objects));
    alpha.ok(&["publish", &file, "--circle", "ring"]);
    until("the record at the partner", 30, || has(&beta, &id()).then_some(()));
    let siem = alpha.token("siem", &["--circle", "ring", "--read"]);
    let read = Http::with(&alpha.http, &siem).get(&Running::objects(&ring));
    assert!(read.status == 200 && read.text().contains(NAME));
    for node in [&alpha, &beta] {
        for asked in [NAME, DOMAIN, ABOUT] {
            assert!(node.ok(&["search", asked, "--json"]).contains(UUID), "{asked} is found");
        }
    }
    let needles = [needles(&alpha), needles(&beta)].concat();
    let folders = [alpha.data(), beta.data()];
    assert!(holders(&folders, &needles).len() > 8, "it lies in the files as long as it is there");
    (alpha, beta, needles)
}

/// Nothing of it is left in any file, within the minute that is promised.
fn gone(nodes: &[&Running], needles: &[Vec<u8>]) {
    let folders: Vec<PathBuf> = nodes.iter().map(|node| node.data()).collect();
    let mut last = Vec::new();
    until("the canaries are gone from every file", 60, || {
        last = holders(&folders, needles);
        last.is_empty().then_some(())
    });
    for node in nodes {
        for needle in [NAME, DOMAIN, ABOUT, UUID] {
            assert!(!node.complaints().contains(needle), "{needle} in the log of {}", node.name);
        }
    }
}

#[test]
fn what_is_recalled_is_gone_from_every_file_and_may_not_come_back() {
    let _turn = turn::shared();
    let (alpha, mut beta, needles) = shared();
    let backup = beta.beside("before");
    let backup = python::text(&backup).to_owned();
    beta.ok(&["backup", &backup]);
    let given = alpha.json(&["receipts", &id()]);
    assert_eq!(word(&given[0], "partner"), "CERT Beta", "{given}");
    assert_eq!(word(&given[0], "state"), "applied", "{given}");
    let reader = given.as_array().and_then(|lines| lines.iter().find(|l| l["reader"] == "siem"));
    assert!(reader.is_some(), "the token that read it: {given}");

    let told = alpha.json(&["recall", &id(), "--reason", "a mistake", "--wait", "30"]);
    assert_eq!(state(&told, "CERT Beta"), "receipted", "{told}");
    assert_eq!(state(&told, "siem"), "to be told", "{told}");
    assert!(!has(&beta, &id()) && !has(&alpha, &id()));
    gone(&[&alpha, &beta], &needles);
    // Who was given it is known all the same, and that it is erased here.
    let given = alpha.json(&["receipts", &id()]);
    assert_eq!(word(&given[0], "partner"), "CERT Beta", "{given}");
    assert_eq!(given[0]["erased"], Value::Bool(true), "{given}");
    assert_eq!(alpha.json(&["receipts", "--overdue"]), json!([]));

    // Back by publishing, and by a backup of the partner's from before.
    let file = alpha.file("again.json", envelope(&[secret()]));
    let again = alpha.cli(&["publish", &file, "--circle", "ring", "--json"]);
    assert_eq!(number(&again.json(), "accepted"), 0, "{}{}", again.out, again.err);
    beta.stop();
    let target = beta.beside("restored");
    let old = python::text(&beta.data()).to_owned();
    let restored = ["restore", &backup, "--erasures", &old, "--data", python::text(&target)];
    let ran = world_tests::entente::run(&restored);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let mut back = Running::at(&target, &beta);
    back.serve();
    assert!(!has(&back, &id()), "it came back by the backup");
    gone(&[&alpha, &back], &needles);
}

#[test]
fn a_recall_cut_by_kill_9_at_any_place_is_finished_after_the_next_start() {
    let _turn = turn::shared();
    for cut in 0..4 {
        let (mut alpha, mut beta, needles) = shared();
        let recalling = ["recall", &id(), "--reason", "a mistake", "--wait", "0"];
        if cut % 2 == 0 {
            alpha.ok(&recalling);
            for _ in 0..cut {
                drop(beta.cli(&["circle", "list"]));
            }
            beta.kill();
            beta.serve();
        } else {
            alpha.ok(&recalling);
            alpha.kill();
            alpha.serve();
        }
        until("the recall is receipted", 60, || {
            let told = alpha.json(&recalling);
            (state(&told, "CERT Beta") == "receipted").then_some(())
        });
        gone(&[&alpha, &beta], &needles);
    }
}

#[test]
fn a_recall_that_a_partner_refuses_is_not_told_as_receipted() {
    let _turn = turn::shared();
    let alpha = Running::new("CERT Alpha");
    let _ring = alpha.circle("ring", "green");
    let file = alpha.file("one.json", envelope(&[indicator(9, 1, "one.refused.example")]));
    alpha.ok(&["publish", &file, "--circle", "ring"]);
    let mut peer = Peer::new(&alpha.link, [11; 32]);
    let code =
        word(&alpha.json(&["partner", "invite", "--circle", "ring", "--trust-code"]), "code");
    peer.join(&code, "Peer");
    let next = receipted(&peer, 0, "");
    alpha.ok(&["recall", &indicator_id(9, 1), "--reason", "a mistake", "--wait", "0"]);
    let told = alpha.json(&["recall", &indicator_id(9, 1), "--reason", "again", "--wait", "0"]);
    assert!(["waiting", "sent"].contains(&state(&told, "Peer").as_str()), "{told}");
    receipted(&peer, next, "E-TEST-002 nobody recalls here");
    let told = alpha.json(&["recall", &indicator_id(9, 1), "--reason", "again", "--wait", "0"]);
    assert_eq!(state(&told, "Peer"), "refused", "{told}");
    assert!(word(&told[0], "reason").starts_with("E-TEST-002"), "{told}");
}

/// Fetches what waits for a peer and receipts it, all refused if there is a reason; gives the next
/// number.
fn receipted(peer: &Peer, mut next: u64, reason: &str) -> u64 {
    let hello = peer.ask("GET", "/link/v1/hello", &[], b"").expect("hello").body;
    let epoch = hello.lines().find_map(|line| line.strip_prefix("epoch ")).expect("an epoch");
    loop {
        let path = format!("/link/v1/log?after={next}&epoch={epoch}&wait=0");
        let said = peer.ask("GET", &path, &[], b"").expect("a batch");
        if said.status == 204 {
            return next;
        }
        let last: Value =
            serde_json::from_str(said.body.lines().last().expect("lines")).expect("JSON");
        let checkpoint = Checkpoint::verify(&word(&last, "checkpoint"), &peer.victim);
        let checkpoint = checkpoint.expect("a checkpoint");
        let now = Instant::from_micros(1_767_323_046_000_000);
        let note = checkpoint.cosign("Peer", &peer.key, now);
        let refused: Vec<u64> =
            if reason.is_empty() { Vec::new() } else { (next..checkpoint.size).collect() };
        let results: String = refused.iter().map(|o| format!("{o} {reason}\n")).collect();
        let parts = [note.as_bytes(), b"\n", results.as_bytes()];
        let sig = peer.key.sign(&pae("application/vnd.entente.receipt.v1", &parts));
        let sig = BASE64_STANDARD.encode(sig.as_bytes());
        let refused: Vec<Value> =
            refused.iter().map(|o| json!({ "o": o, "reason": reason })).collect();
        let receipt = json!({ "checkpoint": note, "refused": refused, "sig": sig }).to_string();
        let acked = peer.ask("POST", "/link/v1/ack", &[], receipt.as_bytes());
        assert_eq!(acked.expect("an answer").status, 204);
        next = checkpoint.size;
    }
}
