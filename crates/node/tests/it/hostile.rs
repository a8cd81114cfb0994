//! What a hostile partner or token holder tries, and what it gets: a refusal, or nothing.

use crate::world::{One, accepted, arrive, batch, id, indicator, join, send, thing};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::id::{CircleId, Epoch, NodeId, ThingId};
use model::kind::{Kind, RECALL, WITHDRAW};
use model::label::{Label, Tlp};
use model::limits::NAME_BYTES_MAX;
use model::note::Checkpoint;
use model::record::{Authorship, Header, Parts, Unsealed, leaf};
use model::seal::SigningKey;
use model::statement::{Recall, RecallMode, Subject, Withdraw};
use model::tree::root;
use node::accept::{Prepared, Terms};
use node::command::{Administer, Fate};
use node::link::{Receipt, RefusedEntry, origin};
use node::membership::{Joined, JoinedAt};
use node::outlet::link_key;
use node::{Answer, Command, Rights};
use std::fmt::Write as _;

/// An indicator signed by `signer`, as any program with its key could sign it.
fn signed(signer: &One, n: u32, label: Label) -> Parts {
    let header = Header {
        signer: signer.id(),
        authorship: Authorship::Wrote,
        thing: thing(&id("indicator", n)),
        version: "2026-01-01T00:00:00.000Z".to_owned(),
        signed: signer.now,
        label,
        extra: String::new(),
    };
    let body = indicator(n, "evil.example", "").into_bytes();
    sealed(signer, header, body)
}

fn sealed(signer: &One, header: Header, body: Vec<u8>) -> Parts {
    let sealed = Unsealed { header, body }.seal(&signer.me.key, [1; 16]);
    let (head, body) = (sealed.head().to_owned(), sealed.body().to_vec());
    Parts { head, body, salt: *sealed.salt(), signature: *sealed.signature() }
}

/// What a signer says of another's first record, as a statement of its own.
fn statement(
    signer: &One,
    of: &Parts,
    kind: &'static str,
    body: impl Fn(Subject) -> String,
) -> Parts {
    let subject = Subject {
        thing: thing(&id("indicator", 1)),
        version: "2026-01-01T00:00:00.000Z".to_owned(),
        authorship: Authorship::Wrote,
    };
    let header = Header {
        signer: signer.id(),
        thing: ThingId { kind: Kind::ours(kind), uuid: uuid::Uuid::from_u128(5) },
        version: "1".to_owned(),
        ..Header::read(&of.head).unwrap()
    };
    sealed(signer, header, body(subject).into_bytes())
}

/// Brings one record as the only entry of a life of the sender's numbering.
fn bring(from: &One, to: &mut One, epoch: u8, record: (u8, &Parts)) -> Answer {
    bring_all(from, to, epoch, &[record])
}

/// Brings records as the only entries of a life of the sender's numbering, in one batch.
fn bring_all(from: &One, to: &mut One, epoch: u8, records: &[(u8, &Parts)]) -> Answer {
    bring_from(from, to, epoch, (0, records))
}

/// Brings those from a place on.
fn bring_from(
    from: &One,
    to: &mut One,
    epoch: u8,
    (first, records): (usize, &[(u8, &Parts)]),
) -> Answer {
    let (mut bytes, mut leaves) = (String::new(), Vec::new());
    for (o, (hop, parts)) in records.iter().enumerate() {
        leaves.push(leaf(&parts.salt, &parts.head, &parts.body));
        if o < first {
            continue;
        }
        let (head, body) = (&parts.head, String::from_utf8_lossy(&parts.body));
        let salt = BASE64_STANDARD.encode(parts.salt);
        let signature = BASE64_STANDARD.encode(parts.signature.as_bytes());
        writeln!(
            bytes,
            "{{\"o\":{o},\"hop\":{hop},\"head\":{head:?},\"body\":{body:?},\"salt\":{salt:?},\
             \"sig\":{signature:?}}}"
        )
        .unwrap();
    }
    let origin = origin(&from.id(), &to.id(), &Epoch::new([epoch; 16]));
    let size = records.len() as u64;
    let note = Checkpoint { origin, size, root: root(&leaves) }.sign("x", &from.me.key);
    writeln!(bytes, "{{\"checkpoint\":{note:?}}}").unwrap();
    arrive(from, to, bytes.replace("\\u{2014}", "\u{2014}").as_bytes())
}

fn reasons(answer: &Answer) -> String {
    match answer {
        Answer::Receipt(Receipt { refused, .. }) => {
            refused.iter().map(|refused| refused.reason.as_str()).collect()
        }
        Answer::Refused(problem) => problem.code.to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Beta convenes a circle with Alpha and Gamma; Beta is the one not to be trusted.
fn three() -> (One, One, One, CircleId) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut gamma = One::new(3, "CERT Gamma");
    let circle = beta.circle("ops");
    join(&mut beta, &mut alpha, &[circle], true);
    join(&mut beta, &mut gamma, &[circle], true);
    send(&mut beta, &mut gamma);
    (alpha, beta, gamma, circle)
}

#[test]
fn a_relay_cannot_repeat_anothers_record_under_another_salt() {
    let (alpha, beta, mut gamma, circle) = three();
    let mut parts = signed(&alpha, 1, Label::new(Tlp::Amber, circle));
    assert_eq!(reasons(&bring(&beta, &mut gamma, 11, (2, &parts))), "");
    let head = gamma.store.reading().head().unwrap();
    parts.salt = [2; 16];
    assert_eq!(reasons(&bring(&beta, &mut gamma, 12, (2, &parts))), "");
    assert_eq!(gamma.store.reading().head().unwrap(), head, "it is held already");
}

#[test]
fn what_no_honest_sender_would_send_is_refused() {
    let (alpha, beta, mut gamma, circle) = three();
    let amber = Label::new(Tlp::Amber, circle);
    let to = Some([gamma.id()].into());
    let later = gamma.now.plus_seconds(400 * 24 * 3600);
    let cases = [
        ("a relay hides its hop", &alpha, 1, amber.clone(), "E-LINK-021"),
        (
            "RED is never relayed",
            &alpha,
            2,
            Label { tlp: Tlp::Red, to, ..amber.clone() },
            "E-LINK-021",
        ),
        (
            "its embargo has not ended",
            &beta,
            1,
            Label { embargo: Some(later), ..amber },
            "E-LINK-029",
        ),
    ];
    let head = gamma.store.reading().head().unwrap();
    for (epoch, (why, signer, hop, label, code)) in (20..).zip(cases) {
        let parts = signed(signer, 1, label);
        let answer = bring(&beta, &mut gamma, epoch, (hop, &parts));
        assert!(reasons(&answer).starts_with(code), "{why}: {answer:?}");
    }
    assert_eq!(gamma.store.reading().head().unwrap(), head);
}

#[test]
fn a_life_of_a_numbering_that_was_left_cannot_be_told_a_second_time() {
    let (_, beta, mut gamma, circle) = three();
    let one = signed(&beta, 1, Label::new(Tlp::Amber, circle));
    let two = signed(&beta, 2, Label::new(Tlp::Amber, circle));
    assert_eq!(reasons(&bring(&beta, &mut gamma, 11, (1, &one))), "");
    assert_eq!(reasons(&bring(&beta, &mut gamma, 12, (1, &one))), "");
    assert_eq!(reasons(&bring(&beta, &mut gamma, 11, (1, &two))), "E-LINK-009");
}

#[test]
fn a_receipt_that_proves_nothing_new_is_not_kept() {
    let (_, mut beta, mut gamma, _) = three();
    let outlet = beta.store.reading().outlet(&link_key(&gamma.id())).unwrap().unwrap();
    let held = |beta: &One| beta.store.reading().held_receipts(outlet.id, 100).unwrap();
    let before = held(&beta);
    let receipt = Receipt::read(&before[0].text).unwrap();
    for _ in 0..3 {
        let (partner, receipt) = (gamma.id(), receipt.clone());
        let answer = beta.apply(Command::Acknowledged { partner, receipt });
        assert!(matches!(answer, Answer::Done), "{answer:?}");
    }
    assert_eq!(held(&beta).len(), before.len());
    assert!(send(&mut beta, &mut gamma).is_empty());
}

#[test]
fn no_choice_of_names_stops_a_node_or_makes_a_circle_unreadable() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let mut come = |seed: u8, name: String| {
        let invite = Administer::Invite { circles: vec![circle], trusted: true };
        let Answer::Invitation { secret } = alpha.apply(Command::Administer(invite)) else {
            panic!()
        };
        let key = One::new(seed, "x").me.public();
        let joined = Administer::Join(Joined { secret, key, name });
        let answer = alpha.apply(Command::Administer(joined));
        assert!(matches!(answer, Answer::Welcome { .. }), "{answer:?}");
    };
    let short: String = One::new(3, "x").id().to_string().chars().take(8).collect();
    // The second one's longer name is taken before it comes.
    come(2, format!("CERT Alpha ({short})"));
    come(3, "CERT Alpha".to_owned());
    come(4, "n".repeat(NAME_BYTES_MAX));
    come(5, "n".repeat(NAME_BYTES_MAX));
    let line = node::read::find_circle(&alpha.store.reading(), "ops").unwrap().unwrap();
    assert_eq!(line.circle.members.len(), 5);
    assert!(line.circle.members.iter().all(|member| member.name.len() <= NAME_BYTES_MAX));
}

#[test]
fn an_inviter_speaks_for_its_own_circles_only() {
    let (beta, mut gamma) = (One::new(2, "CERT Beta"), One::new(3, "CERT Gamma"));
    let circle = CircleId::new(uuid::Uuid::from_u128(7));
    let other = One::new(1, "CERT Alpha").id();
    let from = |convener: NodeId| {
        Command::Administer(Administer::JoinedAt(JoinedAt {
            secret: [1; 16],
            key: beta.me.public(),
            name: "CERT Beta".to_owned(),
            address: "127.0.0.1:1".to_owned(),
            trusted: true,
            circles: vec![(circle, convener)],
        }))
    };
    gamma.apply(from(other));
    assert!(gamma.store.reading().circle(&circle).unwrap().is_none());
    gamma.apply(from(beta.id()));
    assert!(gamma.store.reading().circle(&circle).unwrap().is_some());
}

#[test]
fn a_list_handed_in_tells_nothing_of_what_other_tokens_handed_in() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let mut post = |name: &str, tlp| {
        let token = alpha.token(name, &[circle], Rights::WRITE);
        let submitter = alpha.caller(&token).submitter;
        let mut twice = || {
            let objects = Prepared::list(b"evil.example\n", alpha.now);
            let terms = Terms { tlp, ..Terms::of(circle) };
            let submitter = submitter.clone();
            match alpha.apply(Command::Publish { submitter, terms, objects }) {
                Answer::Published(outcomes) => outcomes,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(accepted(&twice()), [true], "{name}");
        let again = twice();
        assert!(matches!(again[0].fate, Fate::Duplicate), "{name}: {again:?}");
    };
    post("first", Some(Tlp::Red));
    post("second", None);
}

#[test]
fn a_partners_word_on_a_marking_loosens_nothing_here() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    send(&mut alpha, &mut beta);
    let token = beta.token("w", &[circle], Rights::WRITE);
    let theirs = beta.caller(&token).submitter;
    let marking = id("marking-definition", 9);
    let definition = format!(
        r#"{{"type":"marking-definition","spec_version":"2.1","id":"{marking}","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{{"statement":"harmless"}}}}"#
    );
    assert_eq!(accepted(&beta.publish(&theirs, Terms::of(circle), &definition)), [true]);
    send(&mut beta, &mut alpha);
    let token = alpha.token("rw", &[circle], Rights::READ.with(Rights::WRITE));
    let ours = alpha.caller(&token);
    assert_eq!(alpha.ids(&ours, circle, ""), std::slice::from_ref(&marking), "readable here");
    let marked = indicator(1, "evil.example", &format!(r#","object_marking_refs":["{marking}"]"#));
    assert_eq!(accepted(&alpha.publish(&ours.submitter, Terms::of(circle), &marked)), [true]);
    assert_eq!(alpha.ids(&ours, circle, ""), [marking], "an unknown marking is RED");
}

#[test]
fn a_relay_that_was_first_cannot_withdraw_what_another_signed() {
    let (alpha, beta, mut gamma, circle) = three();
    let parts = signed(&alpha, 1, Label::new(Tlp::Amber, circle));
    assert_eq!(reasons(&bring(&beta, &mut gamma, 11, (2, &parts))), "");
    let body = |subject| Withdraw { signer: alpha.id(), subject }.write();
    let word = statement(&beta, &parts, WITHDRAW, body);
    assert_eq!(reasons(&bring(&beta, &mut gamma, 12, (1, &word))), "");
    let about = thing(&id("indicator", 1));
    assert_eq!(gamma.store.reading().by_thing(&about).unwrap().len(), 1);
}

#[test]
fn nobody_recalls_what_another_signed() {
    let (alpha, beta, mut gamma, circle) = three();
    let parts = signed(&alpha, 1, Label::new(Tlp::Amber, circle));
    assert_eq!(reasons(&bring(&beta, &mut gamma, 11, (2, &parts))), "");
    let (mode, reason) = (RecallMode::Erase, "not mine");
    let word = statement(&beta, &parts, RECALL, |subject| {
        Recall { subject, mode, reason: reason.to_owned() }.write()
    });
    assert_eq!(reasons(&bring(&beta, &mut gamma, 12, (1, &word))), "");
    let about = thing(&id("indicator", 1));
    let held = gamma.store.reading().by_thing(&about).unwrap();
    assert!(held.iter().any(|seq| gamma.store.reading().body(*seq).unwrap().is_some()));
}

#[test]
fn keys_that_are_held_beside_a_forged_record_do_not_make_a_batch_come_for_ever() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let next = SigningKey::from_seed(&[50; 32]).unwrap();
    let stated = alpha.apply(Command::Administer(Administer::RotateKey(next)));
    assert!(matches!(stated, Answer::Done), "{stated:?}");
    send(&mut alpha, &mut beta);
    let reading = alpha.store.reading();
    let kind = Kind::ours(model::kind::KEYS);
    let lights = reading.scan_kind(&kind, 0, reading.head().unwrap(), 1).unwrap();
    let keys = reading.parts(lights[0].seq).unwrap().unwrap();
    let mut forged = signed(&alpha, 1, Label::new(Tlp::Amber, circle));
    forged.signature = keys.signature;
    let told = bring_all(&alpha, &mut beta, 40, &[(1, &keys), (1, &forged)]);
    assert!(reasons(&told).starts_with("E-LINK-013"), "{told:?}");
    let cursor = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap();
    assert_eq!((cursor.epoch, cursor.next), (Epoch::new([40; 16]), 2), "the batch is behind it");
}

#[test]
fn a_receipt_stripped_of_its_refusals_proves_nothing() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    alpha.apply(Command::Number(link_key(&beta.id())));
    let bytes = batch(&alpha, &beta, 0);
    let Answer::Receipt(receipt) = arrive(&alpha, &mut beta, &bytes) else { panic!() };
    let partner = beta.id();
    let told = RefusedEntry { o: 0, reason: "E-LINK-024 made up".to_owned() };
    let altered = Receipt { refused: vec![told], ..receipt.clone() };
    let answer = alpha.apply(Command::Acknowledged { partner, receipt: altered });
    assert!(matches!(&answer, Answer::Refused(p) if p.code == "E-LINK-007"), "{answer:?}");
    let answer = alpha.apply(Command::Acknowledged { partner, receipt });
    assert!(matches!(answer, Answer::Done), "{answer:?}");
}

#[test]
fn an_offer_cannot_take_the_id_of_a_circle_that_is_known() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let (shared, known) = (beta.circle("ops"), alpha.circle("secret"));
    join(&mut beta, &mut alpha, &[shared], true);
    send(&mut beta, &mut alpha);
    // The same id, a convener of its own, and the victim on its list.
    let members = [&beta, &alpha]
        .map(|one| model::circle::Member { key: one.me.public(), name: one.me.name.clone() });
    let circle = model::circle::Circle {
        id: known,
        name: "better".to_owned(),
        version: 9,
        convener: beta.id(),
        default: Tlp::Green,
        ceiling: Tlp::Red,
        known_good: false,
        members: members.into(),
    };
    let header = Header {
        signer: beta.id(),
        authorship: Authorship::Wrote,
        thing: ThingId { kind: Kind::ours(model::kind::CIRCLE), uuid: known.uuid() },
        version: "9".to_owned(),
        signed: beta.now,
        label: Label::new(Tlp::Green, known),
        extra: String::new(),
    };
    let sealed = Unsealed { header, body: circle.write().into_bytes() }.seal(&beta.me.key, [4; 16]);
    let (head, body) = (sealed.head().to_owned(), sealed.body().to_vec());
    let parts = Parts { head, body, salt: *sealed.salt(), signature: *sealed.signature() };
    let answer = bring(&beta, &mut alpha, 31, (1, &parts));
    assert!(reasons(&answer).starts_with("E-CIRCLE-005"), "{answer:?}");
    let accept = alpha.apply(Command::Administer(Administer::AcceptCircle(known)));
    assert!(matches!(&accept, Answer::Refused(p) if p.code == "E-CIRCLE-009"), "{accept:?}");
    let lines = node::read::circles(&alpha.store.reading()).unwrap();
    let line = lines.iter().find(|line| line.circle.id == known).unwrap();
    assert_eq!((line.circle.convener, line.circle.name.as_str()), (alpha.id(), "secret"));
}

#[test]
fn what_a_ceiling_refused_is_asked_for_again_once_a_list_raises_it() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let (name, ceiling) = ("ops".to_owned(), Tlp::Green);
    let create = Administer::CreateCircle { name, default: ceiling, ceiling, known_good: false };
    let Answer::Circle(circle) = alpha.apply(Command::Administer(create)) else { panic!() };
    join(&mut alpha, &mut beta, &[circle], true);
    send(&mut alpha, &mut beta);
    let next = |at: &One, ceiling| {
        let lines = node::read::circles(&at.store.reading()).unwrap();
        let list = lines.into_iter().find(|line| line.circle.id == circle).unwrap().circle;
        let list = model::circle::Circle { version: list.version + 1, ceiling, ..list };
        let header = Header {
            thing: ThingId { kind: Kind::ours(model::kind::CIRCLE), uuid: circle.uuid() },
            version: list.version.to_string(),
            ..Header::read(&signed(&alpha, 1, Label::new(Tlp::Green, circle)).head).unwrap()
        };
        sealed(&alpha, header, list.write().into_bytes())
    };
    let amber = signed(&alpha, 1, Label::new(Tlp::Amber, circle));
    let held = |at: &One| at.store.reading().by_thing(&thing(&id("indicator", 1))).unwrap().len();
    let place = |at: &One| at.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let (first, raised) =
        (signed(&alpha, 2, Label::new(Tlp::Green, circle)), next(&beta, Tlp::Amber));
    let records = [(1, &first), (1, &amber), (1, &raised)];
    assert_eq!(reasons(&bring_all(&alpha, &mut beta, 9, &records[..1])), "");
    assert!(reasons(&bring_from(&alpha, &mut beta, 9, (1, &records[..2]))).contains("E-LINK-024"));
    assert_eq!((held(&beta), place(&beta)), (0, 2));
    assert_eq!(reasons(&bring_from(&alpha, &mut beta, 9, (2, &records))), "");
    assert_eq!((held(&beta), place(&beta)), (0, 1), "it begins again where that was refused");
    assert_eq!(reasons(&bring_from(&alpha, &mut beta, 9, (1, &records))), "");
    assert_eq!((held(&beta), place(&beta)), (1, 3));
}
