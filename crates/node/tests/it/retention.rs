//! What goes by its age, and what never does.

use crate::world::{One, accepted, arrive, batch, id, indicator, join, send, thing};
use model::id::CircleId;
use model::kind::CIRCLE;
use model::time::Instant;
use node::accept::Terms;
use node::outlet::link_key;
use node::proof::{Step, Walk, verify};
use node::retention::{Rule, Rules, START, due};
use node::token::Caller;
use node::watch::Matched;
use node::{Answer, Command, Effect, Node, Rights};

const DAY: i64 = 24 * 3600;

fn rules() -> Rules {
    Rules {
        expired_indicators: Some(10),
        sightings: Some(20),
        carried: Some(40),
        received: Some(60),
    }
}

/// Lets so many days pass, and ticks until nothing is due.
fn pass(one: &mut One, days: i64) {
    one.now = one.now.plus_seconds(days * DAY);
    tick(one);
}

fn tick(one: &mut One) {
    for _ in 0..20 {
        one.apply(Command::Tick);
    }
}

/// The node over its store with these rules, as after a restart.
fn keep(one: &mut One, rules: Rules) {
    one.reopen(one.me.epoch);
    let placeholder = One::new(200, "placeholder").node;
    let node: Node = std::mem::replace(&mut one.node, placeholder);
    one.node = node.keeping(rules);
}

fn until(instant: Instant) -> String {
    format!(r#","valid_until":"{}""#, instant.to_stix())
}

fn count(one: &One, rule: Rule) -> usize {
    due(&one.store.reading(), &rules(), (rule, START), one.now).unwrap().entries.len()
}

fn holds(one: &One, n: u32) -> bool {
    !one.store.reading().by_thing(&thing(&id("indicator", n))).unwrap().is_empty()
}

fn world() -> (One, One, CircleId, Caller) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let token = alpha.token("rw", &[circle], Rights::READ.with(Rights::WRITE));
    let writer = alpha.caller(&token);
    (alpha, beta, circle, writer)
}

#[test]
fn each_rule_takes_what_it_is_about_when_it_is_old_enough_and_nothing_else() {
    let (mut alpha, mut beta, circle, writer) = world();
    let soon = until(alpha.now.plus_seconds(5 * DAY));
    let bodies =
        format!("[{},{}]", indicator(1, "short.example", &soon), indicator(2, "long.example", ""));
    assert_eq!(accepted(&alpha.publish(&writer.submitter, Terms::of(circle), &bodies)), [true; 2]);
    send(&mut alpha, &mut beta);
    let seq = beta.store.reading().by_thing(&thing(&id("indicator", 2))).unwrap()[0];
    let (first, last) = (beta.now, beta.now);
    let matched = vec![Matched { seq, count: 1, first, last, role: "dns-query", parent: false }];
    beta.apply(Command::Matched(matched));
    let head = beta.store.reading().head().unwrap();
    keep(&mut alpha, rules());
    keep(&mut beta, rules());
    let erased = |one: &One| {
        let reading = one.store.reading();
        (1..=reading.head().unwrap()).filter(|s| reading.row(*s).unwrap().unwrap().erased).count()
    };
    // Days passed, erased at Alpha (who carries), erased at Beta (who received and saw).
    for (days, at_alpha, at_beta) in
        [(14, 0, 0), (16, 1, 1), (19, 1, 1), (21, 1, 2), (39, 1, 2), (41, 2, 2), (61, 2, 3)]
    {
        let passed = |one: &One| (one.now.micros() - last.micros()) / 1_000_000 / DAY;
        let (a, b) = (days - passed(&alpha), days - passed(&beta));
        pass(&mut alpha, a);
        pass(&mut beta, b);
        assert_eq!((erased(&alpha), erased(&beta)), (at_alpha, at_beta), "after {days} days");
    }
    let lists = beta.store.reading().scan_kind(&CIRCLE.parse().unwrap(), 0, head, 9).unwrap();
    assert_eq!(lists.len(), 1, "the circle's list stays");
    for one in [&alpha, &beta] {
        let mut found = 0;
        let own = one.me.public();
        let head = one.store.reading().head().unwrap();
        let mut told = |step| found += u64::from(matches!(step, Step::Found(_)));
        let walk = Walk { head, threads: 1, signatures: true, pinned: None };
        let walked = verify(&one.store.reading(), &own, walk, &mut told).unwrap();
        assert_eq!((found, walked.erased), (0, erased(one) as u64));
    }
}

#[test]
fn what_went_by_age_is_unwatched_counted_before_and_sent_as_its_leaf_under_proofs_that_hold() {
    let (mut alpha, mut beta, circle, writer) = world();
    let old = until(alpha.now.plus_seconds(-20 * DAY));
    let bodies: Vec<_> = (1..=300).map(|n| indicator(n, &format!("{n}.example"), &old)).collect();
    alpha.publish(&writer.submitter, Terms::of(circle), &format!("[{}]", bodies.join(",")));
    let again: Vec<_> = (1..=300).map(|n| indicator(1_000 + n, "x.example", "")).collect();
    alpha.publish(&writer.submitter, Terms::of(circle), &format!("[{}]", again.join(",")));
    alpha.apply(Command::Number(link_key(&beta.id())));
    assert_eq!(count(&alpha, Rule::ExpiredIndicators), 300);
    assert_eq!(count(&alpha, Rule::Carried), 0);
    keep(&mut alpha, rules());
    alpha.effects.clear();
    alpha.apply(Command::Tick);
    let unwatched = |one: &One| {
        one.effects.iter().filter(|effect| matches!(effect, Effect::Unwatch(_))).count()
    };
    assert!((1..300).contains(&unwatched(&alpha)), "bounded: {}", unwatched(&alpha));
    tick(&mut alpha);
    assert_eq!(unwatched(&alpha), 300);
    assert_eq!(count(&alpha, Rule::ExpiredIndicators), 0);
    let sent = String::from_utf8(send(&mut alpha, &mut beta)).unwrap();
    assert!(sent.contains("\"gone\"") && !sent.contains("\"1.example\""));
    assert!(!holds(&beta, 7) && holds(&beta, 1_007));
    // It was nobody's recall: the same may come again.
    let body = indicator(7, "7.example", "");
    assert_eq!(accepted(&alpha.publish(&writer.submitter, Terms::of(circle), &body)), [true]);
    alpha.apply(Command::Number(link_key(&beta.id())));
    let have = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let bytes = batch(&alpha, &beta, have);
    let answer = arrive(&alpha, &mut beta, &bytes);
    assert!(matches!(&answer, Answer::Receipt(r) if r.refused.is_empty()), "{answer:?}");
    assert!(holds(&beta, 7));
}

#[test]
fn a_superseded_version_does_not_hold_again_when_the_newest_goes() {
    let (mut alpha, _, circle, writer) = world();
    let old = until(alpha.now.plus_seconds(-20 * DAY));
    let first = indicator(1, "evil.example", "");
    let second = first.replace(r#""modified":"2026-01-01"#, r#""modified":"2026-02-01"#);
    let second = second.replacen(r#","pattern""#, &format!(r#"{old},"pattern""#), 1);
    for body in [&first, &second] {
        assert_eq!(accepted(&alpha.publish(&writer.submitter, Terms::of(circle), body)), [true]);
    }
    keep(&mut alpha, rules());
    tick(&mut alpha);
    assert!(!holds(&alpha, 1), "neither is left");
}

#[test]
fn without_rules_everything_is_kept() {
    let (mut alpha, _, circle, writer) = world();
    let old = until(alpha.now.plus_seconds(-20 * DAY));
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(1, "evil.example", &old));
    pass(&mut alpha, 4_000);
    assert!(holds(&alpha, 1));
}
