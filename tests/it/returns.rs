//! A node comes back from an old backup and gets back from its partner what it had signed since:
//! when it dials the partner, and when only the partner can dial it.

use serde_json::Value;
use world_tests::clock::until;
use world_tests::entente::{Running, word};
use world_tests::peer::Peer;
use world_tests::stix::{envelope, indicator, indicator_id};
use world_tests::turn;

fn publish(node: &Running, n: u64) {
    let file = node.file("one.json", envelope(&[indicator(1, n, &format!("n{n}.example"))]));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

fn has(node: &Running, n: u64) -> bool {
    node.cli(&["show", &indicator_id(1, n)]).code == 0
}

#[test]
fn what_a_restored_node_had_signed_since_its_backup_comes_back_from_its_partner() {
    let _turn = turn::shared();
    for dials in [true, false] {
        let (mut lost, kept) = (Running::new("CERT Lost"), Running::new("CERT Kept"));
        // Who joins has the inviter's address, and dials.
        let (inviter, joiner) = if dials { (&kept, &lost) } else { (&lost, &kept) };
        let _ring = inviter.circle("ring", "amber");
        inviter.link_with(joiner, &["ring"]);
        publish(&lost, 1);
        until("the partner has the first", 30, || has(&kept, 1).then_some(()));
        let file = lost.beside("old.backup");
        let file = file.to_str().expect("paths of tests are text");
        lost.ok(&["backup", file]);
        publish(&lost, 2);
        publish(&lost, 3);
        lost.ok(&["recall", &indicator_id(1, 1), "--reason", "a mistake"]);
        until("the partner has the last", 30, || (has(&kept, 3) && !has(&kept, 1)).then_some(()));

        lost.kill();
        let place = lost.beside("restored");
        let data = place.to_str().expect("paths of tests are text");
        let came = world_tests::entente::run(&["restore", file, "--data", data]);
        assert_eq!(came.code, 0, "{}{}", came.out, came.err);
        lost.move_to(&place);
        lost.serve();
        until("its own comes back, and its recall with it", 60, || {
            (has(&lost, 2) && has(&lost, 3) && !has(&lost, 1)).then_some(())
        });
        let told = until("people are told", 30, || {
            let list = lost.json(&["partner", "list"]);
            list.pointer("/0/returned").and_then(Value::as_u64)
        });
        assert_eq!(told, 3, "two indicators and a recall");
        assert!(lost.ok(&["partner", "list"]).contains("RETURNED"));
        until("and the log says so", 30, || lost.complaints().contains("given back").then_some(()));
        assert_eq!(lost.cli(&["search", "n2.example", "--json"]).code, 0);
    }
}

#[test]
fn who_misses_nothing_reads_nothing_that_is_given_back() {
    let _turn = turn::shared();
    let node = Running::new("CERT Alpha");
    let _ring = node.circle("ring", "amber");
    let invite = ["partner", "invite", "--trust-code", "--circle", "ring"];
    let mut peer = Peer::new(&node.link, [41; 32]);
    peer.join(&word(&node.json(&invite), "code"), "a partner");
    // It would be refused as no page at all, were it read.
    let said = peer.ask("POST", "/link/v1/returns", &[], b"no page").expect("an answer");
    assert_eq!((said.status, said.body.as_str()), (204, ""));
    // What it signed is looked for once, and not again at once.
    let asked =
        |peer: &Peer| peer.ask("GET", "/link/v1/returns", &[], b"").expect("an answer").status;
    assert_eq!((asked(&peer), asked(&peer)), (200, 429));
}
