//! What was recalled does not come back by its own door, and an embargo holds for what is said.

use crate::world::{One, accepted, id, indicator, thing};
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::{Administer, Fate};
use node::watch::Matched;
use node::{Answer, Command, Rights};

#[test]
fn a_recalled_version_is_refused_to_who_brought_it_and_nobody_else_learns_of_it() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let [one, two] = ["one", "two"].map(|name| {
        let token = alpha.token(name, &[circle], Rights::READ.with(Rights::WRITE));
        alpha.caller(&token)
    });
    let body = indicator(1, "evil.example", "");
    assert_eq!(accepted(&alpha.publish(&one.submitter, Terms::of(circle), &body)), [true]);
    let recall = Administer::Recall {
        thing: thing(&id("indicator", 1)),
        mode: RecallMode::Erase,
        reason: "wrong".to_owned(),
    };
    assert!(matches!(alpha.apply(Command::Administer(recall)), Answer::Statements(_)));

    let again = alpha.publish(&one.submitter, Terms::of(circle), &body);
    let code = match &again[0].fate {
        Fate::Refused(problem) => problem.code,
        Fate::Accepted | Fate::Duplicate => "taken",
    };
    assert_eq!(code, "E-RECORD-005");
    let other = alpha.publish(&two.submitter, Terms::of(circle), &body);
    assert_eq!(accepted(&other), [true], "another submitter learns nothing of what was held");
    let newer = body.replace(r#""modified":"2026-01-01"#, r#""modified":"2026-02-01"#);
    assert_eq!(accepted(&alpha.publish(&one.submitter, Terms::of(circle), &newer)), [true]);
}

#[test]
fn a_sighting_keeps_the_embargo_of_its_indicator() {
    let mut alpha = One::new(1, "CERT Alpha");
    let circle = alpha.circle("ops");
    let [writer, reader] = [("w", Rights::WRITE), ("r", Rights::NONE)].map(|(name, more)| {
        let token = alpha.token(name, &[circle], Rights::READ.with(more));
        alpha.caller(&token)
    });
    let until = alpha.now.plus_seconds(3_600);
    let terms = Terms { until: Some(until), ..Terms::of(circle) };
    alpha.publish(&writer.submitter, terms, &indicator(1, "evil.example", ""));
    let watched = alpha.watched();
    let (seq, now) = (watched.expect("an indicator is watched at home at once"), alpha.now);
    let found = Matched { seq, count: 1, first: now, last: now, role: "dns-query", parent: false };
    alpha.apply(Command::Matched(vec![found]));
    assert_eq!(alpha.ids(&reader, circle, ""), Vec::<String>::new(), "neither it nor its sighting");

    alpha.now = until.plus_seconds(1);
    alpha.apply(Command::Tick);
    assert_eq!(alpha.ids(&reader, circle, "").len(), 2, "both, once the embargo has ended");
}
