//! A word goes where its record went: recalls and stricter labels reach whoever was sent the record,
//! also who is no member any more, or has it from a third node; and nobody else.

use crate::world::{One, arrive, batch, id, indicator, join, marked, refusals, send, thing};
use model::id::{CircleId, Epoch};
use model::label::Tlp;
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::{Administer, Submitter};
use node::outlet::link_key;
use node::restore::{Restored, begin_anew};
use node::{Answer, Command, Rights};

/// Alpha's circle with Beta and Gamma in it; Gamma is a partner of Beta, and of Alpha when `near`.
struct Chain {
    alpha: One,
    beta: One,
    gamma: One,
    circle: CircleId,
    writer: Submitter,
}

fn one(node: u32) -> model::id::ThingId {
    thing(&id("indicator", node))
}

impl Chain {
    /// Alpha knows Gamma only to name it in the list; they speak over Beta from then on.
    fn new() -> Self {
        let mut alpha = One::new(1, "CERT Alpha");
        let (mut beta, mut gamma) = (One::new(2, "CERT Beta"), One::new(3, "CERT Gamma"));
        let circle = alpha.circle("ops");
        join(&mut alpha, &mut beta, &[circle], true);
        join(&mut alpha, &mut gamma, &[circle], true);
        join(&mut beta, &mut gamma, &[], true);
        send(&mut alpha, &mut beta);
        send(&mut alpha, &mut gamma);
        let token = alpha.token("w", &[circle], Rights::WRITE);
        let writer = alpha.caller(&token).submitter;
        Self { alpha, beta, gamma, circle, writer }
    }

    fn publish(&mut self, terms: Terms, body: &str) {
        self.alpha.publish(&self.writer, terms, body);
    }

    /// Alpha's first indicator at Beta, and from Beta at Gamma.
    fn pass_on(&mut self) {
        self.publish(Terms::of(self.circle), &indicator(1, "evil.example", ""));
        send(&mut self.alpha, &mut self.beta);
        send(&mut self.beta, &mut self.gamma);
        assert_eq!([holds(&self.beta), holds(&self.gamma)], [true, true]);
    }

    fn remove(&mut self, member: model::id::NodeId) {
        let remove = Administer::RemoveMember { circle: self.circle, partner: member };
        let removed = self.alpha.apply(Command::Administer(remove));
        assert!(matches!(removed, Answer::Circle(_)), "{removed:?}");
    }
}

/// Whether a node holds the first indicator.
fn holds(node: &One) -> bool {
    !node.store.reading().by_thing(&one(1)).unwrap().is_empty()
}

fn recall(node: &mut One, mode: RecallMode) {
    let recall = Administer::Recall { thing: one(1), mode, reason: "wrong".to_owned() };
    let said = node.apply(Command::Administer(recall));
    assert!(matches!(said, Answer::Statements(_)), "{said:?}");
}

fn tlp(node: &One) -> Tlp {
    let reading = node.store.reading();
    let seq = reading.by_thing(&one(1)).unwrap()[0];
    reading.row(seq).unwrap().unwrap().label.effective_tlp()
}

#[test]
fn a_member_who_was_removed_hears_of_the_recall_of_what_it_was_sent() {
    for mode in [RecallMode::Erase, RecallMode::Stop] {
        let mut chain = Chain::new();
        chain.pass_on();
        chain.remove(chain.beta.id());
        chain.publish(Terms::of(chain.circle), &indicator(2, "later.example", ""));
        recall(&mut chain.alpha, mode);
        let sent = String::from_utf8(send(&mut chain.alpha, &mut chain.beta)).unwrap();
        assert!(!sent.contains("later.example"), "and of nothing else: {sent}");
        let reading = chain.beta.store.reading();
        match mode {
            RecallMode::Erase => assert!(!holds(&chain.beta)),
            RecallMode::Stop => {
                let seq = reading.by_thing(&one(1)).unwrap()[0];
                assert!(reading.is_hidden(&chain.circle, seq).unwrap());
            }
        }
    }
}

#[test]
fn who_was_never_sent_a_record_hears_of_no_recall_of_it() {
    let mut chain = Chain::new();
    chain.remove(chain.gamma.id());
    chain.publish(Terms::of(chain.circle), &indicator(1, "evil.example", ""));
    send(&mut chain.alpha, &mut chain.beta);
    recall(&mut chain.alpha, RecallMode::Erase);
    let sent = String::from_utf8(send(&mut chain.alpha, &mut chain.gamma)).unwrap();
    assert!(!sent.contains("indicator--"), "{sent}");
    let sent = String::from_utf8(send(&mut chain.alpha, &mut chain.beta)).unwrap();
    assert!(sent.contains("indicator--") && !holds(&chain.beta));
}

#[test]
fn a_recall_follows_its_record_to_a_third_node_though_the_relay_is_no_member_any_more() {
    let mut chain = Chain::new();
    chain.pass_on();
    // Gamma follows the list without Beta; Alpha's own link to Gamma is down.
    chain.remove(chain.beta.id());
    send(&mut chain.alpha, &mut chain.gamma);
    recall(&mut chain.alpha, RecallMode::Erase);
    send(&mut chain.alpha, &mut chain.beta);
    let sent = String::from_utf8(send(&mut chain.beta, &mut chain.gamma)).unwrap();
    assert!(sent.contains("entente/recall"), "{sent}");
    assert!(!holds(&chain.gamma));
    // By its own link it comes again, is known, and changes nothing.
    let head = chain.gamma.store.reading().head().unwrap();
    send(&mut chain.alpha, &mut chain.gamma);
    assert_eq!(chain.gamma.store.reading().head().unwrap(), head);
}

#[test]
fn a_recall_costs_no_hop_and_is_not_shown_to_who_could_not_have_the_record() {
    let mut chain = Chain::new();
    let near = Terms { hops: Some(1), ..Terms::of(chain.circle) };
    chain.publish(near, &indicator(1, "near.example", ""));
    // Beta has it, and may not pass it on; Gamma gets nothing of the recall by Beta either.
    send(&mut chain.alpha, &mut chain.beta);
    recall(&mut chain.alpha, RecallMode::Erase);
    send(&mut chain.alpha, &mut chain.beta);
    assert!(!holds(&chain.beta));
    let sent = String::from_utf8(send(&mut chain.beta, &mut chain.gamma)).unwrap();
    assert!(!sent.contains("indicator--"), "{sent}");
}

#[test]
fn a_word_that_took_more_hops_than_its_label_allows_is_heard_all_the_same() {
    let mut chain = Chain::new();
    // Two hops bring the record from Alpha over Beta to Gamma; its recall comes by a way of three.
    let far = Terms { hops: Some(2), ..Terms::of(chain.circle) };
    chain.publish(far, &indicator(1, "evil.example", ""));
    send(&mut chain.alpha, &mut chain.beta);
    send(&mut chain.beta, &mut chain.gamma);
    assert!(holds(&chain.gamma));
    recall(&mut chain.alpha, RecallMode::Erase);
    send(&mut chain.alpha, &mut chain.beta);
    chain.beta.apply(Command::Number(link_key(&chain.gamma.id())));
    let cursor = chain.gamma.store.reading().cursor(&chain.beta.id()).unwrap();
    let bytes = batch(&chain.beta, &chain.gamma, cursor.unwrap().next);
    let longer = String::from_utf8(bytes).unwrap().replace(r#""hop":2"#, r#""hop":7"#);
    let Answer::Receipt(receipt) = arrive(&chain.beta, &mut chain.gamma, longer.as_bytes()) else {
        panic!("no receipt")
    };
    assert_eq!(refusals(&receipt), [""; 0]);
    assert!(!holds(&chain.gamma));
}

#[test]
fn a_stricter_label_follows_its_record_and_a_looser_one_does_not() {
    for (first, then, heard) in [(Tlp::Green, Tlp::Red, true), (Tlp::Amber, Tlp::Green, false)] {
        let mut chain = Chain::new();
        chain.publish(Terms::of(chain.circle), &indicator(1, "evil.example", &marked(first)));
        send(&mut chain.alpha, &mut chain.beta);
        send(&mut chain.beta, &mut chain.gamma);
        assert_eq!(tlp(&chain.gamma), first);
        chain.remove(chain.beta.id());
        send(&mut chain.alpha, &mut chain.gamma);
        let relabel = Administer::Relabel { thing: one(1), tlp: then };
        let said = chain.alpha.apply(Command::Administer(relabel));
        assert!(matches!(said, Answer::Statements(_)), "{said:?}");
        // Beta was told to forget the record; what it gave on is spoken of all the same.
        send(&mut chain.alpha, &mut chain.beta);
        assert!(!holds(&chain.beta));
        send(&mut chain.beta, &mut chain.gamma);
        assert_eq!(tlp(&chain.gamma), if heard { then } else { first }, "{first} {then}");
    }
}

#[test]
fn a_signer_who_fell_out_of_the_list_still_recalls_what_it_signed() {
    let mut chain = Chain::new();
    let token = chain.beta.token("w", &[chain.circle], Rights::WRITE);
    let writer = chain.beta.caller(&token);
    let terms = Terms::of(chain.circle);
    chain.beta.publish(&writer.submitter, terms, &indicator(1, "evil.example", ""));
    send(&mut chain.beta, &mut chain.alpha);
    send(&mut chain.alpha, &mut chain.gamma);
    assert!(holds(&chain.gamma));
    chain.remove(chain.beta.id());
    send(&mut chain.alpha, &mut chain.gamma);
    recall(&mut chain.beta, RecallMode::Erase);
    send(&mut chain.beta, &mut chain.alpha);
    assert!(!holds(&chain.alpha), "its key is remembered");
    send(&mut chain.alpha, &mut chain.gamma);
    assert!(!holds(&chain.gamma), "and the word goes on to where the record went");
    // What it signs from now on is still refused.
    chain.beta.publish(
        &writer.submitter,
        Terms::of(chain.circle),
        &indicator(2, "new.example", ""),
    );
    chain.beta.apply(Command::Number(link_key(&chain.alpha.id())));
    let cursor = chain.alpha.store.reading().cursor(&chain.beta.id()).unwrap();
    let bytes = batch(&chain.beta, &chain.alpha, cursor.unwrap().next);
    let Answer::Receipt(receipt) = arrive(&chain.beta, &mut chain.alpha, &bytes) else { panic!() };
    assert!(refusals(&receipt)[0].starts_with("E-LINK-023"), "{receipt:?}");
}

#[test]
fn a_recall_follows_its_record_into_another_life_of_the_numbering() {
    let mut chain = Chain::new();
    chain.publish(Terms::of(chain.circle), &indicator(1, "evil.example", ""));
    send(&mut chain.alpha, &mut chain.beta);
    // Restored from a backup of this instant, and Beta is removed before anything has a new number.
    let (at, epoch) = (chain.alpha.now, Epoch::new([9; 16]));
    begin_anew(&chain.alpha.store, &epoch, Restored { at, backup: at }).unwrap();
    chain.alpha.reopen(epoch);
    chain.remove(chain.beta.id());
    assert!(holds(&chain.beta));
    recall(&mut chain.alpha, RecallMode::Erase);
    send(&mut chain.alpha, &mut chain.beta);
    assert!(!holds(&chain.beta));
}

#[test]
fn a_word_about_what_is_not_held_is_not_kept_yet_its_record_stays_away() {
    let mut chain = Chain::new();
    chain.publish(Terms::of(chain.circle), &indicator(1, "evil.example", ""));
    send(&mut chain.alpha, &mut chain.beta);
    chain.alpha.apply(Command::Number(link_key(&chain.gamma.id())));
    let have = |of: &One, at: &One| at.store.reading().cursor(&of.id()).unwrap();
    let late = have(&chain.alpha, &chain.gamma).unwrap().next;
    let late = batch(&chain.alpha, &chain.gamma, late);
    chain.beta.apply(Command::Number(link_key(&chain.gamma.id())));
    recall(&mut chain.alpha, RecallMode::Erase);
    send(&mut chain.alpha, &mut chain.beta);
    chain.beta.apply(Command::Number(link_key(&chain.gamma.id())));
    let from = have(&chain.beta, &chain.gamma).map_or(0, |cursor| cursor.next);
    let far = String::from_utf8(batch(&chain.beta, &chain.gamma, from)).unwrap();
    assert!(far.contains("entente/recall") && !far.contains("evil.example"), "{far}");
    let head = chain.gamma.store.reading().head().unwrap();
    let far = far.replace(r#""hop":2"#, r#""hop":8"#);
    let Answer::Receipt(receipt) = arrive(&chain.beta, &mut chain.gamma, far.as_bytes()) else {
        panic!("no receipt")
    };
    assert!(refusals(&receipt)[0].starts_with("E-LINK-021"), "{receipt:?}");
    assert_eq!(chain.gamma.store.reading().head().unwrap(), head, "nothing is kept of it");
    // What was on its way all the while comes now.
    let Answer::Receipt(receipt) = arrive(&chain.alpha, &mut chain.gamma, &late) else {
        panic!("no receipt")
    };
    assert!(refusals(&receipt)[0].starts_with("E-LINK-025"), "{receipt:?}");
    assert!(!holds(&chain.gamma));
}
