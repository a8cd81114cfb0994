//! What is asked for a second time, and what is asked for beforehand: both change nothing, and say
//! what is, or what would be.

use crate::world::{One, accepted, id, indicator, join, marked, relationship, send, thing};
use model::bounds::Give;
use model::card::Card;
use model::id::CircleId;
use model::label::Tlp;
use model::statement::RecallMode;
use node::accept::{Prepared, Terms};
use node::command::{Administer, Fate, ObjectOutcome, Submitter};
use node::dry_run::Reach;
use node::link::{is_partner, was_partner};
use node::read::{Grace, recalled, who};
use node::release::Lens;
use node::token::NewToken;
use node::{Answer, Command, PartnerState, Rights};
use std::collections::BTreeMap;

fn recall(node: &mut One, n: u32, mode: RecallMode) -> Answer {
    let (thing, reason) = (thing(&id("indicator", n)), "a mistake".to_owned());
    node.apply(Command::Administer(Administer::Recall { thing, mode, reason }))
}

fn writer(node: &mut One, circle: CircleId) -> Submitter {
    let token = node.token("w", &[circle], Rights::WRITE.with(Rights::READ));
    node.caller(&token).submitter
}

fn code(answer: &Answer) -> &str {
    if let Answer::Refused(problem) = answer { problem.code } else { "" }
}

#[test]
fn a_second_recall_says_when_the_first_was_and_signs_nothing() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let submitter = writer(&mut alpha, circle);
    let both = [1, 2].map(|n| indicator(n, "evil.example", ""));
    alpha.publish(&submitter, Terms::of(circle), &format!("[{}]", both.join(",")));
    send(&mut alpha, &mut beta);
    assert_eq!(code(&recall(&mut alpha, 9, RecallMode::Erase)), "E-RECORD-002", "never there");
    for (n, mode) in [(1, RecallMode::Erase), (2, RecallMode::Stop)] {
        let first = recall(&mut alpha, n, mode);
        assert!(matches!(&first, Answer::Statements(all) if all.len() == 1), "{first:?}");
        let (at, head) = (alpha.now, alpha.store.reading().head().unwrap());
        let again = recall(&mut alpha, n, mode);
        assert!(matches!(again, Answer::DoneBefore(when) if when == at), "{again:?}");
        assert_eq!(alpha.store.reading().head().unwrap(), head, "nothing is signed twice");
        let (of, own) = (thing(&id("indicator", n)), alpha.id());
        let states =
            recalled(&alpha.store.reading(), own, &of, Grace::usual(alpha.now)).unwrap().unwrap();
        assert_eq!(states.len(), 1, "the partner's state is told all the same");
    }
    // To erase asks for more than to stop, and what is handed in anew is another record.
    let more = recall(&mut alpha, 2, RecallMode::Erase);
    assert!(matches!(&more, Answer::Statements(all) if all.len() == 1), "{more:?}");
}

#[test]
fn a_token_is_made_once_revoked_once_and_made_again_after_that() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let create = |name: &str| {
        Command::Administer(Administer::CreateToken(NewToken {
            name: name.to_owned(),
            circles: vec![circle],
            rights: Rights::READ,
            default: None,
            expires: None,
            text: None,
        }))
    };
    let revoke = |name: &str| Command::Administer(Administer::RevokeToken(name.to_owned()));
    assert_eq!(code(&alpha.apply(create("a\nb"))), "E-TOKEN-005");
    assert_eq!(code(&alpha.apply(revoke("siem"))), "E-TOKEN-004", "there is none yet");
    let Answer::Token(first) = alpha.apply(create("siem")) else { panic!("no token") };
    assert_eq!(code(&alpha.apply(create("siem"))), "E-TOKEN-001");
    assert!(matches!(alpha.apply(revoke("siem")), Answer::Done));
    let at = alpha.now;
    let again = alpha.apply(revoke("siem"));
    assert!(matches!(again, Answer::DoneBefore(when) if when == at), "{again:?}");
    let Answer::Token(second) = alpha.apply(create("siem")) else { panic!("no second token") };
    assert_ne!(first, second);
    assert_eq!(alpha.caller(&second).name, "siem");
}

/// Runs dry, with the same document twice in it; gives the outcomes and who would be sent what.
fn try_out(
    node: &mut One,
    submitter: &Submitter,
    terms: Terms,
    document: &str,
) -> (Vec<ObjectOutcome>, Vec<Reach>) {
    let objects = Prepared::stix(document.as_bytes()).unwrap();
    let (submitter, terms) = (submitter.clone(), Terms { dry_run: true, ..terms });
    let head = node.store.reading().head().unwrap();
    let answer = node.apply(Command::Publish { submitter, terms, objects });
    assert_eq!(node.store.reading().head().unwrap(), head, "a dry run changes nothing");
    let Answer::Tried(outcomes, reaches) = answer else { panic!("{answer:?}") };
    (outcomes, reaches)
}

#[test]
fn a_dry_run_tells_what_then_happens_for_every_object_and_partner() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let names = ["CERT Beta", "CERT Gamma", "Delta Ltd"];
    let mut others: Vec<One> =
        (2_u8..).zip(names).map(|(seed, name)| One::new(seed, name)).collect();
    join(&mut alpha, &mut others[0], &[circle], true);
    join(&mut alpha, &mut others[1], &[circle], false);
    join(&mut alpha, &mut others[2], &[], true);
    let submitter = writer(&mut alpha, circle);
    let green = indicator(1, "green.example", &marked(Tlp::Green));
    let strict = indicator(2, "strict.example", &marked(Tlp::AmberStrict));
    let red = indicator(3, "red.example", &marked(Tlp::Red));
    let other = strict.replace("strict.example", "other.example");
    let about = relationship(4, &id("indicator", 1), &id("indicator", 3));
    let document = format!("[{green},{strict},{red},{about},{strict},{other}]");
    let (expected, reaches) = try_out(&mut alpha, &submitter, Terms::of(circle), &document);
    let outcomes = alpha.publish(&submitter, Terms::of(circle), &document);
    let fate = |outcome: &ObjectOutcome| match &outcome.fate {
        Fate::Accepted => "accepted".to_owned(),
        Fate::Duplicate => "duplicate".to_owned(),
        Fate::Refused(problem) => problem.to_string(),
    };
    let fates = |all: &[ObjectOutcome]| all.iter().map(fate).collect::<Vec<_>>();
    assert_eq!(fates(&expected), fates(&outcomes));
    assert_eq!(accepted(&outcomes), [true, true, true, true, false, false]);
    // What `who` says afterwards, summed up in the same way.
    let own = alpha.token("own", &[], Rights::ADMIN);
    let lens = Lens { reader: alpha.caller(&own).submitter.reader, now: alpha.now };
    let mut after: BTreeMap<(String, String), (bool, u64)> = BTreeMap::new();
    for object in
        [id("indicator", 1), id("indicator", 2), id("indicator", 3), id("relationship", 4)]
    {
        let told = who(&alpha.store.reading(), &lens, &thing(&object), alpha.now).unwrap().unwrap();
        for one in told {
            let key = (one.partner, one.decision.rule.sentence().to_owned());
            after.entry(key).or_insert((one.decision.released, 0)).1 += 1;
        }
    }
    let before = reaches.iter().map(|reach| {
        let key = (reach.partner.clone(), reach.rule.sentence().to_owned());
        (key, (reach.released, reach.kinds.values().sum::<u64>()))
    });
    assert_eq!(before.collect::<BTreeMap<_, _>>(), after);
    let beta = reaches.iter().find(|reach| reach.partner == "CERT Beta" && reach.released);
    let beta = beta.expect("something is released to the confirmed member");
    assert_eq!(beta.kinds.get("indicator"), Some(&2), "{reaches:?}");
}

#[test]
fn who_comes_back_finds_what_was_decided_about_it() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let give = Give { ceiling: Tlp::Green, ..Give::whole() };
    let card = Card { give, ..Card::default() }.write();
    let partner = alpha.store.reading().partner(&beta.id()).unwrap().unwrap();
    let mut tx = alpha.store.begin().unwrap();
    tx.put_partner(&node::Partner { card: card.clone(), ..partner }).unwrap();
    tx.commit().unwrap();
    let known = |node: &One| {
        let reading = node.store.reading();
        (is_partner(&reading, &beta.id()).unwrap(), was_partner(&reading, &beta.id()).unwrap())
    };
    assert_eq!(known(&alpha), (true, false));
    assert_eq!(known(&One::new(3, "Stranger")), (false, false));
    alpha.apply(Command::Administer(Administer::RemovePartner(beta.id())));
    assert_eq!(known(&alpha), (false, true));
    let (a, b) = (alpha.id(), beta.id());
    join(&mut alpha, &mut beta, &[circle], false);
    let back = alpha.store.reading().partner(&b).unwrap().unwrap();
    assert_eq!((back.card.as_str(), back.state), (card.as_str(), PartnerState::Joined));
    // The other side: it is told, and forgets it as soon as it is let in again.
    let removed = |removed| Command::Administer(Administer::RemovedBy { partner: a, removed });
    let said = |beta: &One| beta.store.reading().partner(&a).unwrap().unwrap().removed_us;
    beta.apply(removed(true));
    let first = said(&beta);
    assert_eq!(first, Some(beta.now));
    beta.apply(removed(true));
    assert_eq!(said(&beta), first, "when it was first said");
    beta.apply(removed(false));
    assert_eq!(said(&beta), None);
    beta.apply(removed(true));
    join(&mut alpha, &mut beta, &[circle], true);
    assert_eq!(said(&beta), None);
}
