//! What is watched, and what is counted: the same after a start as before it, and never twice.

use crate::world::{One, id, indicator, thing};
use model::id::{CircleId, Digest};
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::{Administer, Submitter};
use node::filling::Filling;
use node::sighting::{Whose, counted};
use node::watch::Matched;
use node::{Answer, Command, Effect, Rights, Seq};
use std::collections::BTreeSet;

type Watched = BTreeSet<(Seq, String)>;

/// What live matching holds that followed every effect.
fn followed(one: &One) -> Watched {
    let mut live = Watched::new();
    for effect in &one.effects {
        match effect {
            Effect::Watch { seq, values } => {
                live.extend(values.iter().map(|value| (*seq, value.text.clone())));
            }
            Effect::Unwatch(gone) => live.retain(|(seq, _)| seq != gone),
            _ => {}
        }
    }
    live
}

/// What an empty index is filled with.
fn filled(one: &One) -> Watched {
    let reading = one.store.reading();
    let mut filling = Filling::begin(&reading, reading.head().unwrap()).unwrap();
    let mut found = Watched::new();
    let mut each = |seq, _, text: &str| assert!(found.insert((seq, text.to_owned())), "{text}");
    while filling.step(&reading, &mut each).unwrap() {}
    found
}

/// Publishes versions of so many things, out of order, under two intakes; some are revoked or
/// compound. Gives the circle and who published.
fn versions(one: &mut One, things: u32) -> (CircleId, [Submitter; 2]) {
    let circle = one.circle("ops");
    let rights = Rights::READ.with(Rights::WRITE);
    let who = ["a", "b"].map(|name| {
        let token = one.token(name, &[circle], rights);
        one.caller(&token).submitter
    });
    for (round, day) in [(0, "05"), (1, "03"), (2, "09"), (3, "07")] {
        let body = |n: u32| {
            let name = format!("d{n}-{day}.example");
            let body = indicator(n, &name, if n % 7 == round { r#","revoked":true"# } else { "" });
            let body =
                body.replace(r#""modified":"2026-01-01"#, &format!(r#""modified":"2026-01-{day}"#));
            if n % 11 == round {
                body.replace("']\"", "' AND domain-name:value = 'x.y']\"")
            } else {
                body
            }
        };
        // Things with a number above the half have one version only.
        let most = if round == 0 { things } else { things / 2 };
        for from in (0..most).step_by(500) {
            let all: Vec<String> = (from..most.min(from + 500)).map(body).collect();
            let who = &who[usize::try_from(round).unwrap() % 2];
            one.publish(who, Terms::of(circle), &format!("[{}]", all.join(",")));
        }
    }
    (circle, who)
}

#[test]
fn a_filled_index_is_what_effects_made_of_it() {
    for things in [40, 5_600] {
        let mut one = One::new(1, "CERT Alpha");
        let (circle, [a, _]) = versions(&mut one, things);
        let hidden = one.store.reading().by_thing(&thing(&id("indicator", 1))).unwrap();
        let hide = Command::Hide { submitter: a, circle, entries: hidden[..1].to_vec() };
        assert!(matches!(one.apply(hide), Answer::Done));
        for (n, mode) in [(39, RecallMode::Erase), (38, RecallMode::Stop)] {
            let thing = thing(&id("indicator", n));
            let recall = Administer::Recall { thing, mode, reason: "wrong".to_owned() };
            one.apply(Command::Administer(recall));
        }
        let (live, fresh) = (followed(&one), filled(&one));
        assert!(live.len() > usize::try_from(things / 2).unwrap(), "{}", live.len());
        assert_eq!(fresh, live, "{things}");
    }
}

/// Publishes two indicators; gives their places.
fn two(one: &mut One) -> [Seq; 2] {
    let circle = one.circle("ops");
    let token = one.token("w", &[circle], Rights::READ.with(Rights::WRITE));
    let who = one.caller(&token).submitter;
    let all = format!("[{},{}]", indicator(1, "a.example", ""), indicator(2, "b.example", ""));
    one.publish(&who, Terms::of(circle), &all);
    [1, 2].map(|n| one.store.reading().by_thing(&thing(&id("indicator", n))).unwrap()[0])
}

fn matched(one: &One, seq: Seq, count: u64) -> Matched {
    Matched { seq, count, first: one.now, last: one.now, role: "dns-query", parent: false }
}

/// The counts of all sightings made so far.
fn sighted(one: &One) -> Vec<u64> {
    let reading = one.store.reading();
    let all = reading.scan_kind(&"stix/sighting".parse().unwrap(), 0, Seq::MAX, 100).unwrap();
    let body = |seq| reading.body(seq).unwrap().unwrap();
    all.iter()
        .map(|light| formats::stix::read(&body(light.seq)).unwrap().facts.count.unwrap())
        .collect()
}

#[test]
fn a_delivery_that_comes_again_counts_only_what_is_new() {
    let mut one = One::new(1, "CERT Alpha");
    let [a, b] = two(&mut one);
    let deliver = |one: &mut One, name: u8, matches: Vec<Matched>| {
        let delivery = Digest::new([name; 32]);
        assert!(matches!(one.apply(Command::Delivered { delivery, matches }), Answer::Done));
    };
    let of_a = |one: &One| vec![matched(one, a, 5)];
    let first = of_a(&one);
    deliver(&mut one, 1, first.clone());
    deliver(&mut one, 1, first.clone());
    assert_eq!(sighted(&one), [5]);
    // The same bytes, matched by an indicator that came meanwhile.
    let both = vec![matched(&one, a, 5), matched(&one, b, 2)];
    deliver(&mut one, 1, both.clone());
    deliver(&mut one, 1, both);
    assert_eq!(sighted(&one), [5, 2]);
    deliver(&mut one, 2, first.clone());
    one.now = one.now.plus_seconds(3_600);
    one.apply(Command::Tick);
    assert_eq!(sighted(&one), [5, 2, 5], "another delivery");
    // After a day nobody sends it again.
    one.now = "2026-11-23T10:00:00Z".parse().unwrap();
    one.apply(Command::Tick);
    deliver(&mut one, 1, first);
    assert_eq!(sighted(&one), [5, 2, 5, 5]);
}

#[test]
fn counts_that_wait_for_their_hour_survive_the_process() {
    let mut one = One::new(1, "CERT Alpha");
    let [a, _] = two(&mut one);
    for count in [1, 10, 20] {
        let found = matched(&one, a, count);
        one.apply(Command::Matched(vec![found]));
    }
    assert_eq!(sighted(&one), [1]);
    let epoch = one.me.epoch;
    one.reopen(epoch);
    let found = matched(&one, a, 30);
    one.apply(Command::Matched(vec![found]));
    assert_eq!(sighted(&one), [1], "its hour runs");
    one.now = one.now.plus_seconds(3_600);
    one.apply(Command::Tick);
    assert_eq!(sighted(&one), [1, 60]);
    one.reopen(epoch);
    one.now = one.now.plus_seconds(3_600);
    one.apply(Command::Tick);
    assert_eq!(sighted(&one), [1, 60], "told once");
}

#[test]
fn those_that_are_asked_for_are_counted_though_others_matched_more() {
    let mut one = One::new(1, "CERT Alpha");
    let [a, b] = two(&mut one);
    for (seq, count) in [(a, 9), (b, 2), (b, 3)] {
        let matches = vec![matched(&one, seq, count)];
        one.apply(Command::Matched(matches));
    }
    let from = model::time::Instant::from_micros(0);
    let told = |whose: Whose<'_>, limit: usize| -> Vec<(Seq, u64)> {
        let told = counted(&one.store.reading(), whose, from, limit).unwrap();
        told.iter().map(|one| (one.cell.seq, one.cell.count)).collect()
    };
    assert_eq!(told(Whose::All, 1), [(a, 9)], "most");
    assert_eq!(told(Whose::At(&[b].into()), 1), [(b, 5)]);
    assert_eq!(told(Whose::At(&[a, b].into()), 9), [(a, 9), (b, 5)]);
    assert_eq!(told(Whose::At(&[b + 1_000].into()), 9), [], "it never matched");
}
