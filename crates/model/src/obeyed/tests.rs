//! The form of a word on recalls: one spelling, bounded, nothing but stages and counts.

use super::{Obeyed, ObeyedLine, Stage};
use crate::id::NodeId;
use crate::limits::OBEYED_LINES_MAX;
use crate::time::Instant;
use uuid::Uuid;

fn one(stage: Stage, passed: u64) -> ObeyedLine {
    ObeyedLine {
        signer: NodeId::new([7; 16]),
        recall: Uuid::from_u128(9),
        stage,
        at: Instant::from_micros(1_767_323_045_678_901),
        passed,
    }
}

#[test]
fn it_reads_what_it_writes() {
    let word = Obeyed { lines: vec![one(Stage::Applied, 0), one(Stage::Through, 12)] };
    let text = word.write();
    assert_eq!(
        text,
        "entente/obeyed/1\n\
         recall 07070707070707070707070707070707 00000000-0000-0000-0000-000000000009 applied \
         2026-01-02T03:04:05.678901Z 0\n\
         recall 07070707070707070707070707070707 00000000-0000-0000-0000-000000000009 through \
         2026-01-02T03:04:05.678901Z 12\n"
    );
    assert_eq!(Obeyed::read(&text), Ok(word));
}

#[test]
fn another_spelling_an_empty_word_and_too_much_are_refused() {
    let good = Obeyed { lines: vec![one(Stage::Purged, 3)] }.write();
    assert!(Obeyed::read(&good).is_ok());
    for bad in [
        "entente/obeyed/1\n".to_owned(),
        good.replace(" 3\n", " 03\n"),
        good.replace(" 3\n", " 1001\n"),
        good.replace(" 3\n", " 3 4\n"),
        good.replace("purged", "gone"),
        format!("{good}more yes\n"),
        Obeyed { lines: vec![one(Stage::Purged, 0); OBEYED_LINES_MAX + 1] }.write(),
    ] {
        assert!(Obeyed::read(&bad).is_err(), "{bad}");
    }
}

#[test]
fn stages_have_their_ranks_back() {
    for stage in [Stage::Applied, Stage::Purged, Stage::Through] {
        assert_eq!(Stage::of_rank(stage.rank()), Some(stage));
    }
    assert_eq!([Stage::of_rank(0), Stage::of_rank(4)], [None, None]);
}
