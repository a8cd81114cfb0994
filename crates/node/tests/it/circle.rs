//! Circles are the convener's alone, and following one is each node's own choice.

use crate::world::{One, id, indicator, join, send, thing};
use node::accept::Terms;
use node::command::Administer;
use node::read::circles;
use node::{Answer, Command, Rights};

#[test]
fn an_invitation_is_good_once_and_its_circles_are_followed_by_who_took_it() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    send(&mut alpha, &mut beta);
    let lines = circles(&beta.store.reading()).unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].accepted && lines[0].circle.members.len() == 2);
    let add = Administer::AddMember { circle, partner: alpha.id() };
    assert!(matches!(beta.apply(Command::Administer(add)), Answer::Refused(_)), "not convener");
}

#[test]
fn a_circle_that_nobody_asked_for_waits_until_it_is_accepted() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let first = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[first], true);
    let second = alpha.circle("surprise");
    let add = Administer::AddMember { circle: second, partner: beta.id() };
    alpha.apply(Command::Administer(add));
    let token = alpha.token("w", &[second], Rights::WRITE);
    let writer = alpha.caller(&token);
    alpha.publish(&writer.submitter, Terms::of(second), &indicator(1, "one.example", ""));
    send(&mut alpha, &mut beta);
    let line = |beta: &One| {
        let lines = circles(&beta.store.reading()).unwrap();
        lines.into_iter().find(|line| line.circle.id == second).expect("on offer")
    };
    assert!(!line(&beta).accepted);
    let accept = Command::Administer(Administer::AcceptCircle(second));
    assert!(matches!(beta.apply(accept), Answer::Circle(_)));
    assert!(line(&beta).accepted);
    assert!(beta.store.reading().by_thing(&thing(&id("indicator", 1))).unwrap().is_empty());
    send(&mut alpha, &mut beta);
    assert_eq!(beta.store.reading().by_thing(&thing(&id("indicator", 1))).unwrap().len(), 1);
}

#[test]
fn a_removed_member_is_sent_nothing_more() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    send(&mut alpha, &mut beta);
    let remove = Administer::RemoveMember { circle, partner: beta.id() };
    assert!(matches!(alpha.apply(Command::Administer(remove)), Answer::Circle(_)));
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(1, "one.example", ""));
    assert!(send(&mut alpha, &mut beta).is_empty());
}
