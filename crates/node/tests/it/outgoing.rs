//! Findings that wait for their receivers: put in with their matches, tried again with growing
//! pauses, given up after a day, and gone with their indicator.

use crate::world::{One, id, indicator, thing};
use formats::problem::Problem;
use model::id::Digest;
use model::statement::RecallMode;
use model::time::Instant;
use node::accept::Terms;
use node::command::{Administer, Submitter};
use node::outgoing::{Finding, SendFailed, Sent, due, next, pause};
use node::receiver::{NewReceiver, all};
use node::watch::Matched;
use node::{Answer, Command, Effect, Outgoing, Receiver, Rights, Secret, Seq, Wording};

/// A node with two indicators and a receiver.
struct World {
    one: One,
    who: Submitter,
    circle: model::id::CircleId,
    seqs: [Seq; 2],
    receiver: i64,
}

fn new(name: &str) -> NewReceiver {
    NewReceiver {
        name: name.to_owned(),
        url: "https://soc.example/hook".to_owned(),
        wording: Wording::Json,
        circle: None,
        red: false,
        secret: None,
        key: None,
    }
}

impl World {
    fn new() -> Self {
        let mut one = One::new(1, "CERT Alpha");
        let circle = one.circle("ops");
        let token = one.token("w", &[circle], Rights::READ.with(Rights::WRITE));
        let who = one.caller(&token).submitter;
        let both = format!("[{},{}]", indicator(1, "a.example", ""), indicator(2, "b.example", ""));
        one.publish(&who, Terms::of(circle), &both);
        let seqs =
            [1, 2].map(|n| one.store.reading().by_thing(&thing(&id("indicator", n))).unwrap()[0]);
        let added = one.apply(Command::Administer(Administer::AddReceiver(new("soc"))));
        assert!(matches!(added, Answer::Token(secret) if secret.len() == 64), "made here");
        let receiver = all(&one.store.reading()).unwrap()[0].id;
        Self { one, who, circle, seqs, receiver }
    }

    fn state(&self) -> Receiver {
        all(&self.one.store.reading()).unwrap().remove(0)
    }

    /// What may be sent now.
    fn due(&self) -> Vec<Outgoing> {
        due(&self.one.store.reading(), self.receiver, self.one.now, 100).unwrap()
    }

    fn keys(&self) -> Vec<String> {
        self.due().into_iter().map(|finding| finding.key).collect()
    }

    /// Matches of an indicator, with their findings, in a delivery of this name.
    fn found(&mut self, delivery: u8, place: usize, keys: &[&str], bytes: usize) {
        let (seq, now) = (self.seqs[place], self.one.now);
        let finding = |key: &&str| {
            let (receiver, key) = (self.receiver, (*key).to_owned());
            Finding { receiver, key, seq, body: vec![b'x'; bytes] }
        };
        let findings = keys.iter().map(finding).collect();
        let count = u64::try_from(keys.len()).unwrap();
        let (first, last, role) = (now, now, "dns-query");
        let matches = vec![Matched { seq, count, first, last, role, parent: false }];
        let delivery = Some(Digest::new([delivery; 32]));
        self.one.apply(Command::Found { delivery, matches, findings });
    }

    fn sent(&mut self, taken: &[&str], failed: Option<(&str, u32)>) {
        let failed = failed.map(|(key, tries)| SendFailed {
            finding: Some((key.to_owned(), tries)),
            problem: Problem::error("E-HOOK-013", "it answers 500").hint("look"),
            retry_after: None,
        });
        let taken = taken.iter().map(|key| (*key).to_owned()).collect();
        let receiver = self.receiver;
        self.one.apply(Command::Sent(Sent { receiver, taken, failed }));
    }

    fn dropped(&self) -> u64 {
        let effects = self.one.effects.iter();
        effects
            .map(|effect| match effect {
                Effect::Outgoing { dropped } => *dropped,
                _ => 0,
            })
            .sum()
    }
}

#[test]
fn a_finding_waits_with_its_match_and_goes_when_it_was_taken() {
    let mut world = World::new();
    world.found(1, 0, &["m1", "m2"], 10);
    // The same delivery again: its matches were counted, and told.
    world.found(1, 0, &["m1", "m2"], 10);
    assert_eq!(world.keys(), ["m1", "m2"]);
    assert_eq!((world.state().waiting, world.state().bytes), (2, 20));
    world.sent(&["m1"], None);
    assert_eq!(world.keys(), ["m2"]);
    let state = world.state();
    assert_eq!((state.waiting, state.bytes, state.sent, state.failures), (1, 10, 1, 0));
    assert_eq!(state.success, Some(world.one.now));
    // Once more: what was taken is not told again.
    world.found(1, 0, &["m1", "m2"], 10);
    assert_eq!(world.keys(), ["m2"]);
    // Nothing is lost when the process ends.
    let epoch = world.one.me.epoch;
    world.one.reopen(epoch);
    assert_eq!(world.keys(), ["m2"]);
}

#[test]
fn what_is_refused_is_tried_again_with_growing_pauses_until_a_day_is_over() {
    let mut world = World::new();
    world.one.now = "2026-11-22T10:00:00Z".parse().unwrap();
    world.found(1, 0, &["m1"], 10);
    let began = world.one.now;
    let (mut tries, mut pauses) = (0, Vec::new());
    while world.state().waiting > 0 {
        if world.keys().is_empty() {
            let next = next(&world.one.store.reading(), world.receiver).unwrap().unwrap();
            pauses.push((next.micros() - world.one.now.micros()) / 1_000_000);
            // Time passes up to then, with the ticks of whole minutes.
            let minute = |at: Instant| at.micros() / 60_000_000;
            while minute(world.one.now) < minute(next) && world.state().waiting > 0 {
                let start = (minute(world.one.now) + 1) * 60_000_000;
                world.one.now = Instant::from_micros(start);
                world.one.apply(Command::Tick);
            }
            world.one.now = world.one.now.max(next);
        } else {
            world.sent(&[], Some(("m1", tries)));
            tries += 1;
        }
    }
    assert_eq!(pauses[..5], [5, 10, 20, 40, 80], "5 s, and twice as long each time");
    assert!(pauses.windows(2).all(|two| two[0] <= two[1]), "{pauses:?}");
    assert_eq!(pauses.iter().max(), Some(&3_600), "an hour at most: {pauses:?}");
    let hours = (world.one.now.micros() - began.micros()) / 3_600_000_000;
    assert_eq!((hours, world.dropped()), (24, 1), "given up after a day, and told");
    let state = world.state();
    assert_eq!((state.dropped, state.bytes), (1, 0));
    assert_eq!((state.failures, pause(state.failures, None)), (tries, 3_600));
    assert_eq!(state.error.as_deref(), Some("E-HOOK-013: it answers 500"));
}

#[test]
fn one_that_is_refused_holds_up_no_other() {
    let mut world = World::new();
    world.found(1, 0, &["bad", "good"], 10);
    world.sent(&[], Some(("bad", 0)));
    assert_eq!(world.keys(), ["good"]);
    world.one.now = world.one.now.plus_seconds(6);
    assert_eq!(world.keys(), ["good", "bad"], "what was never refused goes first");
    world.sent(&["good"], None);
    assert_eq!((world.state().failures, world.state().error), (0, None));
    // A clock that was set back by hours does not silence it.
    world.sent(&[], Some(("bad", 1)));
    world.one.now = world.one.now.plus_seconds(-86_400);
    assert_eq!(world.keys(), ["bad"]);
}

#[test]
fn a_full_queue_gives_up_what_is_new_and_counts_it() {
    let mut world = World::new();
    let large = 20 << 20;
    world.found(1, 0, &["m1", "m2", "m3"], large);
    world.found(2, 0, &["m4"], large);
    world.found(3, 0, &["m5"], 10);
    assert_eq!(world.keys(), ["m1", "m2", "m3", "m5"], "what fits, fits");
    assert_eq!((world.state().dropped, world.dropped()), (1, 1));
}

#[test]
fn what_is_taken_back_is_sent_to_nobody() {
    let mut world = World::new();
    world.found(1, 0, &["a1", "a2"], 10);
    world.found(2, 1, &["b1"], 10);
    let recall = Administer::Recall {
        thing: thing(&id("indicator", 1)),
        mode: RecallMode::Erase,
        reason: "wrong".to_owned(),
    };
    world.one.apply(Command::Administer(recall));
    assert_eq!(world.keys(), ["b1"]);
    assert_eq!((world.state().waiting, world.state().bytes, world.dropped()), (1, 10, 0));
    // Matched before, and committed after it.
    world.found(3, 0, &["a3"], 10);
    assert_eq!(world.keys(), ["b1"]);
    // A newer version that is still looked for says nothing against what the older one found.
    let newer = |more: &str, at: &str| {
        let text = indicator(2, "b.example", more);
        let text = text.replace("\"modified\":\"2026-01-01", &format!("\"modified\":\"{at}"));
        format!("[{text}]")
    };
    let (who, circle) = (world.who.clone(), world.circle);
    world.one.publish(&who, Terms::of(circle), &newer("", "2026-11-01"));
    assert_eq!(world.keys(), ["b1"]);
    // One that is revoked does.
    world.seqs[1] = *world
        .one
        .store
        .reading()
        .by_thing(&thing(&id("indicator", 2)))
        .unwrap()
        .iter()
        .max()
        .unwrap();
    world.found(4, 1, &["b2"], 10);
    assert_eq!(world.keys(), ["b1", "b2"]);
    world.one.publish(&who, Terms::of(circle), &newer(r#","revoked":true"#, "2026-11-02"));
    assert!(world.keys().is_empty(), "of every version");
}

#[test]
fn receivers_come_and_go_with_what_waits_for_them() {
    let mut world = World::new();
    let mut act = |what| match world.one.apply(Command::Administer(what)) {
        Answer::Refused(problem) => Err(problem.code),
        _ => Ok(()),
    };
    let add = |name: &str| Administer::AddReceiver(new(name));
    assert_eq!(act(add("soc")), Err("E-HOOK-002"), "taken");
    assert_eq!(act(add("syslog")), Err("E-HOOK-002"), "the settings'");
    let short = NewReceiver { secret: Some(Secret("short".to_owned())), ..new("x") };
    assert_eq!(act(Administer::AddReceiver(short)), Err("E-HOOK-004"));
    assert_eq!(act(Administer::RemoveReceiver("nobody".to_owned())), Err("E-HOOK-001"));
    for n in 1..model::limits::WEBHOOKS_MAX {
        assert_eq!(act(add(&format!("n{n}"))), Ok(()));
    }
    assert_eq!(act(add("one-more")), Err("E-HOOK-005"));
    world.found(1, 0, &["m1"], 10);
    let removed = Administer::RemoveReceiver("soc".to_owned());
    world.one.apply(Command::Administer(removed));
    assert!(world.keys().is_empty());
    // What was under way for it is noted nowhere.
    world.sent(&["m1"], None);
    let syslog =
        |url: Option<&str>| Administer::SetSyslog(url.map(|url| (url.to_owned(), Wording::Ocsf)));
    let named = |world: &World| {
        let found = all(&world.one.store.reading()).unwrap();
        found.into_iter().find(|one| one.name == "syslog").map(|one| (one.id, one.url))
    };
    world.one.apply(Command::Administer(syslog(Some("udp://a:1"))));
    let first = named(&world).unwrap();
    world.one.apply(Command::Administer(syslog(Some("udp://a:1"))));
    assert_eq!(named(&world).unwrap(), first, "the same as before");
    world.one.apply(Command::Administer(syslog(Some("udp://b:1"))));
    assert_ne!(named(&world).unwrap(), first);
    world.one.apply(Command::Administer(syslog(None)));
    assert_eq!(named(&world), None);
}
