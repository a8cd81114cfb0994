//! What is taken back is heard before its turn, and nothing else is.

use crate::world::{One, accepted, batch, id, indicator, join, send, thing};
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::Administer;
use node::outlet::link_key;
use node::{Answer, Command, Rights, link};

#[test]
fn a_recall_from_further_on_is_applied_at_once_and_known_when_its_turn_comes() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    let key = link_key(&beta.id());
    let publish = |alpha: &mut One, n| {
        let body = indicator(n, &format!("{n}.example"), "");
        let outcomes = alpha.publish(&writer.submitter, Terms::of(circle), &body);
        assert_eq!(accepted(&outcomes), [true]);
        alpha.apply(Command::Number(key.clone()));
    };
    publish(&mut alpha, 1);
    send(&mut alpha, &mut beta);
    let reader = beta.token("r", &[circle], Rights::READ);
    let reader = beta.caller(&reader);
    let first = id("indicator", 1);
    assert_eq!(beta.ids(&reader, circle, ""), std::slice::from_ref(&first));

    // Beta takes no more; alpha has something for it, and then takes the first one back.
    let next =
        |beta: &One, alpha: &One| beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let before = next(&beta, &alpha);
    publish(&mut alpha, 2);
    let mode = RecallMode::Erase;
    let recall = Administer::Recall { thing: thing(&first), mode, reason: "wrong".to_owned() };
    assert!(matches!(alpha.apply(Command::Administer(recall)), Answer::Statements(_)));
    publish(&mut alpha, 3);
    let keys = link::keys(&beta.store.reading()).unwrap();
    let ahead = batch(&alpha, &beta, before + 1);
    let ahead = link::prepare(alpha.id(), &ahead, &keys).unwrap();
    assert!(ahead.takes_back());
    assert!(matches!(beta.apply(Command::Heed(ahead)), Answer::Done));
    assert!(beta.ids(&reader, circle, "").is_empty(), "the recall is heard, the third waits");
    assert_eq!(next(&beta, &alpha), before, "the cursor stands");

    send(&mut alpha, &mut beta);
    let mut held = beta.ids(&reader, circle, "");
    held.sort();
    assert_eq!(held, [id("indicator", 2), id("indicator", 3)], "all else came in its turn");
}
