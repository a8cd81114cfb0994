//! The forms of questions and answers: one spelling, bounded, and no more than their measure.

use super::{Answer, Answers, Band, Days, Question, Told};
use crate::facts::{Value, ValueKind};
use crate::id::{Digest, NodeId};
use crate::limits::{OBSERVABLE_BYTES_MAX, QUESTION_VALUES_MAX};
use crate::time::Instant;
use uuid::Uuid;

fn value(kind: ValueKind, text: &str) -> Value {
    Value { kind, text: text.to_owned() }
}

fn answer(says: Answers, told: Vec<Told>) -> Answer {
    Answer { question: Uuid::from_u128(9), digest: Digest::new([7; 32]), says, told }
}

fn days() -> Days {
    let at = |text: &str| text.parse().unwrap();
    Days::of(at("2026-11-20T00:00:00.000000Z"), at("2026-11-22T00:00:00.000000Z"))
}

#[test]
fn a_question_reads_as_it_was_written() {
    let question = Question {
        values: vec![
            value(ValueKind::Domain, "evil.example"),
            value(ValueKind::Url, "http://evil.example/a b"),
        ],
    };
    let text = question.write();
    assert_eq!(
        text,
        "entente/question/1\nvalue domain-name:value evil.example\n\
         value url:value http://evil.example/a b\n"
    );
    assert_eq!(Question::read(&text), Ok(question));
    let all = ValueKind::ALL.into_iter().map(|kind| value(kind, "x")).collect();
    let all = Question { values: all };
    assert_eq!(Question::read(&all.write()), Ok(all), "every kind has a name of its own");
}

#[test]
fn an_empty_question_and_too_much_are_refused() {
    let domain = |text: &str| value(ValueKind::Domain, text);
    let most = Question { values: vec![domain("a.example"); QUESTION_VALUES_MAX] }.write();
    assert!(Question::read(&most).is_ok());
    for bad in [
        "entente/question/1\n".to_owned(),
        format!("{most}value domain-name:value b.example\n"),
        format!("{most}more yes\n"),
        "entente/question/1\nvalue domain-name:value \n".to_owned(),
        "entente/question/1\nvalue domain a.example\n".to_owned(),
        Question { values: vec![domain(&"a".repeat(OBSERVABLE_BYTES_MAX + 1))] }.write(),
    ] {
        assert!(Question::read(&bad).is_err(), "{bad}");
    }
}

#[test]
fn an_answer_of_each_measure_reads_as_it_was_written() {
    let (days, no, unknown) = (days(), Told::No, Told::Unknown);
    for (says, told, lines) in [
        (Answers::No, vec![], "says refused\n"),
        (Answers::YesNo, vec![no, Told::Yes], "says yes-no\nseen no\nseen yes\n"),
        (
            Answers::Band,
            vec![Told::Band(Band::of(57), days), unknown],
            "says band\nseen 10-99 2026-11-20 2026-11-22\nseen unknown\n",
        ),
        (
            Answers::Count,
            vec![Told::Count(57, days), no],
            "says count\nseen 57 2026-11-20 2026-11-22\nseen no\n",
        ),
    ] {
        let answer = answer(says, told);
        let text = answer.write();
        assert!(text.ends_with(lines), "{text}");
        assert_eq!(Answer::read(&text), Ok(answer));
    }
}

#[test]
fn an_answer_tells_no_more_than_its_measure() {
    let good = answer(Answers::Band, vec![Told::Band(Band::Ones, days())]).write();
    assert!(Answer::read(&good).is_ok());
    for (from, to) in [
        ("says band", "says refused"),
        ("says band", "says no"),
        ("says band", "says yes-no"),
        ("says band", "says count"),
        ("seen 1-9 ", "seen 2-9 "),
        ("seen 1-9 ", "seen 5 "),
        ("seen 1-9 ", "seen yes "),
        ("2026-11-20", "2026-11-31"),
        ("2026-11-20", "2026-11-20T01:00:00Z"),
        ("2026-11-22", "2026-11-22 2026-11-23"),
    ] {
        let bad = good.replace(from, to);
        assert!(bad != good && Answer::read(&bad).is_err(), "{bad}");
    }
    let none = answer(Answers::Count, vec![Told::Count(0, days())]).write();
    assert!(Answer::read(&none).is_err(), "seen in no event");
}

#[test]
fn clocks_that_are_wrong_have_days_that_read() {
    for micros in [i64::MIN, -1, 0, i64::MAX] {
        let at = Instant::from_micros(micros);
        let text = answer(Answers::Count, vec![Told::Count(1, Days::of(at, at))]).write();
        assert_eq!(Answer::read(&text).map(|read| read.write()), Ok(text));
    }
}

#[test]
fn bands_begin_where_the_one_before_ends() {
    let bands = [1, 9, 10, 99, 100, 999, 1_000, u64::MAX].map(|count| Band::of(count).as_str());
    assert_eq!(bands, ["1-9", "1-9", "10-99", "10-99", "100-999", "100-999", "1000+", "1000+"]);
}

#[test]
fn one_question_to_two_partners_is_two_things_and_each_has_one_answer() {
    let (asked, me) = (Uuid::from_u128(1), NodeId::new([1; 16]));
    let [b, c] = [2, 3].map(|n| NodeId::new([n; 16]));
    let (to_b, to_c) = (Question::thing(&asked, &b), Question::thing(&asked, &c));
    assert_ne!(to_b, to_c);
    assert_eq!(Answer::thing(&to_b.uuid, &me, &b), Answer::thing(&to_b.uuid, &me, &b));
    assert_ne!(Answer::thing(&to_b.uuid, &me, &b), Answer::thing(&to_b.uuid, &c, &b));
}
