//! A node's key changes while it works: nothing is lost, partners follow, what was signed before is
//! believed, and what a revoked key signs is not. Nodes of the real binary, stopped where it hurts.

use serde_json::Value;
use world_tests::clock::until;
use world_tests::entente::{Running, number, run, word};
use world_tests::peer::Peer;
use world_tests::python;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

fn publish(node: &Running, n: u64) {
    let file = node.file("one.json", envelope(&[indicator(3, n, &format!("k{n}.example"))]));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

fn has(node: &Running, n: u64) -> bool {
    node.cli(&["show", &indicator_id(3, n)]).code == 0
}

fn keys(node: &Running) -> Value {
    node.json(&["keys", "show"])
}

/// Changes a node's key and waits until it signs with the new one.
fn rotate(node: &Running) -> String {
    let before = word(&keys(node), "signs");
    node.ok(&["keys", "rotate"]);
    until("it signs with its new key", 30, || {
        let keys = keys(node);
        let now = word(&keys, "signs");
        (now != before && now == word(&keys, "key")).then_some(now)
    })
}

fn verifies(node: &Running) {
    let data = node.data();
    let said = run(&["verify", data.to_str().expect("a text")]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn a_key_changes_under_traffic_and_not_one_record_is_lost() {
    let _turn = turn::shared();
    let (mut alpha, bravo) = (Running::new("CERT Alpha"), Running::new("CERT Bravo"));
    let _ring = alpha.circle("ring", "amber");
    alpha.link_with(&bravo, &["ring"]);
    let node = word(&keys(&alpha), "node");
    let mut sent = 0;
    // Who is dialled, who dials, and the first again.
    for changing in [&alpha, &bravo, &alpha] {
        changing.ok(&["keys", "rotate"]);
        for _ in 0..6 {
            publish(&alpha, sent);
            publish(&bravo, 1_000 + sent);
            sent += 1;
        }
        until("it signs with its new key", 30, || {
            let keys = keys(changing);
            (word(&keys, "signs") == word(&keys, "key")).then_some(())
        });
        publish(&alpha, sent);
        publish(&bravo, 1_000 + sent);
        sent += 1;
        until("each has all of the other's", 30, || {
            (0..sent).all(|n| has(&bravo, n) && has(&alpha, 1_000 + n)).then_some(())
        });
    }
    let (ours, theirs) = (keys(&alpha), keys(&bravo));
    assert_eq!((number(&ours, "number"), number(&theirs, "number")), (3, 2));
    assert_eq!(word(&ours, "node"), node, "the node stays itself");
    // From the folder alone, too.
    assert_eq!(alpha.stop(), Some(0));
    alpha.serve();
    publish(&alpha, sent);
    until("after its start as well", 30, || has(&bravo, sent).then_some(()));
    verifies(&alpha);
    verifies(&bravo);
    proves(&alpha, &bravo, sent);
}

/// What the newest key signed is proved to whoever knows the first one, by both verifiers.
fn proves(alpha: &Running, bravo: &Running, n: u64) {
    let pins: String = [alpha, bravo].map(|node| node.ok(&["keys", "show", "--pinned"])).concat();
    let pins = alpha.file("pins", pins);
    let (id, proof) = (indicator_id(3, n), alpha.beside("proof.json"));
    let proof = proof.to_str().expect("a text");
    until("it is receipted", 30, || {
        let asked = ["receipts", &id, "--partner", "CERT Bravo", "--proof", proof];
        (alpha.cli(&asked).code == 0).then_some(())
    });
    let ours = run(&["verify", proof, "--keys", &pins]);
    assert_eq!(ours.code, 0, "{}{}", ours.out, ours.err);
    let _said = python::succeeds("../verifier/verify.py", &["receipt", proof, "--keys", &pins]);
    // Without the chain the newest key is nobody's.
    let text = std::fs::read_to_string(proof).expect("a proof");
    let cut = text.replacen("number 3", "number 4", 1);
    assert_ne!(text, cut);
    let cut = alpha.file("cut.json", cut);
    assert_ne!(run(&["verify", &cut, "--keys", &pins]).code, 0);
    let theirs = python::run("../verifier/verify.py", &["receipt", &cut, "--keys", &pins]);
    assert!(!theirs.status.success());
}

#[test]
fn who_has_no_circle_with_it_or_is_no_neighbour_follows_as_well() {
    let _turn = turn::shared();
    let (alpha, bravo, charlie) =
        (Running::new("CERT Alpha"), Running::new("CERT Bravo"), Running::new("CERT Charlie"));
    let _ring = bravo.circle("ring", "amber");
    bravo.link_with(&alpha, &["ring"]);
    bravo.link_with(&charlie, &["ring"]);
    until("the last list is followed", 30, || {
        let list = alpha.json(&["circle", "list"]);
        let members = list.pointer("/0/members").and_then(Value::as_array).map(Vec::len);
        (members == Some(3)).then_some(())
    });
    publish(&alpha, 1);
    until("before the change", 30, || has(&charlie, 1).then_some(()));
    rotate(&alpha);
    publish(&alpha, 2);
    until("relayed after the change", 30, || has(&charlie, 2).then_some(()));
    verifies(&charlie);

    // A partner without a circle, which alone dials.
    let delta = Running::new("CERT Delta");
    let code = word(&alpha.json(&["partner", "invite", "--trust-code"]), "code");
    delta.ok(&["partner", "join", &code, "--yes"]);
    rotate(&alpha);
    rotate(&delta);
    let knows = |node: &Running, all: usize| {
        let keys = keys(node);
        let partners = keys.get("partners").and_then(Value::as_array).cloned().unwrap_or_default();
        let newest = number(&keys, "number");
        let good = partners.iter().filter(|one| number(one, "number") == newest).count();
        (good == all).then_some(())
    };
    until("all know the newest", 30, || knows(&alpha, 2).and_then(|()| knows(&delta, 1)));
}

#[test]
fn a_stolen_key_is_revoked_by_the_recovery_key_and_proves_nothing_new() {
    let _turn = turn::shared();
    let (alpha, bravo) = (Running::new("CERT Alpha"), Running::new("CERT Bravo"));
    let _ring = alpha.circle("ring", "amber");
    alpha.link_with(&bravo, &["ring"]);
    publish(&alpha, 1);
    until("before the theft", 30, || has(&bravo, 1).then_some(()));
    let stolen = std::fs::read_to_string(alpha.data().join("node.key")).expect("a key");
    let recovery = alpha.data().join("recovery.key");
    let recovery = recovery.to_str().expect("a text").to_owned();

    // Without the recovery key the key that signs is not taken back, and not by another's.
    let signs = word(&keys(&alpha), "signs");
    let told = alpha.cli(&["keys", "revoke", &signs]);
    assert!(told.code != 0 && told.err.contains("E-KEY-006"), "{}", told.err);
    let other = bravo.data().join("recovery.key");
    let told = alpha.cli(&["keys", "revoke", "--recovery", other.to_str().expect("a text")]);
    assert!(told.code != 0 && told.err.contains("E-KEY-006"), "{}", told.err);

    let told = alpha.ok(&["keys", "revoke", "--recovery", &recovery]);
    assert!(!told.contains("unsent") && !told.contains("unsaid"), "{told}");
    let now = keys(&alpha);
    assert_eq!(now.pointer("/revoked/0/key"), Some(&Value::from(&*signs)));
    assert_eq!((word(&now, "signs"), now.get("change")), (word(&now, "key"), Some(&"done".into())));
    publish(&alpha, 2);
    until("after the theft", 30, || has(&bravo, 2).then_some(()));
    assert!(has(&bravo, 1), "what is held stays");
    verifies(&bravo);

    // The thief dials with what it stole.
    let digits = stolen.trim().as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair));
    let seed: Vec<u8> =
        digits.map(|pair| u8::from_str_radix(pair.expect("digits"), 16).expect("a seed")).collect();
    let thief = Peer::new(&bravo.link, seed.try_into().expect("32 bytes"));
    let told = thief.ask("GET", "/link/v1/hello", &[], b"").expect("an answer");
    assert_eq!(told.status, 403, "{}", told.body);
    assert!(told.body.contains("E-KEY-003"), "{}", told.body);
}

#[test]
fn what_a_revoked_key_left_unsent_is_named() {
    let _turn = turn::shared();
    let (alpha, mut bravo) = (Running::new("CERT Alpha"), Running::new("CERT Bravo"));
    let _ring = alpha.circle("ring", "amber");
    alpha.link_with(&bravo, &["ring"]);
    publish(&alpha, 1);
    until("before the theft", 30, || has(&bravo, 1).then_some(()));
    bravo.kill();
    publish(&alpha, 2);
    let recovery = alpha.data().join("recovery.key");
    let told = alpha.ok(&["keys", "revoke", "--recovery", recovery.to_str().expect("a text")]);
    assert!(told.contains("1 record:") && told.contains(&indicator_id(3, 2)), "{told}");
    assert!(!told.contains(&indicator_id(3, 1)), "a partner has it: {told}");
    let noted = alpha.ok(&["search", "no partner has"]);
    assert!(noted.contains("entente/audit"), "{noted}");
    // Another record shows when all that was sent before it was looked at.
    bravo.serve();
    publish(&alpha, 3);
    until("after the theft", 30, || has(&bravo, 3).then_some(()));
    assert!(!has(&bravo, 2), "a revoked key proves nothing that comes");
    verifies(&alpha);
    verifies(&bravo);
}

#[test]
fn a_node_that_is_killed_while_its_key_changes_has_a_key_that_works() {
    let _turn = turn::shared();
    let (mut alpha, mut bravo) = (Running::new("CERT Alpha"), Running::new("CERT Bravo"));
    let _ring = alpha.circle("ring", "amber");
    alpha.link_with(&bravo, &["ring"]);
    // Nobody hears of the new key: it is stated, lies beside the old one, and signs nothing.
    bravo.kill();
    alpha.ok(&["keys", "rotate"]);
    let waiting = keys(&alpha);
    assert_eq!(word(&waiting, "change"), "waits");
    let (old, new) = (word(&waiting, "signs"), word(&waiting, "key"));
    assert!(alpha.data().join("node.key.next").exists());
    alpha.kill();
    alpha.serve();
    let same = keys(&alpha);
    assert_eq!((word(&same, "signs"), word(&same, "key")), (old, new.clone()));
    publish(&alpha, 1);
    // Killed after the file took the place of the other, before the running node knew.
    alpha.kill();
    let (from, to) = (alpha.data().join("node.key.next"), alpha.data().join("node.key"));
    std::fs::rename(from, to).expect("a rename");
    alpha.serve();
    assert_eq!(word(&keys(&alpha), "signs"), new);
    publish(&alpha, 2);
    bravo.serve();
    until("a partner that was away has both", 60, || {
        (has(&bravo, 1) && has(&bravo, 2)).then_some(())
    });
    until("and knows the key", 30, || {
        (keys(&alpha).pointer("/partners/0/number") == Some(&2.into())).then_some(())
    });
    verifies(&alpha);
    verifies(&bravo);
}

#[test]
fn a_node_put_back_to_before_its_change_learns_so_and_the_recovery_key_helps() {
    let _turn = turn::shared();
    let (mut alpha, bravo) = (Running::new("CERT Alpha"), Running::new("CERT Bravo"));
    let _ring = alpha.circle("ring", "amber");
    alpha.link_with(&bravo, &["ring"]);
    publish(&alpha, 1);
    let recovery = alpha
        .file("recovery.key", std::fs::read(alpha.data().join("recovery.key")).expect("a key"));
    let file = alpha.beside("old.backup");
    let file = file.to_str().expect("a text").to_owned();
    alpha.ok(&["backup", &file]);
    rotate(&alpha);
    publish(&alpha, 2);
    until("after the change", 30, || has(&bravo, 2).then_some(()));
    alpha.kill();
    let place = alpha.beside("restored");
    let came = run(&["restore", &file, "--data", place.to_str().expect("a text")]);
    assert_eq!(came.code, 0, "{}{}", came.out, came.err);
    alpha.move_to(&place);
    alpha.serve();
    // Its partner tells what it stated since, and gives back what it signed.
    until("what was signed by the new key is back", 60, || has(&alpha, 2).then_some(()));
    let lost = keys(&alpha);
    assert_eq!(number(&lost, "number"), 2);
    assert_ne!(word(&lost, "signs"), word(&lost, "key"));
    let told = alpha.cli(&["doctor"]);
    assert!(told.out.contains("E-KEY-012"), "{}", told.out);
    alpha.ok(&["keys", "revoke", "--recovery", &recovery]);
    let now = keys(&alpha);
    assert_eq!((number(&now, "number"), word(&now, "signs")), (3, word(&now, "key")));
    publish(&alpha, 3);
    until("its partner follows", 60, || has(&bravo, 3).then_some(()));
}
