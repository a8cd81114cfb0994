//! Makes records for the stories: every axis of a label, every authorship. It asserts nothing.

use model::facts::{Facts, Value, ValueKind};
use model::id::{CircleId, IntakeId, NodeId, ThingId};
use model::label::{Label, Pap, Tlp};
use model::record::{Authorship, Header, Sealed, Unsealed};
use model::seal::SigningKey;
use model::time::Instant;
use store::{Content, NewEntry, Seq, Store, StoreError, Tx};
use uuid::Uuid;

pub(crate) const NOW: Instant = Instant::from_micros(1_795_334_400_000_000);

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

pub(crate) fn circle(n: u8) -> CircleId {
    CircleId::new(Uuid::from_bytes([n; 16]))
}

pub(crate) fn node(n: u8) -> NodeId {
    NodeId::new([n; 16])
}

pub(crate) fn thing(kind: &str, n: u16) -> ThingId {
    let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes());
    ThingId { kind: format!("stix/{kind}").parse().unwrap(), uuid }
}

/// A record and what its body says.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) record: Sealed,
    pub(crate) content: Content,
}

pub(crate) fn header(thing: ThingId, label: Label) -> Header {
    Header {
        signer: key().public().node(),
        authorship: Authorship::Wrote,
        thing,
        version: "2026-11-22T08:00:00.000Z".to_owned(),
        signed: NOW,
        label,
        extra: String::new(),
    }
}

/// The facts are a function of the body, as a reader of a format would give them: its lines are
/// `value TEXT`, `ref THING`, `title TEXT`, `text TEXT`.
pub(crate) fn facts_of(body: &[u8]) -> Content {
    let mut facts = Facts::default();
    for line in String::from_utf8_lossy(body).lines() {
        let Some((word, rest)) = line.split_once(' ') else { continue };
        match word {
            "value" => {
                facts.values.push(Value { kind: ValueKind::Domain, text: rest.to_owned() });
            }
            // A damaged body may say anything.
            "ref" => facts.refs.extend(rest.parse::<ThingId>().ok()),
            "title" => facts.title = Some(rest.to_owned()),
            "text" => facts.text = Some(rest.to_owned()),
            _ => {}
        }
    }
    let values = facts.values.clone();
    // Half of the entries are watched.
    let watched = values.iter().filter(|value| value.text.starts_with('h')).cloned().collect();
    Content { facts, values, watched, rule: None }
}

pub(crate) fn seal(header: Header, body: &str) -> Made {
    let content = facts_of(body.as_bytes());
    let record = Unsealed { header, body: body.as_bytes().to_vec() }.seal(&key(), [9; 16]);
    Made { record, content }
}

pub(crate) fn append(tx: &mut Tx<'_>, made: &Made) -> Result<Seq, StoreError> {
    let appended = tx.append(&NewEntry {
        record: &made.record,
        facts: &made.content.facts,
        values: &made.content.values,
        watched: &made.content.watched,
        rule: made.content.rule.as_ref(),
        at: NOW,
        via: Some(node(3)),
        hop: 1,
    })?;
    Ok(appended.seq)
}

pub(crate) fn append_all(store: &mut Store, made: &[Made]) -> Vec<Seq> {
    let mut tx = store.begin().unwrap();
    let places = made.iter().map(|made| append(&mut tx, made).unwrap()).collect();
    tx.commit().unwrap();
    places
}

/// Every value of every axis of a label, one at a time and all at once.
pub(crate) fn labels() -> Vec<Label> {
    let plain = Label::new(Tlp::Amber, circle(1));
    let mut labels: Vec<Label> = Tlp::ALL.map(|tlp| Label::new(tlp, circle(2))).to_vec();
    labels.extend([
        Label { to: Some([].into()), ..plain.clone() },
        Label { to: Some([node(1)].into()), ..plain.clone() },
        Label { to: Some([node(2), node(1)].into()), ..plain.clone() },
        Label { hops: 0, ..plain.clone() },
        Label { hops: 8, ..plain.clone() },
        Label { personal: true, ..plain.clone() },
        Label { hide_source: true, ..plain.clone() },
        Label { embargo: Some(NOW), ..plain.clone() },
        Label { embargo: Some(Instant::from_micros(253_402_000_000_000_000)), ..plain.clone() },
        Label { embargo: Some(Instant::from_micros(-1)), ..plain.clone() },
        Label { unknown: true, ..plain.clone() },
    ]);
    for pap in [Pap::Clear, Pap::Green, Pap::Amber, Pap::Red] {
        labels.push(Label { pap: Some(pap), ..plain.clone() });
    }
    labels.push(Label {
        tlp: Tlp::Red,
        circle: circle(3),
        to: Some([node(1)].into()),
        hops: 2,
        personal: true,
        hide_source: true,
        embargo: Some(NOW),
        unknown: true,
        pap: Some(Pap::Red),
    });
    labels
}

pub(crate) fn authorships() -> [Authorship; 2] {
    [Authorship::Wrote, Authorship::Carries(IntakeId::new([5; 8]))]
}

/// A small log with versions, rivals, references, values and texts.
pub(crate) fn small_log() -> Vec<Made> {
    (0..40_u16)
        .map(|n| {
            let about = thing(if n % 3 == 0 { "malware" } else { "indicator" }, n % 17);
            let label = Label::new(Tlp::Green, circle(1 + u8::try_from(n % 3).unwrap()));
            let mut header = header(about, label);
            header.version = format!("v{}", n % 5);
            let to = thing("identity", n % 4);
            let body = format!(
                "title Case {n}\ntext common words number {}\nvalue h{}.example\n\
                 value all.example\nref {to}\n",
                n % 6,
                n % 9
            );
            seal(header, &body)
        })
        .collect()
}
