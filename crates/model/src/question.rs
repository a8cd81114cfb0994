//! The bodies of `entente/question` and `entente/answer` records: whether a partner saw values in its
//! own telemetry, and how much of that it tells.
//!
//! Who is answered and how much is said is decided elsewhere; nothing here knows what was seen.

use crate::facts::{Value, ValueKind};
use crate::id::{Digest, NodeId};
use crate::kind::{ANSWER, Kind, QUESTION};
use crate::limits::{OBSERVABLE_BYTES_MAX, QUESTION_VALUES_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::time::Instant;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

const QUESTION_FORM: &str = "entente/question/1";
const ANSWER_FORM: &str = "entente/answer/1";

/// How much a partner is told of what was seen, the least first.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Answers {
    /// Nothing: it is refused.
    #[default]
    No,
    /// Whether it was seen.
    YesNo,
    /// About how often, and between which days.
    Band,
    /// How often, and between which days.
    Count,
}

/// A word that is no such thing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not `no`, `yes-no`, `band` or `count`")]
pub struct ParseAnswersError;

impl Answers {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::No, Self::YesNo, Self::Band, Self::Count];

    /// `no`, `yes-no`, `band` or `count`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::YesNo => "yes-no",
            Self::Band => "band",
            Self::Count => "count",
        }
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Answers {
    type Err = ParseAnswersError;

    fn from_str(text: &str) -> Result<Self, ParseAnswersError> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(ParseAnswersError)
    }
}

/// About how often.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Band {
    /// 1 to 9 events.
    Ones,
    /// 10 to 99.
    Tens,
    /// 100 to 999.
    Hundreds,
    /// 1,000 or more.
    Many,
}

impl Band {
    const ALL: [Self; 4] = [Self::Ones, Self::Tens, Self::Hundreds, Self::Many];

    /// The band of a count, which is 1 at least.
    #[must_use]
    pub const fn of(count: u64) -> Self {
        match count {
            0..=9 => Self::Ones,
            10..=99 => Self::Tens,
            100..=999 => Self::Hundreds,
            _ => Self::Many,
        }
    }

    /// `1-9`, `10-99`, `100-999` or `1000+`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ones => "1-9",
            Self::Tens => "10-99",
            Self::Hundreds => "100-999",
            Self::Many => "1000+",
        }
    }
}

/// The days, in UTC and by the events' own clocks, of the first event and of the last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Days {
    first: Instant,
    last: Instant,
}

/// Characters of a day: `2026-11-22`.
const DAY_CHARS: usize = 10;

impl Days {
    /// The days of two instants.
    #[must_use]
    pub const fn of(first: Instant, last: Instant) -> Self {
        Self { first, last }
    }

    /// `2026-11-20`, the day of the first event.
    #[must_use]
    pub fn first(&self) -> String {
        day(self.first)
    }

    /// The day of the last one.
    #[must_use]
    pub fn last(&self) -> String {
        day(self.last)
    }
}

/// The last day that has a text, 9999-12-30.
const LAST_DAY: Instant = Instant::from_micros(253_402_128_000_000_000);

/// What is outside 1970 to 9999 is a clock that is wrong, and its day would have another spelling.
fn day(at: Instant) -> String {
    at.clamp(Instant::from_micros(0), LAST_DAY).to_string().chars().take(DAY_CHARS).collect()
}

/// What is told of one value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Told {
    /// It was not seen.
    No,
    /// It was seen.
    Yes,
    /// It was seen about so often.
    Band(Band, Days),
    /// It was seen in so many events, 1 at least.
    Count(u64, Days),
    /// It cannot be said: part of what was seen cannot be read, or the value covers too much.
    Unknown,
}

impl Told {
    fn write(&self) -> String {
        let with = |word: &str, days: &Days| format!("{word} {} {}", days.first(), days.last());
        match self {
            Self::No => "no".to_owned(),
            Self::Yes => "yes".to_owned(),
            Self::Unknown => "unknown".to_owned(),
            Self::Band(band, days) => with(band.as_str(), days),
            Self::Count(count, days) => with(&count.to_string(), days),
        }
    }

    /// Reads what an answer of this measure may say; `None` for all else.
    fn read(text: &str, says: Answers) -> Option<Self> {
        let mut words = text.split(' ');
        let word = words.next()?;
        let mut days = || {
            let at = |day: &str| format!("{day}T00:00:00.000000Z").parse().ok();
            Some(Days { first: at(words.next()?)?, last: at(words.next()?)? })
        };
        let told = match (word, says) {
            (_, Answers::No) => return None,
            ("no", _) => Self::No,
            ("unknown", _) => Self::Unknown,
            ("yes", Answers::YesNo) => Self::Yes,
            (_, Answers::YesNo) => return None,
            (band, Answers::Band) => {
                let band = Band::ALL.into_iter().find(|one| one.as_str() == band)?;
                Self::Band(band, days()?)
            }
            (count, Answers::Count) => {
                let count = count.parse().ok().filter(|count| *count > 0)?;
                Self::Count(count, days()?)
            }
        };
        (told.write() == text).then_some(told)
    }
}

/// The body of an `entente/question` record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Question {
    /// 1 to [`QUESTION_VALUES_MAX`] values in normal form.
    pub values: Vec<Value>,
}

impl Question {
    /// The thing of a question that is asked of several partners: each has its own, which tells it
    /// of no other.
    #[must_use]
    pub fn thing(asked: &Uuid, partner: &NodeId) -> crate::id::ThingId {
        let uuid = Uuid::new_v5(asked, partner.as_bytes());
        crate::id::ThingId { kind: Kind::ours(QUESTION), uuid }
    }

    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let line = |text: LineWriter, Value { kind, text: value }: &Value| {
            text.line("value", &format!("{} {value}", kind.stix_path()))
        };
        self.values.iter().fold(LineWriter::new(QUESTION_FORM), line).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form, has no value, more than [`QUESTION_VALUES_MAX`], or one of
    /// more than [`OBSERVABLE_BYTES_MAX`] bytes.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut reader = LineReader::new(text, QUESTION_FORM)?;
        let mut values = Vec::new();
        while let Some(line) = reader.optional("value") {
            if values.len() >= QUESTION_VALUES_MAX {
                return Err(ReadLinesError::Value("value"));
            }
            values.push(value(line).ok_or(ReadLinesError::Value("value"))?);
        }
        reader.end()?;
        if values.is_empty() {
            return Err(ReadLinesError::Missing("value"));
        }
        Ok(Self { values })
    }
}

fn value(line: &str) -> Option<Value> {
    let (path, text) = line.split_once(' ')?;
    let kind = ValueKind::ALL.into_iter().find(|kind| kind.stix_path() == path)?;
    let fits = !text.is_empty() && text.len() <= OBSERVABLE_BYTES_MAX;
    fits.then(|| Value { kind, text: text.to_owned() })
}

/// The body of an `entente/answer` record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The thing of the question.
    pub question: Uuid,
    /// The digest of the question's record, so that it is proven to which words this is the answer.
    pub digest: Digest,
    /// How much it tells; [`Answers::No`] when it is refused.
    pub says: Answers,
    /// One for each value, in the question's order; none when it is refused.
    pub told: Vec<Told>,
}

/// How the measure of an answer that is refused is spelt.
const REFUSED: &str = "refused";

impl Answer {
    /// The thing of this node's answer to a question: there is one.
    #[must_use]
    pub fn thing(question: &Uuid, asker: &NodeId, answerer: &NodeId) -> crate::id::ThingId {
        let both: Vec<u8> = asker.as_bytes().iter().chain(answerer.as_bytes()).copied().collect();
        let uuid = Uuid::new_v5(question, &both);
        crate::id::ThingId { kind: Kind::ours(ANSWER), uuid }
    }

    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let says = if self.says == Answers::No { REFUSED } else { self.says.as_str() };
        let text = LineWriter::new(ANSWER_FORM)
            .line("question", &self.question.to_string())
            .line("digest", &self.digest.to_string())
            .line("says", says);
        self.told.iter().fold(text, |text, told| text.line("seen", &told.write())).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form, or tells more of a value than its measure.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut reader = LineReader::new(text, ANSWER_FORM)?;
        let question = crate::id::canonical_uuid(reader.required("question")?);
        let question = question.ok_or(ReadLinesError::Value("question"))?;
        let digest = reader.parsed("digest")?;
        let says = match reader.required("says")? {
            REFUSED => Answers::No,
            text => text.parse().map_err(|_| ReadLinesError::Value("says"))?,
        };
        let mut told = Vec::new();
        while let Some(line) = reader.optional("seen") {
            if told.len() >= QUESTION_VALUES_MAX {
                return Err(ReadLinesError::Value("seen"));
            }
            told.push(Told::read(line, says).ok_or(ReadLinesError::Value("seen"))?);
        }
        reader.end()?;
        let answer = Self { question, digest, says, told };
        // `no` is a card's word; an answer's is `refused`.
        if answer.write() == text { Ok(answer) } else { Err(ReadLinesError::Value("says")) }
    }
}

#[cfg(test)]
mod tests;
