//! A conversation of the link's first version as it was once recorded, replayed for ever: what nodes
//! of that day say is read, taken and receipted by this program as it was then.
//!
//! The file never changes. A new version of the protocol gets a file of its own beside it, made by
//! [`record`], which stays in use so that it can.

use crate::world::{
    One, accepted, arrive, batch, id, indicator, join, marked, relationship, thing,
};
use model::id::{CircleId, Epoch, NodeId};
use model::label::Tlp;
use model::note::Checkpoint;
use model::seal::{SigningKey, sha256};
use model::statement::RecallMode;
use node::accept::Terms;
use node::bundle::{Head, Holds, Introduction, read_hello, sign_hello};
use node::command::Administer;
use node::link::{Hello, Receipt, hello, lens_for};
use node::membership::JoinedAt;
use node::outlet::link_key;
use node::restore::{Restored, begin_anew};
use node::returns::{give_back, read_back};
use node::watch::Matched;
use node::{Answer, Command, Rights};
use serde_json::{Value, json};

/// Recorded on 22 November 2026.
const FIRST: &str = include_str!("../../../../testdata/link/v1.ndjson");
const DIGEST: &str = "752f09e8750c2feb22926dfef79c141ff81a05cc9e02d430fce603bfb4ebc6fe";

/// What was said, line by line.
struct Tape(Vec<Value>);

impl Tape {
    fn say(&mut self, by: &One, what: &str, text: &str) {
        self.0.push(json!({"at": by.now.to_string(), "what": what, "text": text}));
    }

    fn text(&self) -> String {
        self.0.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// All that Alpha has for Beta, and what Beta answers.
fn exchange(tape: &mut Tape, alpha: &mut One, beta: &mut One) {
    loop {
        alpha.apply(Command::Number(link_key(&beta.id())));
        let life = alpha.store.reading().outlet(&link_key(&beta.id())).unwrap().unwrap().epoch;
        let cursor = beta.store.reading().cursor(&alpha.id()).unwrap();
        let have = cursor.filter(|cursor| cursor.epoch == life).map_or(0, |cursor| cursor.next);
        let bytes = batch(alpha, beta, have);
        if bytes.is_empty() {
            return;
        }
        tape.say(beta, "batch", std::str::from_utf8(&bytes).unwrap());
        let Answer::Receipt(receipt) = arrive(alpha, beta, &bytes) else { panic!("no receipt") };
        tape.say(beta, "receipt", &receipt.write());
        let partner = beta.id();
        alpha.apply(Command::Acknowledged { partner, receipt });
    }
}

/// Plays a conversation with every form of the link that needs no socket, and writes it down.
fn record() -> String {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut tape = Tape(Vec::new());
    let ring = alpha.circle("ring");
    let closed = alpha.circle("closed");
    join(&mut alpha, &mut beta, &[ring], true);
    let partner = beta.id();
    alpha.apply(Command::Administer(Administer::AddMember { circle: closed, partner }));
    tape.0.push(json!({"what": "circle", "text": ring.to_string()}));
    tape.say(&alpha, "introduction", &Introduction::write(&alpha.me.name, &alpha.me.key, None));
    tape.say(&alpha, "hello", &hello(&alpha.me, &alpha.store.reading(), &partner).unwrap().write());
    let token = alpha.token("rw", &[ring, closed], Rights::READ.with(Rights::WRITE));
    let writer = alpha.caller(&token);
    let publish = |alpha: &mut One, circle, body: String| {
        let told = alpha.publish(&writer.submitter, Terms::of(circle), &body);
        assert_eq!(accepted(&told), [true]);
    };
    for n in 1..=5 {
        publish(&mut alpha, ring, indicator(n, &format!("{n}.example"), ""));
    }
    publish(&mut alpha, ring, indicator(6, "6.example", &marked(Tlp::Clear)));
    publish(&mut alpha, ring, relationship(1, &id("indicator", 1), &id("indicator", 2)));
    // Into a circle that Beta has not accepted: refused with a reason.
    publish(&mut alpha, closed, indicator(7, "7.example", ""));
    exchange(&mut tape, &mut alpha, &mut beta);
    let mine = |n| thing(&id("indicator", n));
    for act in [
        Administer::Recall { thing: mine(1), mode: RecallMode::Erase, reason: "wrong".to_owned() },
        Administer::Recall { thing: mine(3), mode: RecallMode::Stop, reason: "old".to_owned() },
    ] {
        alpha.apply(Command::Administer(act));
    }
    publish(&mut alpha, ring, indicator(8, "8.example", ""));
    alpha.apply(Command::Number(link_key(&partner)));
    // Numbered and erased before it was fetched: a bare leaf.
    let reason = "never mind".to_owned();
    let recall = Administer::Recall { thing: mine(8), mode: RecallMode::Erase, reason };
    alpha.apply(Command::Administer(recall));
    exchange(&mut tape, &mut alpha, &mut beta);
    let seq = beta.store.reading().by_thing(&mine(2)).unwrap()[0];
    let (first, last) = (beta.now, beta.now);
    let matched = vec![Matched { seq, count: 3, first, last, role: "dns-query", parent: false }];
    beta.apply(Command::Matched(matched));
    let when = Restored { at: alpha.now.plus_seconds(60), backup: alpha.now };
    begin_anew(&alpha.store, &Epoch::new([9; 16]), when).unwrap();
    alpha.now = when.at;
    beta.now = when.at;
    alpha.reopen(Epoch::new([9; 16]));
    let greeting = hello(&alpha.me, &alpha.store.reading(), &partner).unwrap();
    tape.say(&alpha, "hello", &greeting.write());
    exchange(&mut tape, &mut alpha, &mut beta);
    let reading = beta.store.reading();
    let lens = lens_for(&reading, &alpha.id(), beta.now).unwrap().unwrap();
    let page = give_back(&reading, &lens, None).unwrap().unwrap().bytes();
    tape.say(&beta, "returns", std::str::from_utf8(&page).unwrap());
    let head = Head { holds: Holds::Records, to: partner, from: alpha.id() };
    tape.say(
        &alpha,
        "bundle",
        &format!("{}\n{}", head.write(), sign_hello(&head, &greeting, &alpha.me.key)),
    );
    let held: Vec<String> = (1..=8).filter(|n| shown(&beta, *n)).map(|n| n.to_string()).collect();
    tape.0.push(json!({"what": "held", "text": held.join(" ")}));
    tape.text()
}

/// Whether an indicator is there and in use.
fn shown(one: &One, n: u32) -> bool {
    let reading = one.store.reading();
    let places = reading.by_thing(&thing(&id("indicator", n))).unwrap();
    places.into_iter().any(|seq| {
        let row = reading.row(seq).unwrap().unwrap();
        !row.erased && !row.hidden
    })
}

fn text(line: &Value) -> &str {
    line["text"].as_str().unwrap()
}

/// Numbers and codes of refusals: words may be improved.
fn codes(receipt: &Receipt) -> Vec<(u64, String)> {
    let code = |reason: &str| reason.split(' ').next().unwrap_or_default().to_owned();
    receipt.refused.iter().map(|entry| (entry.o, code(&entry.reason))).collect()
}

/// Plays a conversation to a Beta of this program.
fn replay(tape: &str) {
    let alpha = SigningKey::from_seed(&[1; 32]).unwrap().public();
    let mut beta = One::new(2, "CERT Beta");
    let (mut given, mut greeted, mut batches) = (None, 0, 0);
    for line in tape.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(at) = line["at"].as_str() {
            beta.now = at.parse().unwrap();
        }
        match line["what"].as_str().unwrap() {
            "circle" => joined(&mut beta, text(&line).parse().unwrap()),
            "introduction" => {
                let introduction = Introduction::read(text(&line)).unwrap();
                assert_eq!(introduction.key, alpha);
            }
            "hello" => {
                let hello = Hello::read(text(&line)).unwrap();
                assert_eq!((hello.key, hello.name.as_str()), (alpha, "CERT Alpha"));
                assert!(hello.versions.split(' ').any(|version| version == "1"));
                greeted += 1;
            }
            "batch" => {
                let keys = node::link::keys(&beta.store.reading()).unwrap();
                let bytes = text(&line).as_bytes();
                let arrival = node::link::prepare(alpha.node(), bytes, &keys).unwrap();
                match beta.apply(Command::Arrive(arrival)) {
                    Answer::Receipt(receipt) => given = Some(receipt),
                    other => panic!("{other:?}"),
                }
                batches += 1;
            }
            "receipt" => {
                let then = Receipt::read(text(&line)).unwrap();
                let now = given.take().expect("a receipt follows its batch");
                assert!(then.is_signed_by(&beta.me.public()), "{}", text(&line));
                let proven = |r: &Receipt| {
                    Checkpoint::verify_cosigned(&r.checkpoint, &beta.me.public()).unwrap().0
                };
                assert_eq!(proven(&then), proven(&now));
                assert_eq!(codes(&then), codes(&now));
            }
            "returns" => {
                let page = read_back(beta.id(), text(&line).as_bytes(), alpha);
                assert!(page.is_ok(), "{page:?}");
            }
            "bundle" => {
                let (head, hello) = text(&line).split_once("\n\n").unwrap();
                let head = Head::read(&format!("{head}\n")).unwrap();
                assert_eq!((head.to, head.from), (beta.id(), alpha.node()));
                assert_eq!(read_hello(&head, hello).unwrap().key, alpha);
            }
            "held" => {
                let held = (1..=8).filter(|n| shown(&beta, *n)).map(|n| n.to_string());
                assert_eq!(held.collect::<Vec<_>>().join(" "), text(&line));
            }
            other => panic!("nobody says {other}"),
        }
    }
    assert!(greeted >= 2 && batches >= 3, "{greeted} {batches}");
}

/// Beta joins as an invitation of that day had it.
fn joined(beta: &mut One, ring: CircleId) {
    let key = SigningKey::from_seed(&[1; 32]).unwrap().public();
    let node: NodeId = key.node();
    beta.apply(Command::Administer(Administer::JoinedAt(JoinedAt {
        secret: [7; 16],
        key,
        name: "CERT Alpha".to_owned(),
        address: "127.0.0.1:1".to_owned(),
        trusted: true,
        circles: vec![(ring, node)],
    })));
}

#[test]
fn the_recorded_conversation_of_version_1_is_understood_for_ever() {
    assert_eq!(sha256(&[FIRST.as_bytes()]).to_string(), DIGEST, "a recording never changes");
    replay(FIRST);
}

#[test]
fn what_this_program_says_today_it_understands_and_could_be_recorded() {
    replay(&record());
}
