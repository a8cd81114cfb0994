//! In whatever order things come, whoever may have a record has it, and as its signer has it: found
//! by the simulator's worlds with chains and dead links (decision 0019).

use crate::world::{One, holds, id, indicator, join, marked, send, thing};
use model::id::CircleId;
use model::label::Tlp;
use node::accept::Terms;
use node::command::Administer;
use node::outlet::link_key;
use node::token::Caller;
use node::{Answer, Command, Rights};

/// Beta convenes; Alpha signs; Alpha and Gamma know each other as well.
fn four() -> ([One; 4], CircleId, Caller) {
    let mut alpha = One::new(1, "CERT Alpha");
    let (mut beta, mut gamma) = (One::new(2, "CERT Beta"), One::new(3, "CERT Gamma"));
    let mut delta = One::new(4, "CERT Delta");
    let circle = beta.circle("ops");
    join(&mut beta, &mut alpha, &[circle], true);
    join(&mut beta, &mut gamma, &[circle], true);
    join(&mut beta, &mut delta, &[circle], true);
    join(&mut alpha, &mut gamma, &[], true);
    for other in [&mut alpha, &mut gamma, &mut delta] {
        send(&mut beta, other);
    }
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    ([alpha, beta, gamma, delta], circle, writer)
}

#[test]
fn what_came_over_more_hops_first_goes_on_as_far_as_by_the_shorter_way() {
    let ([mut alpha, mut beta, mut gamma, mut delta], circle, writer) = four();
    let two = Terms { hops: Some(2), ..Terms::of(circle) };
    alpha.publish(&writer.submitter, two, &indicator(1, "far.example", ""));
    send(&mut alpha, &mut gamma);
    send(&mut gamma, &mut beta);
    assert!(holds(&beta, 1));
    send(&mut beta, &mut delta);
    assert!(!holds(&delta, 1), "two hops are used up");
    send(&mut alpha, &mut beta);
    send(&mut beta, &mut delta);
    assert!(holds(&delta, 1), "Beta had it over one hop as well");
}

#[test]
fn red_that_its_signer_freed_goes_over_a_relay_and_red_that_nobody_freed_does_not() {
    let ([mut alpha, mut beta, _gamma, mut delta], circle, writer) = four();
    // RED is for whom it names.
    let to = Some([beta.id(), delta.id()].into());
    let two = Terms { hops: Some(2), to, ..Terms::of(circle) };
    for n in [1, 2] {
        let red = indicator(n, "red.example", &marked(Tlp::Red));
        alpha.publish(&writer.submitter, two.clone(), &red);
    }
    send(&mut alpha, &mut beta);
    send(&mut beta, &mut delta);
    assert!(holds(&beta, 1) && holds(&beta, 2) && !holds(&delta, 1) && !holds(&delta, 2));
    let freed = thing(&id("indicator", 1));
    let relabel = Administer::Relabel { thing: freed.clone(), tlp: Tlp::Green };
    alpha.apply(Command::Administer(relabel));
    send(&mut alpha, &mut beta);
    // In whatever order record and word come there, Delta asks again for what it refused.
    send(&mut beta, &mut delta);
    assert!(holds(&delta, 1), "its signer says that it is GREEN");
    assert!(!holds(&delta, 2), "nobody said so of this one");
    let reading = delta.store.reading();
    let seq = reading.by_thing(&freed).unwrap()[0];
    assert_eq!(reading.row(seq).unwrap().unwrap().label.tlp, Tlp::Green);
}

#[test]
fn a_freer_traffic_light_that_a_member_missed_comes_again_with_its_record() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    send(&mut alpha, &mut beta);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    let amber = indicator(1, "amber.example", &marked(Tlp::Amber));
    alpha.publish(&writer.submitter, Terms::of(circle), &amber);
    let thing = thing(&id("indicator", 1));
    let relabel = Administer::Relabel { thing: thing.clone(), tlp: Tlp::Clear };
    alpha.apply(Command::Administer(relabel));
    // Both have numbers, and go out bare.
    alpha.apply(Command::Number(link_key(&beta.id())));
    let partner = beta.id();
    alpha.apply(Command::Administer(Administer::RemoveMember { circle, partner }));
    send(&mut alpha, &mut beta);
    assert!(!holds(&beta, 1));
    let again = alpha.apply(Command::Administer(Administer::AddMember { circle, partner }));
    assert!(matches!(again, Answer::Circle(_)), "{again:?}");
    send(&mut alpha, &mut beta);
    send(&mut alpha, &mut beta);
    let reading = beta.store.reading();
    let rows = reading.by_thing(&thing).unwrap().into_iter();
    let labels: Vec<Tlp> = rows.map(|seq| reading.row(seq).unwrap().unwrap().label.tlp).collect();
    assert_eq!(labels, [Tlp::Clear]);
}
