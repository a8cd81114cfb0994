//! What a partner could make dear: each stays bounded, and says why beyond its bound.

use crate::world::{
    One, arrive, batch, holds, id, indicator, join, publish, refusals, send, thing,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::id::{CircleId, Epoch, ThingId};
use model::kind::{Kind, RECALL, RELABEL, WITHDRAW_RANGE};
use model::label::{Label, Tlp};
use model::limits::{
    GIVEN_NUMBERS_MAX, LET_GO_PLACES_MAX, RIVALS_MAX, VERSIONS_MAX, WORD_AHEAD_BYTES_MAX,
};
use model::note::Checkpoint;
use model::record::{Authorship, Header, Unsealed, leaf};
use model::statement::{Recall, RecallMode, Relabel, Subject, WithdrawRange};
use model::tree::Frontier;
use node::command::Administer;
use node::link::{self, Receipt, origin};
use node::outlet::link_key;
use node::quota::Allowance;
use node::undo::Undo;
use node::{Answer, Command};

/// Beta, who is not to be trusted, convenes a circle with Alpha and Gamma.
fn three() -> (One, One, One, CircleId) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut gamma = One::new(3, "CERT Gamma");
    let circle = beta.circle("ops");
    join(&mut beta, &mut alpha, &[circle], true);
    join(&mut beta, &mut gamma, &[circle], true);
    join(&mut alpha, &mut gamma, &[], true);
    send(&mut beta, &mut alpha);
    send(&mut beta, &mut gamma);
    (alpha, beta, gamma, circle)
}

/// One record of a batch that any program with a node's key could make.
struct Made {
    header: Header,
    body: String,
}

impl Made {
    fn new(signer: &One, thing: ThingId, label: Label, body: String) -> Self {
        let header = Header {
            signer: signer.id(),
            authorship: Authorship::Wrote,
            thing,
            version: "1".to_owned(),
            signed: signer.now,
            label,
            extra: String::new(),
        };
        Self { header, body }
    }

    /// An indicator; more than one of a number differ in their instants of signing.
    fn indicator(signer: &One, n: u32, label: Label) -> Self {
        let body = indicator(n, &format!("d{n}.example"), "");
        let made = Self::new(signer, thing(&id("indicator", n)), label, body);
        let version = "2026-01-01T00:00:00.000Z".to_owned();
        Self { header: Header { version, ..made.header }, ..made }
    }

    fn later(mut self, micros: i64) -> Self {
        self.header.signed = self.header.signed.plus_micros(micros);
        self
    }

    /// A word, whose own id is this number.
    fn word(signer: &One, kind: &'static str, n: u128, label: Label, body: String) -> Self {
        let uuid = uuid::Uuid::from_u128(n);
        Self::new(signer, ThingId { kind: Kind::ours(kind), uuid }, label, body)
    }
}

/// A partner's outlet as a program of its own may keep it: it says what it likes.
struct Outlet {
    epoch: Epoch,
    next: u64,
    frontier: Frontier,
}

impl Outlet {
    fn new(epoch: u8) -> Self {
        Self { epoch: Epoch::new([epoch; 16]), next: 0, frontier: Frontier::default() }
    }

    /// The bytes of its next batch; all of it came straight from its signer.
    fn batch(&mut self, from: &One, to: &One, made: Vec<Made>) -> Vec<u8> {
        let mut bytes = String::new();
        for Made { header, body } in made {
            let sealed = Unsealed { header, body: body.into_bytes() }.seal(&from.me.key, [7; 16]);
            let (salt, head) = (sealed.salt(), sealed.head());
            let body = String::from_utf8_lossy(sealed.body()).into_owned();
            self.frontier.push(leaf(salt, head, sealed.body()).as_bytes());
            let line = serde_json::json!({
                "o": self.next, "hop": 1, "head": head, "body": body,
                "salt": BASE64_STANDARD.encode(salt),
                "sig": BASE64_STANDARD.encode(sealed.signature().as_bytes()),
            });
            self.next += 1;
            bytes.extend([line.to_string().as_str(), "\n"]);
        }
        let origin = origin(&from.id(), &to.id(), &self.epoch);
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let note = Checkpoint { origin, size, root }.sign("x", &from.me.key);
        bytes.extend([serde_json::json!({ "checkpoint": note }).to_string().as_str(), "\n"]);
        bytes.into_bytes()
    }

    fn bring(&mut self, from: &One, to: &mut One, made: Vec<Made>) -> Receipt {
        let bytes = self.batch(from, to, made);
        match arrive(from, to, &bytes) {
            Answer::Receipt(receipt) => receipt,
            other => panic!("{other:?}"),
        }
    }
}

fn subject(n: u32) -> Subject {
    Subject {
        thing: thing(&id("indicator", n)),
        version: "2026-01-01T00:00:00.000Z".to_owned(),
        authorship: Authorship::Wrote,
    }
}

fn recall(signer: &One, word: u128, n: u32, label: Label, reason: &str) -> Made {
    let (subject, mode) = (subject(n), RecallMode::Erase);
    let body = Recall { subject, mode, reason: reason.to_owned() }.write();
    Made::word(signer, RECALL, word, label, body)
}

fn head(at: &One) -> node::Seq {
    at.store.reading().head().unwrap()
}

/// Words of this node about numbers, in its own log.
fn told(at: &One) -> usize {
    let kind = Kind::ours(WITHDRAW_RANGE);
    let found = at.store.reading().scan_kind(&kind, 0, head(at), 100_000).unwrap();
    found.iter().filter(|light| light.via_id == 0).count()
}

#[test]
fn what_is_heard_before_its_turn_is_charged_and_appends_only_what_takes_something_back() {
    let (mut alpha, beta, _, circle) = three();
    // Two records, two batches of 32 words, one more record; and no third batch.
    alpha.node.limit(Allowance { records_per_hour: 80, ..Allowance::default() });
    let amber = || Label { hops: 8, ..Label::new(Tlp::Amber, circle) };
    let mut outlet = Outlet::new(9);
    outlet.bring(
        &beta,
        &mut alpha,
        vec![Made::indicator(&beta, 1, amber()), Made::indicator(&beta, 2, amber())],
    );
    // Ahead of its turn: recalls of nothing that is here, one that is too long, and a true one.
    let long = "x".repeat(WORD_AHEAD_BYTES_MAX);
    let mut words: Vec<Made> =
        (10..40).map(|n| recall(&beta, u128::from(n), n, amber(), "never was")).collect();
    words.push(recall(&beta, 50, 2, amber(), &long));
    words.push(recall(&beta, 51, 1, amber(), "wrong"));
    outlet.next += 5;
    let bytes = outlet.batch(&beta, &alpha, words);
    let before = head(&alpha);
    let heed = |alpha: &mut One| {
        let keys = link::keys(&alpha.store.reading()).unwrap();
        let ahead = link::prepare(beta.id(), &bytes, &keys).unwrap();
        alpha.apply(Command::Heed(ahead))
    };
    assert!(matches!(heed(&mut alpha), Answer::Done));
    assert_eq!(head(&alpha), before + 1, "one word takes back what is here");
    assert!(!holds(&alpha, 1) && holds(&alpha, 2));
    assert!(matches!(heed(&mut alpha), Answer::Done));
    assert_eq!(head(&alpha), before + 1);
    // What was not kept keeps its record away all the same.
    let mut later = Outlet::new(10);
    let receipt = later.bring(&beta, &mut alpha, vec![Made::indicator(&beta, 12, amber())]);
    assert!(refusals(&receipt)[0].starts_with("E-LINK-025"), "{receipt:?}");
    assert!(matches!(heed(&mut alpha), Answer::Later(_)), "it is counted like any other batch");
}

#[test]
fn rivals_of_one_version_are_bounded_and_a_word_about_them_is_told_once() {
    let (mut alpha, mut beta, mut gamma, circle) = three();
    let amber = || Label { hops: 8, ..Label::new(Tlp::Amber, circle) };
    let mut outlet = Outlet::new(9);
    let many = i64::try_from(RIVALS_MAX).unwrap() + 5;
    let rivals = (0..many).map(|n| Made::indicator(&beta, 1, amber()).later(n)).collect();
    let receipt = outlet.bring(&beta, &mut alpha, rivals);
    let refused = refusals(&receipt);
    assert_eq!(refused.len(), 5, "{refused:?}");
    assert!(refused.iter().all(|reason| reason.starts_with("E-QUOTA-002")), "{refused:?}");
    send(&mut alpha, &mut gamma);
    assert_eq!(gamma.store.reading().by_thing(&subject(1).thing).unwrap().len(), RIVALS_MAX);
    let (subject, before) = (subject(1), told(&alpha));
    let body = Relabel { subject, tlp: Tlp::Red }.write();
    let word = Made::word(&beta, RELABEL, 5, amber(), body).later(many + 1);
    assert!(refusals(&outlet.bring(&beta, &mut alpha, vec![word])).is_empty());
    assert_eq!(told(&alpha), before + 1, "one word for Gamma, whatever it had");
    send(&mut alpha, &mut gamma);
    assert!(!holds(&gamma, 1));
    assert!(send(&mut beta, &mut gamma).len() < 100_000);
}

#[test]
fn recalls_of_what_came_and_went_a_hundred_times_write_no_row_for_each_time() {
    let (mut alpha, beta, mut gamma, circle) = three();
    let amber = || Label { hops: 8, ..Label::new(Tlp::Amber, circle) };
    let mut outlet = Outlet::new(9);
    let rounds = LET_GO_PLACES_MAX + 10;
    for round in 0..u128::try_from(rounds).unwrap() {
        let number = outlet.next;
        outlet.bring(&beta, &mut alpha, vec![Made::indicator(&beta, 1, amber())]);
        if round + 1 == u128::try_from(rounds).unwrap() {
            // Only the last one goes on to Gamma.
            send(&mut alpha, &mut gamma);
            assert!(holds(&gamma, 1));
        }
        let label = Label { to: Some([alpha.id()].into()), ..amber() };
        let ranges = vec![(number, 1)];
        let body = WithdrawRange { epoch: outlet.epoch, ranges }.write();
        let word = Made::word(&beta, WITHDRAW_RANGE, 100 + round, label, body);
        outlet.bring(&beta, &mut alpha, vec![word]);
        assert!(!holds(&alpha, 1), "round {round}");
    }
    let words = (0..5).map(|n| recall(&beta, 1_000 + n, 1, amber(), "wrong")).collect();
    let before = head(&alpha);
    outlet.bring(&beta, &mut alpha, words);
    for word in before + 1..=head(&alpha) {
        let meant = alpha.store.reading().meant_by(word).unwrap();
        assert!(!meant.is_empty() && meant.len() <= LET_GO_PLACES_MAX + 3, "{}", meant.len());
    }
    send(&mut alpha, &mut gamma);
    assert!(!holds(&gamma, 1), "the recall follows the last one all the same");
}

#[test]
fn one_record_has_so_many_numbers_and_no_more() {
    let (mut alpha, beta, _, circle) = three();
    let amber = || Label::new(Tlp::Amber, circle);
    let mut outlet = Outlet::new(9);
    let same = || Made {
        header: Header {
            signed: "2026-01-02T00:00:00Z".parse().unwrap(),
            ..Made::indicator(&beta, 1, amber()).header
        },
        ..Made::indicator(&beta, 1, amber())
    };
    let many = |count: usize| (0..count).map(|_| same()).collect();
    let receipt = outlet.bring(&beta, &mut alpha, many(GIVEN_NUMBERS_MAX + 4));
    assert_eq!(refusals(&receipt).len(), 4, "{receipt:?}");
    let receipt = outlet.bring(&beta, &mut alpha, many(3));
    assert!(refusals(&receipt).iter().all(|reason| reason.starts_with("E-QUOTA-002")));
    assert_eq!(receipt.refused.len(), 3);
    // Another life of its numbering, and it takes back there: what the other one gave goes too.
    let mut other = Outlet::new(10);
    other.bring(&beta, &mut alpha, many(1));
    let label = Label { to: Some([alpha.id()].into()), ..amber() };
    let body = WithdrawRange { epoch: other.epoch, ranges: vec![(0, 1)] }.write();
    let word = Made::word(&beta, WITHDRAW_RANGE, 1, label, body);
    other.bring(&beta, &mut alpha, vec![word]);
    alpha.apply(Command::Tick);
    assert!(!holds(&alpha, 1));
}

#[test]
fn versions_of_one_thing_are_bounded_and_dear() {
    let (mut alpha, beta, _, circle) = three();
    let amber = || Label::new(Tlp::Amber, circle);
    let mut outlet = Outlet::new(9);
    let version = |n: usize| {
        let made = Made::new(
            &beta,
            ThingId { kind: "misp/event".parse().unwrap(), uuid: uuid::Uuid::from_u128(1) },
            amber(),
            "{}".to_owned(),
        );
        Made { header: Header { version: n.to_string(), ..made.header }, ..made }
    };
    alpha.node.limit(Allowance { records_per_hour: 1_000_000, ..Allowance::default() });
    let mut refused = Vec::new();
    for first in (0..VERSIONS_MAX + 3).step_by(1_000) {
        let upto = (first + 1_000).min(VERSIONS_MAX + 3);
        refused = outlet.bring(&beta, &mut alpha, (first..upto).map(version).collect()).refused;
    }
    assert_eq!(refused.len(), 3, "{refused:?}");
    // What is walked over is owed for: a few more batches of what is held, and it has to wait.
    let later = (0..4).any(|_| {
        let more = outlet.batch(&beta, &alpha, (0..900).map(|_| version(0)).collect());
        matches!(arrive(&beta, &mut alpha, &more), Answer::Later(_))
    });
    assert!(later);
}

#[test]
fn what_means_nothing_takes_a_place_and_what_takes_back_needs_none() {
    let (mut alpha, beta, _, circle) = three();
    let amber = || Label::new(Tlp::Amber, circle);
    let mut outlet = Outlet::new(9);
    let held = alpha.store.reading().held_from(&beta.id()).unwrap();
    alpha.node.limit(Allowance { records_held: held + 2, ..Allowance::default() });
    outlet.bring(
        &beta,
        &mut alpha,
        vec![Made::indicator(&beta, 1, amber()), Made::indicator(&beta, 2, amber())],
    );
    let before = head(&alpha);
    let alert = Made::new(
        &beta,
        ThingId { kind: "cap/alert".parse().unwrap(), uuid: uuid::Uuid::from_u128(4) },
        amber(),
        "<alert/>".to_owned(),
    );
    let receipt =
        outlet.bring(&beta, &mut alpha, vec![recall(&beta, 1, 77, amber(), "never was"), alert]);
    let refused = refusals(&receipt);
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused.iter().all(|reason| reason.starts_with("E-QUOTA-002")), "{refused:?}");
    assert_eq!(head(&alpha), before);
    // A withdrawal by number is obeyed, and not kept; a recall is obeyed and kept.
    let label = Label { to: Some([alpha.id()].into()), ..amber() };
    let body = WithdrawRange { epoch: outlet.epoch, ranges: vec![(1, 1)] }.write();
    let word = Made::word(&beta, WITHDRAW_RANGE, 2, label, body);
    let words = vec![word, recall(&beta, 3, 1, amber(), "wrong")];
    assert!(refusals(&outlet.bring(&beta, &mut alpha, words)).is_empty());
    assert!(!holds(&alpha, 1) && !holds(&alpha, 2));
    assert_eq!(head(&alpha), before + 1);
}

#[test]
fn a_flood_of_alerts_and_of_empty_recalls_stands_before_nobodys_recall() {
    let (mut alpha, beta, mut gamma, circle) = three();
    let amber = || Label { hops: 8, ..Label::new(Tlp::Amber, circle) };
    publish(&mut alpha, circle, 1..=1);
    send(&mut alpha, &mut gamma);
    let mut outlet = Outlet::new(9);
    for round in 0..4_u128 {
        let alerts = (0..500).map(|n| {
            let uuid = uuid::Uuid::from_u128(round * 1_000 + n);
            let thing = ThingId { kind: "cap/alert".parse().unwrap(), uuid };
            Made::new(&beta, thing, amber(), "<alert/>".to_owned())
        });
        let empty = (0..400_u32).map(|n| {
            recall(&beta, 90_000 + round * 1_000 + u128::from(n), 5_000 + n, amber(), "never was")
        });
        let receipt = outlet.bring(&beta, &mut alpha, alerts.chain(empty).collect());
        assert!(receipt.refused.is_empty(), "{receipt:?}");
    }
    let key = link_key(&gamma.id());
    alpha.apply(Command::Number(key.clone()));
    let next = |alpha: &One| alpha.store.reading().outlet(&key).unwrap().unwrap().next;
    let (before, mode) = (next(&alpha), RecallMode::Erase);
    let thing = thing(&id("indicator", 1));
    let recall = Administer::Recall { thing, mode, reason: "wrong".to_owned() };
    assert!(matches!(alpha.apply(Command::Administer(recall)), Answer::Statements(_)));
    alpha.apply(Command::Number(key.clone()));
    let have = gamma.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    assert!(before - have <= 600, "numbered ahead: {}", before - have);
    for _ in 0..3 {
        let have = gamma.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
        let bytes = batch(&alpha, &gamma, have);
        let Answer::Receipt(receipt) = arrive(&alpha, &mut gamma, &bytes) else { panic!() };
        alpha.apply(Command::Acknowledged { partner: gamma.id(), receipt });
    }
    assert!(!holds(&gamma, 1), "in the third batch at the latest");
    send(&mut alpha, &mut gamma);
    let alerts = Kind::ours("cap/alert");
    let come = |at: &One| at.store.reading().scan_kind(&alerts, 0, head(at), 10_000).unwrap().len();
    assert_eq!(come(&gamma), 2_000, "and nothing is lost or doubled");
    let words = Kind::ours(RECALL);
    let come = gamma.store.reading().scan_kind(&words, 0, head(&gamma), 10_000).unwrap().len();
    assert_eq!(come, 1 + 1_600);
}

#[test]
fn nobody_waits_behind_anothers_withdrawals() {
    let (mut alpha, beta, mut gamma, circle) = three();
    let amber = || Label::new(Tlp::Amber, circle);
    let mut outlet = Outlet::new(9);
    outlet.bring(
        &beta,
        &mut alpha,
        (1..=900).map(|n| Made::indicator(&beta, n, amber())).collect(),
    );
    publish(&mut gamma, circle, 2_000..=2_000);
    send(&mut gamma, &mut alpha);
    assert!(holds(&alpha, 2_000));
    let label = Label { to: Some([alpha.id()].into()), ..amber() };
    let body = WithdrawRange { epoch: outlet.epoch, ranges: vec![(0, 900)] }.write();
    outlet.bring(&beta, &mut alpha, vec![Made::word(&beta, WITHDRAW_RANGE, 1, label, body)]);
    let (thing, partner) = (thing(&id("indicator", 2_000)), alpha.id());
    gamma.apply(Command::Administer(Administer::Withdraw { thing, partner }));
    send(&mut gamma, &mut alpha);
    alpha.apply(Command::Tick);
    assert!(!holds(&alpha, 2_000), "Gamma's goes with the first step");
    assert!(holds(&alpha, 900), "Beta's are many");
    (0..20).for_each(|_| drop(alpha.apply(Command::Tick)));
    assert!(!holds(&alpha, 900));
}

#[test]
fn a_purge_that_is_owed_survives_a_crash() {
    let (mut alpha, beta, _, circle) = three();
    let mut outlet = Outlet::new(9);
    let since = alpha.now;
    let made = vec![Made::indicator(&beta, 1, Label::new(Tlp::Amber, circle))];
    outlet.bring(&beta, &mut alpha, made);
    let step = Undo { partner: beta.id(), since, after: 0 };
    alpha.apply(Command::Administer(Administer::Undo(step)));
    let owed = |alpha: &One| alpha.store.reading().setting("unpurged").unwrap();
    assert_eq!(owed(&alpha), Some(vec![1]), "it is erased, and asked for with the next tick");
    assert!(!holds(&alpha, 1));
    // The node dies here. The next one has nothing in memory, and nothing more to erase.
    alpha.reopen(Epoch::new([1; 16]));
    alpha.apply(Command::Tick);
    assert_eq!(owed(&alpha), Some(vec![0]), "and asked for it");
}

#[test]
fn a_flood_of_labels_ends_with_a_reason_and_others_go_on() {
    let (mut alpha, beta, mut gamma, circle) = three();
    alpha.node.limit(Allowance { labels: 50, ..Allowance::default() });
    let embargo = |n: i64| Some(beta.now.plus_micros(-n));
    let flood = |first: u32| -> Vec<Made> {
        (first..first + 100)
            .map(|n| {
                let embargo = embargo(i64::from(n));
                let label = Label { embargo, ..Label::new(Tlp::Amber, circle) };
                Made::indicator(&beta, n, label)
            })
            .collect()
    };
    let mut outlet = Outlet::new(9);
    let usual = |n| Made::indicator(&beta, n, Label::new(Tlp::Amber, circle));
    outlet.bring(&beta, &mut alpha, vec![usual(2_999)]);
    let receipt = outlet.bring(&beta, &mut alpha, flood(1));
    let refused = refusals(&receipt);
    assert_eq!(refused.len(), 51, "{refused:?}");
    assert!(refused.iter().all(|reason| reason.starts_with("E-QUOTA-003")), "{refused:?}");
    let before = head(&alpha);
    // Recipients that nobody knows, and circles that nobody follows, are no way around.
    let me = alpha.id();
    let named = (0..40_u8).map(|n| {
        let to = Some([me, model::id::NodeId::new([n; 16])].into());
        let label = Label { to, ..Label::new(Tlp::Amber, circle) };
        Made::indicator(&beta, 1_000 + u32::from(n), label)
    });
    let placed = (0..40_u8).map(|n| {
        let other = CircleId::new(uuid::Uuid::from_bytes([n; 16]));
        Made::indicator(&beta, 2_000 + u32::from(n), Label::new(Tlp::Amber, other))
    });
    let refused = outlet.bring(&beta, &mut alpha, named.chain(placed).collect()).refused;
    assert_eq!(refused.len(), 80);
    assert_eq!(head(&alpha), before);
    // Its usual label is known, a recall under a new one is heard, and Gamma is another partner.
    let odd = Label { embargo: embargo(1), hops: 7, ..Label::new(Tlp::Amber, circle) };
    assert!(holds(&alpha, 1));
    publish(&mut gamma, circle, 4_000..=4_000);
    send(&mut gamma, &mut alpha);
    let words = vec![usual(3_000), recall(&beta, 1, 1, odd, "wrong")];
    let refused = outlet.bring(&beta, &mut alpha, words).refused;
    assert!(refused.is_empty(), "{refused:?}");
    assert!(holds(&alpha, 3_000) && holds(&alpha, 4_000) && !holds(&alpha, 1));
}

#[test]
fn who_is_no_member_any_more_learns_nothing_from_the_receipt_of_a_word() {
    let (mut alpha, mut beta, mut gamma, _) = three();
    let circle = alpha.circle("inner");
    let partner = beta.id();
    alpha.apply(Command::Administer(Administer::AddMember { circle, partner }));
    send(&mut alpha, &mut beta);
    beta.apply(Command::Administer(Administer::AcceptCircle(circle)));
    let amber = || Label { hops: 8, ..Label::new(Tlp::Amber, circle) };
    let mut outlet = Outlet::new(9);
    outlet.bring(&beta, &mut alpha, vec![Made::indicator(&beta, 1, amber())]);
    alpha.apply(Command::Administer(Administer::RemoveMember { circle, partner }));
    let relabel = |word, n| {
        let body = Relabel { subject: subject(n), tlp: Tlp::Red }.write();
        Made::word(&beta, RELABEL, word, amber(), body).later(1)
    };
    let words = vec![
        relabel(1, 1),
        relabel(2, 2),
        recall(&beta, 3, 1, amber(), "wrong").later(2),
        recall(&beta, 4, 2, amber(), "wrong").later(2),
        Made::indicator(&beta, 7, amber()),
    ];
    let refused = outlet.bring(&beta, &mut alpha, words).refused;
    let codes: Vec<_> = refused.iter().map(|entry| (entry.o, entry.reason.get(..10))).collect();
    assert_eq!(codes, [(5, Some("E-LINK-023"))], "held or not, a word is answered alike");
    assert!(!holds(&alpha, 1));
    send(&mut alpha, &mut gamma);
}

#[test]
fn who_tells_another_key_at_each_hello_costs_no_commit_each() {
    let (mut alpha, beta, ..) = three();
    let (partner, known) =
        (beta.id(), |at: &One| at.store.reading().sealing_key(&beta.id()).unwrap());
    let key = |n: u8| One::new(n, "x").me.key.sealing();
    let tell = |at: &mut One, n| {
        at.apply(Command::Administer(Administer::SealTo { partner, key: key(n) }));
    };
    tell(&mut alpha, 50);
    tell(&mut alpha, 51);
    assert_eq!(known(&alpha), Some(key(50)), "the one of a moment ago stands");
    alpha.now = alpha.now.plus_seconds(61);
    tell(&mut alpha, 52);
    assert_eq!(known(&alpha), Some(key(52)));
}
