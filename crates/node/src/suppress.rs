//! What a person silences for a time. It erases nothing, and no partner hears of it.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use detect::observable::guess;
use formats::problem::{Problem, shown};
use model::id::{CircleId, ThingId};
use model::ledger::Note;
use model::limits::{REASON_BYTES_MAX, SUPPRESSIONS_MAX};
use model::time::Instant;
use store::{Reading, StoreError, Suppression};

/// Matches of an indicator or a value that are not told until then.
#[derive(Clone, Debug)]
pub struct Suppress {
    /// The indicator's id, or a value.
    pub what: String,
    /// In this circle alone.
    pub circle: Option<CircleId>,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Instant,
    /// Who does it.
    pub who: String,
}

/// What is meant, as it is kept and asked for: the id of an indicator, or a value in normal form.
///
/// # Errors
/// When it is neither.
pub fn meant(what: &str) -> Result<String, Problem> {
    let what = what.trim();
    if what.starts_with("indicator--") && ThingId::parse_stix(what).is_ok() {
        return Ok(what.to_owned());
    }
    let value = guess(what).into_iter().next().map(|value| value.text);
    value.ok_or_else(|| {
        let message = format!("{} is neither an indicator's id nor a value", shown(what));
        Problem::error("E-SUPPRESS-001", message)
            .hint("name a domain, an address, a network, a URL, a hash, or indicator--…")
    })
}

/// What is silent at `now` by a person's word.
///
/// # Errors
/// When the store cannot be read.
pub fn suppressions(reading: &Reading<'_>, now: Instant) -> Result<Vec<Suppression>, StoreError> {
    reading.suppressions(now)
}

/// One line that says why.
///
/// # Errors
/// When it is empty, too long, or more than a line.
pub(crate) fn reason(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let fits = !text.is_empty() && text.len() <= REASON_BYTES_MAX;
    if fits && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    let message = format!("a reason is one line of 1 to {REASON_BYTES_MAX} bytes");
    Err(Problem::error("E-SUPPRESS-002", message))
}

impl Node {
    /// Silences matches from now on, and writes down who wanted it.
    pub(crate) fn suppress(
        &mut self,
        moment: &mut Moment<'_, '_>,
        suppress: &Suppress,
    ) -> Result<Answer, StoreError> {
        let (what, reason) = match (meant(&suppress.what), reason(&suppress.reason)) {
            (Ok(what), Ok(reason)) => (what, reason),
            (Err(problem), _) | (_, Err(problem)) => return Ok(Answer::Refused(problem)),
        };
        if suppress.until <= moment.now {
            let problem = Problem::error("E-SUPPRESS-003", "that time is over already");
            return Ok(Answer::Refused(problem.hint("a suppression ends in the future")));
        }
        if moment.tx.reading().suppressions(moment.now)?.len() >= SUPPRESSIONS_MAX {
            let message = format!("more than {SUPPRESSIONS_MAX} suppressions at once");
            let problem = Problem::error("E-SUPPRESS-004", message);
            return Ok(Answer::Refused(problem.hint("a known-good list holds more")));
        }
        let Suppress { circle, until, ref who, .. } = *suppress;
        let text = format!("{} is silent until {until}: {reason}", shown(&what));
        let new =
            Suppression { id: 0, what, circle, reason, until, who: who.clone(), at: moment.now };
        moment.tx.put_suppression(&new)?;
        self.note(
            moment,
            &Note { about: "suppression".to_owned(), who: new.who, code: None, text },
        )?;
        Ok(Answer::Done)
    }

    /// Silences them no longer.
    pub(crate) fn unsuppress(
        &mut self,
        moment: &mut Moment<'_, '_>,
        id: i64,
        who: &str,
    ) -> Result<Answer, StoreError> {
        if !moment.tx.drop_suppression(id)? {
            let problem =
                Problem::error("E-SUPPRESS-005", "there is no suppression of this number");
            return Ok(Answer::Refused(problem.hint("`entente suppress list` shows them")));
        }
        let (who, text) = (who.to_owned(), format!("suppression {id} was lifted"));
        self.note(moment, &Note { about: "suppression".to_owned(), who, code: None, text })?;
        Ok(Answer::Done)
    }
}
