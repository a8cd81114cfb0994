//! Two and three nodes over the link, without sockets.

use crate::world::{
    One, accepted, arrive, batch, id, indicator, join, marked, refusals, send, thing,
};
use model::label::Tlp;
use model::statement::RecallMode;
use node::accept::Terms;
use node::command::Administer;
use node::outlet::link_key;
use node::watch::Matched;
use node::{Answer, Command, Rights};

#[test]
fn what_alpha_publishes_beta_holds_byte_for_byte_and_the_sighting_comes_back() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let token = alpha.token("w", &[circle], Rights::READ.with(Rights::WRITE));
    let writer = alpha.caller(&token);
    let body = indicator(1, "evil.example", r#", "x_big":90071992547409931234567890"#);
    alpha.publish(&writer.submitter, Terms::of(circle), &body);
    send(&mut alpha, &mut beta);

    let reader = beta.token("r", &[circle], Rights::READ);
    let reader = beta.caller(&reader);
    let page = beta.collection(&reader, circle, "");
    assert_eq!(page.entries.len(), 1);
    assert_eq!(page.entries[0].object.as_ref().unwrap().bytes(), body.as_bytes());
    let watched = beta.watched();
    let seq = watched.expect("an indicator that arrives is watched");
    let (first, last) = (beta.now, beta.now);
    let matched = Matched { seq, count: 3, first, last, role: "dns-query", parent: false };
    beta.apply(Command::Matched(vec![matched]));
    send(&mut beta, &mut alpha);
    let sighting = alpha.collection(&writer, circle, "match[type]=sighting");
    assert_eq!(sighting.entries.len(), 1, "the signer's own token sees it");
    let text = String::from_utf8_lossy(sighting.entries[0].object.as_ref().unwrap().bytes());
    assert!(text.contains(r#""count":3"#) && text.contains(&id("indicator", 1)), "{text}");
    assert!(!text.contains("evil.example"), "a sighting holds no value");
}

#[test]
fn a_repeated_batch_gets_the_recorded_receipt_and_a_gap_or_a_forgery_changes_nothing() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(1, "one.example", ""));
    alpha.apply(Command::Number(link_key(&beta.id())));
    let bytes = batch(&alpha, &beta, 0);
    let Answer::Receipt(first) = arrive(&alpha, &mut beta, &bytes) else { panic!() };
    let head = beta.store.reading().head().unwrap();
    let Answer::Receipt(again) = arrive(&alpha, &mut beta, &bytes) else { panic!() };
    assert_eq!((first, head), (again, beta.store.reading().head().unwrap()));

    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(2, "two.example", ""));
    alpha.apply(Command::Number(link_key(&beta.id())));
    let have = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let next = batch(&alpha, &beta, have);
    for (forged, code) in [
        (
            String::from_utf8_lossy(&next).replace(&format!("\"o\":{have},"), "\"o\":77,"),
            "E-LINK-004",
        ),
        (String::from_utf8_lossy(&next).replace("two.example", "six.example"), "E-LINK-005"),
    ] {
        let answer = arrive(&alpha, &mut beta, forged.as_bytes());
        assert!(matches!(&answer, Answer::Refused(p) if p.code == code), "{code}: {answer:?}");
        assert_eq!(beta.store.reading().head().unwrap(), head, "{code}");
    }
}

#[test]
fn until_the_words_are_compared_only_green_flows_and_then_the_rest_follows() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], false);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    let green = indicator(1, "green.example", &marked(Tlp::Green));
    let strict = indicator(2, "strict.example", "");
    alpha.publish(&writer.submitter, Terms::of(circle), &format!("[{green},{strict}]"));
    let sent = String::from_utf8(send(&mut alpha, &mut beta)).unwrap();
    assert!(!sent.contains("strict.example"), "not before the words are compared");

    let words = alpha.store.reading().partners().unwrap()[0].words.clone();
    let confirm = |words: &str| Administer::Confirm { partner: beta.id(), words: words.to_owned() };
    let wrong = alpha.apply(Command::Administer(confirm("these are not the six words")));
    assert!(matches!(wrong, Answer::Refused(_)));
    assert!(matches!(alpha.apply(Command::Administer(confirm(&words))), Answer::Done));
    let sent = String::from_utf8(send(&mut alpha, &mut beta)).unwrap();
    assert!(sent.contains("strict.example"));
}

#[test]
fn a_relay_costs_a_hop_red_is_not_relayed_and_an_outsider_gets_nothing() {
    let mut alpha = One::new(1, "CERT Alpha");
    let (mut beta, mut gamma) = (One::new(2, "CERT Beta"), One::new(3, "CERT Gamma"));
    let mut outsider = One::new(4, "Outsider");
    let circle = beta.circle("ops");
    let other = beta.circle("other");
    join(&mut beta, &mut alpha, &[circle], true);
    join(&mut beta, &mut gamma, &[circle], true);
    join(&mut beta, &mut outsider, &[other], true);
    send(&mut beta, &mut alpha);
    send(&mut beta, &mut gamma);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    let to = Some([beta.id(), gamma.id()].into());
    let named = Terms { to, ..Terms::of(circle) };
    let red = indicator(1, "red.example", &marked(Tlp::Red));
    alpha.publish(&writer.submitter, named, &red);
    let near = Terms { hops: Some(1), ..Terms::of(circle) };
    alpha.publish(&writer.submitter, near, &indicator(2, "near.example", ""));
    alpha.publish(&writer.submitter, Terms::of(circle), &indicator(3, "far.example", ""));
    send(&mut alpha, &mut beta);
    let sent = String::from_utf8(send(&mut beta, &mut gamma)).unwrap();
    assert!(sent.contains("far.example") && sent.contains(r#""hop":2"#));
    assert!(!sent.contains("near.example") && !sent.contains("red.example"));
    let sent = String::from_utf8(send(&mut beta, &mut outsider)).unwrap();
    assert!(!sent.contains("example") && !sent.contains(&circle.to_string()), "{sent}");
    assert!(send(&mut beta, &mut alpha).is_empty(), "nothing goes back to where it came from");
}

#[test]
fn a_recall_by_the_signer_erases_at_the_partner_and_keeps_the_record_away() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    let body = indicator(1, "evil.example", "");
    alpha.publish(&writer.submitter, Terms::of(circle), &body);
    let kept = send(&mut alpha, &mut beta);
    let subject = thing(&id("indicator", 1));
    let recall =
        |thing| Administer::Recall { thing, mode: RecallMode::Erase, reason: "wrong".into() };
    let foreign = beta.apply(Command::Administer(recall(subject.clone())));
    assert!(matches!(foreign, Answer::Refused(_)), "only its signer recalls");
    alpha.apply(Command::Administer(recall(subject.clone())));
    send(&mut alpha, &mut beta);
    assert!(beta.store.reading().by_thing(&subject).unwrap().is_empty());
    assert!(String::from_utf8_lossy(&kept).contains("evil.example"), "it had been there");
    let token = alpha.token("x", &[circle], Rights::WRITE);
    let other = alpha.caller(&token);
    assert_eq!(accepted(&alpha.publish(&other.submitter, Terms::of(circle), &body)), [true]);
    alpha.apply(Command::Number(link_key(&beta.id())));
    let have = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let bytes = batch(&alpha, &beta, have);
    let Answer::Receipt(receipt) = arrive(&alpha, &mut beta, &bytes) else { panic!() };
    assert!(refusals(&receipt).iter().any(|reason| reason.contains("recalled")), "{receipt:?}");
}
