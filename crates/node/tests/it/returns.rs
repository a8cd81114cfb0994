//! A node that was restored gets back what it signed after its backup, from whoever still holds it.

use crate::world::{One, Pair, accepted, id, indicator, join, thing};
use model::id::Epoch;
use model::label::Tlp;
use model::seal::SigningKey;
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::Administer;
use node::link::{hello, lens_for};
use node::restore::{Restored, begin_anew};
use node::returns::{ALL, Place, Progress, Returned, give_back, progress, read_back};
use node::{Answer, Command, Rights, Store};

impl Pair {
    /// Alpha comes back from an image.
    fn restore(&mut self, image: &[u8], epoch: u8) {
        let backup = self.alpha.now;
        self.alpha.now = backup.plus_seconds(3_600);
        self.alpha.store = Store::from_image(image).unwrap();
        let when = Restored { at: self.alpha.now, backup };
        begin_anew(&self.alpha.store, &Epoch::new([epoch; 16]), when).unwrap();
        self.alpha.reopen(Epoch::new([epoch; 16]));
    }

    fn page(&self, after: Option<&str>) -> Vec<u8> {
        let after: Option<Place> = after.map(|place| place.parse().unwrap());
        let reading = self.beta.store.reading();
        let lens = lens_for(&reading, &self.alpha.id(), self.beta.now).unwrap().unwrap();
        give_back(&reading, &lens, after.as_ref()).unwrap().unwrap().bytes()
    }

    fn progress(&self) -> Progress {
        let (epoch, beta) = (self.alpha.me.epoch, self.beta.id());
        progress(&self.alpha.store.reading(), &epoch, &beta).unwrap().expect("restored")
    }

    /// Asks Beta for all of it; gives how many pages that took.
    fn get_back(&mut self) -> usize {
        let mut pages = 0;
        while let Some(wanted) = Some(self.progress()).filter(|progress| !progress.done) {
            let bytes = self.page(wanted.next.as_deref());
            let page = read_back(self.beta.id(), &bytes, self.alpha.me.public()).unwrap();
            let answer = self.alpha.apply(Command::Returned(page));
            assert!(matches!(answer, Answer::CameBack { .. }), "{answer:?}");
            pages += 1;
        }
        pages
    }

    /// How many copies of an indicator Alpha holds that are not erased.
    fn at_alpha(&self, n: u32) -> usize {
        let reading = self.alpha.store.reading();
        let places = reading.by_thing(&thing(&id("indicator", n))).unwrap();
        let rows = places.into_iter().map(|seq| reading.row(seq).unwrap().unwrap());
        rows.filter(|row| !row.erased && row.via.is_none()).count()
    }
}

#[test]
fn what_was_signed_after_the_backup_comes_back_and_what_was_there_is_not_doubled() {
    let mut pair = Pair::new();
    (1..=2).for_each(|n| pair.publish(n));
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    (3..=4).for_each(|n| pair.publish(n));
    pair.exchange();
    pair.publish(5);
    assert_eq!(
        hello(&pair.alpha.me, &pair.alpha.store.reading(), &pair.beta.id()).unwrap().returns,
        None
    );
    pair.restore(&image, 9);
    assert_eq!([1, 2, 3, 4, 5].map(|n| pair.at_alpha(n)), [1, 1, 0, 0, 0]);
    let wanted = hello(&pair.alpha.me, &pair.alpha.store.reading(), &pair.beta.id()).unwrap();
    assert_eq!(wanted.returns.as_deref(), Some(ALL));

    assert_eq!(pair.get_back(), 1);
    assert_eq!([1, 2, 3, 4, 5].map(|n| pair.at_alpha(n)), [1, 1, 1, 1, 0], "5 never left");
    assert_eq!(pair.progress(), Progress { new: 2, done: true, next: None });
    let wanted = hello(&pair.alpha.me, &pair.alpha.store.reading(), &pair.beta.id()).unwrap();
    assert_eq!(wanted.returns, None);
    // It is matched again, and shown to its own readers.
    let Pair { alpha, circle, writer, .. } = &mut pair;
    assert_eq!(alpha.collection(writer, *circle, "").entries.len(), 4);
    // A page more changes nothing, and the partner applies all of it once.
    let bytes = pair.page(None);
    let page = read_back(pair.beta.id(), &bytes, pair.alpha.me.public()).unwrap();
    assert!(matches!(pair.alpha.apply(Command::Returned(page)), Answer::Done));
    let head = pair.beta.store.reading().head().unwrap();
    pair.exchange();
    assert_eq!(pair.beta.store.reading().head().unwrap(), head);
}

#[test]
fn a_recall_that_was_forgotten_with_the_backup_is_obeyed_again() {
    let mut pair = Pair::new();
    (1..=2).for_each(|n| pair.publish(n));
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    let (thing, mode) = (thing(&id("indicator", 1)), RecallMode::Erase);
    let recall = Administer::Recall { thing, mode, reason: "a mistake".to_owned() };
    pair.alpha.apply(Command::Administer(recall));
    pair.exchange();
    pair.restore(&image, 9);
    assert_eq!(pair.at_alpha(1), 1, "the backup is older than the recall");
    pair.get_back();
    assert_eq!([1, 2].map(|n| pair.at_alpha(n)), [0, 1]);
    let body = indicator(1, "1.example", "");
    let told = pair.alpha.publish(&pair.writer.submitter, Terms::of(pair.circle), &body);
    assert_eq!(accepted(&told), [false], "it may not come back by publishing either");
}

#[test]
fn a_circles_list_that_was_lost_is_followed_again_and_never_numbered_twice() {
    let mut pair = Pair::new();
    let mut gamma = One::new(3, "CERT Gamma");
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    join(&mut pair.alpha, &mut gamma, &[pair.circle], true);
    pair.exchange();
    let list = |pair: &Pair| {
        let lines = node::read::circles(&pair.alpha.store.reading()).unwrap();
        let line = lines.into_iter().find(|line| line.circle.id == pair.circle).unwrap();
        (line.circle.version, line.circle.members.len())
    };
    let (version, members) = list(&pair);
    assert_eq!(members, 3);
    pair.restore(&image, 9);
    assert_eq!(list(&pair), (version - 1, 2));
    pair.get_back();
    assert_eq!(list(&pair), (version, 3));

    // Had Alpha made another list under that number before it heard of the old one, Beta would
    // follow neither: what Alpha means now stands above both.
    pair.restore(&image, 8);
    let (circle, partner) = (pair.circle, pair.beta.id());
    pair.alpha.apply(Command::Administer(Administer::RemoveMember { circle, partner }));
    assert_eq!(list(&pair), (version, 1));
    pair.get_back();
    assert_eq!(list(&pair), (version + 1, 1));
}

#[test]
fn many_come_page_after_page_and_a_place_that_is_gone_begins_anew() {
    let mut pair = Pair::new();
    pair.exchange();
    let image = pair.alpha.store.image().unwrap();
    (1..=300).for_each(|n| pair.publish(n));
    pair.exchange();
    pair.restore(&image, 9);
    let first = read_back(pair.beta.id(), &pair.page(None), pair.alpha.me.public()).unwrap();
    pair.alpha.apply(Command::Returned(first));
    let wanted = pair.progress();
    assert!(wanted.next.is_some() && !wanted.done, "{wanted:?}");
    let nowhere: Place = format!("{}.{}", id("indicator", 900), "0".repeat(64)).parse().unwrap();
    let reading = pair.beta.store.reading();
    let lens = lens_for(&reading, &pair.alpha.id(), pair.beta.now).unwrap().unwrap();
    let told = give_back(&reading, &lens, Some(&nowhere)).unwrap().unwrap_err();
    assert_eq!(told.code, "E-LINK-043");
    pair.alpha.apply(Command::Returned(Returned::nothing(pair.beta.id())));
    assert_eq!(pair.progress().next, None);
    assert_eq!(pair.get_back(), 2);
    assert_eq!((1..=300).filter(|n| pair.at_alpha(*n) == 1).count(), 300);
    assert_eq!(pair.progress().new, 300);
}

#[test]
fn what_others_signed_is_neither_given_nor_taken() {
    let mut pair = Pair::new();
    pair.publish(1);
    pair.exchange();
    let token = pair.beta.token("rw", &[pair.circle], Rights::READ.with(Rights::WRITE));
    let writer = pair.beta.caller(&token);
    let body = indicator(2, "2.example", "");
    let terms = Terms { tlp: Some(Tlp::Green), ..Terms::of(pair.circle) };
    assert_eq!(accepted(&pair.beta.publish(&writer.submitter, terms, &body)), [true]);
    let image = pair.alpha.store.image().unwrap();
    pair.restore(&image, 9);
    let page = String::from_utf8(pair.page(None)).unwrap();
    assert!(page.contains("1.example") && !page.contains("2.example"), "{page}");
    // The same page for another: not one of its lines is that node's.
    let other = SigningKey::from_seed(&[7; 32]).unwrap().public();
    let told = read_back(pair.beta.id(), page.as_bytes(), other).unwrap_err();
    assert_eq!(told.code, "E-RESTORE-010");
    let me = pair.alpha.me.public();
    let altered = page.replace("1.example", "6.example");
    assert_eq!(
        read_back(pair.beta.id(), altered.as_bytes(), me).unwrap_err().code,
        "E-RESTORE-010"
    );
    for wrong in ["", "{}", "x\n", "{\"next\":\"../../x?y\"}\n", "{\"o\":0}\n{\"next\":null}\n"] {
        let told = read_back(pair.beta.id(), wrong.as_bytes(), me).unwrap_err();
        assert_eq!(told.code, "E-LINK-001", "{wrong}");
    }
}
