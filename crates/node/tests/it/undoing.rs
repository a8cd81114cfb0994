//! Undo: what came from one partner alone since an instant is taken out, here and from whom it went
//! to, and stays away.

use crate::world::{One, arrive, batch, held, join, publish, refusals, send};
use model::id::CircleId;
use model::time::Instant;
use node::command::Administer;
use node::outlet::link_key;
use node::undo::{Undo, Undone, foresee};
use node::{Answer, Command, Effect};

/// All steps; gives the sum of what they did.
fn undo(at: &mut One, from: &One, since: Instant) -> Undone {
    let mut sum = Undone::default();
    let mut after = 0;
    loop {
        let step = Undo { partner: from.id(), since, after };
        match at.apply(Command::Administer(Administer::Undo(step))) {
            Answer::Undone(done) => {
                sum.erased += done.erased;
                sum.kept += done.kept;
                let Some(next) = done.next else { return sum };
                after = next;
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Beta convenes; Alpha, Gamma and Beta are members, and all know all.
fn three() -> (One, One, One, CircleId) {
    let (mut alpha, mut beta) = (One::new(1, "CERT Alpha"), One::new(2, "CERT Beta"));
    let mut gamma = One::new(3, "CERT Gamma");
    let circle = beta.circle("ops");
    join(&mut beta, &mut alpha, &[circle], true);
    join(&mut beta, &mut gamma, &[circle], true);
    join(&mut alpha, &mut gamma, &[], true);
    for _ in 0..2 {
        send(&mut beta, &mut alpha);
        send(&mut beta, &mut gamma);
    }
    (alpha, beta, gamma, circle)
}

#[test]
fn everything_from_one_partner_since_an_instant_goes_and_the_rest_stays() {
    let (mut alpha, mut beta, mut gamma, circle) = three();
    publish(&mut alpha, circle, 1..=10);
    send(&mut alpha, &mut beta);
    publish(&mut gamma, circle, 500..=504);
    send(&mut gamma, &mut beta);
    let since = beta.now.plus_micros(1);
    publish(&mut alpha, circle, 11..=350);
    publish(&mut gamma, circle, 505..=509);
    // Two of them come from Gamma as well.
    send(&mut alpha, &mut beta);
    send(&mut gamma, &mut beta);
    send(&mut beta, &mut gamma);
    assert_eq!(held(&gamma, 1..=350), 350);

    let step = Undo { partner: alpha.id(), since, after: 0 };
    let seen = foresee(&beta.store.reading(), &step).unwrap();
    assert_eq!((seen.erased, held(&beta, 1..=350)), (340, 350), "foreseen, and nothing changed");
    let unwatched =
        |at: &One| at.effects.iter().filter(|effect| matches!(effect, Effect::Unwatch(_))).count();
    let before = unwatched(&beta);
    let done = undo(&mut beta, &alpha, since);
    assert_eq!((done.erased, done.kept), (340, 0));
    assert_eq!(unwatched(&beta) - before, 340);
    assert_eq!((held(&beta, 1..=10), held(&beta, 11..=350)), (10, 0));
    assert_eq!(held(&beta, 500..=509), 10, "Gamma's are none of it");
    send(&mut beta, &mut gamma);
    for _ in 0..4 {
        gamma.apply(Command::Tick);
    }
    assert_eq!((held(&gamma, 1..=10), held(&gamma, 11..=350)), (10, 0), "withdrawn onward");
    assert_eq!(undo(&mut beta, &alpha, since).erased, 0, "once is enough");
}

#[test]
fn what_another_gave_as_well_stays_and_what_was_taken_out_stays_away() {
    let (mut alpha, mut beta, mut gamma, circle) = three();
    let since = beta.now;
    publish(&mut alpha, circle, 1..=2);
    send(&mut alpha, &mut gamma);
    send(&mut alpha, &mut beta);
    // What Gamma relays, Beta has from two.
    send(&mut gamma, &mut beta);
    publish(&mut alpha, circle, 3..=3);
    send(&mut alpha, &mut beta);
    let done = undo(&mut beta, &alpha, since);
    assert_eq!((done.erased, done.kept), (1, 2));
    assert_eq!((held(&beta, 1..=2), held(&beta, 3..=3)), (2, 0));
    send(&mut alpha, &mut gamma);
    gamma.apply(Command::Number(link_key(&beta.id())));
    let have = beta.store.reading().cursor(&gamma.id()).unwrap().unwrap().next;
    let bytes = batch(&gamma, &beta, have);
    assert!(String::from_utf8_lossy(&bytes).contains("d3.example"));
    let Answer::Receipt(receipt) = arrive(&gamma, &mut beta, &bytes) else { panic!() };
    assert_eq!(refusals(&receipt), ["E-LINK-024 not taken here"]);
    assert_eq!(held(&beta, 3..=3), 0);
}

#[test]
fn nobody_is_undone_who_never_was_a_partner_nor_from_a_time_to_come() {
    let (alpha, mut beta, _, _) = three();
    let stranger = One::new(9, "Stranger").id();
    for (partner, since, code) in
        [(stranger, beta.now, "E-UNDO-001"), (alpha.id(), beta.now.plus_seconds(60), "E-UNDO-002")]
    {
        let act = Administer::Undo(Undo { partner, since, after: 0 });
        let answer = beta.apply(Command::Administer(act));
        assert!(matches!(&answer, Answer::Refused(p) if p.code == code), "{answer:?}");
    }
}

#[test]
fn what_was_taken_out_comes_again_once_that_is_forgotten() {
    let (mut alpha, mut beta, mut gamma, circle) = three();
    let since = beta.now;
    publish(&mut alpha, circle, 1..=150);
    send(&mut alpha, &mut beta);
    publish(&mut gamma, circle, 500..=501);
    send(&mut gamma, &mut beta);
    undo(&mut beta, &alpha, since);
    undo(&mut beta, &gamma, since);
    publish(&mut alpha, circle, 151..=151);
    send(&mut alpha, &mut beta);
    assert_eq!((held(&beta, 1..=150), held(&beta, 500..=501)), (0, 0));
    assert_eq!(beta.store.reading().count_undone(&alpha.id()).unwrap(), 150);

    let mut forgotten = 0;
    loop {
        let act = Administer::ForgetUndone(alpha.id());
        match beta.apply(Command::Administer(act)) {
            Answer::Undone(done) => {
                forgotten += done.erased;
                if done.next.is_none() {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(forgotten, 150);
    send(&mut alpha, &mut beta);
    send(&mut gamma, &mut beta);
    assert_eq!((held(&beta, 1..=151), held(&beta, 500..=501)), (151, 0), "of Alpha's alone");
}
