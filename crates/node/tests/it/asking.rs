//! Ask before you share, on nodes in one thread: a preview is what is numbered, what is held back has
//! its reason, a copy is what the reader may have.

use crate::world::{One, accepted, id, indicator, join, marked, relationship, send, thing};
use model::id::CircleId;
use model::label::Tlp;
use model::ledger::ledger_of;
use node::accept::Terms;
use node::command::Administer;
use node::copying::{CopyWanted, Copying, make};
use node::link::lens_for;
use node::read::{Held, Preview, PreviewLine, show, who};
use node::release::Lens;
use node::token::Caller;
use node::{Answer, Command, Rights, Rule};
use uuid::Uuid;

fn preview(alpha: &One, beta: &One) -> Vec<PreviewLine> {
    let reading = alpha.store.reading();
    let lens = lens_for(&reading, &beta.id(), alpha.now).unwrap().expect("a partner");
    let mut preview = Preview::begin(&reading, &alpha.id(), lens).unwrap();
    while preview.step(&reading).unwrap() {}
    preview.lines(&reading).unwrap()
}

fn pair() -> (One, One, CircleId, Caller) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    let rights = Rights::READ.with(Rights::WRITE).with(Rights::RED);
    let token = alpha.token("writer", &[circle], rights);
    let caller = alpha.caller(&token);
    join(&mut alpha, &mut beta, &[circle], true);
    (alpha, beta, circle, caller)
}

#[test]
fn a_preview_counts_what_is_then_sent_and_received() {
    let (mut alpha, mut beta, circle, writer) = pair();
    send(&mut alpha, &mut beta);
    let lights = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];
    for (n, tlp) in (1..).zip(lights) {
        let body = indicator(n, &format!("n{n}.example"), &marked(tlp));
        let outcomes = alpha.publish(&writer.submitter, Terms::of(circle), &body);
        assert_eq!(accepted(&outcomes), [true]);
    }
    let indicators = |lines: Vec<PreviewLine>| -> Vec<(bool, u64, u64)> {
        let of = lines.into_iter().filter(|line| line.kind == "stix/indicator");
        of.map(|line| (line.released, line.count, line.has)).collect()
    };
    assert_eq!(indicators(preview(&alpha, &beta)), [(true, 4, 0), (false, 1, 0)]);
    send(&mut alpha, &mut beta);
    assert_eq!(indicators(preview(&alpha, &beta)), [(true, 4, 4), (false, 1, 0)]);
    let held = |n: u32| beta.store.reading().by_thing(&thing(&id("indicator", n))).unwrap().len();
    assert_eq!((1..=5).map(held).collect::<Vec<_>>(), [1, 1, 1, 1, 0], "as foreseen");
    let red = preview(&alpha, &beta).into_iter().find(|line| !line.released).unwrap();
    assert_eq!(red.samples, [thing(&id("indicator", 5))]);
    assert_eq!(red.by, "label");
}

#[test]
fn what_a_person_withdrew_or_deleted_is_foretold_to_nobody_as_coming() {
    let (mut alpha, mut beta, circle, writer) = pair();
    for n in 1..=3 {
        alpha.publish(&writer.submitter, Terms::of(circle), &indicator(n, "a.example", ""));
    }
    send(&mut alpha, &mut beta);
    let partner = beta.id();
    let withdraw = Administer::Withdraw { thing: thing(&id("indicator", 1)), partner };
    assert!(matches!(alpha.apply(Command::Administer(withdraw)), Answer::Withdrawn { .. }));
    send(&mut alpha, &mut beta);

    let reading = alpha.store.reading();
    let lens = Lens { reader: writer.submitter.reader.clone(), now: alpha.now };
    let told = |n| {
        let told = who(&reading, &lens, &thing(&id("indicator", n)), alpha.now).unwrap().unwrap();
        told.iter().map(|told| told.decision.rule).collect::<Vec<_>>()
    };
    assert_eq!((told(1), told(2)), (vec![Rule::Withdrawn], vec![Rule::MemberOfCircle]));
    let eyes = lens_for(&reading, &partner, alpha.now).unwrap().unwrap();
    let shown = |n| show(&reading, &eyes, &thing(&id("indicator", n))).unwrap().len();
    assert_eq!((shown(1), shown(2)), (0, 1), "what is shown as Beta");
    let lines = preview(&alpha, &beta);
    let of: Vec<_> = lines.iter().filter(|line| line.kind == "stix/indicator").collect();
    let counts: Vec<_> = of.iter().map(|line| (line.released, line.count, line.has)).collect();
    assert_eq!(counts, [(true, 2, 2), (false, 1, 0)]);
    assert_eq!(of[1].reason, Rule::Withdrawn.sentence());
    let ledger = ledger_of(&alpha.id());
    assert!(lines.iter().all(|line| line.circle != Some(ledger)), "the ledger is for no partner");
}

#[test]
fn nothing_is_held_back_where_nobody_else_is() {
    let (mut alpha, _beta, _, writer) = pair();
    let alone = alpha.circle("alone");
    let token = alpha.token("other", &[alone], Rights::READ.with(Rights::WRITE));
    let other = alpha.caller(&token);
    alpha.publish(&other.submitter, Terms::of(alone), &indicator(9, "alone.example", ""));
    let reading = alpha.store.reading();
    let mut held = Held::begin(&reading, alpha.id(), alpha.now).unwrap();
    while held.step(&reading).unwrap() {}
    assert!(held.lines(&reading).unwrap().is_empty(), "{:?}", writer.name);
}

#[test]
fn what_is_held_back_names_the_strictest_reference_and_not_its_own_marking() {
    let (mut alpha, _beta, circle, writer) = pair();
    let (red, amber) = (marked(Tlp::Red), marked(Tlp::Amber));
    let document = format!(
        "[{},{},{}]",
        indicator(1, "red.example", &red),
        indicator(2, "amber.example", &amber),
        relationship(3, &id("indicator", 2), &id("indicator", 1)),
    );
    alpha.publish(&writer.submitter, Terms::of(circle), &document);
    let reading = alpha.store.reading();
    let mut held = Held::begin(&reading, alpha.id(), alpha.now).unwrap();
    while held.step(&reading).unwrap() {}
    let records = held.records(&reading).unwrap();
    let told: Vec<_> = records.iter().map(|r| (r.thing.clone(), r.stricter.clone())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0].0, thing(&id("relationship", 3)));
    let stricter = told[0].1.as_ref().unwrap();
    assert_eq!((&stricter.thing, stricter.tlp), (&thing(&id("indicator", 1)), Tlp::Red));
    assert_eq!(told[1].1, None, "what is RED by its own marking");
}

#[test]
fn a_copy_is_only_of_what_the_caller_may_read_and_looks_at_nothing_else() {
    let (mut alpha, beta, circle, writer) = pair();
    let red = marked(Tlp::Red);
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(1, "red.example", &red));
    let token = alpha.token("plain", &[circle], Rights::READ.with(Rights::WRITE));
    let plain = alpha.caller(&token);
    let made = |alpha: &One, caller: &Caller, n: u32, partner: bool| {
        let uuids = (Uuid::from_u128(8), Uuid::from_u128(9));
        let with = Copying { submitter: &caller.submitter, now: alpha.now, uuids };
        let wanted = CopyWanted {
            thing: thing(&id("indicator", n)),
            circle: None,
            partner: partner.then(|| beta.id()),
            tlp: None,
        };
        make(&alpha.store.reading(), &with, &wanted).unwrap()
    };
    assert_eq!(made(&alpha, &plain, 1, false).unwrap_err().code, "E-COPY-001");
    let absent = made(&alpha, &plain, 77, false).unwrap_err();
    assert_eq!(absent, made(&alpha, &plain, 1, false).unwrap_err(), "hidden and absent are alike");
    let copy = made(&alpha, &writer, 1, true).unwrap();
    assert_eq!(copy.tlp, Tlp::AmberStrict, "the strictest that members get");
    let outcomes = alpha.publish(
        &writer.submitter,
        Terms::of(circle),
        std::str::from_utf8(&copy.document).unwrap(),
    );
    assert_eq!(accepted(&outcomes), [true, true]);
}
