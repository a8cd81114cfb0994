//! A node that comes back from a backup, its partners and its readers; and one that was put back
//! to an older state without saying so.

use crate::world::{One, Pair, arrive, batch, id, join, refusals, send, thing};
use model::id::Epoch;
use model::statement::RecallMode;
use node::command::Administer;
use node::link::{hello, rolled_back};
use node::outlet::link_key;
use node::restore::{Restored, begin_anew, replay, restored};
use node::watch::Matched;
use node::{Answer, Command, Effect, Store};

impl Pair {
    /// Alpha over an older or another store, in the same life of its numbering.
    fn become_of(&mut self, image: &[u8]) {
        self.alpha.store = Store::from_image(image).unwrap();
        self.alpha.reopen(Epoch::new([1; 16]));
    }

    /// Beta is about to read all that Alpha has for it a second time.
    fn put_back(&mut self) {
        let more = self.alpha.circle("more");
        join(&mut self.alpha, &mut self.beta, &[more], true);
        let cursor =
            |pair: &Self| pair.beta.store.reading().cursor(&pair.alpha.id()).unwrap().unwrap().next;
        self.alpha.apply(Command::Number(link_key(&self.beta.id())));
        let bytes = batch(&self.alpha, &self.beta, cursor(self));
        let answer = arrive(&self.alpha, &mut self.beta, &bytes);
        assert!(matches!(answer, Answer::Receipt(_)), "{answer:?}");
        assert_eq!(cursor(self), 0);
    }

    /// Why Beta refuses what Alpha has for it from a place on.
    fn refused(&mut self, from: u64) -> &'static str {
        let bytes = batch(&self.alpha, &self.beta, from);
        match arrive(&self.alpha, &mut self.beta, &bytes) {
            Answer::Refused(problem) => problem.code,
            Answer::Receipt(receipt) => panic!("taken: {:?}", refusals(&receipt)),
            other => panic!("{other:?}"),
        }
    }

    /// How often Beta holds what Alpha published as this number.
    fn held(&self, n: u32) -> usize {
        self.beta.store.reading().by_thing(&thing(&id("indicator", n))).unwrap().len()
    }
}

/// A node from an image of its store, as `entente restore` makes it.
fn restore(one: &mut One, image: &[u8], epoch: u8) {
    let backup = one.now;
    one.now = one.now.plus_seconds(3_600);
    one.store = Store::from_image(image).unwrap();
    let when = Restored { at: one.now, backup };
    begin_anew(&one.store, &Epoch::new([epoch; 16]), when).unwrap();
    one.reopen(Epoch::new([epoch; 16]));
    assert_eq!(restored(&one.store.reading()).unwrap(), Some(when));
}

#[test]
fn a_partner_reads_a_restored_node_from_the_start_and_applies_everything_once() {
    let mut pair = Pair::new();
    (1..=3).for_each(|n| pair.publish(n));
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    pair.publish(4);
    pair.exchange();
    assert_eq!([1, 2, 3, 4].map(|n| pair.held(n)), [1, 1, 1, 1]);
    let head = pair.beta.store.reading().head().unwrap();

    restore(&mut pair.alpha, &image, 9);
    pair.beta.effects.clear();
    pair.publish(5);
    let sent = String::from_utf8(send(&mut pair.alpha, &mut pair.beta)).unwrap();
    assert!(sent.contains("1.example") && sent.contains("5.example"), "from the start");
    assert!(!sent.contains("4.example"), "the restored node never had it");
    assert_eq!([1, 2, 3, 4, 5].map(|n| pair.held(n)), [1, 1, 1, 1, 1], "each once");
    assert_eq!(pair.beta.store.reading().head().unwrap(), head + 1);
    let from = pair.alpha.id();
    let told = pair.beta.effects.iter().filter(|e| matches!(e, Effect::Restored(n) if *n == from));
    assert_eq!(told.count(), 1, "people are told, once");
    let line = node::read::partners(&pair.beta.store.reading()).unwrap().remove(0);
    assert_eq!(line.restored.map(|at| at > pair.beta.now.plus_seconds(-60)), Some(true));
    // The receipts are of the new life, and the old life's are kept with what they prove.
    let outlets = pair.alpha.store.reading().outlets().unwrap();
    let links: Vec<_> = outlets.iter().filter(|outlet| outlet.key.contains("link:")).collect();
    assert_eq!(links.len(), 2, "{links:?}");
    for outlet in links {
        let held = pair.alpha.store.reading().held_receipts(outlet.id, 1).unwrap();
        assert!(held[0].text.contains(&outlet.epoch.to_string()), "{outlet:?}");
    }
}

#[test]
fn a_restored_node_gets_back_what_partners_have_for_it_and_no_sighting_twice() {
    let mut pair = Pair::new();
    pair.publish(1);
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    let seq = pair.beta.store.reading().by_thing(&thing(&id("indicator", 1))).unwrap()[0];
    let (first, last) = (pair.beta.now, pair.beta.now);
    let matched = vec![Matched { seq, count: 3, first, last, role: "dns-query", parent: false }];
    pair.beta.apply(Command::Matched(matched));
    pair.exchange();
    let sightings = |pair: &mut Pair| {
        let Pair { alpha, circle, writer, .. } = pair;
        alpha.collection(writer, *circle, "match[type]=sighting").entries.len()
    };
    assert_eq!(sightings(&mut pair), 1);
    restore(&mut pair.alpha, &image, 9);
    assert_eq!(sightings(&mut pair), 0, "it came after the backup");
    pair.exchange();
    assert_eq!(sightings(&mut pair), 1);
    pair.exchange();
    assert_eq!(sightings(&mut pair), 1);
}

#[test]
fn no_reader_of_a_collection_misses_anything_over_a_restore() {
    let mut pair = Pair::new();
    (1..=3).for_each(|n| pair.publish(n));
    let dates = |pair: &mut Pair, query: &str| {
        let Pair { alpha, circle, writer, .. } = pair;
        let page = alpha.collection(writer, *circle, query);
        page.entries.into_iter().map(|e| (e.date, e.thing.to_string())).collect::<Vec<_>>()
    };
    let before = dates(&mut pair, "");
    let image = pair.alpha.store.image().unwrap();
    (4..=9).for_each(|n| pair.publish(n));
    let lost = dates(&mut pair, "");
    let (after, _) = *lost.last().unwrap();
    restore(&mut pair.alpha, &image, 9);
    // The clock may stand still for a while, or be set back a little later.
    pair.alpha.now = pair.alpha.now.plus_seconds(-600);
    (10..=12).for_each(|n| pair.publish(n));
    let query = format!("added_after={}", after.to_taxii());
    let new: Vec<String> = (10..=12).map(|n| id("indicator", n)).collect();
    let got = dates(&mut pair, &query);
    assert_eq!(got.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>(), new);
    assert!(got.iter().all(|(date, _)| *date > after));
    assert_eq!(dates(&mut pair, "")[..before.len()], before, "what had a number keeps it");
    // By number: a page of the lost time ended at an offset that comes no more.
    let Pair { alpha, circle, writer, .. } = &mut pair;
    let offset = u64::try_from(lost.len()).unwrap();
    let page = alpha.page_from(writer, *circle, offset);
    assert_eq!(page.entries.iter().map(|e| e.thing.to_string()).collect::<Vec<_>>(), new);
}

#[test]
fn what_was_erased_hidden_or_relabelled_after_the_backup_is_so_again_when_the_old_store_is_there() {
    let mut pair = Pair::new();
    (1..=3).for_each(|n| pair.publish(n));
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    let mode = RecallMode::Erase;
    let recalled = thing(&id("indicator", 1));
    let recall = Administer::Recall { thing: recalled.clone(), mode, reason: "wrong".into() };
    pair.alpha.apply(Command::Administer(recall));
    let hidden = pair.alpha.store.reading().by_thing(&thing(&id("indicator", 2))).unwrap();
    let (submitter, circle) = (pair.writer.submitter.clone(), pair.circle);
    pair.alpha.apply(Command::Hide { submitter, circle, entries: hidden });
    let old = std::mem::replace(&mut pair.alpha.store, Store::memory().unwrap());
    let store = Store::from_image(&image).unwrap();
    assert_eq!(store.reading().by_thing(&recalled).unwrap().len(), 1);
    assert_eq!(replay(&store, &old.reading(), &mut |_| {}).unwrap(), 1);
    assert!(store.reading().by_thing(&recalled).unwrap().is_empty());
    let mut again = store;
    let image = again.image().unwrap();
    restore(&mut pair.alpha, &image, 9);
    let Pair { alpha, circle, writer, .. } = &mut pair;
    assert_eq!(alpha.ids(writer, *circle, ""), [id("indicator", 3)]);
    // A stranger's store teaches nothing.
    let mut other = One::new(3, "CERT Gamma");
    other.circle("x");
    assert!(replay(&alpha.store, &other.store.reading(), &mut |_| {}).is_err());
}

#[test]
fn one_life_of_a_numbering_has_one_history_also_when_it_is_read_again() {
    let mut pair = Pair::new();
    (1..=3).for_each(|n| pair.publish(n));
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    (4..=5).for_each(|n| pair.publish(n));
    pair.exchange();
    let truth = pair.alpha.store.image().unwrap();
    // Put back by copying the folder: the epoch is the same, the history will not be.
    pair.become_of(&image);
    let read = pair.beta.store.reading().cursor(&pair.alpha.id()).unwrap().unwrap();
    let judged = |pair: &Pair| {
        let says = hello(&pair.alpha.me, &pair.alpha.store.reading(), &pair.beta.id()).unwrap();
        rolled_back(Some((read.epoch, read.next)), &says).map(|problem| problem.code)
    };
    assert_eq!(judged(&pair), Some("E-LINK-038"), "it is named");
    (6..=9).for_each(|n| pair.publish(n));
    pair.alpha.apply(Command::Number(link_key(&pair.beta.id())));
    assert_eq!(judged(&pair), None, "it has grown past what was read");
    let told = pair.beta.store.reading().head().unwrap();
    assert_eq!(pair.refused(read.next), "E-LINK-005", "no history that follows");
    let other = pair.alpha.store.image().unwrap();

    // Beta begins to read all again, as it does when it follows one more circle.
    pair.become_of(&truth);
    pair.put_back();
    let head = pair.beta.store.reading().head().unwrap();
    pair.become_of(&other);
    assert_eq!(pair.refused(0), "E-LINK-039", "nor one from the start");
    assert_eq!(pair.beta.store.reading().head().unwrap(), head, "and nothing changed");
    assert!(head > told);
    // A new epoch may begin again, and only that.
    restore(&mut pair.alpha, &other, 9);
    pair.exchange();
    assert_eq!((1..=9).map(|n| pair.held(n)).collect::<Vec<_>>(), [1; 9]);
}

#[test]
fn a_repeated_batch_with_another_content_gets_no_receipt() {
    let mut pair = Pair::new();
    pair.publish(1);
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    let from = pair.beta.store.reading().cursor(&pair.alpha.id()).unwrap().unwrap().next;
    pair.publish(2);
    pair.exchange();
    pair.become_of(&image);
    pair.publish(3);
    pair.alpha.apply(Command::Number(link_key(&pair.beta.id())));
    assert_eq!(pair.refused(from), "E-LINK-039");
}

#[test]
fn the_same_history_may_be_read_again() {
    let mut pair = Pair::new();
    (1..=5).for_each(|n| pair.publish(n));
    pair.exchange();
    pair.put_back();
    let head = pair.beta.store.reading().head().unwrap();
    pair.publish(6);
    pair.exchange();
    assert_eq!(pair.beta.store.reading().head().unwrap(), head + 1);
    assert_eq!((1..=6).map(|n| pair.held(n)).collect::<Vec<_>>(), [1; 6]);
}
