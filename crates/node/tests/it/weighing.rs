//! What an indicator is worth to whoever reads a feed: by what others make of it, as far as he may know.

use crate::world::{One, all, id, indicator, thing};
use model::id::CircleId;
use model::label::Tlp;
use node::accept::Terms;
use node::dispute::{Esteem, esteem};
use node::read::{Feeding, Wanted};
use node::release::Lens;
use node::{Capacity, Rights};

/// A sighting or an opinion of the first indicator.
fn word(kind: &str, n: u32, more: &str) -> String {
    format!(
        r#"{{"type":"{kind}","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"{more}}}"#,
        id(kind, n)
    )
}

fn wanted(circle: CircleId) -> Wanted {
    Wanted { weighed: true, ..all(circle) }
}

/// What is left of the only indicator in a feed; nothing where it is not in it.
fn left(one: &One, lens: &Lens, wanted: Wanted) -> Option<u8> {
    let mut feeding = Feeding::new(lens.clone(), wanted);
    let mut left = None;
    let reading = one.store.reading();
    feeding.page(&reading, 0, &mut |entry| left = entry.confidence).unwrap();
    left
}

#[test]
fn a_reader_is_told_nothing_by_a_sighting_or_a_doubt_that_it_may_not_read() {
    let mut one = One::new(1, "CERT Alpha");
    let circle = one.circle("ops");
    let token = one.token("firewall", &[circle], Rights::READ.with(Rights::WRITE));
    let who = one.caller(&token).submitter;
    let terms = |tlp| Terms { tlp: Some(tlp), ..Terms::of(circle) };
    one.now = "2026-04-01T00:00:00Z".parse().unwrap();
    one.publish(&who, terms(Tlp::Green), &indicator(1, "old.example", r#","confidence":80"#));
    let own = |one: &One| {
        let mut lens = Lens { reader: who.reader.clone(), now: one.now };
        lens.reader.capacity = Capacity::Own;
        lens
    };
    let theirs = |one: &One| Lens { reader: who.reader.clone(), now: one.now };
    let both = |one: &One| {
        [own(one), theirs(one)].map(|lens| left(one, &lens, wanted(circle)).expect("it is there"))
    };
    assert_eq!(both(&one), [40, 40], "a half-life later");
    let uuid = thing(&id("indicator", 1)).uuid;
    let about = format!(r#","sighting_of_ref":"{}","count":3"#, id("indicator", 1));
    let red = Terms { to: Some([one.id()].into()), ..terms(Tlp::Red) };
    let told = one.publish(&who, red.clone(), &word("sighting", 2, &about));
    assert!(matches!(told[0].fate, node::command::Fate::Accepted), "{told:?}");
    assert_eq!(both(&one), [80, 40], "the reader has no RED");
    assert_eq!(left(&one, &theirs(&one), Wanted { min_confidence: 60, ..wanted(circle) }), None);
    one.publish(&who, terms(Tlp::Green), &word("sighting", 3, &about));
    assert_eq!(both(&one), [80, 80]);
    let about = format!(r#","object_refs":["{}"],"opinion":"disagree""#, id("indicator", 1));
    one.publish(&who, red, &word("opinion", 4, &about));
    assert_eq!(both(&one), [40, 80]);
    // Whoever changed its mind is counted as it says now.
    let agrees = about.replace("disagree", "agree");
    one.publish(&who, terms(Tlp::Green), &word("opinion", 5, &agrees));
    assert_eq!(both(&one), [80, 80]);
    let reading = one.store.reading();
    assert_eq!(esteem(&reading, &uuid, None).unwrap().disputes, 0);
    let nobody = thing(&id("indicator", 9)).uuid;
    assert_eq!(esteem(&reading, &nobody, None).unwrap(), Esteem::default());
}
