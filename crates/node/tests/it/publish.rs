//! What is handed in, by whom it is seen, and what the answers tell.

use crate::world::{One, accepted, id, indicator, marked, relationship, thing};
use model::label::Tlp;
use node::accept::Terms;
use node::command::{Administer, Fate};
use node::{Answer, Command, Rights};

#[test]
fn a_relationship_is_as_strict_as_its_strictest_end_but_an_unreadable_end_adds_nothing() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let [red, plain] = [("red", Rights::RED), ("plain", Rights::NONE)].map(|(name, more)| {
        let rights = Rights::READ.with(Rights::WRITE).with(more);
        let token = alpha.token(name, &[circle], rights);
        alpha.caller(&token)
    });
    let secret = indicator(1, "secret.example", &marked(Tlp::Red));
    let public = indicator(2, "public.example", &marked(Tlp::Green));
    let document = format!(
        "[{secret},{public},{}]",
        relationship(3, &id("indicator", 1), &id("indicator", 2))
    );
    let terms = Terms::of(circle);
    assert_eq!(accepted(&alpha.publish(&red.submitter, terms.clone(), &document)), [true; 3]);
    assert_eq!(alpha.ids(&plain, circle, ""), [id("indicator", 2)], "only what is not RED");
    assert_eq!(alpha.ids(&red, circle, "").len(), 3);

    // The plain token refers to a RED id that it cannot read: it learns nothing from the answer,
    // and its own words stay its own.
    let about = relationship(4, &id("indicator", 1), &id("indicator", 2));
    assert_eq!(accepted(&alpha.publish(&plain.submitter, terms.clone(), &about)), [true]);
    assert_eq!(alpha.ids(&plain, circle, ""), [id("indicator", 2), id("relationship", 4)]);

    // The very same object from another submitter is no duplicate to who cannot see the first.
    let again = alpha.publish(&plain.submitter, terms.clone(), &secret);
    assert_eq!(accepted(&again), [true]);
    let twice = alpha.publish(&plain.submitter, terms, &secret);
    assert!(matches!(twice[0].fate, Fate::Duplicate), "{twice:?}");
}

#[test]
fn a_collection_shows_the_last_version_and_each_version_once() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let rights = Rights::READ.with(Rights::WRITE);
    let tokens = ["one", "two"].map(|name| alpha.token(name, &[circle], rights));
    let [one, two] = tokens.map(|token| alpha.caller(&token));
    let old = indicator(1, "evil.example", "");
    let new = old.replace(r#""modified":"2026-01-01"#, r#""modified":"2026-02-01"#);
    for (who, body) in [(&one, &old), (&one, &new), (&two, &old)] {
        assert_eq!(accepted(&alpha.publish(&who.submitter, Terms::of(circle), body)), [true]);
    }
    let versions = |page: node::read::Page| -> Vec<String> {
        page.entries.into_iter().map(|entry| entry.version).collect()
    };
    let last = alpha.collection(&one, circle, "");
    assert_eq!(versions(last), ["2026-02-01T00:00:00.000Z"]);
    let first = alpha.collection(&one, circle, "match[version]=first");
    assert_eq!(versions(first), ["2026-01-01T00:00:00.000Z"]);
    let all = alpha.collection(&one, circle, "match[version]=all");
    assert_eq!(versions(all).len(), 2);
    let other = old.replace("evil.example", "other.example");
    let conflict = alpha.publish(&one.submitter, Terms::of(circle), &other);
    assert!(matches!(&conflict[0].fate, Fate::Refused(p) if p.code == "E-STIX-020"));
}

#[test]
fn after_a_relabel_who_asks_since_last_time_gets_the_old_record() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let writer = alpha.token("writer", &[circle], Rights::WRITE.with(Rights::READ));
    let writer = alpha.caller(&writer);
    let secret = indicator(1, "secret.example", &marked(Tlp::Red));
    alpha.publish(&writer.submitter, Terms::of(circle), &secret);
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(2, "open.example", ""));
    let before = alpha.collection(&writer, circle, "");
    assert_eq!(before.entries.len(), 1);
    let since = before.entries[0].date;
    let (thing, tlp) = (thing(&id("indicator", 1)), Tlp::Green);
    let answer = alpha.apply(Command::Administer(Administer::Relabel { thing, tlp }));
    assert!(matches!(answer, Answer::Statements(_)), "{answer:?}");
    let query = format!("added_after={since}");
    assert_eq!(alpha.ids(&writer, circle, &query), [id("indicator", 1)]);
}

#[test]
fn what_its_submitter_deletes_is_gone_for_all_and_numbered_anew_when_posted_again() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let tokens =
        ["one", "two"].map(|name| alpha.token(name, &[circle], Rights::READ.with(Rights::WRITE)));
    let [one, two] = tokens.map(|token| alpha.caller(&token));
    let body = indicator(1, "evil.example", "");
    alpha.publish(&one.submitter, Terms::of(circle), &body);
    let entries: Vec<_> =
        alpha.collection(&one, circle, "").entries.iter().map(|entry| entry.seq).collect();
    let hide = |who: &node::token::Caller| Command::Hide {
        submitter: who.submitter.clone(),
        circle,
        entries: entries.clone(),
    };
    assert!(matches!(alpha.apply(hide(&two)), Answer::Refused(_)), "not its own");
    assert_eq!(alpha.ids(&two, circle, "").len(), 1);
    assert!(matches!(alpha.apply(hide(&one)), Answer::Done));
    assert!(alpha.ids(&two, circle, "").is_empty());
    let since = alpha.now;
    assert_eq!(accepted(&alpha.publish(&one.submitter, Terms::of(circle), &body)), [true]);
    assert_eq!(alpha.ids(&two, circle, &format!("added_after={since}")).len(), 1);
}

#[test]
fn each_of_two_submitters_of_one_version_may_delete_its_own() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let tokens =
        ["one", "two"].map(|name| alpha.token(name, &[circle], Rights::READ.with(Rights::WRITE)));
    let [one, two] = tokens.map(|token| alpha.caller(&token));
    let body = indicator(1, "evil.example", "");
    for who in [&one, &two] {
        alpha.publish(&who.submitter, Terms::of(circle), &body);
    }
    for (who, left) in [(&two, 1), (&one, 0)] {
        let entries = alpha.collection(who, circle, "").entries;
        let hide = Command::Hide {
            submitter: who.submitter.clone(),
            circle,
            entries: entries.iter().map(|entry| entry.seq).collect(),
        };
        let answer = alpha.apply(hide);
        assert!(matches!(answer, Answer::Done), "{answer:?}");
        assert_eq!(alpha.ids(&one, circle, "").len(), left, "the other's stays until it goes too");
    }
}

#[test]
fn a_relabel_judges_a_marking_that_was_not_known() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let writer = alpha.token("writer", &[circle], Rights::WRITE.with(Rights::READ));
    let writer = alpha.caller(&writer);
    let odd =
        r#","object_marking_refs":["marking-definition--00000000-0000-4000-8000-00000000beef"]"#;
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(1, "odd.example", odd));
    assert!(alpha.ids(&writer, circle, "").is_empty(), "it counts as RED");
    let (thing, tlp) = (thing(&id("indicator", 1)), Tlp::Green);
    alpha.apply(Command::Administer(Administer::Relabel { thing, tlp }));
    assert_eq!(alpha.ids(&writer, circle, ""), [id("indicator", 1)]);
}

#[test]
fn a_filter_that_matches_nothing_looks_at_so_many_and_goes_on_from_there() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let writer = alpha.token("writer", &[circle], Rights::WRITE.with(Rights::READ));
    let writer = alpha.caller(&writer);
    let count = u32::try_from(model::limits::PAGE_ROWS_MAX).unwrap() + 5;
    for from in (0..count).step_by(1_000) {
        let some: Vec<String> = (from..count.min(from + 1_000))
            .map(|n| indicator(n, &format!("n{n}.example"), ""))
            .collect();
        let bundle = format!(r#"{{"objects":[{}]}}"#, some.join(","));
        alpha.publish(&writer.submitter, Terms::of(circle), &bundle);
    }
    let key = node::outlet::audience_key(&circle, writer.capacity());
    while let Answer::Numbered { unfinished: true } = alpha.apply(Command::Number(key.clone())) {}
    let lens = node::release::Lens { reader: writer.submitter.reader.clone(), now: alpha.now };
    let filter = formats::taxii::Filter::parse("match[type]=malware").unwrap();
    let ask = |start| {
        let shape = (node::read::Shape::Objects, start, 1_000);
        let reading = alpha.store.reading();
        node::read::page(reading, &lens, (circle, &key), &filter, shape).unwrap()
    };
    let first = ask(None);
    assert!(first.entries.is_empty());
    assert_eq!(first.next, Some(model::limits::PAGE_ROWS_MAX as u64));
    let last = ask(first.next);
    assert!(last.entries.is_empty() && last.next.is_none());
}
