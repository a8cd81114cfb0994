//! Questions between two nodes: who is answered, how much and how often, and what is not taken.

use crate::world::{One, Pair, arrive, join, refusals, send};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::bounds::{Bounds, Give, Kinds, Take};
use model::card::{Card, Relation};
use model::facts::{Value, ValueKind};
use model::id::{CircleId, Digest, Epoch, NodeId, ThingId};
use model::kind::{ANSWER, Kind, QUESTION};
use model::label::{Label, Tlp};
use model::limits::{QUESTIONS_PER_DAY_MAX, QUESTIONS_REFUSED_PER_DAY_MAX};
use model::note::Checkpoint;
use model::policy::Policy;
use model::question::{Answer as Said, Answers, Band, Question, Told};
use model::record::{Authorship, Header, Unsealed, leaf};
use model::tree::root;
use node::command::{Act, Administer};
use node::link::origin;
use node::question::{Answering, Asked, Asking, Due, Found, Heard, asked, due, unanswered};
use node::release::Lens;
use node::token::own_reader;
use node::{Answer, Command, Effect, Seq};
use std::collections::BTreeSet;
use uuid::Uuid;

fn domain(name: &str) -> Value {
    Value { kind: ValueKind::Domain, text: name.to_owned() }
}

fn domains(count: u64) -> Vec<Value> {
    (0..count).map(|n| domain(&format!("n{n}.example"))).collect()
}

fn put(at: &mut One, partners: &[NodeId], values: Vec<Value>) -> Answer {
    let (partners, who) = (partners.iter().copied().collect(), "ada".to_owned());
    let asking = Asking { circle: None, partners, values, who };
    at.apply(Command::Administer(Administer::Ask(asking)))
}

/// Asks, and gives the id of the question.
fn ask(at: &mut One, partner: NodeId, values: Vec<Value>) -> Uuid {
    match put(at, &[partner], values) {
        Answer::Asked(id) => id,
        other => panic!("{other:?}"),
    }
}

/// What was asked under an id, as the node's own people read it.
fn read(at: &One, id: &Uuid) -> Vec<Asked> {
    let reading = at.store.reading();
    let circles = node::read::circles(&reading).unwrap();
    let own = Lens { reader: own_reader(at.id(), &circles), now: at.now };
    asked(&reading, &own, id).unwrap()
}

/// The only partner's answer.
fn heard(at: &One, id: &Uuid) -> Option<Said> {
    let all = read(at, id);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    match &one.heard {
        Heard::Answer(answer, _) => Some((**answer).clone()),
        Heard::Unsent | Heard::Nothing => None,
    }
}

/// The questions that a node was told of.
fn told(at: &mut One) -> Vec<Seq> {
    let of = |effect: &Effect| match effect {
        Effect::Asked { seq } => Some(*seq),
        _ => None,
    };
    let seqs = at.effects.iter().filter_map(of).collect();
    at.effects.clear();
    seqs
}

/// Answers all that came, as the rim does it: all was seen 57 times.
fn answer(at: &mut One, seqs: &[Seq]) {
    for seq in seqs {
        let found = match due(&at.store.reading(), at.id(), *seq).unwrap() {
            Due::Nothing => continue,
            Due::Refusal => None,
            Due::Look(values) => {
                let seen = Found::Seen { count: 57, first: at.now, last: at.now };
                Some(vec![seen; values.len()])
            }
        };
        at.apply(Command::AnswerSeen(Answering { question: *seq, found }));
    }
}

fn set_card(at: &mut One, partner: NodeId, card: Card) {
    let by = Act { who: "ada".to_owned(), why: "agreed".to_owned(), widen: true, ..Act::default() };
    let act = Administer::SetCard { partner, card: Box::new(card), by };
    let answer = at.apply(Command::Administer(act));
    assert!(matches!(answer, Answer::Done), "{answer:?}");
}

fn telling(answers: Answers) -> Card {
    let card = Card::default();
    Card { give: Give { answers, ..card.give.clone() }, ..card }
}

/// What Alpha is told of one value that Beta saw 57 times.
fn of_one(pair: &mut Pair) -> Said {
    let beta = pair.beta.id();
    let id = ask(&mut pair.alpha, beta, vec![domain("evil.example")]);
    pair.exchange();
    let seqs = told(&mut pair.beta);
    assert_eq!(seqs.len(), 1, "the question came");
    answer(&mut pair.beta, &seqs);
    pair.exchange();
    heard(&pair.alpha, &id).expect("an answer")
}

#[test]
fn a_partner_is_told_what_card_and_policy_say_whatever_kinds_are_shared() {
    let mut pair = Pair::new();
    let (alpha, beta) = (pair.alpha.id(), pair.beta.id());
    assert_eq!(of_one(&mut pair).says, Answers::No, "a card that nobody wrote");
    for says in Answers::ALL {
        set_card(&mut pair.beta, alpha, telling(says));
        let said = of_one(&mut pair);
        assert_eq!(said.says, says);
        match (says, said.told.as_slice()) {
            (Answers::No, [])
            | (Answers::YesNo, [Told::Yes])
            | (Answers::Band, [Told::Band(Band::Tens, _)])
            | (Answers::Count, [Told::Count(57, _)]) => {}
            other => panic!("{other:?}"),
        }
    }
    // Lists of kinds say what is shared; both sides have one here.
    let only = || Kinds::Only(["stix/tool".parse().unwrap()].into());
    let give = |answers| Give { kinds: only(), answers, ..telling(answers).give };
    let take = || Take { kinds: only(), ..Take::whole() };
    let card = |answers| Card { give: give(answers), take: take(), ..Card::default() };
    set_card(&mut pair.alpha, beta, card(Answers::No));
    set_card(&mut pair.beta, alpha, card(Answers::Count));
    assert_eq!(of_one(&mut pair).says, Answers::Count);

    let bounds =
        Bounds { give: Give { answers: Answers::YesNo, ..Give::whole() }, ..Bounds::default() };
    let relation = [(Relation::Partner, bounds)].into();
    let policy = Box::new(Policy { relation, ..Policy::default() });
    let by = Act { why: "less".to_owned(), widen: true, ..Act::default() };
    pair.beta.apply(Command::Administer(Administer::SetPolicy { policy, by }));
    assert_eq!(of_one(&mut pair).says, Answers::YesNo, "the stricter counts");
}

#[test]
fn one_question_has_one_answer_over_a_start_and_a_second_word_of_the_rim() {
    let mut pair = Pair::new();
    let (alpha, beta) = (pair.alpha.id(), pair.beta.id());
    set_card(&mut pair.beta, alpha, telling(Answers::YesNo));
    let id = ask(&mut pair.alpha, beta, domains(2));
    assert!(matches!(read(&pair.alpha, &id)[0].heard, Heard::Unsent));
    pair.exchange();
    assert!(matches!(read(&pair.alpha, &id)[0].heard, Heard::Nothing));
    let left = |at: &One| unanswered(&at.store.reading(), at.id(), at.now).unwrap();
    let waits = left(&pair.beta);
    assert_eq!(waits, told(&mut pair.beta), "a process that starts finds what came before");
    assert!(left(&pair.alpha).is_empty(), "its own question is not asked of it");
    answer(&mut pair.beta, &waits);
    assert!(left(&pair.beta).is_empty());
    let head = pair.beta.store.reading().head().unwrap();
    let found = Some(vec![Found::Never; 2]);
    pair.beta.apply(Command::AnswerSeen(Answering { question: waits[0], found }));
    assert_eq!(pair.beta.store.reading().head().unwrap(), head, "nothing is said twice");
    pair.exchange();
    assert_eq!(heard(&pair.alpha, &id).unwrap().told, [Told::Yes, Told::Yes]);

    let id = ask(&mut pair.alpha, beta, domains(1));
    pair.exchange();
    pair.beta.now = pair.beta.now.plus_seconds(25 * 3_600);
    assert!(left(&pair.beta).is_empty(), "nobody waits for it any more");
    assert!(heard(&pair.alpha, &id).is_none());
}

#[test]
fn a_day_has_its_bound_and_refusals_have_theirs() {
    let mut pair = Pair::new();
    let (alpha, beta) = (pair.alpha.id(), pair.beta.id());
    set_card(&mut pair.beta, alpha, telling(Answers::Count));
    let says = |pair: &mut Pair, count: u64| {
        let id = ask(&mut pair.alpha, beta, domains(count));
        pair.exchange();
        let seqs = told(&mut pair.beta);
        answer(&mut pair.beta, &seqs);
        pair.exchange();
        heard(&pair.alpha, &id).map(|said| said.says)
    };
    for _ in 0..QUESTIONS_PER_DAY_MAX / 100 - 1 {
        assert_eq!(says(&mut pair, 100), Some(Answers::Count));
    }
    assert_eq!(says(&mut pair, 99), Some(Answers::Count));
    assert_eq!(says(&mut pair, 2), Some(Answers::No), "whole or not at all");
    assert_eq!(says(&mut pair, 1), Some(Answers::Count), "a refusal costs no value");
    for _ in 1..QUESTIONS_REFUSED_PER_DAY_MAX {
        ask(&mut pair.alpha, beta, domains(1));
    }
    pair.exchange();
    let seqs = told(&mut pair.beta);
    answer(&mut pair.beta, &seqs);
    pair.exchange();
    assert_eq!(says(&mut pair, 1), None, "after as many refusals nothing is said");
    let left = unanswered(&pair.beta.store.reading(), beta, pair.beta.now).unwrap();
    assert!(left.is_empty(), "and what it asks keeps nobody else waiting");
    for at in [&mut pair.alpha, &mut pair.beta] {
        at.now = at.now.plus_seconds(86_400);
    }
    assert_eq!(says(&mut pair, 100), Some(Answers::Count), "another day");
}

#[test]
fn nobody_is_asked_who_may_not_have_the_question() {
    let mut alpha = One::new(1, "CERT Alpha");
    let [mut beta, mut gamma] = [One::new(2, "CERT Beta"), One::new(3, "CERT Gamma")];
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], false);
    join(&mut alpha, &mut gamma, &[], true);
    let code = |answer: Answer| match answer {
        Answer::Refused(problem) => problem.code,
        other => panic!("{other:?}"),
    };
    let one = || vec![domain("evil.example")];
    assert_eq!(code(put(&mut alpha, &[beta.id()], one())), "E-ASK-003", "not compared yet");
    assert_eq!(code(put(&mut alpha, &[gamma.id()], one())), "E-ASK-002", "no circle is shared");
    assert_eq!(code(put(&mut alpha, &[NodeId::new([9; 16])], one())), "E-PARTNER-001");
    assert_eq!(code(put(&mut alpha, &[beta.id()], Vec::new())), "E-ASK-001");
    assert_eq!(code(put(&mut alpha, &[beta.id()], domains(101))), "E-ASK-001");
    let wide = Value { kind: ValueKind::Ipv4, text: "10.0.0.0/8".to_owned() };
    assert_eq!(code(put(&mut alpha, &[beta.id()], vec![wide])), "E-ASK-001");
    let head = alpha.store.reading().head().unwrap();
    let kinds = [QUESTION, ANSWER]
        .map(|kind| alpha.store.reading().scan_kind(&Kind::ours(kind), 0, head, 10).unwrap().len());
    assert_eq!(kinds, [0, 0]);
}

/// What a partner signs, as any program with its key could.
struct Forged {
    kind: &'static str,
    thing: Uuid,
    body: String,
    circle: CircleId,
    to: BTreeSet<NodeId>,
}

/// Brings it as the only record of a numbering of its own; gives why it was refused.
fn bring(from: &One, at: &mut One, forged: &Forged, life: u128) -> Vec<String> {
    let Forged { kind, thing, body, circle, to } = forged;
    let header = Header {
        signer: from.id(),
        authorship: Authorship::Wrote,
        thing: ThingId { kind: Kind::ours(kind), uuid: *thing },
        version: "1".to_owned(),
        signed: from.now,
        label: Label { to: Some(to.clone()), hops: 0, ..Label::new(Tlp::AmberStrict, *circle) },
        extra: String::new(),
    };
    let body = body.clone().into_bytes();
    let sealed = Unsealed { header, body }.seal(&from.me.key, [1; 16]);
    let (head, body) = (sealed.head(), String::from_utf8_lossy(sealed.body()).into_owned());
    let salt = BASE64_STANDARD.encode(sealed.salt());
    let signature = BASE64_STANDARD.encode(sealed.signature().as_bytes());
    let root = root(&[leaf(sealed.salt(), head, sealed.body())]);
    let origin = origin(&from.id(), &at.id(), &Epoch::new(life.to_be_bytes()));
    let note = Checkpoint { origin, size: 1, root }.sign("x", &from.me.key);
    let bytes = format!(
        "{{\"o\":0,\"hop\":1,\"head\":{head:?},\"body\":{body:?},\"salt\":{salt:?},\
         \"sig\":{signature:?}}}\n{{\"checkpoint\":{note:?}}}\n"
    );
    let bytes = bytes.replace("\\u{2014}", "\u{2014}").into_bytes();
    let answer = arrive(from, at, &bytes);
    let Answer::Receipt(receipt) = answer else { panic!("{answer:?}") };
    refusals(&receipt).into_iter().map(str::to_owned).collect()
}

#[test]
fn questions_that_are_none_and_answers_to_nothing_are_not_taken() {
    let Pair { mut alpha, beta, circle, .. } = Pair::new();
    let mut gamma = One::new(3, "CERT Gamma");
    join(&mut alpha, &mut gamma, &[circle], true);
    let (a, b, c) = (alpha.id(), beta.id(), gamma.id());
    let question = |body: &str, to: &[NodeId]| Forged {
        kind: QUESTION,
        thing: Uuid::from_u128(5),
        body: body.to_owned(),
        circle,
        to: to.iter().copied().collect(),
    };
    let good = Question { values: domains(1) }.write();
    let between = "E-LINK-045 questions and answers are between their signer and one node";
    for (life, forged, refused) in [
        (1, question(&good, &[a, c]), between),
        (10, question("entente/question/1\n", &[a]), "E-LINK-045 not a question that can be read"),
    ] {
        assert_eq!(bring(&beta, &mut alpha, &forged, life), [refused]);
    }
    assert!(told(&mut alpha).is_empty());
    assert!(bring(&beta, &mut alpha, &question(&good, &[a]), 2).is_empty());
    assert_eq!(told(&mut alpha).len(), 1);
    let other = Question { values: domains(2) }.write();
    let again = bring(&beta, &mut alpha, &question(&other, &[a]), 3);
    assert_eq!(again, ["E-LINK-045 said before, in other words"]);

    // Alpha asks Beta; Gamma answers, and Beta answers something else.
    let id = ask(&mut alpha, b, domains(2));
    let asked = Question::thing(&id, &b);
    let parts = alpha.store.reading().by_thing(&asked).unwrap();
    let parts = alpha.store.reading().parts(parts[0]).unwrap().unwrap();
    let digest = model::seal::sha256(&[parts.head.as_bytes(), b"\n", &parts.body]);
    let said = |told: &[Told], digest: Digest, by: NodeId| Forged {
        kind: ANSWER,
        thing: Said::thing(&asked.uuid, &a, &by).uuid,
        body: Said { question: asked.uuid, digest, says: Answers::YesNo, told: told.to_vec() }
            .write(),
        circle,
        to: [a].into(),
    };
    let (two, nothing) = ([Told::Yes, Told::No], ["E-LINK-045 an answer to what was not asked"]);
    assert_eq!(bring(&gamma, &mut alpha, &said(&two, digest, c), 4), nothing, "not of Gamma");
    assert_eq!(bring(&beta, &mut alpha, &said(&two[..1], digest, b), 5), nothing, "of one value");
    let strange = Digest::new([3; 32]);
    assert_eq!(bring(&beta, &mut alpha, &said(&two, strange, b), 6), nothing, "of another record");
    let misplaced = Forged { thing: Uuid::from_u128(6), ..said(&two, digest, b) };
    assert_eq!(bring(&beta, &mut alpha, &misplaced, 7), nothing, "under another thing");
    assert!(heard(&alpha, &id).is_none());
    assert!(bring(&beta, &mut alpha, &said(&two, digest, b), 8).is_empty());
    assert_eq!(heard(&alpha, &id).unwrap().told, two);
    let later = bring(&beta, &mut alpha, &said(&[Told::No, Told::No], digest, b), 9);
    assert_eq!(later, ["E-LINK-045 said before, in other words"]);
    assert_eq!(heard(&alpha, &id).unwrap().told, two);
}

#[test]
fn no_third_is_sent_a_question_or_an_answer() {
    let Pair { mut alpha, mut beta, circle, .. } = Pair::new();
    let mut gamma = One::new(3, "CERT Gamma");
    join(&mut alpha, &mut gamma, &[circle], true);
    join(&mut beta, &mut gamma, &[], true);
    let beta_id = beta.id();
    send(&mut alpha, &mut gamma);
    let id = ask(&mut alpha, beta_id, domains(1));
    let first = send(&mut alpha, &mut beta);
    assert!(String::from_utf8_lossy(&first).contains(QUESTION));
    let seqs = told(&mut beta);
    answer(&mut beta, &seqs);
    let back = send(&mut beta, &mut alpha);
    assert!(String::from_utf8_lossy(&back).contains(ANSWER));
    assert!(heard(&alpha, &id).is_some());
    let mut others = send(&mut alpha, &mut gamma);
    others.extend(send(&mut beta, &mut gamma));
    let others = String::from_utf8_lossy(&others).into_owned();
    assert!(!others.contains(QUESTION) && !others.contains(ANSWER), "{others}");
}
