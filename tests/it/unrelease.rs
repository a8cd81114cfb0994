//! Un-release by the command line alone: a label, a withdrawal, a list without the member, an undo.
//! What a partner may have no more it has no more, and what it may have again it gets again.

use world_tests::clock::until;
use world_tests::entente::{Running, number, word};
use world_tests::stix::{GREEN, envelope, indicator_id, marked};
use world_tests::turn;

fn has(node: &Running, id: &str) -> bool {
    node.cli(&["show", id]).code == 0
}

fn comes(node: &Running, id: &str) {
    until(&format!("{id} at {}", node.name), 30, || has(node, id).then_some(()));
}

fn goes(node: &Running, id: &str) {
    until(&format!("{id} is gone from {}", node.name), 30, || (!has(node, id)).then_some(()));
}

fn publish(node: &Running, series: u32, numbers: std::ops::RangeInclusive<u64>) {
    let domain = |n| format!("n{n}-{series}.example");
    let objects: Vec<String> =
        numbers.map(|n| marked(series, n, &domain(n), Some(GREEN))).collect();
    let file = node.file("some.json", envelope(&objects));
    node.ok(&["publish", &file, "--circle", "ring"]);
}

#[test]
fn what_a_partner_may_have_no_more_is_taken_back_from_it() {
    let _turn = turn::shared();
    let (alpha, beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    publish(&alpha, 1, 1..=4);
    let id = |n| indicator_id(1, n);
    (1..=4).for_each(|n| comes(&beta, &id(n)));

    alpha.ok(&["relabel", &id(1), "--tlp", "red"]);
    goes(&beta, &id(1));
    let done = alpha.json(&["withdraw", &id(2), "--from", "CERT Beta"]);
    assert_eq!((number(&done, "numbers"), word(&done, "from")), (1, "CERT Beta".to_owned()));
    goes(&beta, &id(2));
    let never = alpha.cli(&["withdraw", &indicator_id(1, 9), "--from", "CERT Beta"]);
    assert!(never.code == 2 && never.err.contains("E-RECORD-006"), "{}", never.err);
    assert!(has(&beta, &id(3)) && has(&alpha, &id(1)) && has(&alpha, &id(2)));

    alpha.ok(&["circle", "remove", "ring", "CERT Beta", "--reason", "it left us & others"]);
    let ledger = alpha.ok(&["search", "it left us & others"]);
    assert!(ledger.contains("entente/audit"), "who and why: {ledger}");
    goes(&beta, &id(3));
    goes(&beta, &id(4));
    alpha.ok(&["circle", "add", "ring", "CERT Beta"]);
    comes(&beta, &id(3));
    comes(&beta, &id(4));
    assert!(!has(&beta, &id(2)), "a person withdrew it");
    assert_eq!(beta.cli(&["verify", beta.data().to_str().unwrap_or_default()]).code, 0);
}

#[test]
fn what_came_from_a_partner_since_a_time_is_taken_out_and_stays_away() {
    let _turn = turn::shared();
    let (alpha, mut beta) = (Running::new("CERT Alpha"), Running::new("CERT Beta"));
    let _ring = alpha.circle("ring", "green");
    alpha.link_with(&beta, &["ring"]);
    publish(&alpha, 1, 1..=3);
    (1..=3).for_each(|n| comes(&beta, &indicator_id(1, n)));
    let undo = ["undo", "--partner", "CERT Alpha", "--since", "1h"];
    let seen = beta.json(&[&undo[..], &["--dry-run"]].concat());
    assert_eq!(number(&seen, "records"), 3, "{seen}");
    let asked = beta.cli(&undo);
    assert!(asked.code == 1 && asked.err.contains("--yes"), "{}", asked.err);
    assert!(has(&beta, &indicator_id(1, 1)), "nobody said yes");
    let done = beta.json(&[&undo[..], &["--yes"]].concat());
    assert_eq!((number(&done, "records"), number(&done, "kept")), (3, 0));
    (1..=3).for_each(|n| assert!(!has(&beta, &indicator_id(1, n))));
    let stranger = beta.cli(&["undo", "--partner", "Nobody", "--since", "1h", "--dry-run"]);
    assert!(stranger.code == 2 && stranger.err.contains("E-UNDO-001"), "{}", stranger.err);
    // It comes back neither by itself nor by a new life of the process; the link goes on.
    beta.kill();
    beta.serve();
    publish(&alpha, 2, 1..=1);
    comes(&beta, &indicator_id(2, 1));
    (1..=3).for_each(|n| assert!(!has(&beta, &indicator_id(1, n))));
}
