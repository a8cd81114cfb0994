//! Nodes in one thread. Not a simulator: nothing breaks here unless a test breaks it.

use formats::taxii::Filter;
use model::id::{CircleId, Epoch, NodeId, ThingId};
use model::label::{Pap, Tlp};
use model::seal::SigningKey;
use model::time::Instant;
use node::accept::{Prepared, Terms};
use node::command::{Administer, Fate, ObjectOutcome, Submitter};
use node::identity::Identity;
use node::link::{self, Receipt};
use node::membership::{Joined, JoinedAt};
use node::outlet::{audience_key, link_key};
use node::read::{Bodies, Page, Shape, Wanted, page};
use node::release::Lens;
use node::token::{Caller, NewToken, authenticate};
use node::{Answer, Command, Effect, Moment, Node, Rights, Store};

/// All that a circle's feed may carry; a test narrows what it is about.
pub(crate) fn all(circle: CircleId) -> Wanted {
    Wanted {
        circle,
        kinds: Vec::new(),
        pap_max: Pap::Red,
        tlp_max: Tlp::Red,
        min_confidence: 0,
        weighed: false,
        not_before: None,
        begun: None,
        only: None,
        labels: Vec::new(),
        bodies: Bodies::None,
        acts: false,
    }
}

/// One node with its store and a clock of its own.
pub(crate) struct One {
    pub(crate) node: Node,
    pub(crate) store: Store,
    pub(crate) me: Identity,
    pub(crate) now: Instant,
    pub(crate) effects: Vec<Effect>,
    random: u64,
}

fn identity(seed: u8, name: &str) -> Identity {
    Identity {
        key: SigningKey::from_seed(&[seed; 32]).unwrap(),
        name: name.to_owned(),
        epoch: Epoch::new([seed; 16]),
        local_key: [seed; 16],
    }
}

impl One {
    pub(crate) fn new(seed: u8, name: &str) -> Self {
        let store = Store::memory().unwrap();
        let mut tx = store.begin().unwrap();
        tx.put_setting("local-key", &[seed; 16]).unwrap();
        tx.commit().unwrap();
        let node = Node::open(identity(seed, name), &store.reading()).unwrap();
        let now = "2026-11-22T08:00:00Z".parse().unwrap();
        let random = u64::from(seed) << 32;
        Self { node, store, me: identity(seed, name), now, effects: Vec::new(), random }
    }

    /// Starts anew over the store as it is now, with this life of the numbering.
    pub(crate) fn reopen(&mut self, epoch: Epoch) {
        let [seed, ..] = self.me.local_key;
        let again = || Identity { epoch, ..identity(seed, &self.me.name) };
        (self.node, self.me) = (Node::open(again(), &self.store.reading()).unwrap(), again());
    }

    pub(crate) fn id(&self) -> NodeId {
        self.me.node()
    }

    /// One command in one commit, as the runtime does it.
    pub(crate) fn apply(&mut self, command: Command) -> Answer {
        self.now = self.now.plus_micros(1_000);
        let mut counter = self.random;
        let mut random = |bytes: &mut [u8]| {
            for byte in bytes {
                counter = counter.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = counter.to_be_bytes()[3];
            }
        };
        let mut tx = self.store.begin().unwrap();
        let effects = &mut self.effects;
        let mut moment = Moment { tx: &mut tx, now: self.now, random: &mut random, effects };
        let answer = self.node.apply(&mut moment, command).unwrap();
        self.node.settle(&mut moment).unwrap();
        tx.commit().unwrap();
        self.random = counter;
        answer
    }

    /// The first entry that live matching was told of.
    pub(crate) fn watched(&self) -> Option<node::Seq> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Watch { seq, .. } => Some(*seq),
            Effect::Wake
            | Effect::Unwatch(_)
            | Effect::Partners
            | Effect::Sources
            | Effect::Receivers
            | Effect::Outgoing { .. }
            | Effect::Restored(_)
            | Effect::WatchRule { .. }
            | Effect::Asked { .. }
            | Effect::Tripped { .. }
            | Effect::Sighted { .. } => None,
        })
    }

    pub(crate) fn circle(&mut self, name: &str) -> CircleId {
        let (default, ceiling) = (Tlp::AmberStrict, Tlp::Red);
        let name = name.to_owned();
        let create = Administer::CreateCircle { name, default, ceiling, known_good: false };
        match self.apply(Command::Administer(create)) {
            Answer::Circle(circle) => circle,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn token(&mut self, name: &str, circles: &[CircleId], rights: Rights) -> String {
        let new = NewToken {
            name: name.to_owned(),
            circles: circles.to_vec(),
            rights,
            default: None,
            expires: None,
            text: None,
        };
        match self.apply(Command::Administer(Administer::CreateToken(new))) {
            Answer::Token(text) => text,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn caller(&self, token: &str) -> Caller {
        let reading = self.store.reading();
        authenticate(&reading, self.id(), token, self.now).unwrap().expect("a good token")
    }

    pub(crate) fn publish(
        &mut self,
        who: &Submitter,
        terms: Terms,
        document: &str,
    ) -> Vec<ObjectOutcome> {
        let objects = Prepared::stix(document.as_bytes()).unwrap();
        let submitter = who.clone();
        match self.apply(Command::Publish { submitter, terms, objects }) {
            Answer::Published(outcomes) => outcomes,
            other => panic!("{other:?}"),
        }
    }

    /// All that a caller sees of a collection, read as TAXII reads it.
    pub(crate) fn collection(&mut self, caller: &Caller, circle: CircleId, query: &str) -> Page {
        self.page(caller, circle, (query, None))
    }

    /// What a `next` of this offset gives.
    pub(crate) fn page_from(&mut self, caller: &Caller, circle: CircleId, offset: u64) -> Page {
        self.page(caller, circle, ("", Some(offset)))
    }

    fn page(
        &mut self,
        caller: &Caller,
        circle: CircleId,
        (query, start): (&str, Option<u64>),
    ) -> Page {
        let key = audience_key(&circle, caller.capacity());
        self.apply(Command::Number(key.clone()));
        let lens = Lens { reader: caller.submitter.reader.clone(), now: self.now };
        let filter = Filter::parse(query).unwrap();
        let shape = (Shape::Objects, start, 1_000);
        page(self.store.reading(), &lens, (circle, &key), &filter, shape).unwrap()
    }

    pub(crate) fn ids(&mut self, caller: &Caller, circle: CircleId, query: &str) -> Vec<String> {
        let page = self.collection(caller, circle, query);
        page.entries.iter().map(|entry| entry.thing.to_string()).collect()
    }
}

/// Lets `b` join `a` by an invitation; both are confirmed at once when `trusted`.
pub(crate) fn join(a: &mut One, b: &mut One, circles: &[CircleId], trusted: bool) {
    let invite = Administer::Invite { circles: circles.to_vec(), trusted };
    let Answer::Invitation { secret } = a.apply(Command::Administer(invite)) else { panic!() };
    let joined = Joined { secret, key: b.me.public(), name: b.me.name.clone() };
    let welcome = a.apply(Command::Administer(Administer::Join(joined)));
    assert!(matches!(welcome, Answer::Welcome { .. }), "{welcome:?}");
    let joined = JoinedAt {
        secret,
        key: a.me.public(),
        name: a.me.name.clone(),
        address: "127.0.0.1:1".to_owned(),
        trusted,
        circles: circles.iter().map(|circle| (*circle, a.id())).collect(),
    };
    b.apply(Command::Administer(Administer::JoinedAt(joined)));
}

/// Everything that `a` has for `b`, batch after batch, acknowledged; gives the bytes that went.
pub(crate) fn send(a: &mut One, b: &mut One) -> Vec<u8> {
    let mut sent = Vec::new();
    loop {
        a.apply(Command::Number(link_key(&b.id())));
        let life = a.store.reading().outlet(&link_key(&b.id())).unwrap().unwrap().epoch;
        let cursor = b.store.reading().cursor(&a.id()).unwrap();
        let have = cursor.filter(|cursor| cursor.epoch == life).map_or(0, |cursor| cursor.next);
        let bytes = batch(a, b, have);
        if bytes.is_empty() {
            return sent;
        }
        let Answer::Receipt(receipt) = arrive(a, b, &bytes) else { panic!("no receipt") };
        let partner = b.id();
        let answer = a.apply(Command::Acknowledged { partner, receipt });
        assert!(matches!(answer, Answer::Done), "{answer:?}");
        sent.extend(bytes);
    }
}

pub(crate) fn batch(a: &One, b: &One, after: u64) -> Vec<u8> {
    let reading = a.store.reading();
    let lens = link::lens_for(&reading, &b.id(), a.now).unwrap().expect("a partner");
    let batch = link::batch(&a.me, &reading, &lens, after).unwrap();
    if batch.is_empty() { Vec::new() } else { batch.bytes() }
}

pub(crate) fn arrive(a: &One, b: &mut One, bytes: &[u8]) -> Answer {
    let keys = link::keys(&b.store.reading()).unwrap();
    let arrival = link::prepare(a.id(), bytes, &keys).unwrap();
    b.apply(Command::Arrive(arrival))
}

pub(crate) fn refusals(receipt: &Receipt) -> Vec<&str> {
    receipt.refused.iter().map(|refused| refused.reason.as_str()).collect()
}

pub(crate) fn accepted(outcomes: &[ObjectOutcome]) -> Vec<bool> {
    outcomes.iter().map(|outcome| matches!(outcome.fate, Fate::Accepted)).collect()
}

/// A STIX id with a number in it.
pub(crate) fn id(kind: &str, n: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{n:012}")
}

/// An indicator for a domain.
pub(crate) fn indicator(n: u32, domain: &str, more: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"{domain}","pattern":"[domain-name:value = '{domain}']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"{more}}}"#,
        id("indicator", n)
    )
}

/// A relationship between two things.
pub(crate) fn relationship(n: u32, source: &str, target: &str) -> String {
    format!(
        r#"{{"type":"relationship","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","relationship_type":"related-to","source_ref":"{source}","target_ref":"{target}"}}"#,
        id("relationship", n)
    )
}

/// The marking of a predefined TLP 2.0 colour, as a property to append.
pub(crate) fn marked(tlp: Tlp) -> String {
    format!(r#","object_marking_refs":["{}"]"#, formats::stix::tlp_marking_id(tlp))
}

pub(crate) fn thing(text: &str) -> ThingId {
    text.parse().unwrap()
}

/// Alpha convenes a circle with Beta and may write to it.
pub(crate) struct Pair {
    pub(crate) alpha: One,
    pub(crate) beta: One,
    pub(crate) circle: CircleId,
    pub(crate) writer: Caller,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
        let circle = alpha.circle("ops");
        join(&mut alpha, &mut beta, &[circle], true);
        let token = alpha.token("rw", &[circle], Rights::READ.with(Rights::WRITE));
        let writer = alpha.caller(&token);
        Self { alpha, beta, circle, writer }
    }

    pub(crate) fn publish(&mut self, n: u32) {
        let body = indicator(n, &format!("{n}.example"), "");
        let told = self.alpha.publish(&self.writer.submitter, Terms::of(self.circle), &body);
        assert_eq!(accepted(&told), [true], "{n}");
    }

    pub(crate) fn exchange(&mut self) {
        send(&mut self.alpha, &mut self.beta);
        send(&mut self.beta, &mut self.alpha);
    }
}

/// Indicators by a token that only writes, at most 500 at once; each is taken.
pub(crate) fn publish(at: &mut One, circle: CircleId, numbers: impl Iterator<Item = u32>) {
    let name = format!("w{}", at.store.reading().head().unwrap());
    let token = at.token(&name, &[circle], Rights::WRITE);
    let writer = at.caller(&token);
    let objects: Vec<String> =
        numbers.map(|n| indicator(n, &format!("d{n}.example"), "")).collect();
    for objects in objects.chunks(500) {
        let outcomes =
            at.publish(&writer.submitter, Terms::of(circle), &format!("[{}]", objects.join(",")));
        assert!(accepted(&outcomes).iter().all(|accepted| *accepted));
    }
}

/// Whether a node holds anything about an indicator.
pub(crate) fn holds(at: &One, n: u32) -> bool {
    !at.store.reading().by_thing(&thing(&id("indicator", n))).unwrap().is_empty()
}

/// How many of these indicators a node holds.
pub(crate) fn held(at: &One, numbers: std::ops::RangeInclusive<u32>) -> usize {
    numbers.filter(|n| holds(at, *n)).count()
}
