//! Who got what is proved to whoever has the keys: by this program, and by one that was written from
//! the protocol's description alone (`tests/verifier/verify.py`). What is dropped, changed, swapped or
//! said otherwise afterwards is found.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::id::Digest;
use model::keys::KeyChain;
use model::note::Checkpoint;
use model::seal::{PublicKey, SigningKey, pae};
use model::time::Instant;
use serde_json::{Value, json};
use std::fmt::Write as _;
use world_tests::clock::until;
use world_tests::entente::{Running, number, run, word};
use world_tests::peer::Peer;
use world_tests::python;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

const RECORDS: u64 = 3_000;
/// The entry that the partner refuses.
const REFUSED: u64 = 1_234;

/// A node that gave a partner 3,000 records, and what both said, line by line.
struct Given {
    alpha: Running,
    keys: String,
    lines: Vec<String>,
}

/// A receipt as a partner makes it.
fn receipt(peer: &Peer, note: &str, refused: &[(u64, &str)]) -> Value {
    let checkpoint = Checkpoint::verify(note, &peer.victim).expect("a checkpoint");
    let now = Instant::from_micros(1_767_323_046_000_000);
    let cosigned = checkpoint.cosign("Peer", &peer.key, now);
    let mut results = String::new();
    for (number, reason) in refused {
        writeln!(results, "{number} {reason}").expect("a text");
    }
    let parts = [cosigned.as_bytes(), b"\n", results.as_bytes()];
    let signature = peer.key.sign(&pae("application/vnd.entente.receipt.v1", &parts));
    let sig = BASE64_STANDARD.encode(signature.as_bytes());
    let entry = |(number, reason): &(u64, &str)| json!({ "o": number, "reason": reason });
    let refused: Vec<Value> = refused.iter().map(entry).collect();
    if refused.is_empty() {
        return json!({ "checkpoint": cosigned, "sig": sig });
    }
    json!({ "checkpoint": cosigned, "refused": refused, "sig": sig })
}

fn given() -> Given {
    let alpha = Running::new("CERT Alpha");
    let _circle = alpha.circle("ring", "green");
    let mut peer = Peer::new(&alpha.link, [9; 32]);
    let invited = alpha.json(&["partner", "invite", "--circle", "ring", "--trust-code"]);
    peer.join(&word(&invited, "code"), "Peer");
    let objects: Vec<String> =
        (0..RECORDS).map(|n| indicator(7, n, &format!("{n}.given.example"))).collect();
    for (part, some) in objects.chunks(1_000).enumerate() {
        let file = alpha.file(&format!("{part}.json"), envelope(some));
        alpha.ok(&["publish", &file, "--circle", "ring"]);
    }
    let hello = peer.ask("GET", "/link/v1/hello", &[], b"").expect("hello").body;
    let epoch = hello.lines().find_map(|line| line.strip_prefix("epoch ")).expect("an epoch");
    let (mut lines, mut next) = (Vec::new(), 0);
    loop {
        let path = format!("/link/v1/log?after={next}&epoch={epoch}&wait=0");
        let said = peer.ask("GET", &path, &[], b"").expect("a batch");
        if said.status == 204 {
            break;
        }
        assert_eq!(said.status, 200, "{}", said.body);
        let last: Value =
            serde_json::from_str(said.body.lines().last().expect("lines")).expect("JSON");
        let note = word(&last, "checkpoint");
        let count = said.body.lines().count() as u64 - 1;
        let refused: &[(u64, &str)] = if (next..next + count).contains(&REFUSED) {
            &[(REFUSED, "E-TEST-001 not wanted here")]
        } else {
            &[]
        };
        let answer = receipt(&peer, &note, refused);
        let acked = peer.ask("POST", "/link/v1/ack", &[], answer.to_string().as_bytes());
        assert_eq!(acked.expect("an answer").status, 204);
        lines.extend(said.body.lines().map(str::to_owned));
        lines.push(json!({ "receipt": answer }).to_string());
        next += count;
    }
    assert!(next > RECORDS, "the records and the member list: {next}");
    let pins = [peer.victim, peer.key.public()].map(|key| format!("{} {key}\n", key.node()));
    let keys = alpha.file("keys", pins.concat());
    Given { alpha, keys, lines }
}

fn theirs(given: &Given, verb: &str, name: &str, content: &str) -> (Option<i32>, String) {
    let path = given.alpha.file(name, content);
    let ran = python::run("../verifier/verify.py", &[verb, &path, "--keys", &given.keys]);
    (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned())
}

/// The line of a record.
fn record_line(lines: &[String], number: u64) -> usize {
    let start = format!("{{\"o\":{number},");
    lines.iter().position(|line| line.starts_with(&start)).expect("its line")
}

/// The conversation with something done to it, each with what the other verifier must say.
fn tampered(lines: &[String]) -> Vec<(&'static str, Vec<String>, &'static str)> {
    let at = |number| record_line(lines, number);
    let mut dropped = lines.to_vec();
    dropped.remove(at(777));
    let mut altered = lines.to_vec();
    altered[at(2_000)] = altered[at(2_000)].replace(".given.example", ".other.example");
    let mut swapped = lines.to_vec();
    swapped.swap(at(100), at(101));
    // Swapped with their numbers put right: only the tree still knows.
    let mut renumbered = lines.to_vec();
    let (a, b) = (renumbered[at(100)].clone(), renumbered[at(101)].clone());
    renumbered[at(100)] = b.replacen("{\"o\":101,", "{\"o\":100,", 1);
    renumbered[at(101)] = a.replacen("{\"o\":100,", "{\"o\":101,", 1);
    let mut said = lines.to_vec();
    let told = said.iter().position(|line| line.contains("E-TEST-001")).expect("a refusal");
    said[told] = said[told].replace("not wanted", "much wanted");
    let mut silenced = lines.to_vec();
    let mut receipt: Value = serde_json::from_str(&silenced[told]).expect("JSON");
    receipt["receipt"].as_object_mut().expect("an object").remove("refused");
    silenced[told] = receipt.to_string();
    vec![
        ("a dropped record", dropped, "number 778 where 777 is next"),
        ("an altered record", altered, "signature"),
        ("two swapped records", swapped, "number 101 where 100 is next"),
        ("two swapped and renumbered", renumbered, "do not lead to the checkpoint's root"),
        ("an altered refusal", said, "results are not signed"),
        ("a refusal left out", silenced, "results are not signed"),
    ]
}

#[test]
fn a_conversation_of_thousands_is_checked_by_a_program_that_is_not_ours() {
    let _turn = turn::shared();
    let given = given();
    let (code, said) = theirs(&given, "outlet", "true.ndjson", &given.lines.join("\n"));
    assert_eq!(code, Some(0), "{said}");
    for (what, lines, expected) in tampered(&given.lines) {
        let (code, said) = theirs(&given, "outlet", "tampered.ndjson", &lines.join("\n"));
        assert_eq!(code, Some(1), "{what}: {said}");
        assert!(said.contains(expected), "{what}: {said}");
    }
    receipts_are_listed(&given);
    proofs_hold_and_changed_ones_do_not(&given);
    a_folder_and_a_backup_are_checked_with_pinned_keys(given);
}

fn receipts_are_listed(given: &Given) {
    let told = given.alpha.json(&["receipts", "--partner", "Peer"]);
    let lines = told.as_array().expect("lines");
    assert!(lines.len() as u64 > RECORDS, "{}", lines.len());
    let refused: Vec<&Value> = lines.iter().filter(|l| word(l, "state") == "refused").collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!(number(refused[0], "number"), REFUSED);
    assert!(word(refused[0], "reason").starts_with("E-TEST-001"));
    let others = lines.iter().filter(|line| word(line, "state") == "applied").count();
    assert_eq!(others + 1, lines.len());
    let one = given.alpha.json(&["receipts", &indicator_id(7, 42)]);
    let one = &one.as_array().expect("lines")[0];
    assert_eq!((word(one, "partner"), word(one, "circle")), ("Peer".into(), "ring".into()));
    assert!(word(one, "rule").contains("member of the circle"), "{one}");
}

fn proofs_hold_and_changed_ones_do_not(given: &Given) {
    let path = given.alpha.beside("proof.json");
    let path = path.to_str().expect("text");
    let ask = ["receipts", &indicator_id(7, 42), "--partner", "Peer", "--proof", path];
    given.alpha.ok(&ask);
    let proof: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON");
    let both = |what: &str, proof: &Value, sound: bool| {
        let (theirs, said) = theirs(given, "receipt", "one.json", &proof.to_string());
        let ours = run(&[
            "verify",
            &given.alpha.file("one.json", proof.to_string()),
            "--keys",
            &given.keys,
        ]);
        let expected = i32::from(!sound);
        assert_eq!(
            (theirs, ours.code),
            (Some(expected), expected),
            "{what}: {said}{}{}",
            ours.out,
            ours.err
        );
    };
    both("as it is", &proof, true);
    let with = |name: &str, value: Value| {
        let mut changed = proof.clone();
        changed[name] = value;
        changed
    };
    let mut body = proof.clone();
    body["record"]["body"] = json!(word(&body["record"], "body").replace("42.", "43."));
    let mut path_cut = proof.clone();
    path_cut["path"].as_array_mut().expect("a path").pop();
    let number = number(&proof, "number");
    let changes = [
        ("another number", with("number", json!(number + 1))),
        ("another size", with("size", json!(number + 1))),
        ("another leaf", with("leaf", json!("0".repeat(64)))),
        ("another outlet", with("origin", json!(word(&proof, "origin").replace('a', "b")))),
        ("a shorter path", path_cut),
        ("another body", body),
    ];
    for (what, changed) in changes {
        both(what, &changed, false);
    }
    // Keys that the file brings along count for nothing beside pinned ones.
    let none = given.alpha.file("none", "# nobody\n");
    let file = given.alpha.file("one.json", proof.to_string());
    let ours = run(&["verify", &file, "--keys", &none]);
    assert!(ours.code == 1 && ours.out.contains("E-VERIFY-002"), "{}{}", ours.out, ours.err);
    let claimed = run(&["verify", &file]);
    assert!(claimed.code == 0 && claimed.out.contains("--keys"), "{}{}", claimed.out, claimed.err);
}

fn a_folder_and_a_backup_are_checked_with_pinned_keys(mut given: Given) {
    let alpha = &given.alpha;
    let backup = alpha.beside("backup");
    let backup = backup.to_str().expect("text");
    alpha.ok(&["backup", backup]);
    let data = alpha.data();
    let data = data.to_str().expect("text").to_owned();
    for what in [&data, backup] {
        let ran = run(&["verify", what, "--keys", &given.keys, "--json"]);
        let told = ran.json();
        assert_eq!(ran.code, 0, "{what}: {}{}", ran.out, ran.err);
        assert!(number(&told, "receipts") >= 6, "{told}");
        let quick = run(&["verify", what, "--no-signatures"]);
        assert_eq!(quick.code, 0, "{what}: {}{}", quick.out, quick.err);
        let none = alpha.file("none", "# nobody\n");
        assert_eq!(run(&["verify", what, "--keys", &none]).code, 1, "{what}: nothing is pinned");
    }
    // One bit of the backup, wherever it is.
    let mut bytes = std::fs::read(backup).expect("a backup");
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    let spoilt = alpha.file("spoilt", &bytes);
    let ran = run(&["verify", &spoilt]);
    assert!(ran.code == 1 && ran.out.contains("E-RESTORE-002"), "{}{}", ran.out, ran.err);
    // A receipt that was changed in the store.
    given.alpha.stop();
    let store = given.alpha.data().join("store.db");
    assert!(spoil(&store), "a receipt in the store");
    let ran = run(&["verify", &data]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    until("verify names the receipt", 1, || ran.out.contains("receipt_held").then_some(()));
}

/// Changes the reason of the refusal where it lies in the file.
fn spoil(store: &std::path::Path) -> bool {
    let mut bytes = std::fs::read(store).expect("the store");
    let wanted = b"E-TEST-001 not wanted";
    let place = bytes.windows(wanted.len()).position(|window| window == wanted);
    if let Some(byte) = place.and_then(|place| bytes.get_mut(place + 11)) {
        *byte = b'N';
        std::fs::write(store, bytes).expect("the store");
        return true;
    }
    false
}

/// Fetches what waits from a number on, acknowledges it, and writes down both; gives the next number.
fn fetch(peer: &Peer, epoch: &str, next: u64, lines: &mut Vec<String>) -> u64 {
    let path = format!("/link/v1/log?after={next}&epoch={epoch}&wait=10");
    let said = peer.ask("GET", &path, &[], b"").expect("a batch");
    assert_eq!(said.status, 200, "{}", said.body);
    let last = said.body.lines().last().expect("lines");
    let note = word(&serde_json::from_str(last).expect("JSON"), "checkpoint");
    let answer = receipt(peer, &note, &[]);
    let acked = peer.ask("POST", "/link/v1/ack", &[], answer.to_string().as_bytes());
    assert_eq!(acked.expect("an answer").status, 204);
    lines.extend(said.body.lines().map(str::to_owned));
    lines.push(json!({ "receipt": answer }).to_string());
    next + said.body.lines().count() as u64 - 1
}

/// The line of an entry whose record is not given: its leaf alone.
fn bare(line: &str) -> String {
    let line: Value = serde_json::from_str(line).expect("JSON");
    let salt = BASE64_STANDARD.decode(word(&line, "salt")).expect("a salt");
    let salt = salt.try_into().expect("16 bytes");
    let leaf = model::record::leaf(&salt, &word(&line, "head"), word(&line, "body").as_bytes());
    json!({ "o": number(&line, "o"), "gone": leaf.to_string() }).to_string()
}

#[test]
fn a_conversation_goes_on_under_the_keys_that_both_sides_change_to() {
    let _turn = turn::shared();
    let alpha = Running::new("CERT Alpha");
    let _circle = alpha.circle("ring", "green");
    let mut peer = Peer::new(&alpha.link, [9; 32]);
    let invited = alpha.json(&["partner", "invite", "--circle", "ring", "--trust-code"]);
    peer.join(&word(&invited, "code"), "Peer");
    let pins = [peer.victim, peer.key.public()].map(|key| format!("{} {key}\n", key.node()));
    let publish = |n: u64| {
        let object = indicator(17, n, &format!("{n}.changed.example"));
        alpha.ok(&["publish", &alpha.file("one.json", envelope(&[object])), "--circle", "ring"]);
    };
    let hello = |knows: u64| {
        let path = format!("/link/v1/hello?knows={knows}");
        peer.ask("GET", &path, &[], b"").expect("hello").body
    };
    let said = hello(0);
    let epoch = said.lines().find_map(|line| line.strip_prefix("epoch ")).expect("an epoch");
    let mut lines = Vec::new();
    publish(1);
    let mut next = fetch(&peer, epoch, 0, &mut lines);
    // Its next key is told in the circle, before it signs anything.
    alpha.ok(&["keys", "rotate"]);
    next = fetch(&peer, epoch, next, &mut lines);
    let before = lines.clone();
    let newest = until("it signs with its new key", 30, || {
        hello(2);
        let keys = alpha.json(&["keys", "show"]);
        let key: PublicKey = word(&keys, "signs").parse().expect("a key");
        (word(&keys, "signs") == word(&keys, "key") && key != peer.victim).then_some(key)
    });
    peer.victim = newest.behind(peer.victim.node());
    publish(2);
    next = fetch(&peer, epoch, next, &mut lines);
    assert!(next >= 4, "a list, two records and the keys: {next}");
    let given = Given { keys: alpha.file("keys", pins.concat()), alpha, lines };
    let (code, told) = theirs(&given, "outlet", "changed.ndjson", &given.lines.join("\n"));
    assert_eq!(code, Some(0), "{told}");
    // Without the statement the new key is nobody's.
    let told_at = before.iter().position(|line| line.contains("kind entente/keys"));
    let mut silent = given.lines.clone();
    silent[told_at.expect("its statement")] = bare(&before[told_at.expect("its statement")]);
    let (code, told) = theirs(&given, "outlet", "silent.ndjson", &silent.join("\n"));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("the record's signature does not hold"), "{told}");
    receipts_by_a_later_key(&given);
}

/// The same conversation, whose last receipt is by the receiver's next key.
fn receipts_by_a_later_key(given: &Given) {
    let at = Instant::from_micros(1_767_323_046_000_000);
    let old = SigningKey::from_seed(&[9; 32]).expect("a seed");
    let new = SigningKey::from_seed(&[10; 32]).expect("a seed").behind(old.public());
    let begun = KeyChain::begin(&old, None, at);
    let stated = begun.last().rotated(new.public(), at, at);
    let chain = begun.with(stated, &old, &new).expect("a chain").to_string();
    let mut lines = given.lines.clone();
    let last: Value = serde_json::from_str(&lines.pop().expect("a receipt")).expect("JSON");
    let note = word(&last["receipt"], "checkpoint");
    let (text, _) = note.split_once("\n\n").expect("a note");
    let mut parts = text.split('\n');
    let origin = parts.next().expect("an origin").to_owned();
    let size = parts.next().and_then(|size| size.parse().ok()).expect("a size");
    let root = parts.next().and_then(|root| BASE64_STANDARD.decode(root).ok()).expect("a root");
    let root = Digest::new(root.try_into().expect("32 bytes"));
    let cosigned = Checkpoint { origin, size, root }.cosign("Peer", &new, at);
    let signature =
        new.sign(&pae("application/vnd.entente.receipt.v1", &[cosigned.as_bytes(), b"\n"]));
    let sig = BASE64_STANDARD.encode(signature.as_bytes());
    let receipt = json!({ "receipt": { "checkpoint": cosigned, "sig": sig } }).to_string();
    let told = json!({ "chain": chain }).to_string();
    let forged = json!({ "chain": chain.replace("number 2", "number 3") }).to_string();
    for (between, expected) in [(Some(told), 0), (None, 1), (Some(forged), 1)] {
        let lines: Vec<String> =
            lines.iter().cloned().chain(between).chain([receipt.clone()]).collect();
        let (code, told) = theirs(given, "outlet", "later.ndjson", &lines.join("\n"));
        assert_eq!(code, Some(expected), "{told}");
    }
}

#[test]
fn a_bundle_is_checked_by_the_node_it_is_for_without_being_applied() {
    let _turn = turn::shared();
    let (alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _circle = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    beta.stop();
    let objects: Vec<String> =
        (0..700).map(|n| indicator(13, n, &format!("{n}.bundled.example"))).collect();
    let file = alpha.file("objects.json", envelope(&objects));
    alpha.ok(&["publish", &file, "--circle", "ring"]);
    let bundle = alpha.beside("bundle");
    let bundle = bundle.to_str().expect("text");
    let whole = ["bundle", "export", "--partner", "CERT Beta", "--from", "0", bundle];
    alpha.ok(&whole);
    let checked = |path: &str| beta.cli(&["verify", path, "--json"]);
    let ran = checked(bundle);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(number(&ran.json(), "entries") > 700, "{}", ran.out);
    let mut bytes = std::fs::read(bundle).expect("a bundle");
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    let ran = checked(&alpha.file("spoilt", &bytes));
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let cut = &bytes[..place];
    assert_eq!(checked(&alpha.file("cut", cut)).code, 1);
    let pins = beta.file("pins", "# nobody\n");
    let ran = beta.cli(&["verify", bundle, "--keys", &pins]);
    assert!(ran.code == 1 && ran.out.contains("E-VERIFY-002"), "{}{}", ran.out, ran.err);
}
