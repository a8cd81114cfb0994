//! Un-release: what a partner may have no more is taken back from it by number, once; what is given
//! again comes back; what another gives stays.

use crate::world::{
    One, arrive, batch, held, holds, id, indicator, join, marked, publish, refusals, send, thing,
};
use model::id::CircleId;
use model::label::Tlp;
use model::limits::WITHDRAWN_ERASED_MAX;
use node::accept::Terms;
use node::command::{Act, Administer};
use node::outlet::link_key;
use node::read::{circles, who};
use node::release::Lens;
use node::token::own_reader;
use node::{Answer, Command, Effect, Rights, Rule, Store};

/// Alpha convenes and writes, Beta is a member, and so many indicators of Alpha's are at Beta.
fn two(count: u32) -> (One, One, CircleId) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    publish(&mut alpha, circle, 1..=count);
    send(&mut alpha, &mut beta);
    (alpha, beta, circle)
}

fn administer(at: &mut One, act: Administer) -> Answer {
    at.apply(Command::Administer(act))
}

fn relabel(at: &mut One, n: u32, tlp: Tlp) {
    let answer = administer(at, Administer::Relabel { thing: thing(&id("indicator", n)), tlp });
    assert!(matches!(answer, Answer::Statements(_)), "{answer:?}");
}

/// How many withdrawals by number are among these bytes of the link.
fn told(sent: &[u8]) -> usize {
    String::from_utf8_lossy(sent).matches("entente/withdraw-range/1").count()
}

#[test]
fn a_stricter_label_takes_back_from_who_may_have_it_no_more_and_a_looser_one_gives_again() {
    let (mut alpha, mut beta, _) = two(3);
    relabel(&mut alpha, 2, Tlp::Red);
    let sent = send(&mut alpha, &mut beta);
    assert_eq!(told(&sent), 1);
    assert!(holds(&beta, 1) && !holds(&beta, 2) && holds(&beta, 3));
    assert!(holds(&alpha, 2), "the signer keeps its own");
    assert!(beta.effects.iter().any(|effect| matches!(effect, Effect::Unwatch(_))));
    assert!(send(&mut alpha, &mut beta).is_empty(), "nothing is withdrawn twice");

    relabel(&mut alpha, 2, Tlp::Green);
    let sent = send(&mut alpha, &mut beta);
    assert!(String::from_utf8_lossy(&sent).contains("d2.example"), "numbered anew");
    assert!(holds(&beta, 2));
    relabel(&mut alpha, 2, Tlp::Red);
    assert_eq!(told(&send(&mut alpha, &mut beta)), 1);
    assert!(!holds(&beta, 2), "and taken back again");
}

#[test]
fn who_leaves_a_circle_loses_what_it_had_there_and_gets_it_back_when_it_returns() {
    let (mut alpha, mut beta, circle) = two(20);
    let other = alpha.circle("other");
    let (a, b) = (alpha.id(), beta.id());
    administer(&mut alpha, Administer::AddMember { circle: other, partner: b });
    send(&mut alpha, &mut beta);
    administer(&mut beta, Administer::AcceptCircle(other));
    publish(&mut alpha, other, 100..=101);
    send(&mut alpha, &mut beta);
    administer(&mut alpha, Administer::RemoveMember { circle, partner: b });
    let sent = send(&mut alpha, &mut beta);
    assert_eq!(told(&sent), 1, "one statement for a run");
    let text = String::from_utf8_lossy(&sent).into_owned();
    assert!(!text.contains(&circle.to_string()), "it names no circle: {text}");
    assert_eq!((held(&beta, 1..=20), held(&beta, 100..=101)), (0, 2));
    assert!(send(&mut alpha, &mut beta).is_empty());

    administer(&mut alpha, Administer::AddMember { circle, partner: b });
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, 1..=20), 20, "nothing of it was barred");
    assert_eq!(beta.store.reading().cursor(&a).unwrap().unwrap().next, {
        alpha.store.reading().outlet(&link_key(&b)).unwrap().unwrap().next
    });
}

#[test]
fn who_returns_before_the_pass_is_through_gets_what_may_have_been_sent_bare() {
    let (mut alpha, mut beta, circle) = two(5);
    let partner = beta.id();
    // Beta had never fetched these: they are numbered, and go out bare while it is no member.
    publish(&mut alpha, circle, 6..=8);
    alpha.apply(Command::Number(link_key(&partner)));
    administer(&mut alpha, Administer::RemoveMember { circle, partner });
    let have = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let bare = batch(&alpha, &beta, have);
    assert!(!String::from_utf8_lossy(&bare).contains("d6.example"));
    arrive(&alpha, &mut beta, &bare);
    administer(&mut alpha, Administer::AddMember { circle, partner });
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, 1..=8), 8);
}

#[test]
fn what_another_gives_as_well_stays_until_that_one_withdraws_too() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut gamma = One::new(3, "CERT Gamma");
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], true);
    join(&mut alpha, &mut gamma, &[circle], true);
    join(&mut beta, &mut gamma, &[], true);
    send(&mut alpha, &mut beta);
    send(&mut alpha, &mut gamma);
    publish(&mut alpha, circle, 1..=2);
    send(&mut alpha, &mut beta);
    send(&mut alpha, &mut gamma);
    send(&mut beta, &mut gamma);
    let withdraw = |partner| Administer::Withdraw { thing: thing(&id("indicator", 1)), partner };
    let answer = administer(&mut alpha, withdraw(gamma.id()));
    assert!(matches!(answer, Answer::Withdrawn { numbers: 1 }), "{answer:?}");
    send(&mut alpha, &mut gamma);
    assert!(holds(&gamma, 1), "Beta gives it still");
    administer(&mut beta, withdraw(gamma.id()));
    send(&mut beta, &mut gamma);
    assert!(!holds(&gamma, 1) && holds(&gamma, 2) && holds(&beta, 1));
}

#[test]
fn what_a_person_withdrew_is_given_back_by_no_widening_and_by_no_reading_again() {
    let (mut alpha, mut beta, circle) = two(2);
    let partner = beta.id();
    let never =
        administer(&mut alpha, Administer::Withdraw { thing: thing(&id("indicator", 9)), partner });
    assert!(matches!(&never, Answer::Refused(p) if p.code == "E-RECORD-006"), "{never:?}");
    let act = || Administer::Withdraw { thing: thing(&id("indicator", 1)), partner };
    administer(&mut alpha, act());
    let again = administer(&mut alpha, act());
    assert!(matches!(again, Answer::Withdrawn { numbers: 0 }), "{again:?}");
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, 1..=2), 1);
    administer(&mut alpha, Administer::RemoveMember { circle, partner });
    send(&mut alpha, &mut beta);
    administer(&mut alpha, Administer::AddMember { circle, partner });
    send(&mut alpha, &mut beta);
    assert!(!holds(&beta, 1) && holds(&beta, 2));
    // Whoever begins at 0 again is sent a bare leaf, and hears the withdrawal again.
    let mut after = 0;
    loop {
        let bytes = batch(&alpha, &beta, after);
        assert!(!String::from_utf8_lossy(&bytes).contains("d1.example"));
        if bytes.is_empty() {
            break;
        }
        after += u64::try_from(bytes.iter().filter(|byte| **byte == b'\n').count() - 1).unwrap();
    }
}

#[test]
fn a_withdrawal_by_number_is_its_senders_own_word_and_nothing_else_of_it_counts() {
    let (mut alpha, mut beta, circle) = two(2);
    let mut gamma = One::new(3, "CERT Gamma");
    join(&mut alpha, &mut gamma, &[circle], true);
    join(&mut gamma, &mut beta, &[], true);
    send(&mut alpha, &mut gamma);
    send(&mut alpha, &mut beta);
    // Gamma withdraws numbers of its own outlet; they stand for nothing that Beta has.
    send(&mut gamma, &mut beta);
    administer(
        &mut gamma,
        Administer::Withdraw { thing: thing(&id("indicator", 1)), partner: beta.id() },
    );
    send(&mut gamma, &mut beta);
    assert_eq!(held(&beta, 1..=2), 2, "Alpha gives them");
    // Alpha's word reaches no third: neither Beta nor Gamma passes it on.
    administer(
        &mut alpha,
        Administer::Withdraw { thing: thing(&id("indicator", 1)), partner: gamma.id() },
    );
    assert_eq!(told(&send(&mut alpha, &mut gamma)), 1);
    assert_eq!(told(&send(&mut gamma, &mut beta)), 0);
    let token = beta.token("r", &[circle], Rights::READ);
    let reader = beta.caller(&token);
    assert_eq!(beta.ids(&reader, circle, "").len(), 2, "and nobody reads of it");
}

#[test]
fn a_pass_that_is_cut_off_goes_on_and_says_nothing_twice() {
    let (mut alpha, mut beta, circle) = two(9_000);
    let partner = beta.id();
    administer(&mut alpha, Administer::RemoveMember { circle, partner });
    alpha.apply(Command::Tick);
    let image = alpha.store.image().unwrap();
    alpha.store = Store::from_image(&image).unwrap();
    alpha.reopen(alpha.me.epoch);
    let sent = send(&mut alpha, &mut beta);
    assert!(told(&sent) >= 2, "in steps: {}", told(&sent));
    let mut numbers = 0;
    for line in String::from_utf8_lossy(&sent).split("\\n").filter(|l| l.starts_with("range ")) {
        let count = line.split(' ').nth(2).unwrap();
        numbers += count.trim_end_matches('"').parse::<u64>().unwrap();
    }
    assert_eq!(numbers, 9_000, "each number once");
    for _ in 0..9_000 / WITHDRAWN_ERASED_MAX {
        beta.apply(Command::Tick);
    }
    assert_eq!(held(&beta, 1..=9_000), 0);
}

#[test]
fn until_the_words_are_compared_what_was_closed_is_given_once_they_are() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    join(&mut alpha, &mut beta, &[circle], false);
    let token = alpha.token("w", &[circle], Rights::WRITE);
    let writer = alpha.caller(&token);
    let green = indicator(1, "d1.example", &marked(Tlp::Green));
    alpha.publish(&writer.submitter, Terms::of(circle), &green);
    send(&mut alpha, &mut beta);
    assert!(holds(&beta, 1));
    relabel(&mut alpha, 1, Tlp::Amber);
    send(&mut alpha, &mut beta);
    assert!(!holds(&beta, 1));
    let words = alpha.store.reading().partners().unwrap()[0].words.clone();
    let partner = beta.id();
    administer(&mut alpha, Administer::Confirm { partner, words });
    send(&mut alpha, &mut beta);
    assert!(holds(&beta, 1));
}

#[test]
fn a_long_past_waits_for_a_persons_word_and_what_comes_flows_meanwhile() {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let circle = alpha.circle("ops");
    publish(&mut alpha, circle, 1..=1_100);
    join(&mut alpha, &mut beta, &[circle], true);
    send(&mut alpha, &mut beta);
    publish(&mut alpha, circle, 2_000..=2_001);
    send(&mut alpha, &mut beta);
    assert_eq!((held(&beta, 1..=1_100), held(&beta, 2_000..=2_001)), (0, 2));
    let (a, b) = (alpha.id(), beta.id());
    let waits = node::backfill::pasts(&alpha.store.reading()).unwrap();
    assert!(waits.iter().any(|past| past.member == b && past.circle == circle && !past.refused));
    assert!(node::backfill::pasts(&beta.store.reading()).unwrap().iter().all(|p| p.member != a));
    let reader = own_reader(a, &circles(&alpha.store.reading()).unwrap());
    let own = Lens { reader, now: alpha.now };
    let told = |n| {
        let told = who(&alpha.store.reading(), &own, &thing(&id("indicator", n)), alpha.now);
        told.unwrap().unwrap()[0].decision.rule
    };
    assert_eq!((told(1), told(2_000)), (Rule::PastWaits, Rule::MemberOfCircle), "foretold");

    let word = |send| Administer::Backfill { circle, partner: b, send };
    administer(&mut alpha, word(false));
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, 1..=1_100), 0, "no is an answer");
    administer(&mut alpha, word(true));
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, 1..=1_100), 1_100);
    let again = administer(&mut alpha, word(true));
    assert!(matches!(&again, Answer::Refused(p) if p.code == "E-CIRCLE-010"), "{again:?}");
}

#[test]
fn a_malformed_withdrawal_is_refused_with_its_code() {
    let (mut alpha, mut beta, _) = two(1);
    relabel(&mut alpha, 1, Tlp::Red);
    alpha.apply(Command::Number(link_key(&beta.id())));
    let have = beta.store.reading().cursor(&alpha.id()).unwrap().unwrap().next;
    let bytes = String::from_utf8(batch(&alpha, &beta, have)).unwrap();
    assert!(bytes.contains("entente/withdraw-range/1"));
    // A hop too many: a relay's word about another's numbers.
    let far = bytes.replace("\"hop\":1", "\"hop\":2");
    let Answer::Receipt(receipt) = arrive(&alpha, &mut beta, far.as_bytes()) else { panic!() };
    assert!(
        refusals(&receipt).iter().any(|reason| reason.starts_with("E-LINK-042")),
        "{receipt:?}"
    );
    assert!(holds(&beta, 1));
}

#[test]
fn what_a_person_withdrew_flows_again_once_that_is_lifted_and_a_person_was_asked() {
    let (mut alpha, mut beta, _) = two(2);
    let (one, b) = (thing(&id("indicator", 1)), beta.id());
    let lift = || Administer::Lift { thing: thing(&id("indicator", 1)), partner: b };
    let nothing = administer(&mut alpha, lift());
    assert!(matches!(&nothing, Answer::Refused(p) if p.code == "E-RECORD-007"), "{nothing:?}");
    administer(&mut alpha, Administer::Withdraw { thing: one, partner: b });
    send(&mut alpha, &mut beta);
    assert!(!holds(&beta, 1) && holds(&beta, 2));

    let act = |widen| Administer::Act {
        by: Act { who: "ada".to_owned(), widen, ..Act::default() },
        what: Box::new(lift()),
    };
    let asked = administer(&mut alpha, act(false));
    assert!(matches!(&asked, Answer::Asks(foreseen) if foreseen.gains() == 1), "{asked:?}");
    assert!(send(&mut alpha, &mut beta).is_empty(), "nobody said yes");
    let lifted = administer(&mut alpha, act(true));
    assert!(matches!(lifted, Answer::Lifted { records: 1 }), "{lifted:?}");
    send(&mut alpha, &mut beta);
    assert!(holds(&beta, 1));
    assert!(send(&mut alpha, &mut beta).is_empty(), "once");
    // What forbids it otherwise forbids it still.
    administer(&mut alpha, Administer::Withdraw { thing: thing(&id("indicator", 1)), partner: b });
    relabel(&mut alpha, 1, Tlp::Red);
    let lifted = administer(&mut alpha, act(false));
    assert!(matches!(lifted, Answer::Lifted { .. }), "it opens nothing: {lifted:?}");
    send(&mut alpha, &mut beta);
    assert!(!holds(&beta, 1));
}

#[test]
fn a_member_that_is_parted_with_keeps_what_it_has_through_every_later_pass() {
    let (mut alpha, mut beta, circle) = two(3);
    let partner = beta.id();
    let gone = administer(&mut alpha, Administer::PartWith { circle, partner });
    assert!(matches!(gone, Answer::Circle(_)), "{gone:?}");
    publish(&mut alpha, circle, 10..=10);
    let sent = send(&mut alpha, &mut beta);
    assert_eq!(told(&sent), 0);
    assert_eq!((held(&beta, 1..=3), holds(&beta, 10)), (3, false), "it gets nothing new");
    // Another pass over all that it was sent: it leaves another circle, as usual.
    let other = alpha.circle("other");
    administer(&mut alpha, Administer::AddMember { circle: other, partner });
    send(&mut alpha, &mut beta);
    administer(&mut beta, Administer::AcceptCircle(other));
    publish(&mut alpha, other, 20..=20);
    send(&mut alpha, &mut beta);
    administer(&mut alpha, Administer::RemoveMember { circle: other, partner });
    assert_eq!(told(&send(&mut alpha, &mut beta)), 1);
    assert_eq!((held(&beta, 1..=3), holds(&beta, 20)), (3, false));

    // A member again, and removed as usual: then it goes.
    administer(&mut alpha, Administer::AddMember { circle, partner });
    send(&mut alpha, &mut beta);
    administer(&mut alpha, Administer::RemoveMember { circle, partner });
    send(&mut alpha, &mut beta);
    assert_eq!(held(&beta, 1..=3), 0);
}
