//! Targets: the text forms that nodes sign and exchange: headers, circles, cards, statements, notes.
//!
//! They do not obey what is said; they check that what is read is written again as the same text,
//! so that nothing has two spellings.

use crate::made::lines::key;
use model::card::Card;
use model::circle::Circle;
use model::note::Checkpoint;
use model::question::{Answer, Question};
use model::record::Header;
use model::statement::{Recall, Relabel, Withdraw};

/// Reads a record's header.
///
/// # Panics
/// When it is written in another way than it was read.
pub fn record_header(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(header) = Header::read(text) {
        assert_eq!(header.write(), text, "a second spelling");
        let strict = header.effective_label();
        assert!(strict.at_least_as_strict_as(&header.label), "looser than it says");
    }
}

/// Reads a circle's list.
///
/// # Panics
/// When what was read is written and read as something else.
pub fn circle_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(circle) = Circle::read(text) {
        assert_eq!(Circle::read(&circle.write()), Ok(circle));
    }
}

/// Reads a partner's card.
///
/// # Panics
/// When what was read is written and read as something else.
pub fn card_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(card) = Card::read(text) {
        assert_eq!(Card::read(&card.write()), Ok(card));
    }
}

/// Reads a recall, a relabelling, a withdrawal, a question and an answer.
///
/// # Panics
/// When what was read is written and read as something else, or is two of them at once.
pub fn statement_text(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (recall, relabel, withdraw) =
        (Recall::read(text), Relabel::read(text), Withdraw::read(text));
    let (question, answer) = (Question::read(text), Answer::read(text));
    let asking = [question.is_ok(), answer.is_ok()];
    let read = [recall.is_ok(), relabel.is_ok(), withdraw.is_ok()].into_iter().chain(asking);
    assert!(read.filter(|read| *read).count() < 2, "two statements in one");
    if let Ok(recall) = recall {
        assert_eq!(Recall::read(&recall.write()), Ok(recall));
    }
    if let Ok(relabel) = relabel {
        assert_eq!(Relabel::read(&relabel.write()), Ok(relabel));
    }
    if let Ok(withdraw) = withdraw {
        assert_eq!(Withdraw::read(&withdraw.write()), Ok(withdraw));
    }
    if let Ok(question) = question {
        assert_eq!(question.write(), text, "a second spelling");
    }
    if let Ok(answer) = answer {
        assert_eq!(answer.write(), text, "a second spelling");
    }
}

/// Checks a signed note as the sender's, and as the receiver's countersignature.
///
/// # Panics
/// When the text that was proven is not the text that was signed.
pub fn signed_note(bytes: &[u8]) {
    let (Ok(text), Some(key)) = (std::str::from_utf8(bytes), key(1)) else { return };
    let key = key.public();
    if let Ok(checkpoint) = Checkpoint::verify(text, &key) {
        assert!(text.starts_with(&checkpoint.write()), "another text than was signed");
    }
    if let Ok((checkpoint, _)) = Checkpoint::verify_cosigned(text, &key) {
        assert!(text.starts_with(&checkpoint.write()), "another text than was signed");
    }
}
