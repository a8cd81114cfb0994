//! Our own text forms, written by their own writers from random parts: headers, circles, cards,
//! statements, notes.

use crate::input::Dice;
use model::bounds::{CirclesOf, Give, Kinds, Take};
use model::card::{Card, Quota, Relation};
use model::circle::{Circle, Member};
use model::facts::{Value, ValueKind};
use model::id::{CircleId, Digest, Epoch, IntakeId, NodeId, ThingId};
use model::label::{Label, Pap, Tlp};
use model::note::Checkpoint;
use model::question::{Answer, Answers, Band, Days, Question, Told};
use model::record::{Authorship, Header};
use model::seal::{PublicKey, SigningKey};
use model::statement::{Recall, RecallMode, Relabel, Subject, Withdraw};
use model::time::Instant;
use std::collections::BTreeSet;

/// A key for this number.
#[must_use]
pub fn key(seed: u8) -> Option<SigningKey> {
    SigningKey::from_seed(&[seed; 32]).ok()
}

fn public(dice: &mut Dice) -> PublicKey {
    PublicKey::new(dice.bytes())
}

fn circle_id(dice: &mut Dice) -> CircleId {
    let text = format!("00000000-0000-4000-8000-{:012x}", dice.below(1 << 20));
    text.parse().unwrap_or(CircleId::new(uuid::Uuid::nil()))
}

fn instant(dice: &mut Dice) -> Instant {
    let micros = i64::try_from(dice.below(1 << 53)).unwrap_or(0);
    Instant::from_micros(if dice.one_in(30) { i64::MAX } else { micros })
}

fn tlp(dice: &mut Dice) -> Tlp {
    Tlp::ALL.get(dice.below(Tlp::ALL.len())).copied().unwrap_or(Tlp::Red)
}

fn name(dice: &mut Dice) -> String {
    dice.one_of(&["CERT Alpha", "a", " ", "\u{fc}", "a\u{200b}b", "", "x: y", "\u{2014} z"])
        .to_owned()
}

/// A thing's id.
pub fn thing(dice: &mut Dice) -> Option<ThingId> {
    let kind =
        dice.one_of(&["stix/indicator", "stix/report", "entente/circle", "entente/recall", "x/y"]);
    format!("{kind}--00000000-0000-4000-8000-{:012x}", dice.below(1 << 20)).parse().ok()
}

fn authorship(dice: &mut Dice) -> Authorship {
    if dice.one_in(2) {
        Authorship::Wrote
    } else {
        Authorship::Carries(IntakeId::new(dice.bytes()))
    }
}

/// A header.
pub fn header(dice: &mut Dice, signer: Option<NodeId>) -> Option<Header> {
    let to = dice.one_in(4).then(|| {
        let many = if dice.one_in(20) { 70 } else { dice.below(4) };
        (0..many).map(|_| NodeId::new(dice.bytes())).collect()
    });
    let pap = [None, Some(Pap::Red), Some(Pap::Green)].get(dice.below(3)).copied().flatten();
    let label = Label {
        tlp: tlp(dice),
        to,
        hops: u8::try_from(dice.below(12)).unwrap_or(0),
        personal: dice.one_in(3),
        hide_source: dice.one_in(3),
        embargo: dice.one_in(3).then(|| instant(dice)),
        unknown: dice.one_in(5),
        pap,
        ..Label::new(Tlp::Red, circle_id(dice))
    };
    Some(Header {
        signer: signer.unwrap_or_else(|| NodeId::new(dice.bytes())),
        authorship: authorship(dice),
        thing: thing(dice)?,
        version: dice.one_of(&["1", "2024-01-01T00:00:00.000Z", "", "sha256:0", "a b"]).to_owned(),
        signed: instant(dice),
        label,
        extra: dice.one_of(&["", "", "new yes\n", "new\n\n", "\n", "pap red\n"]).to_owned(),
    })
}

/// A header's text.
pub fn header_text(dice: &mut Dice) -> Vec<u8> {
    header(dice, None).map(|header| header.write()).unwrap_or_default().into_bytes()
}

/// A circle's text.
pub fn circle(dice: &mut Dice) -> Vec<u8> {
    let many = if dice.one_in(300) { 1_010 } else { dice.below(5) };
    let members = (0..many).map(|_| Member { key: public(dice), name: name(dice) }).collect();
    let version = u32::try_from(dice.below(1 << 32)).unwrap_or(0);
    let circle = Circle {
        id: circle_id(dice),
        name: name(dice),
        version,
        convener: NodeId::new(dice.bytes()),
        default: tlp(dice),
        ceiling: tlp(dice),
        known_good: dice.one_in(2),
        members,
    };
    circle.write().into_bytes()
}

/// A card's text.
pub fn card(dice: &mut Dice) -> Vec<u8> {
    let (give_ceiling, take_ceiling) = (tlp(dice), tlp(dice));
    let quota = Quota {
        records_per_hour: dice.one_in(2).then(|| u64::try_from(dice.below(1 << 40)).unwrap_or(0)),
        bytes_per_hour: None,
        records_held: dice.one_in(2).then_some(u64::MAX),
    };
    let kinds = Kinds::Only("stix/*".parse().into_iter().collect());
    let kinds = if dice.one_in(2) { Kinds::Any } else { kinds };
    let circles = CirclesOf::Only([circle_id(dice)].into());
    let circles = if dice.one_in(2) { CirclesOf::Any } else { circles };
    let personal = dice.one_in(2);
    let answers = dice.one_of(&["no", "yes-no", "band", "count"]).parse().unwrap_or_default();
    let give = Give { ceiling: give_ceiling, kinds: kinds.clone(), circles, personal, answers };
    let body_bytes = dice.one_in(2).then_some(1 << 20);
    let take = Take { ceiling: take_ceiling, kinds, circles: CirclesOf::Any, body_bytes, quota };
    let country = if dice.one_in(2) { "FR".parse().ok() } else { None };
    let sector = if dice.one_in(2) { "energy".parse().ok() } else { None };
    let clients = if dice.one_in(2) { ["siem".to_owned()].into() } else { BTreeSet::new() };
    let card = Card { relation: Relation::Vendor, country, sector, give, take, clients };
    card.write().into_bytes()
}

fn subject(dice: &mut Dice) -> Option<Subject> {
    let version = dice.one_of(&["1", "2024-01-01T00:00:00.000Z", ""]).to_owned();
    Some(Subject { thing: thing(dice)?, version, authorship: authorship(dice) })
}

/// A question among partners, or the answer to one.
fn asking(dice: &mut Dice) -> String {
    let values = ["a.example", "192.0.2.0/24", " ", "http://a.example/x y", "\u{fc}"];
    let pick = |n: usize| ValueKind::ALL.get(n).copied().unwrap_or(ValueKind::Domain);
    let count = dice.below(4);
    if dice.one_in(2) {
        let value = |_| {
            let kind = pick(dice.below(ValueKind::ALL.len()));
            Value { kind, text: dice.one_of(&values).to_owned() }
        };
        return Question { values: (0..count).map(value).collect() }.write();
    }
    let says = Answers::ALL.get(dice.below(4)).copied().unwrap_or_default();
    let told = |_| {
        let days = Days::of(instant(dice), instant(dice));
        let count = u64::try_from(dice.below(2_000)).unwrap_or(0);
        match dice.below(5) {
            0 => Told::No,
            1 => Told::Yes,
            2 => Told::Band(Band::of(count), days),
            3 => Told::Count(count, days),
            _ => Told::Unknown,
        }
    };
    let told = (0..count).map(told).collect();
    let question = uuid::Uuid::from_bytes(dice.bytes());
    Answer { question, digest: Digest::new(dice.bytes()), says, told }.write()
}

/// A recall, relabelling or withdrawal, a question or an answer.
pub fn statement(dice: &mut Dice) -> Vec<u8> {
    let Some(subject) = subject(dice) else { return Vec::new() };
    let text = match dice.below(5) {
        0 => {
            let mode = if dice.one_in(2) { RecallMode::Erase } else { RecallMode::Stop };
            Recall { subject, mode, reason: name(dice) }.write()
        }
        1 => Relabel { subject, tlp: tlp(dice) }.write(),
        2 => Withdraw { signer: NodeId::new(dice.bytes()), subject }.write(),
        _ => asking(dice),
    };
    text.into_bytes()
}

/// A checkpoint of the sender with key 1 for the receiver with key 2.
pub fn checkpoint(dice: &mut Dice) -> Checkpoint {
    let epoch = Epoch::new(dice.bytes());
    Checkpoint {
        origin: format!(
            "entente/{}/{}/{epoch}",
            NodeId::new(dice.bytes()),
            NodeId::new(dice.bytes())
        ),
        size: u64::try_from(dice.below(1 << 40)).unwrap_or(0),
        root: Digest::new(dice.bytes()),
    }
}

/// A signed or cosigned note.
pub fn note(dice: &mut Dice) -> Vec<u8> {
    let checkpoint = checkpoint(dice);
    let Some(key) = key(u8::try_from(1 + dice.below(3)).unwrap_or(1)) else { return Vec::new() };
    let (name, now) = (name(dice), instant(dice));
    let mut note = if dice.one_in(2) {
        checkpoint.sign(&name, &key)
    } else {
        checkpoint.cosign(&name, &key, now)
    };
    if dice.one_in(20) {
        let line = note.lines().last().unwrap_or_default().to_owned() + "\n";
        note += &line.repeat(dice.below(40));
    }
    note.into_bytes()
}
