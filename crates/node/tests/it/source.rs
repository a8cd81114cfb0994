//! Sources in one node: objects and progress come together, carried, under one number for good.

use crate::world::One;
use model::id::{CircleId, IntakeId};
use model::label::Tlp;
use model::record::Authorship;
use node::accept::Prepared;
use node::command::{Administer, Fate};
use node::source::{NewSource, PullEnded, PullFailed, Pulled, living};
use node::{Answer, Command, Position, Secret, Source, SourceKind};

fn new(name: &str, circle: CircleId) -> NewSource {
    NewSource {
        name: name.to_owned(),
        kind: SourceKind::List,
        url: "https://lists.example/a".to_owned(),
        circle,
        default: Some(Tlp::Green),
        every: 600,
        secret: Some(Secret("sesame".to_owned())),
    }
}

fn add(one: &mut One, new: NewSource) -> Answer {
    one.apply(Command::Administer(Administer::AddSource(new)))
}

fn only(one: &One) -> Source {
    let mut sources = living(&one.store.reading()).unwrap();
    assert_eq!(sources.len(), 1);
    sources.pop().unwrap()
}

fn position(etag: &str) -> Option<Position> {
    Some(Position { etag: Some(etag.to_owned()), ..Position::default() })
}

fn bring(one: &mut One, intake: IntakeId, list: &str, etag: &str) -> Answer {
    let objects = Prepared::list(list.as_bytes(), one.now);
    one.apply(Command::Pulled(Pulled { intake, objects, position: position(etag) }))
}

fn fates(answer: Answer) -> Vec<&'static str> {
    let Answer::Published(outcomes) = answer else { panic!("{answer:?}") };
    let word = |fate: &Fate| match fate {
        Fate::Accepted => "accepted",
        Fate::Duplicate => "duplicate",
        Fate::Refused(_) => "refused",
    };
    outcomes.iter().map(|outcome| word(&outcome.fate)).collect()
}

#[test]
fn what_a_source_brings_is_carried_under_its_label_and_its_progress_comes_with_it() {
    let mut one = One::new(1, "Alpha");
    let circle = one.circle("ring");
    assert!(matches!(add(&mut one, new("feed", circle)), Answer::Done));
    let source = only(&one);
    let brought = bring(&mut one, source.intake, "a.example\nno value\nb.example\n", "1");
    assert_eq!(fates(brought), ["accepted", "refused", "accepted"]);
    assert_eq!(fates(bring(&mut one, source.intake, "a.example\n", "2")), ["duplicate"]);
    let source = only(&one);
    let pulls = &source.pulls;
    assert_eq!((pulls.accepted, pulls.duplicate, pulls.refused), (2, 1, 1));
    assert!(pulls.refusal.as_ref().is_some_and(|text| text.contains("E-LIST-001")));
    assert_eq!(source.position.etag.as_deref(), Some("2"));
    let reading = one.store.reading();
    let rows = reading.scan(0, reading.head().unwrap(), 100).unwrap();
    let rows = rows.iter().filter_map(|light| reading.row(light.seq).unwrap());
    let carried: Vec<_> =
        rows.filter(|row| row.authorship == Authorship::Carries(source.intake)).collect();
    assert_eq!(carried.len(), 2);
    assert!(carried.iter().all(|row| row.label.tlp == Tlp::Green && row.label.circle == circle));
}

#[test]
fn a_source_that_was_removed_brings_nothing_and_added_again_brings_nothing_twice() {
    let mut one = One::new(1, "Alpha");
    let circle = one.circle("ring");
    add(&mut one, new("feed", circle));
    let first = only(&one);
    bring(&mut one, first.intake, "a.example\n", "1");
    let head = one.store.reading().head().unwrap();
    one.apply(Command::Administer(Administer::RemoveSource("feed".to_owned())));
    assert!(matches!(bring(&mut one, first.intake, "b.example\n", "2"), Answer::Refused(_)));
    assert_eq!(one.store.reading().head().unwrap(), head);
    let removed = one.store.reading().source(&first.intake).unwrap().unwrap();
    assert_eq!((removed.secret, removed.position), (None, Position::default()));
    add(&mut one, new("another name", circle));
    let again = only(&one);
    assert_eq!(again.intake, first.intake);
    assert_eq!(
        fates(bring(&mut one, again.intake, "a.example\nb.example\n", "1")),
        ["duplicate", "accepted"]
    );
}

#[test]
fn names_are_unique_and_spans_have_bounds() {
    let mut one = One::new(1, "Alpha");
    let circle = one.circle("ring");
    add(&mut one, new("feed", circle));
    let elsewhere = CircleId::new(uuid::Uuid::nil());
    let rows = [
        (new("feed", circle), "E-SOURCE-002"),
        (new(" ", circle), "E-SOURCE-002"),
        (NewSource { every: 1, ..new("a", circle) }, "E-SOURCE-006"),
        (NewSource { every: u32::MAX, ..new("a", circle) }, "E-SOURCE-006"),
        (NewSource { url: "x".repeat(10_000), ..new("a", circle) }, "E-SOURCE-003"),
        (new("a", elsewhere), "E-CIRCLE-001"),
    ];
    for (new, code) in rows {
        let Answer::Refused(problem) = add(&mut one, new) else { panic!("{code}") };
        assert_eq!(problem.code, code);
    }
    for act in [Administer::RemoveSource("x".to_owned()), Administer::PullSource("x".to_owned())] {
        assert!(matches!(one.apply(Command::Administer(act)), Answer::Refused(_)));
    }
}

#[test]
fn a_failure_is_kept_until_a_success_and_what_was_asked_for_meanwhile_stays_due() {
    let mut one = One::new(1, "Alpha");
    let circle = one.circle("ring");
    add(&mut one, new("feed", circle));
    let intake = only(&one).intake;
    let began = one.now;
    let problem = formats::problem::Problem::error("E-SOURCE-014", "later").hint("wait");
    let failed = || Some(PullFailed { problem: problem.clone(), retry_after: Some(100) });
    one.apply(Command::PullEnded(PullEnded { intake, began, failed: failed() }));
    one.apply(Command::PullEnded(PullEnded { intake, began, failed: failed() }));
    let pulls = only(&one).pulls;
    assert_eq!((pulls.failures, pulls.success, pulls.last), (2, None, Some(began)));
    assert_eq!(pulls.not_before, Some(one.now.plus_seconds(100)));
    assert_eq!(pulls.error.map(|error| error.code).as_deref(), Some("E-SOURCE-014"));
    let began = one.now;
    one.apply(Command::Administer(Administer::PullSource("feed".to_owned())));
    one.apply(Command::PullEnded(PullEnded { intake, began, failed: None }));
    let pulls = only(&one).pulls;
    assert_eq!((pulls.failures, pulls.error, pulls.not_before), (0, None, None));
    assert!(pulls.asked.is_some(), "it was asked for after that pull had begun");
    one.apply(Command::PullEnded(PullEnded { intake, began: one.now, failed: None }));
    assert_eq!(only(&one).pulls.asked, None);
}
