//! Quotas: a partner that sends too much is made to wait, or refused by name; nothing is lost, and
//! nobody else is slower for it.

use crate::world::{One, arrive, batch, id, indicator, join, refusals, send, thing};
use model::card::Quota;
use model::id::CircleId;
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::Administer;
use node::outlet::link_key;
use node::quota::Allowance;
use node::{Answer, Command, Rights};

/// Beta floods, Gamma does not; both are members of Alpha's circle.
fn three(any: Allowance) -> (One, One, One, CircleId) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut gamma = One::new(3, "CERT Gamma");
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    join(&mut alpha, &mut gamma, &[circle], true);
    send(&mut alpha, &mut beta);
    send(&mut alpha, &mut gamma);
    alpha.node.limit(any);
    (alpha, beta, gamma, circle)
}

fn publish(from: &mut One, circle: CircleId, numbers: std::ops::Range<u32>) {
    let token = from.token(&format!("t{}", numbers.start), &[circle], Rights::WRITE);
    let writer = from.caller(&token).submitter;
    for n in numbers {
        from.publish(&writer, Terms::of(circle), &indicator(n, &format!("n{n}.example"), ""));
    }
}

fn next_batch(from: &mut One, to: &One) -> Vec<u8> {
    from.apply(Command::Number(link_key(&to.id())));
    let have = to.store.reading().cursor(&from.id()).unwrap().map_or(0, |cursor| cursor.next);
    batch(from, to, have)
}

fn held(at: &One, n: u32) -> bool {
    !at.store.reading().by_thing(&thing(&id("indicator", n))).unwrap().is_empty()
}

#[test]
fn a_flood_waits_and_loses_nothing_while_another_partner_is_served() {
    let any = Allowance { records_per_hour: 100, ..Allowance::default() };
    let (mut alpha, mut beta, mut gamma, circle) = three(any);
    publish(&mut beta, circle, 1..91);
    send(&mut beta, &mut alpha);
    publish(&mut beta, circle, 100..150);
    let bytes = next_batch(&mut beta, &alpha);
    let cursor = alpha.store.reading().cursor(&beta.id()).unwrap();
    let head = alpha.store.reading().head().unwrap();
    let Answer::Later(seconds) = arrive(&beta, &mut alpha, &bytes) else { panic!("taken") };
    assert!((1..=3_600).contains(&seconds), "{seconds}");
    assert_eq!(alpha.store.reading().cursor(&beta.id()).unwrap(), cursor);
    assert_eq!(alpha.store.reading().head().unwrap(), head);
    // The other is served as if there were no flood.
    publish(&mut gamma, circle, 200..250);
    send(&mut gamma, &mut alpha);
    assert!((200..250).all(|n| held(&alpha, n)));
    // When its time has come, the very same batch is taken.
    let micros = i64::try_from(seconds).unwrap() * 1_000_000;
    alpha.now = alpha.now.plus_micros(micros);
    assert!(matches!(arrive(&beta, &mut alpha, &bytes), Answer::Receipt(_)));
    assert!((100..150).all(|n| held(&alpha, n)));
}

#[test]
fn what_is_over_the_records_held_is_refused_by_name_and_recalls_are_heard() {
    let any = Allowance { records_held: 3, ..Allowance::default() };
    let (mut alpha, mut beta, _, circle) = three(any);
    publish(&mut beta, circle, 1..6);
    let bytes = next_batch(&mut beta, &alpha);
    let Answer::Receipt(receipt) = arrive(&beta, &mut alpha, &bytes) else { panic!() };
    let told = refusals(&receipt);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|reason| reason.starts_with("E-QUOTA-002")), "{told:?}");
    assert_eq!(alpha.store.reading().held_from(&beta.id()).unwrap(), 3);
    let recall = Administer::Recall {
        thing: thing(&id("indicator", 1)),
        mode: RecallMode::Erase,
        reason: "wrong".to_owned(),
    };
    assert!(matches!(beta.apply(Command::Administer(recall)), Answer::Statements(_)));
    send(&mut beta, &mut alpha);
    assert!(!held(&alpha, 1), "the recall was heard");
    // One place is free, the recall itself takes one.
    assert_eq!(alpha.store.reading().held_from(&beta.id()).unwrap(), 3);
}

#[test]
fn a_card_widens_or_narrows_what_any_partner_may_cost() {
    let any = Allowance { records_held: 2, ..Allowance::default() };
    let quota = Quota { records_held: Some(4), ..Quota::default() };
    let allowed = any.under(quota);
    assert_eq!((allowed.records_held, allowed.records_per_hour), (4, u64::MAX));
    let none = any.under(Quota { records_held: Some(0), ..Quota::default() });
    assert_eq!(none.records_held, 0);
}

#[test]
fn the_count_of_what_is_held_is_that_of_the_log() {
    let (mut alpha, mut beta, mut gamma, circle) = three(Allowance::default());
    publish(&mut beta, circle, 1..20);
    publish(&mut gamma, circle, 30..37);
    send(&mut beta, &mut alpha);
    send(&mut gamma, &mut alpha);
    let reading = alpha.store.reading();
    for partner in [beta.id(), gamma.id()] {
        let rows = (1..=reading.head().unwrap()).filter_map(|seq| reading.row(seq).unwrap());
        let count = rows.filter(|row| row.via == Some(partner) && !row.erased).count();
        assert_eq!(reading.held_from(&partner).unwrap(), count as u64);
    }
}
