//! A recall to its end: who obeyed it says so the way that the recall came, and a recaller knows of
//! each that had the record how far it is; nobody learns more than a count of those behind.

use crate::world::{One, arrive, id, indicator, join, publish, refusals, send, thing};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::id::{CircleId, Epoch, NodeId, ThingId};
use model::kind::{Kind, OBEYED, RECALL};
use model::label::{Label, Tlp};
use model::ledger::ledger_of;
use model::limits::{OBEYED_STEP, PURGE_SECONDS_MAX, RECALL_OVERDUE_SECONDS};
use model::note::Checkpoint;
use model::obeyed::{Obeyed, ObeyedLine, Stage};
use model::record::{Authorship, Header, Unsealed, leaf};
use model::statement::RecallMode;
use model::tree::root;
use node::accept::Terms;
use node::command::Administer;
use node::link::origin;
use node::obeyed::Telling;
use node::read::{Grace, Recalled, overdue, overdue_count, own_recalls, recalled};
use node::restore::{Restored, begin_anew};
use node::{Answer, Command, Rights};

fn one(n: u32) -> ThingId {
    thing(&id("indicator", n))
}

fn recall(at: &mut One, n: u32, mode: RecallMode) {
    let recall = Administer::Recall { thing: one(n), mode, reason: "wrong".to_owned() };
    let said = at.apply(Command::Administer(recall));
    assert!(matches!(said, Answer::Statements(_)), "{said:?}");
}

/// A tick of the clock; whether the purge is through before is the test's to say.
fn tick(at: &mut One, purged: bool) {
    while purged && !at.store.purge().unwrap() {}
    at.apply(Command::Tick);
}

fn line(at: &One, n: u32, partner: &str) -> Recalled {
    let lines =
        recalled(&at.store.reading(), at.id(), &one(n), Grace::usual(at.now)).unwrap().unwrap();
    let found = lines.iter().find(|line| line.partner == partner);
    found.unwrap_or_else(|| panic!("nothing of {partner} in {lines:?}")).clone()
}

/// The furthest that a partner said, to how many it passed it on, and whether that is all.
fn said(at: &One, partner: &str) -> (Option<Stage>, u64, bool) {
    let by = line(at, 1, partner).obeyed.expect("it had the record");
    (by.stage, by.passed, by.done)
}

/// Alpha convenes and writes; Beta has one indicator of it.
fn two() -> (One, One, CircleId) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    publish(&mut alpha, circle, 1..=1);
    send(&mut alpha, &mut beta);
    (alpha, beta, circle)
}

#[test]
fn a_partner_says_applied_at_once_and_purged_when_no_file_holds_it() {
    let (mut alpha, mut beta, _) = two();
    recall(&mut alpha, 1, RecallMode::Erase);
    assert_eq!(said(&alpha, "CERT Beta"), (None, 0, false));
    send(&mut alpha, &mut beta);
    tick(&mut beta, false);
    send(&mut beta, &mut alpha);
    assert_eq!(said(&alpha, "CERT Beta"), (Some(Stage::Applied), 0, false));
    tick(&mut beta, false);
    assert!(send(&mut beta, &mut alpha).is_empty(), "nothing is said twice");

    // Killed between the two: what is owed is in the store, and so is that the purge is wanted.
    beta.reopen(beta.me.epoch);
    tick(&mut beta, false);
    assert!(send(&mut beta, &mut alpha).is_empty(), "and nothing too early");
    tick(&mut beta, true);
    send(&mut beta, &mut alpha);
    assert_eq!(said(&alpha, "CERT Beta"), (Some(Stage::Purged), 0, true));
    let by = line(&alpha, 1, "CERT Beta").obeyed.unwrap();
    assert!(by.applied.unwrap() < by.purged.unwrap());
    assert!(send(&mut alpha, &mut beta).is_empty(), "nobody answers an answer");
    let all = own_recalls(&alpha.store.reading(), alpha.id(), 0, Grace::usual(alpha.now)).unwrap();
    assert_eq!(
        all.iter().map(|one| (one.had, one.done, one.overdue)).collect::<Vec<_>>(),
        [(1, 1, 0)]
    );
}

#[test]
fn who_stops_a_record_is_done_once_it_is_applied() {
    let (mut alpha, mut beta, _) = two();
    recall(&mut alpha, 1, RecallMode::Stop);
    send(&mut alpha, &mut beta);
    tick(&mut beta, false);
    send(&mut beta, &mut alpha);
    assert_eq!(said(&alpha, "CERT Beta"), (Some(Stage::Applied), 0, true));
}

/// Alpha's circle with Beta, Gamma and Delta; each knows each, but Alpha sends to Beta alone, and
/// the record goes round from Beta to Gamma to Delta to Beta.
fn ring() -> [One; 4] {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let (mut gamma, mut delta) = (One::new(3, "CERT Gamma"), One::new(4, "CERT Delta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    join(&mut alpha, &mut gamma, &[circle], true);
    join(&mut alpha, &mut delta, &[circle], true);
    join(&mut beta, &mut gamma, &[], true);
    join(&mut gamma, &mut delta, &[], true);
    join(&mut delta, &mut beta, &[], true);
    for other in [&mut beta, &mut gamma, &mut delta] {
        send(&mut alpha, other);
    }
    for other in [gamma.id(), delta.id()] {
        alpha.apply(Command::Administer(Administer::RemovePartner(other)));
    }
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token).submitter;
    let terms = Terms { hops: Some(8), ..Terms::of(circle) };
    alpha.publish(&writer, terms, &indicator(1, "evil.example", ""));
    send(&mut alpha, &mut beta);
    send(&mut beta, &mut gamma);
    send(&mut gamma, &mut delta);
    send(&mut delta, &mut beta);
    [alpha, beta, gamma, delta]
}

#[test]
fn a_relay_says_through_once_all_behind_it_have_purged_and_names_none_of_them() {
    let [mut alpha, mut beta, mut gamma, mut delta] = ring();
    recall(&mut alpha, 1, RecallMode::Erase);
    send(&mut alpha, &mut beta);
    tick(&mut beta, true);
    let mut heard = send(&mut beta, &mut alpha);
    let (stage, passed, done) = said(&alpha, "CERT Beta");
    assert_eq!((stage, done), (Some(Stage::Purged), false), "somebody is behind it");
    assert!(passed >= 1);

    send(&mut beta, &mut gamma);
    send(&mut gamma, &mut delta);
    send(&mut delta, &mut beta);
    let reading = delta.store.reading();
    let recalls = reading.scan_kind(&Kind::ours(RECALL), 0, reading.head().unwrap(), 10).unwrap();
    let awaited = reading.awaited(recalls[0].seq).unwrap();
    assert!(awaited.iter().any(|line| line.partner == beta.id()), "the ring is closed");
    for _ in 0..4 {
        for at in [&mut delta, &mut gamma, &mut beta] {
            tick(at, true);
        }
        send(&mut beta, &mut delta);
        send(&mut delta, &mut gamma);
        send(&mut gamma, &mut beta);
        send(&mut delta, &mut beta);
        send(&mut gamma, &mut delta);
        send(&mut beta, &mut gamma);
        heard.extend(send(&mut beta, &mut alpha));
    }
    let (stage, _, done) = said(&alpha, "CERT Beta");
    assert_eq!((stage, done), (Some(Stage::Through), true), "rings do not wait for themselves");
    // A list of members names them all; the words on the recall name nobody.
    let heard = String::from_utf8_lossy(&heard).into_owned();
    let words: Vec<&str> = heard.lines().filter(|line| line.contains("entente/obeyed")).collect();
    assert!(words.len() >= 2, "{heard}");
    for word in words {
        for other in [gamma.id(), delta.id()] {
            assert!(!word.contains(&other.to_string()), "{word}");
        }
    }
}

/// A word of `from` to `to` about recalls, as any program with its key could sign it.
fn word(from: &One, to: NodeId, lines: Vec<ObeyedLine>, uuid: u128) -> Vec<u8> {
    let circle = ledger_of(&from.id());
    let header = Header {
        signer: from.id(),
        authorship: Authorship::Wrote,
        thing: ThingId { kind: Kind::ours(OBEYED), uuid: uuid::Uuid::from_u128(uuid) },
        version: "1".to_owned(),
        signed: from.now,
        label: Label { to: Some([to].into()), hops: 0, ..Label::new(Tlp::Green, circle) },
        extra: String::new(),
    };
    let body = Obeyed { lines }.write().into_bytes();
    let sealed = Unsealed { header, body }.seal(&from.me.key, [1; 16]);
    let (head, body) = (sealed.head(), String::from_utf8_lossy(sealed.body()).into_owned());
    let salt = BASE64_STANDARD.encode(sealed.salt());
    let signature = BASE64_STANDARD.encode(sealed.signature().as_bytes());
    let epoch = Epoch::new(uuid.to_be_bytes());
    let root = root(&[leaf(sealed.salt(), head, sealed.body())]);
    let origin = origin(&from.id(), &to, &epoch);
    let note = Checkpoint { origin, size: 1, root }.sign("x", &from.me.key);
    let bytes = format!(
        "{{\"o\":0,\"hop\":1,\"head\":{head:?},\"body\":{body:?},\"salt\":{salt:?},\
         \"sig\":{signature:?}}}\n{{\"checkpoint\":{note:?}}}\n"
    );
    bytes.replace("\\u{2014}", "\u{2014}").into_bytes()
}

/// The reasons for which a word of `from` was refused.
fn bring(from: &One, at: &mut One, lines: &[ObeyedLine], uuid: u128) -> Vec<String> {
    let bytes = word(from, at.id(), lines.to_vec(), uuid);
    let answer = arrive(from, at, &bytes);
    let Answer::Receipt(receipt) = answer else { panic!("{answer:?}") };
    refusals(&receipt).into_iter().map(str::to_owned).collect()
}

/// What a partner may say of the recall at `at`, as far as it is true.
fn about(at: &One, stage: Stage, passed: u64) -> ObeyedLine {
    let reading = at.store.reading();
    let head = reading.head().unwrap();
    let light = reading.scan_kind(&Kind::ours(RECALL), 0, head, 10).unwrap()[0];
    let row = reading.row(light.seq).unwrap().unwrap();
    ObeyedLine { signer: row.signer, recall: row.thing.uuid, stage, at: at.now, passed }
}

#[test]
fn a_hostile_partner_says_each_stage_once_and_nothing_of_what_it_was_never_sent() {
    let (mut alpha, mut beta, circle) = two();
    let mut gamma = One::new(3, "CERT Gamma");
    join(&mut alpha, &mut gamma, &[circle], true);
    recall(&mut alpha, 1, RecallMode::Erase);
    send(&mut alpha, &mut beta);
    let known = about(&alpha, Stage::Applied, 3);
    let before = alpha.store.reading().head().unwrap();
    let strange = ObeyedLine { recall: uuid::Uuid::from_u128(77), ..known };
    let foreign = ObeyedLine { signer: beta.id(), ..known };
    let refused = "E-LINK-044 about a recall that was never sent there";
    assert_eq!(bring(&beta, &mut alpha, &[strange], 1), [refused]);
    assert_eq!(bring(&beta, &mut alpha, &[foreign], 2), [refused]);
    assert_eq!(bring(&beta, &mut alpha, &[known, strange], 3), [refused]);
    assert_eq!(said(&alpha, "CERT Beta"), (None, 0, false), "a refused word changes nothing");
    let never = bring(&gamma, &mut alpha, &[known], 4);
    assert_eq!(never, [refused], "it says nothing for another");
    assert_eq!(alpha.store.reading().head().unwrap(), before, "and none is kept");

    for (uuid, stage) in [(5, Stage::Applied), (6, Stage::Purged), (7, Stage::Through)] {
        let line = ObeyedLine { stage, ..known };
        assert!(bring(&beta, &mut alpha, &[line], uuid).is_empty());
        for again in 0..50 {
            let line = ObeyedLine { passed: again, ..line };
            drop(bring(&beta, &mut alpha, &[line], uuid * 1_000 + u128::from(again)));
        }
    }
    assert!(bring(&beta, &mut alpha, &[known], 9).is_empty(), "older news are no news");
    assert_eq!(said(&alpha, "CERT Beta"), (Some(Stage::Through), 3, true));
    assert_eq!(alpha.store.reading().head().unwrap(), before + 3, "one kept for each stage");
}

#[test]
fn what_nobody_said_in_time_is_overdue_until_it_is_said_or_a_person_told_it() {
    let (mut alpha, mut beta, _) = two();
    recall(&mut alpha, 1, RecallMode::Erase);
    let count = |at: &One| overdue_count(&at.store.reading(), Grace::usual(at.now)).unwrap();
    send(&mut alpha, &mut beta);
    alpha.now = alpha.now.plus_seconds(RECALL_OVERDUE_SECONDS - 10);
    assert_eq!(count(&alpha), 0);
    alpha.now = alpha.now.plus_seconds(20);
    assert_eq!(count(&alpha), 1, "a receipt is not obedience");
    let by = |seconds: i64| {
        let grace = Grace { now: alpha.now, seconds };
        overdue_count(&alpha.store.reading(), grace).unwrap()
    };
    assert_eq!([by(7_200), by(RECALL_OVERDUE_SECONDS), by(0)], [0, 1, 1], "as the operator says");
    let late = overdue(&alpha.store.reading(), Grace::usual(alpha.now)).unwrap();
    assert_eq!(late.iter().map(|line| line.partner.as_str()).collect::<Vec<_>>(), ["CERT Beta"]);
    assert!(line(&alpha, 1, "CERT Beta").overdue);

    tick(&mut beta, false);
    send(&mut beta, &mut alpha);
    assert_eq!(count(&alpha), 0, "the purge has its own time");
    alpha.now = alpha.now.plus_seconds(i64::try_from(PURGE_SECONDS_MAX).unwrap());
    assert_eq!(count(&alpha), 1);
    let telling = Telling {
        thing: one(1),
        reader: "CERT Beta".to_owned(),
        who: "ada".to_owned(),
        why: "by telephone".to_owned(),
    };
    let answer = alpha.apply(Command::Administer(Administer::Tell(telling.clone())));
    assert!(matches!(answer, Answer::Done), "{answer:?}");
    assert_eq!((count(&alpha), line(&alpha, 1, "CERT Beta").state.as_str()), (0, "told"));
    tick(&mut beta, true);
    send(&mut beta, &mut alpha);
    assert_eq!(said(&alpha, "CERT Beta"), (Some(Stage::Purged), 0, true));
    assert_eq!(line(&alpha, 1, "CERT Beta").state.as_str(), "receipted");

    for (thing, reader, code) in
        [(one(1), "Nobody", "E-RECALL-003"), (one(2), "CERT Beta", "E-RECALL-002")]
    {
        let telling = Telling { thing, reader: reader.to_owned(), ..telling.clone() };
        let answer = alpha.apply(Command::Administer(Administer::Tell(telling)));
        assert!(matches!(&answer, Answer::Refused(p) if p.code == code), "{answer:?}");
    }
}

#[test]
fn many_recalls_at_once_are_said_in_steps_a_word_for_many() {
    let (mut alpha, mut beta, circle) = two();
    let many = u32::try_from(OBEYED_STEP).unwrap() + 20;
    publish(&mut alpha, circle, 2..=many);
    send(&mut alpha, &mut beta);
    (1..=many).for_each(|n| recall(&mut alpha, n, RecallMode::Erase));
    send(&mut alpha, &mut beta);
    let before = beta.store.reading().head().unwrap();
    tick(&mut beta, true);
    assert!(beta.node.is_hurried(), "the rest follows soon");
    tick(&mut beta, true);
    assert_eq!(beta.store.reading().head().unwrap(), before + 2);
    send(&mut beta, &mut alpha);
    let all = own_recalls(&alpha.store.reading(), alpha.id(), 0, Grace::usual(alpha.now)).unwrap();
    assert!(all.iter().all(|one| one.done == 1), "{all:?}");
}

#[test]
fn a_recaller_that_was_restored_hears_again_how_far_its_partners_are() {
    let (mut alpha, mut beta, _) = two();
    recall(&mut alpha, 1, RecallMode::Erase);
    send(&mut alpha, &mut beta);
    tick(&mut beta, true);
    // Restored before it heard of it, with a new life of its numbering: Beta is sent the recall again.
    let (at, epoch) = (alpha.now, Epoch::new([9; 16]));
    begin_anew(&alpha.store, &epoch, Restored { at, backup: at }).unwrap();
    alpha.reopen(epoch);
    send(&mut alpha, &mut beta);
    tick(&mut beta, true);
    send(&mut beta, &mut alpha);
    assert_eq!(said(&alpha, "CERT Beta"), (Some(Stage::Purged), 0, true));
    assert!(send(&mut beta, &mut alpha).is_empty());
}
