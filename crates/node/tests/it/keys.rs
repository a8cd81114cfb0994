//! What a partner believes of keys: a chain that goes on from what it holds, whoever brings it; and
//! nothing new of a key that was revoked.

use crate::world::{
    One, Pair, accepted, arrive, batch, holds, id, indicator, refusals, send, thing,
};
use model::keys::KeyChain;
use model::seal::SigningKey;
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::Administer;
use node::keys::{Change, Stranded, Stranding, change, said};
use node::{Answer, Command};

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32]).unwrap()
}

fn act(at: &mut One, what: Administer) -> Answer {
    at.apply(Command::Administer(what))
}

/// The code of a refusal.
fn code(answer: &Answer) -> &'static str {
    match answer {
        Answer::Refused(problem) => problem.code,
        _ => "",
    }
}

fn chain(at: &One, of: &One) -> KeyChain {
    KeyChain::read(&said(&at.store.reading(), &of.id()).unwrap().unwrap()).unwrap()
}

/// Alpha has stated its first key with a recovery key, and Beta knows it.
fn pair() -> Pair {
    let mut pair = Pair::new();
    assert!(matches!(act(&mut pair.alpha, Administer::BeginKeys(key(99).public())), Answer::Done));
    let told = said(&pair.alpha.store.reading(), &pair.alpha.id()).unwrap().unwrap();
    assert!(matches!(act(&mut pair.beta, Administer::HearKeys(told)), Answer::Done));
    pair.exchange();
    pair
}

/// Changes Alpha's key: stated, told by its record, and used.
fn rotate(pair: &mut Pair, to: u8) {
    act(&mut pair.alpha, Administer::RotateKey(key(to)));
    send(&mut pair.alpha, &mut pair.beta);
    let done = act(&mut pair.alpha, Administer::UseKey(key(to)));
    assert!(matches!(done, Answer::Done), "{done:?}");
    pair.alpha.me.key = key(to).behind(pair.alpha.me.first());
}

fn notes(at: &One, code: &str) -> usize {
    let reading = at.store.reading();
    let ledger = model::ledger::ledger_of(&at.id());
    let text = |seq| {
        let row = reading.row(seq).unwrap().filter(|row| row.label.circle == ledger)?;
        let parts = reading.parts(row.seq).unwrap()?;
        Some(String::from_utf8(parts.body).unwrap())
    };
    let all = (1..=reading.head().unwrap()).filter_map(text);
    all.filter(|text| text.contains(&format!("code {code}\n"))).count()
}

#[test]
fn a_partner_follows_two_changes_by_their_records_and_loses_nothing() {
    let mut pair = pair();
    pair.publish(1);
    for to in [50, 51] {
        rotate(&mut pair, to);
        pair.publish(u32::from(to));
        pair.exchange();
    }
    assert!(holds(&pair.beta, 1) && holds(&pair.beta, 50) && holds(&pair.beta, 51));
    assert_eq!(chain(&pair.beta, &pair.alpha).last().number, 3);
    let own = pair.beta.me.public();
    let head = pair.beta.store.reading().head().unwrap();
    let walk = node::proof::Walk { head, threads: 1, signatures: true, pinned: None };
    let mut faults = 0;
    let each = &mut |step| faults += usize::from(matches!(step, node::proof::Step::Found(_)));
    node::proof::verify(&pair.beta.store.reading(), &own, walk, each).unwrap();
    assert_eq!(faults, 0, "each record by the key that signed it");
}

#[test]
fn a_forged_successor_and_a_skipped_number_change_nothing_and_are_noted() {
    let mut pair = pair();
    let held = chain(&pair.beta, &pair.alpha);
    let next = held.last().rotated(key(66).public(), pair.alpha.now, pair.alpha.now);
    let forged = format!("{held}{}", KeyChain::rescue(next.clone(), &key(66)));
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(forged.clone()))), "E-KEY-001");
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(forged))), "E-KEY-001");
    assert_eq!(notes(&pair.beta, "E-KEY-001"), 1, "people hear of it, once an hour");
    let mut skipped = next;
    skipped.number += 1;
    let skipped = format!("{held}{}", KeyChain::rescue(skipped, &key(99)));
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(skipped))), "E-KEY-002");
    let huge = "x".repeat(model::limits::KEY_CHAIN_BYTES_MAX + 1);
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(huge.clone()))), "E-KEY-004");
    assert_eq!((notes(&pair.beta, "E-KEY-002"), notes(&pair.beta, "E-KEY-004")), (1, 0));
    let huge = format!("entente/keys/1\nnode {}\n{huge}", pair.alpha.id());
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(huge))), "E-KEY-004");
    assert_eq!(notes(&pair.beta, "E-KEY-004"), 1, "of the node that it says it is of");
    // A chain of its own that contradicts: the key is in two hands.
    let fork = |to: u8| {
        let next = held.last().rotated(key(to).public(), pair.alpha.now, pair.alpha.now);
        held.with(next, &key(1), &key(to)).unwrap().to_string()
    };
    let (first, second) = (fork(70), fork(71));
    assert!(matches!(act(&mut pair.beta, Administer::HearKeys(first.clone())), Answer::Done));
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(second))), "E-KEY-009");
    assert_eq!(notes(&pair.beta, "E-KEY-009"), 1);
    assert_eq!(chain(&pair.beta, &pair.alpha).to_string(), first, "the first that was heard");
    // A node that is unknown here.
    let stranger = KeyChain::begin(&key(80), None, pair.alpha.now).to_string();
    assert_eq!(code(&act(&mut pair.beta, Administer::HearKeys(stranger.clone()))), "E-KEY-007");
    let broken = stranger.replace("number 1", "number 2");
    let told = pair.beta.store.reading().head().unwrap();
    assert_ne!(code(&act(&mut pair.beta, Administer::HearKeys(broken))), "");
    assert_eq!(pair.beta.store.reading().head().unwrap(), told, "strangers fill no ledger");
}

#[test]
fn a_receipt_that_was_lost_is_said_again_by_the_key_that_followed_a_revoked_one() {
    let mut pair = pair();
    assert!(matches!(act(&mut pair.beta, Administer::BeginKeys(key(98).public())), Answer::Done));
    pair.publish(1);
    pair.alpha.apply(Command::Number(node::outlet::link_key(&pair.beta.id())));
    let have = pair.beta.store.reading().cursor(&pair.alpha.id()).unwrap().unwrap().next;
    let bytes = batch(&pair.alpha, &pair.beta, have);
    let Answer::Receipt(lost) = arrive(&pair.alpha, &mut pair.beta, &bytes) else { panic!() };
    let own = chain(&pair.beta, &pair.beta);
    let next = own.last().revoking(own.last().key, key(56).public(), pair.beta.now);
    let statement = KeyChain::rescue(next, &key(98));
    act(&mut pair.beta, Administer::RescueKeys { statement, own: key(56) });
    act(&mut pair.beta, Administer::UseKey(key(56)));
    pair.beta.me.key = key(56).behind(pair.beta.me.first());
    let told = chain(&pair.beta, &pair.beta).to_string();
    assert!(matches!(act(&mut pair.alpha, Administer::HearKeys(told)), Answer::Done));
    let keep = |alpha: &mut One, partner, receipt| {
        code(&alpha.apply(Command::Acknowledged { partner, receipt }))
    };
    let partner = pair.beta.id();
    assert_eq!(keep(&mut pair.alpha, partner, lost.clone()), "E-LINK-007");
    let Answer::Receipt(again) = arrive(&pair.alpha, &mut pair.beta, &bytes) else { panic!() };
    assert_eq!((again.size(), again.root()), (lost.size(), lost.root()));
    assert_eq!(keep(&mut pair.alpha, partner, again), "");
}

#[test]
fn late_records_of_a_revoked_key_are_refused_and_held_ones_stay() {
    let mut pair = pair();
    pair.publish(1);
    pair.exchange();
    // Signed by the key, and on its way when that is revoked.
    pair.publish(2);
    pair.alpha.apply(Command::Number(node::outlet::link_key(&pair.beta.id())));
    let have = pair.beta.store.reading().cursor(&pair.alpha.id()).unwrap().unwrap().next;
    let late = batch(&pair.alpha, &pair.beta, have);
    let own = chain(&pair.alpha, &pair.alpha);
    let next = own.last().revoking(own.last().key, key(55).public(), pair.alpha.now);
    let statement = KeyChain::rescue(next, &key(99));
    let rescued = act(&mut pair.alpha, Administer::RescueKeys { statement, own: key(55) });
    assert!(matches!(rescued, Answer::Done), "{rescued:?}");
    let reading = pair.alpha.store.reading();
    assert_eq!(change(&reading, &pair.alpha.me.public(), pair.alpha.now).unwrap(), Change::Due);
    act(&mut pair.alpha, Administer::UseKey(key(55)));
    pair.alpha.me.key = key(55).behind(pair.alpha.me.first());
    let told = chain(&pair.alpha, &pair.alpha).to_string();
    assert!(matches!(act(&mut pair.beta, Administer::HearKeys(told)), Answer::Done));
    // The stolen key's own batch is not even looked into.
    assert_eq!(code(&arrive(&pair.alpha, &mut pair.beta, &late)), "E-LINK-003");
    let again = batch(&pair.alpha, &pair.beta, have);
    let Answer::Receipt(receipt) = arrive(&pair.alpha, &mut pair.beta, &again) else { panic!() };
    assert!(refusals(&receipt).iter().any(|reason| reason.starts_with("E-KEY-003")), "{receipt:?}");
    assert!(holds(&pair.beta, 1) && !holds(&pair.beta, 2));
    assert_eq!(notes(&pair.beta, "E-KEY-003"), 1);
    pair.publish(3);
    pair.exchange();
    assert!(holds(&pair.beta, 3), "what the new key signs is taken");
}

/// What revoking this key would leave unsent at Alpha.
fn stranded(at: &One, n: u8) -> Stranded {
    let (reading, own) = (at.store.reading(), at.me.public());
    let mut look = Stranding::begin(&reading, &own, &[key(n).public()]).unwrap();
    while look.step(&reading).unwrap() {}
    look.found()
}

#[test]
fn what_a_revoked_key_left_unsent_is_counted_and_not_made_anew() {
    let mut pair = pair();
    pair.publish(1);
    pair.publish(2);
    pair.exchange();
    assert!(stranded(&pair.alpha, 1).is_empty(), "all of it is with its partner");
    let recall = || {
        let (thing, reason) = (thing(&id("indicator", 1)), "wrong".to_owned());
        Administer::Recall { thing, mode: RecallMode::Erase, reason }
    };
    pair.publish(3);
    assert!(matches!(act(&mut pair.alpha, recall()), Answer::Statements(_)));
    let found = stranded(&pair.alpha, 1);
    assert_eq!((found.records, found.words, found.partial), (1, 1, false));
    assert_eq!(found.samples, [thing(&id("indicator", 3))]);

    let own = chain(&pair.alpha, &pair.alpha);
    let next = own.last().revoking(own.last().key, key(57).public(), pair.alpha.now);
    let statement = KeyChain::rescue(next, &key(99));
    act(&mut pair.alpha, Administer::RescueKeys { statement, own: key(57) });
    act(&mut pair.alpha, Administer::UseKey(key(57)));
    pair.alpha.me.key = key(57).behind(pair.alpha.me.first());
    let told = chain(&pair.alpha, &pair.alpha).to_string();
    assert!(matches!(act(&mut pair.beta, Administer::HearKeys(told)), Answer::Done));
    pair.exchange();
    assert!(
        holds(&pair.beta, 1) && !holds(&pair.beta, 3),
        "of neither it takes a revoked key's word"
    );

    // What was handed in is there, whoever signed it: making it anew would forget what was said of it.
    let again = |pair: &mut Pair, n: u32| {
        let body = indicator(n, &format!("{n}.example"), "");
        accepted(&pair.alpha.publish(&pair.writer.submitter, Terms::of(pair.circle), &body))
    };
    assert_eq!((again(&mut pair, 2), again(&mut pair, 3)), (vec![false], vec![false]));
    pair.exchange();
    assert!(holds(&pair.beta, 2) && !holds(&pair.beta, 3));
    assert!(matches!(act(&mut pair.alpha, recall()), Answer::DoneBefore(_)));
}
