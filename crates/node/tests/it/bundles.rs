//! Two nodes by files alone: what they end with is what a link would have brought, in whatever order
//! and however often the files come. And nodes that no link ever joined.

use crate::world::{One, Pair, batch, refusals};
use model::id::Epoch;
use model::time::Instant;
use node::bundle::{Introduction, Portion};
use node::command::Administer;
use node::link::{self, Receipt, owed_receipts};
use node::outlet::link_key;
use node::{Answer, Command, PartnerState};

impl Pair {
    fn publish_all(&mut self, numbers: std::ops::Range<u32>) {
        numbers.for_each(|n| self.publish(n));
    }

    /// Gives both the same clock: what is done at an hour is done at the same instants.
    fn at(&mut self, hour: i64) {
        let start: Instant = "2026-11-23T00:00:00Z".parse().unwrap();
        self.alpha.now = start.plus_seconds(hour * 3_600);
        self.beta.now = start.plus_seconds(hour * 3_600 + 60);
    }

    fn read(&self) -> u64 {
        let cursor = self.beta.store.reading().cursor(&self.alpha.id()).unwrap();
        cursor.map_or(0, |cursor| cursor.next)
    }

    fn epoch(&self) -> Epoch {
        let key = link_key(&self.beta.id());
        self.alpha.store.reading().outlet(&key).unwrap().unwrap().epoch
    }

    fn acknowledge(&mut self, receipts: &[Receipt]) {
        for receipt in receipts {
            let (partner, receipt) = (self.beta.id(), receipt.clone());
            let answer = self.alpha.apply(Command::Acknowledged { partner, receipt });
            assert!(matches!(answer, Answer::Done), "{answer:?}");
        }
    }

    fn by_link(&mut self) {
        self.alpha.apply(Command::Number(link_key(&self.beta.id())));
        let mut receipts = Vec::new();
        loop {
            let bytes = batch(&self.alpha, &self.beta, self.read());
            if bytes.is_empty() {
                break;
            }
            let keys = link::keys(&self.beta.store.reading()).unwrap();
            let arrival = link::prepare(self.alpha.id(), &bytes, &keys).unwrap();
            let Answer::Receipt(receipt) = self.beta.apply(Command::Arrive(arrival)) else {
                panic!("no receipt")
            };
            assert_eq!(refusals(&receipt), Vec::<&str>::new());
            receipts.push(receipt);
        }
        self.acknowledge(&receipts);
    }

    /// The batches of a bundle that begins at an entry.
    fn bundle(&mut self, from: u64) -> Vec<Vec<u8>> {
        self.alpha.apply(Command::Number(link_key(&self.beta.id())));
        let (mut batches, mut after) = (Vec::new(), from);
        loop {
            let bytes = batch(&self.alpha, &self.beta, after);
            if bytes.is_empty() {
                return batches;
            }
            after += bytes.iter().filter(|byte| **byte == b'\n').count() as u64 - 1;
            batches.push(bytes);
        }
    }

    /// Imports it as the program does; gives the receipts that go back, or the gap that was met.
    fn import(&mut self, bundle: &[Vec<u8>], from: u64) -> Result<Vec<Receipt>, (u64, u64)> {
        for bytes in bundle {
            let keys = link::keys(&self.beta.store.reading()).unwrap();
            let arrival = link::prepare(self.alpha.id(), bytes, &keys).unwrap();
            match Portion::of(arrival, self.read()) {
                Portion::Known => {}
                Portion::Gap(first, upto) => return Err((first, upto)),
                Portion::New(new) => {
                    let answer = self.beta.apply(Command::Arrive(new));
                    assert!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
                }
            }
        }
        let (alpha, epoch) = (self.alpha.id(), self.epoch());
        let beta = &self.beta;
        Ok(owed_receipts(&beta.me, &beta.store.reading(), &alpha, &epoch, from).unwrap())
    }
}

#[test]
fn by_files_that_overlap_come_twice_and_in_part_the_stores_end_as_by_a_link() {
    let (mut link, mut file) = (Pair::new(), Pair::new());
    let mut old = Vec::new();
    for (hour, from) in [(1, 0), (2, 0), (3, 5), (4, 2)] {
        for pair in [&mut link, &mut file] {
            pair.at(hour);
            let n = u32::try_from(hour).unwrap() * 10;
            pair.publish_all(n..n + 3);
        }
        link.by_link();
        // The same bundle twice, and an older one after it: nothing of them is new.
        let bundle = file.bundle(from);
        let clock = file.alpha.now;
        let receipts = file.import(&bundle, 0).unwrap();
        for known in [&bundle, &old] {
            assert_eq!(file.import(known, 0).unwrap(), receipts);
        }
        // As the link's, only the newest is new to Alpha; and twice is as good as once.
        let (newest, before) = receipts.split_last().unwrap();
        file.acknowledge(std::slice::from_ref(newest));
        file.acknowledge(before);
        file.acknowledge(&receipts);
        assert!(file.alpha.now > clock);
        old = bundle;
    }
    for (one, other) in [(&mut link.alpha, &mut file.alpha), (&mut link.beta, &mut file.beta)] {
        assert!(one.store.image().unwrap() == other.store.image().unwrap(), "{}", one.me.name);
    }
}

#[test]
fn without_the_bundle_before_it_nothing_of_one_is_taken() {
    let mut pair = Pair::new();
    pair.publish_all(1..4);
    let first = pair.bundle(0);
    let after = first.iter().flatten().filter(|byte| **byte == b'\n').count() as u64 - 1;
    pair.publish_all(4..6);
    let second = pair.bundle(after);
    let image = pair.beta.store.image().unwrap();
    assert_eq!(pair.import(&second, 0).unwrap_err(), (0, after));
    assert!(pair.beta.store.image().unwrap() == image, "something changed");
    pair.import(&first, 0).unwrap();
    let receipts = pair.import(&second, 0).unwrap();
    pair.acknowledge(&receipts);
    assert_eq!(pair.read(), after + 2);
}

#[test]
fn nodes_that_no_link_joined_become_partners_by_their_files_and_compare_the_same_words() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let card =
        |one: &One| Introduction::read(&Introduction::write(&one.me.name, &one.me.key, None));
    let (of_alpha, of_beta) = (card(&alpha).unwrap(), card(&beta).unwrap());
    let introduce = |one: &mut One, introduction: &Introduction, name: &str| {
        let (introduction, name) = (Box::new(introduction.clone()), name.to_owned());
        one.apply(Command::Administer(Administer::Introduce { introduction, name }))
    };
    let words = |answer| match answer {
        Answer::Welcome { words, trusted: false, .. } => words,
        other => panic!("{other:?}"),
    };
    let here = words(introduce(&mut alpha, &of_beta, "Beta over there"));
    let there = words(introduce(&mut beta, &of_alpha, "CERT Alpha"));
    assert_eq!(here, there);
    let own = introduce(&mut alpha, &of_alpha, "me");
    assert!(matches!(own, Answer::Refused(problem) if problem.code == "E-PARTNER-003"));
    for (one, other) in [(&mut alpha, &of_beta), (&mut beta, &of_alpha)] {
        let partner = other.key.node();
        let known = one.store.reading().partner(&partner).unwrap().unwrap();
        assert_eq!((known.state, known.address), (PartnerState::Joined, None));
        assert_eq!(one.store.reading().sealing_key(&partner).unwrap(), Some(other.hpke));
        let confirm = Administer::Confirm { partner, words: here.clone() };
        assert!(matches!(one.apply(Command::Administer(confirm)), Answer::Done));
    }
    // Said again, nothing is loosened or begun anew.
    let again = introduce(&mut alpha, &of_beta, "another name");
    assert!(matches!(again, Answer::Welcome { trusted: true, .. }), "{again:?}");
    let known = alpha.store.reading().partner(&beta.id()).unwrap().unwrap();
    assert_eq!((known.name.as_str(), known.state), ("Beta over there", PartnerState::Confirmed));
}
