//! Cards and the policy: what is foreseen is what then arrives at real receivers and is withdrawn
//! from them; a change is a record with who and why that nobody else reads; much opened is asked.

use crate::world::{One, accepted, arrive, batch, indicator, join, marked, refusals, send, thing};
use model::bounds::{Bounds, CirclesOf, Give, Kinds, Take};
use model::card::{Card, Relation};
use model::id::{CircleId, NodeId, ThingId};
use model::kind::Kind;
use model::label::Tlp;
use model::ledger::ledger_of;
use model::policy::{Ask, Policy};
use model::question::Answers;
use node::accept::Terms;
use node::command::{Act, Administer};
use node::link;
use node::outlet::link_key;
use node::read::{self, Change, Foreseen, foresee};
use node::{Answer, Command, Rights};
use std::collections::{BTreeMap, BTreeSet};

fn by(why: &str) -> Act {
    Act { who: "operator".to_owned(), why: why.to_owned(), ..Act::default() }
}

fn agreed(why: &str) -> Act {
    Act { widen: true, ..by(why) }
}

fn administer(at: &mut One, act: Administer) -> Answer {
    at.apply(Command::Administer(act))
}

fn set_card(at: &mut One, partner: NodeId, card: &Card, by: Act) -> Answer {
    administer(at, Administer::SetCard { partner, card: Box::new(card.clone()), by })
}

fn set_policy(at: &mut One, policy: &Policy, by: Act) -> Answer {
    administer(at, Administer::SetPolicy { policy: Box::new(policy.clone()), by })
}

fn look(at: &One, change: &Change) -> Foreseen {
    foresee(&at.store.reading(), at.id(), change, at.now).unwrap()
}

/// A small object of another kind than an indicator.
fn tool(n: u32, more: &str) -> String {
    format!(
        r#"{{"type":"tool","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"t{n}"{more}}}"#,
        crate::world::id("tool", n)
    )
}

fn publish(at: &mut One, terms: Terms, objects: &[String]) {
    let name = format!("w{}", at.store.reading().head().unwrap());
    let token = at.token(&name, &[terms.circle], Rights::WRITE);
    let writer = at.caller(&token);
    let outcomes = at.publish(&writer.submitter, terms, &format!("[{}]", objects.join(",")));
    assert!(accepted(&outcomes).iter().all(|accepted| *accepted), "{outcomes:?}");
}

/// Numbers that a seed determines.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    fn give(&mut self, circles: &[CircleId]) -> Give {
        let some =
            |names: &[&str]| Kinds::Only(names.iter().map(|name| name.parse().unwrap()).collect());
        let kinds = [
            Kinds::Any,
            Kinds::Any,
            some(&["stix/*"]),
            some(&["stix/tool"]),
            some(&["stix/indicator", "misp/*"]),
            some(&[]),
        ];
        let one = CirclesOf::Only([self.of(circles)].into());
        Give {
            ceiling: self.of(&Tlp::ALL),
            kinds: self.of(&kinds),
            circles: self.of(&[CirclesOf::Any, CirclesOf::Any, one]),
            personal: self.below(2) == 0,
            answers: self.of(&Answers::ALL),
        }
    }
}

type Held = BTreeSet<(ThingId, CircleId)>;

/// What a node holds that came from another: records, and no words about them.
fn held(at: &One, from: NodeId) -> Held {
    let reading = at.store.reading();
    let mut found = Held::new();
    for seq in 1..=reading.head().unwrap() {
        let row = reading.row(seq).unwrap().unwrap();
        if row.via == Some(from) && !row.erased && !row.thing.kind.is_word() {
            found.insert((row.thing.clone(), row.label.circle));
        }
    }
    found
}

/// What one node would open to another now, record by record.
fn may(at: &One, to: NodeId) -> Held {
    let reading = at.store.reading();
    let lens = link::lens_for(&reading, &to, at.now).unwrap().expect("a partner");
    let mut found = Held::new();
    for seq in 1..=reading.head().unwrap() {
        let row = reading.row(seq).unwrap().unwrap();
        if !row.thing.kind.is_word() && lens.body(&reading, seq).unwrap().is_some() {
            found.insert((row.thing.clone(), row.label.circle));
        }
    }
    found
}

/// Alpha with Beta, Gamma and Delta in two circles, and records of two kinds under many labels, some
/// of them Beta's that Alpha relays.
struct Ring {
    alpha: One,
    others: Vec<One>,
    circles: Vec<CircleId>,
}

impl Ring {
    fn new() -> Self {
        let mut alpha = One::new(1, "CERT Alpha");
        let circles = vec![alpha.circle("ops"), alpha.circle("lab")];
        let mut others =
            vec![One::new(2, "CERT Beta"), One::new(3, "CERT Gamma"), One::new(4, "CERT Delta")];
        for (place, other) in others.iter_mut().enumerate() {
            let circles = if place == 2 { &circles[..1] } else { &circles[..] };
            join(&mut alpha, other, circles, place != 1);
        }
        let mut ring = Self { alpha, others, circles };
        ring.drain();
        let mut n = 0;
        for circle in ring.circles.clone() {
            for tlp in Tlp::ALL {
                for to in [None, Some([ring.others[0].id(), ring.others[2].id()].into())] {
                    let terms = Terms { tlp: Some(tlp), to, ..Terms::of(circle) };
                    n += 2;
                    let more = marked(tlp);
                    let objects =
                        [indicator(n, &format!("d{n}.example"), &more), tool(n + 1, &more)];
                    publish(&mut ring.alpha, terms, &objects);
                }
            }
            let embargo = Some(ring.alpha.now.plus_seconds(86_400));
            let terms = Terms { until: embargo, ..Terms::of(circle) };
            publish(&mut ring.alpha, terms, &[tool(500 + n, &marked(Tlp::Green))]);
            let relayed = [indicator(900 + n, "relayed.example", &marked(Tlp::Green))];
            publish(&mut ring.others[0], Terms::of(circle), &relayed);
        }
        ring.drain();
        ring
    }

    /// All that is to be sent among them, until there is nothing more.
    fn drain(&mut self) {
        for _ in 0..3 {
            for other in &mut self.others {
                other.now = other.now.max(self.alpha.now);
                send(other, &mut self.alpha);
                send(&mut self.alpha, other);
            }
        }
    }

    fn all_held(&self) -> BTreeMap<NodeId, Held> {
        let from = self.alpha.id();
        self.others.iter().map(|other| (other.id(), held(other, from))).collect()
    }
}

/// By partner, circle and kind: how many of `left` are not in `right`.
fn counts(
    left: &BTreeMap<NodeId, Held>,
    right: &BTreeMap<NodeId, Held>,
) -> BTreeMap<(NodeId, CircleId, Kind), u64> {
    let mut counts = BTreeMap::new();
    for (node, things) in left {
        for (thing, circle) in things.difference(&right[node]) {
            *counts.entry((*node, *circle, thing.kind.clone())).or_default() += 1;
        }
    }
    counts
}

fn foreseen_counts(
    foreseen: &Foreseen,
    count: fn(&read::ForeseenLine) -> u64,
) -> BTreeMap<(NodeId, CircleId, Kind), u64> {
    let lines = foreseen.lines.iter().filter(|line| count(line) > 0);
    lines.map(|line| ((line.partner, line.circle, line.kind.clone()), count(line))).collect()
}

fn random_change(ring: &Ring, dice: &mut Dice) -> Change {
    let circles = &ring.circles;
    let partner = ring.others[dice.below(3)].id();
    match dice.below(8) {
        0 => Change::Confirm(ring.others[1].id()),
        1..=2 => {
            let sections = [Relation::Vendor, Relation::Client].map(|relation| {
                (relation, Bounds { give: dice.give(circles), take: Take::whole() })
            });
            let bounds = Bounds { give: dice.give(circles), take: Take::whole() };
            let bounds = if dice.below(2) == 0 { Bounds::default() } else { bounds };
            let relation = sections.into_iter().collect();
            Change::Policy(Box::new(Policy { bounds, relation, ..Policy::default() }))
        }
        3 => {
            let n = 2 + u32::try_from(dice.below(40)).unwrap();
            let kind = if n % 2 == 0 { "indicator" } else { "tool" };
            let id = crate::world::id(kind, n);
            Change::Relabel { thing: thing(&id), tlp: dice.of(&Tlp::ALL) }
        }
        _ => {
            let relation = dice.of(&Relation::ALL);
            let give = dice.give(circles);
            let card = Box::new(Card { relation, give, ..Card::default() });
            Change::Card { partner, card }
        }
    }
}

fn make(alpha: &mut One, change: &Change) {
    let act = match change.clone() {
        Change::Card { partner, card } => {
            Administer::SetCard { partner, card, by: agreed("a test") }
        }
        Change::Policy(policy) => Administer::SetPolicy { policy, by: agreed("a test") },
        Change::Confirm(partner) => {
            let words = alpha.store.reading().partner(&partner).unwrap().unwrap().words;
            Administer::Confirm { partner, words }
        }
        Change::Relabel { thing, tlp } => Administer::Relabel { thing, tlp },
        other => panic!("{other:?}"),
    };
    let answer = administer(alpha, act);
    assert!(matches!(answer, Answer::Done | Answer::Statements(_)), "{answer:?}");
}

/// A person withdraws something from a partner that has it.
fn withdraw_one(ring: &mut Ring, held: &BTreeMap<NodeId, Held>, dice: &mut Dice) -> u64 {
    let partner = ring.others[dice.below(3)].id();
    let things: Vec<_> = held[&partner].iter().collect();
    if things.is_empty() {
        return 0;
    }
    let thing = things[dice.below(things.len())].0.clone();
    let answer = administer(&mut ring.alpha, Administer::Withdraw { thing, partner });
    assert!(matches!(answer, Answer::Withdrawn { .. }), "{answer:?}");
    ring.drain();
    1
}

#[test]
fn what_is_foreseen_is_what_arrives_and_is_withdrawn() {
    let (mut gained, mut lost, mut withdrawn) = (0, 0, 0);
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let mut ring = Ring::new();
        let mut before = ring.all_held();
        for step in 0..25 {
            if dice.below(3) == 0 {
                withdrawn += withdraw_one(&mut ring, &before, &mut dice);
                before = ring.all_held();
            }
            let change = random_change(&ring, &mut dice);
            let foreseen = look(&ring.alpha, &change);
            make(&mut ring.alpha, &change);
            ring.drain();
            let after = ring.all_held();
            let here = format!("seed {seed}, step {step}: {change:?}");
            for other in &ring.others {
                assert_eq!(after[&other.id()], may(&ring.alpha, other.id()), "{here}");
            }
            let (gains, loses) = (counts(&after, &before), counts(&before, &after));
            assert_eq!(foreseen_counts(&foreseen, |line| line.gains), gains, "{here}");
            assert_eq!(foreseen_counts(&foreseen, |line| line.loses), loses, "{here}");
            gained += gains.values().sum::<u64>();
            lost += loses.values().sum::<u64>();
            before = after;
        }
    }
    let enough = gained > 100 && lost > 100 && withdrawn > 10;
    assert!(enough, "too little happened: {gained} gained, {lost} lost, {withdrawn} withdrawn");
}

#[test]
fn a_change_is_a_record_that_nobody_else_can_read() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let give = Give { ceiling: Tlp::Green, ..Give::whole() };
    let card = Card { relation: Relation::Client, give, ..Card::default() };
    let why = "zyzzyva: contract ends";
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, by(why)), Answer::Done));
    let policy = Policy { ask_above: 7, ..Policy::default() };
    assert!(matches!(set_policy(&mut alpha, &policy, by("zyzzyva too")), Answer::Done));

    let reading = alpha.store.reading();
    let changes = read::changes(&reading, alpha.id(), 10).unwrap();
    assert_eq!(changes.iter().map(|c| c.number).collect::<Vec<_>>(), [2, 1]);
    let last = read::card(&reading, alpha.id(), &beta.id()).unwrap().unwrap();
    let change = last.changed.unwrap().change;
    assert_eq!((change.who.as_str(), change.why.as_str()), ("operator", why));
    assert_eq!((change.text, last.card), (card.write(), card));
    let line = read::policy(&reading, alpha.id()).unwrap();
    assert_eq!((line.policy, line.version, line.readable), (policy, 2, true));
    assert_eq!(line.changed.unwrap().change.partner, None);

    // Neither a member nor a token with every right has it; its own node's people do.
    let ledger = ledger_of(&alpha.id());
    let places: Vec<_> = (1..=reading.head().unwrap())
        .filter(|seq| reading.row(*seq).unwrap().unwrap().label.circle == ledger)
        .collect();
    assert_eq!(places.len(), 2);
    let partner = link::lens_for(&reading, &beta.id(), alpha.now).unwrap().unwrap();
    for seq in &places {
        assert!(partner.body(&reading, *seq).unwrap().is_none());
    }
    let token = alpha.token("all", &[circle, ledger], Rights::READ.with(Rights::RED));
    let token = alpha.caller(&token);
    let own = alpha.token("root", &[], Rights::ADMIN);
    let own = alpha.caller(&own);
    for (caller, sees) in [(&token, false), (&own, true)] {
        let reader = caller.submitter.reader.clone();
        let lens = node::release::Lens { reader, now: alpha.now };
        for seq in &places {
            let body = lens.body(&alpha.store.reading(), *seq).unwrap();
            assert_eq!(body.is_some(), sees, "{}", caller.name);
        }
    }
    for caller in [&token, &own] {
        let reader = caller.submitter.reader.clone();
        let lens = node::release::Lens { reader, now: alpha.now };
        let found = |at: &One| read::search(&at.store.reading(), &lens, "zyzzyva").unwrap().len();
        let before = found(&alpha);
        assert_eq!(before, if caller.name == "root" { 2 } else { 0 });
        node::rebuild::rebuild(&alpha.store, "text", &mut |_, _| {}).unwrap();
        assert_eq!(found(&alpha), before, "a rebuilt view says the same");
    }
    let sent = send(&mut alpha, &mut beta);
    assert!(!String::from_utf8_lossy(&sent).contains("zyzzyva"));
    assert!(held(&beta, alpha.id()).is_empty());
}

#[test]
fn a_change_needs_a_reason_and_the_text_that_its_person_saw() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let card = Card { relation: Relation::Vendor, ..Card::default() };
    let code = |answer: Answer| match answer {
        Answer::Refused(problem) => problem.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(set_card(&mut alpha, beta.id(), &card, by(" "))), "E-POLICY-005");
    assert_eq!(code(set_card(&mut alpha, NodeId::new([9; 16]), &card, by("x"))), "E-PARTNER-001");
    let seen = read::card(&alpha.store.reading(), alpha.id(), &beta.id()).unwrap().unwrap().digest;
    let saw = |why: &str| Act { was: Some(seen), ..by(why) };
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, saw("first")), Answer::Done));
    let other = Card { relation: Relation::Own, ..Card::default() };
    assert_eq!(code(set_card(&mut alpha, beta.id(), &other, saw("late"))), "E-POLICY-003");
    let many = (0..300).map(|n| format!("c{n}")).collect();
    let large = Card { clients: many, ..Card::default() };
    assert_eq!(code(set_card(&mut alpha, beta.id(), &large, by("x"))), "E-CARD-002");
    let kinds = |at: &One, name: &str| {
        let reading = at.store.reading();
        let head = reading.head().unwrap();
        reading.scan_kind(&name.parse().unwrap(), 0, head, 100).unwrap().len()
    };
    assert_eq!(kinds(&alpha, "entente/card"), 1, "one change, one record");
    assert_eq!(kinds(&alpha, "entente/audit"), 4, "each refusal is noted");
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, by("the same")), Answer::Done));
    assert_eq!((kinds(&alpha, "entente/card"), kinds(&alpha, "entente/audit")), (1, 4));
    let line = read::card(&alpha.store.reading(), alpha.id(), &beta.id()).unwrap().unwrap();
    assert_eq!((line.card, line.effective.give.ceiling), (card, Tlp::Green));
}

#[test]
fn what_opens_much_is_asked_and_a_freer_label_always() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let objects: Vec<String> = (1..=5).map(|n| tool(n, &marked(Tlp::Amber))).collect();
    publish(&mut alpha, Terms::of(circle), &objects);
    let policy = Policy { ask_above: 4, ..Policy::default() };
    assert!(matches!(set_policy(&mut alpha, &policy, by("careful")), Answer::Done));
    let shut = Card { give: Give::least(), ..Card::default() };
    assert!(matches!(set_card(&mut alpha, beta.id(), &shut, by("shut")), Answer::Done));
    let head = alpha.store.reading().head().unwrap();
    let Answer::Asks(foreseen) = set_card(&mut alpha, beta.id(), &Card::default(), by("open"))
    else {
        panic!("not asked")
    };
    assert_eq!((foreseen.gains(), foreseen.loses()), (5, 0));
    assert_eq!(alpha.store.reading().head().unwrap(), head, "nothing has changed");
    send(&mut alpha, &mut beta);
    assert!(held(&beta, alpha.id()).is_empty());
    let card = Card::default();
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, agreed("open")), Answer::Done));
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, alpha.id()).len(), 5);

    let relabel = |tlp| Administer::Relabel { thing: thing(&crate::world::id("tool", 1)), tlp };
    let act = |by: Act, what| Administer::Act { by, what: Box::new(what) };
    let answer = administer(&mut alpha, act(by(""), relabel(Tlp::Green)));
    assert!(matches!(&answer, Answer::Asks(foreseen) if foreseen.loosens), "{answer:?}");
    for (by, tlp) in [(agreed(""), Tlp::Green), (by("stricter"), Tlp::Amber)] {
        let answer = administer(&mut alpha, act(by, relabel(tlp)));
        assert!(matches!(answer, Answer::Statements(_)), "{answer:?}");
    }
}

#[test]
fn the_first_share_waits_for_a_person_where_the_policy_says_so() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut gamma = One::new(3, "CERT Gamma");
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    publish(&mut alpha, Terms::of(circle), &[tool(1, "")]);
    send(&mut alpha, &mut beta);
    let policy = Policy { first_share: Ask::Ask, ..Policy::default() };
    assert!(matches!(set_policy(&mut alpha, &policy, by("new ones wait")), Answer::Done));
    join(&mut alpha, &mut gamma, &[circle], true);
    publish(&mut alpha, Terms::of(circle), &[tool(2, "")]);
    send(&mut alpha, &mut beta);
    send(&mut alpha, &mut gamma);
    assert_eq!(held(&beta, alpha.id()).len(), 2, "it was shared with before");
    assert!(held(&gamma, alpha.id()).is_empty());
    assert!(gamma.store.reading().circle(&circle).unwrap().unwrap().accepted.is_some());
    let waits = |alpha: &One, node| {
        read::card(&alpha.store.reading(), alpha.id(), &node).unwrap().unwrap().waits
    };
    assert_eq!((waits(&alpha, beta.id()), waits(&alpha, gamma.id())), (false, true));
    assert_eq!(look(&alpha, &Change::ReleaseFirst(gamma.id())).gains(), 2);
    let release = Administer::ReleaseFirst { partner: gamma.id(), by: by("we know them") };
    assert!(matches!(administer(&mut alpha, release), Answer::Done));
    send(&mut alpha, &mut gamma);
    assert_eq!(held(&gamma, alpha.id()).len(), 2);
    assert!(!waits(&alpha, gamma.id()));
}

#[test]
fn what_is_not_taken_is_refused_by_name_and_words_about_records_are_always_heard() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    publish(&mut alpha, Terms::of(circle), &[tool(1, "")]);
    send(&mut alpha, &mut beta);
    let kinds = Kinds::Only(["stix/indicator".parse().unwrap()].into());
    let take = Take { kinds, body_bytes: Some(600), ..Take::whole() };
    let card = Card { take, ..Card::default() };
    assert!(matches!(set_card(&mut beta, alpha.id(), &card, by("indicators only")), Answer::Done));
    let large = format!(r#","x_note":"{}""#, "x".repeat(600));
    let objects = [tool(2, ""), indicator(3, "a.example", ""), indicator(4, "b.example", &large)];
    publish(&mut alpha, Terms::of(circle), &objects);
    alpha.apply(Command::Number(link_key(&beta.id())));
    let next = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let bytes = batch(&alpha, &beta, next);
    let Answer::Receipt(receipt) = arrive(&alpha, &mut beta, &bytes) else { panic!() };
    let reasons = refusals(&receipt);
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert_eq!(reasons[0], "E-LINK-024 not taken here");
    assert!(reasons[1].starts_with("E-LINK-041"), "{reasons:?}");
    assert_eq!(held(&beta, alpha.id()).len(), 2);
    let mode = model::statement::RecallMode::Erase;
    let recall = Administer::Recall {
        thing: thing(&crate::world::id("tool", 1)),
        mode,
        reason: "wrong".to_owned(),
    };
    assert!(matches!(administer(&mut alpha, recall), Answer::Statements(_)));
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, alpha.id()).len(), 1, "a tool is not taken, its recall is heard");
}

#[test]
fn what_was_refused_is_asked_for_again_once_more_is_taken() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let kinds = Kinds::Only(["stix/indicator".parse().unwrap()].into());
    let take = Take { kinds, body_bytes: Some(600), ..Take::whole() };
    let narrow = Card { take, ..Card::default() };
    assert!(matches!(
        set_card(&mut beta, alpha.id(), &narrow, by("indicators only")),
        Answer::Done
    ));
    let large = format!(r#","x_note":"{}""#, "x".repeat(600));
    let objects = [tool(2, ""), indicator(3, "a.example", ""), indicator(4, "b.example", &large)];
    publish(&mut alpha, Terms::of(circle), &objects);
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, alpha.id()).len(), 1);
    let cursor = |beta: &One| beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let read = cursor(&beta);
    // Another bound that is no wider asks for nothing again.
    let narrower = Card { take: Take { body_bytes: Some(500), ..narrow.take.clone() }, ..narrow };
    assert!(matches!(set_card(&mut beta, alpha.id(), &narrower, by("smaller")), Answer::Done));
    assert_eq!(cursor(&beta), read);
    assert!(matches!(set_card(&mut beta, alpha.id(), &Card::default(), by("all")), Answer::Done));
    assert!(cursor(&beta) < read, "from where it was refused");
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, alpha.id()).len(), 3, "nobody had to send it anew");
}

#[test]
fn a_card_of_some_kinds_gives_no_word_about_others() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let kinds = Kinds::Only(["stix/indicator".parse().unwrap()].into());
    let give = Give { kinds, ..Give::whole() };
    let card = Card { give, ..Card::default() };
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, by("indicators only")), Answer::Done));
    let objects = [tool(1, &marked(Tlp::Amber)), indicator(2, "a.example", &marked(Tlp::Red))];
    publish(&mut alpha, Terms::of(circle), &objects);
    send(&mut alpha, &mut beta);
    for (kind, n) in [("tool", 1), ("indicator", 2)] {
        let relabel =
            Administer::Relabel { thing: thing(&crate::world::id(kind, n)), tlp: Tlp::Green };
        assert!(matches!(administer(&mut alpha, relabel), Answer::Statements(_)));
    }
    let sent = String::from_utf8_lossy(&send(&mut alpha, &mut beta)).into_owned();
    assert!(!sent.contains("tool--"), "a word names what is withheld: {sent}");
    let reading = beta.store.reading();
    let places = reading.by_thing(&thing(&crate::world::id("indicator", 2))).unwrap();
    let row = reading.row(places[0]).unwrap().unwrap();
    assert_eq!(row.label.tlp, Tlp::Green, "the word that opened it came as well");
}

#[test]
fn what_is_in_the_outbox_is_numbered_for_nobody_and_can_be_taken_back_without_a_trace() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    publish(&mut alpha, Terms::of(circle), &[tool(1, "")]);
    send(&mut alpha, &mut beta);
    let policy = Policy { outbox_seconds: 60, ..Policy::default() };
    assert!(matches!(set_policy(&mut alpha, &policy, by("time to think")), Answer::Done));
    alpha.now = alpha.now.plus_seconds(120);
    publish(&mut alpha, Terms::of(circle), &[tool(2, ""), indicator(3, "canary.example", "")]);
    let reader = alpha.token("r", &[circle], Rights::READ);
    let reader = alpha.caller(&reader);
    assert!(send(&mut alpha, &mut beta).is_empty());
    assert_eq!(alpha.ids(&reader, circle, "").len(), 1, "a page waits as well");

    let of = |kind: &str, n| thing(&crate::world::id(kind, n));
    let undo = |thing| Administer::UndoSend { thing, by: by("a slip") };
    let code = |answer: Answer| match answer {
        Answer::Refused(problem) => problem.code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(administer(&mut alpha, undo(of("tool", 1)))), "E-OUTBOX-001");
    assert_eq!(code(administer(&mut alpha, undo(of("tool", 9)))), "E-RECORD-002");
    assert!(matches!(administer(&mut alpha, undo(of("indicator", 3))), Answer::Done));

    // A recall does not wait; what it is about was sent long ago.
    let mode = model::statement::RecallMode::Erase;
    let recall = Administer::Recall { thing: of("tool", 1), mode, reason: "no".to_owned() };
    assert!(matches!(administer(&mut alpha, recall), Answer::Statements(_)));
    send(&mut alpha, &mut beta);
    assert!(held(&beta, alpha.id()).is_empty());

    alpha.apply(Command::Tick);
    alpha.effects.clear();
    alpha.now = alpha.now.plus_seconds(61);
    alpha.apply(Command::Tick);
    assert!(alpha.effects.iter().any(|effect| matches!(effect, node::Effect::Wake)), "woken");
    let sent = send(&mut alpha, &mut beta);
    assert!(!String::from_utf8_lossy(&sent).contains("canary"), "taken back without a trace");
    assert_eq!(held(&beta, alpha.id()), [(of("tool", 2), circle)].into());
    assert_eq!(alpha.ids(&reader, circle, "").len(), 1);
}

#[test]
fn a_token_that_card_or_policy_calls_a_clients_reads_up_to_amber() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    for (n, tlp) in (1..).zip(Tlp::ALL) {
        let terms = Terms { tlp: Some(tlp), ..Terms::of(circle) };
        publish(&mut alpha, terms, &[tool(n, &marked(tlp))]);
    }
    let rights = Rights::READ.with(Rights::RED);
    let token = alpha.token("siem", &[circle], rights);
    let read = |alpha: &mut One| {
        let caller = alpha.caller(&token);
        let seen = alpha.ids(&caller, circle, "").len();
        let reader = caller.submitter.reader.clone();
        let lens = node::release::Lens { reader, now: alpha.now };
        let found = read::search(&alpha.store.reading(), &lens, "t5").unwrap().len();
        (seen, found)
    };
    assert_eq!(read(&mut alpha), (5, 1));
    let clients: BTreeSet<String> = ["siem".to_owned()].into();
    let card = Card { clients: clients.clone(), ..Card::default() };
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, by("its SIEM")), Answer::Done));
    assert_eq!(read(&mut alpha), (3, 0));
    let card = Card::default();
    assert!(matches!(set_card(&mut alpha, beta.id(), &card, agreed("no more")), Answer::Done));
    assert_eq!(read(&mut alpha), (5, 1));
    let policy = Policy { clients, ..Policy::default() };
    assert!(matches!(set_policy(&mut alpha, &policy, by("ours")), Answer::Done));
    assert_eq!(read(&mut alpha), (3, 0));
}

#[test]
fn a_card_or_policy_that_cannot_be_read_leaves_what_anyone_may_have() {
    for spoil in ["policy", "card"] {
        let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
        let circle = alpha.circle("ops");
        join(&mut alpha, &mut beta, &[circle], true);
        for (n, tlp) in (1..).zip([Tlp::Clear, Tlp::Green, Tlp::Amber]) {
            let terms = Terms { tlp: Some(tlp), ..Terms::of(circle) };
            publish(&mut alpha, terms, &[tool(n, &marked(tlp))]);
        }
        let clear = thing(&crate::world::id("tool", 1));
        assert_eq!(may(&alpha, beta.id()).len(), 3);
        let partner = alpha.store.reading().partner(&beta.id()).unwrap().unwrap();
        let mut tx = alpha.store.begin().unwrap();
        match spoil {
            "policy" => tx.put_setting("policy", b"entente/policy/1\npreset mine\n").unwrap(),
            _ => {
                let card = Card::default().write().replace("take-ceiling", "\nplanet");
                tx.put_partner(&node::Partner { card, ..partner }).unwrap();
            }
        }
        tx.commit().unwrap();
        alpha.reopen(alpha.me.epoch);
        assert_eq!(may(&alpha, beta.id()), [(clear.clone(), circle)].into(), "{spoil}");
        send(&mut alpha, &mut beta);
        assert_eq!(held(&beta, alpha.id()), [(clear, circle)].into(), "{spoil}");
        let reading = alpha.store.reading();
        let line = read::card(&reading, alpha.id(), &beta.id()).unwrap().unwrap();
        let readable = (read::is_policy_readable(&reading).unwrap(), line.readable);
        assert_eq!(readable, (spoil == "card", spoil == "policy"));
        assert_eq!(line.effective.give.ceiling, Tlp::Clear);
    }
}
