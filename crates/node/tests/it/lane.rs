//! One lane: whatever waits for a partner, a recall waits behind two batches at the most.

use crate::world::{One, arrive, batch, id, indicator, join, send, thing};
use model::id::CircleId;
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::{Administer, Submitter};
use node::outlet::link_key;
use node::{Answer, Command, Rights};

const WAITING: u32 = 3_000;

fn bundle(from: u32, upto: u32) -> String {
    let objects: Vec<String> =
        (from..upto).map(|n| indicator(n, &format!("host-{n}.example"), "")).collect();
    format!("[{}]", objects.join(","))
}

fn recall(node: &mut One, n: u32) {
    let thing = thing(&id("indicator", n));
    let recall = Administer::Recall { thing, mode: RecallMode::Erase, reason: String::new() };
    let said = node.apply(Command::Administer(recall));
    assert!(matches!(said, Answer::Statements(_)), "{said:?}");
}

/// Two partners, of which the first has much for the second.
fn backlog() -> (One, One, CircleId, Submitter) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token).submitter;
    alpha.publish(&writer, Terms::of(circle), &bundle(0, 1));
    send(&mut alpha, &mut beta);
    for part in (1..WAITING).step_by(1_000) {
        let upto = (part + 1_000).min(WAITING);
        alpha.publish(&writer, Terms::of(circle), &bundle(part, upto));
    }
    (alpha, beta, circle, writer)
}

/// One batch as the link asks for it: in how many entries its partner has come further.
fn fetch(alpha: &mut One, beta: &mut One, credit: u64) -> u64 {
    let after = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let partner = beta.id();
    alpha.apply(Command::NumberFor { partner, after, credit });
    let bytes = batch(alpha, beta, after);
    let Answer::Receipt(receipt) = arrive(alpha, beta, &bytes) else { panic!("no receipt") };
    let size = receipt.size().unwrap();
    assert!(matches!(alpha.apply(Command::Acknowledged { partner, receipt }), Answer::Done));
    size - after
}

fn holds(node: &One, n: u32) -> bool {
    !node.store.reading().by_thing(&thing(&id("indicator", n))).unwrap().is_empty()
}

#[test]
fn a_recall_is_in_the_third_batch_at_the_latest_whatever_waits() {
    let (mut alpha, mut beta, circle, writer) = backlog();
    fetch(&mut alpha, &mut beta, 512);
    // Everything that commits here would number further, if it might.
    for n in 0..50 {
        let more = bundle(WAITING + n, WAITING + n + 1);
        alpha.publish(&writer, Terms::of(circle), &more);
    }
    recall(&mut alpha, 0);
    assert!(holds(&beta, 0));
    let batches = (1..=3).find(|_| {
        fetch(&mut alpha, &mut beta, 512);
        !holds(&beta, 0)
    });
    assert!(batches.is_some_and(|batches| batches <= 3), "{batches:?}");
    assert!(!holds(&beta, WAITING - 1), "the backlog is still on its way");
    // And nothing of the backlog is lost for that.
    while !holds(&beta, WAITING + 49) {
        fetch(&mut alpha, &mut beta, 512);
    }
    assert!((1..WAITING).all(|n| holds(&beta, n)));
}

#[test]
fn for_a_partner_who_is_away_little_is_numbered_and_for_who_takes_little_less() {
    let (mut alpha, mut beta, circle, writer) = backlog();
    let size = |alpha: &One, beta: &One| {
        alpha.store.reading().outlet(&link_key(&beta.id())).unwrap().unwrap().next
    };
    let have = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    for n in 0..20 {
        alpha.publish(&writer, Terms::of(circle), &bundle(WAITING + n, WAITING + n + 1));
    }
    assert!(size(&alpha, &beta) <= have + 512, "{} {have}", size(&alpha, &beta));
    let next = size(&alpha, &beta);
    // What has a number is sent; then no more than a few at a time.
    while beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next < next {
        fetch(&mut alpha, &mut beta, 7);
    }
    assert_eq!(fetch(&mut alpha, &mut beta, 7), 7);
    assert_eq!(fetch(&mut alpha, &mut beta, 0), 7, "these had their numbers with the receipt");
    assert_eq!(fetch(&mut alpha, &mut beta, 0), 1, "it takes one at the least");
}
