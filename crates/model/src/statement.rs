//! What a signer says later about a record of its own (recall, relabel), or a node about a copy that
//! it released over a link (withdraw). Bodies of our own kinds;
//! obeying them happens elsewhere.

use crate::id::{Epoch, IntakeId, NodeId, ThingId};
use crate::kind::{Kind, RECALL, RELABEL, WITHDRAW};
use crate::label::Tlp;
use crate::limits::{WITHDRAWN_NUMBERS_MAX, WITHDRAWN_RANGES_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::record::Authorship;

const RECALL_FORM: &str = "entente/recall/1";
const WITHDRAW_FORM: &str = "entente/withdraw/1";
const RELABEL_FORM: &str = "entente/relabel/1";
const WITHDRAW_RANGE_FORM: &str = "entente/withdraw-range/1";

/// Which of the signer's records a statement is about: all placements in the statement's own
/// circle of one version, by one intake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    /// The thing.
    pub thing: ThingId,
    /// The version's text.
    pub version: String,
    /// Wrote or carries, as in the record's header.
    pub authorship: Authorship,
}

impl Subject {
    fn write(&self, text: LineWriter) -> LineWriter {
        let intake = match self.authorship {
            Authorship::Wrote => None,
            Authorship::Carries(intake) => Some(intake.to_string()),
        };
        text.line("thing", &self.thing.to_string())
            .line("version", &self.version)
            .maybe("intake", intake.as_deref())
    }

    fn read(lines: &mut LineReader<'_>) -> Result<Self, ReadLinesError> {
        Ok(Self {
            thing: lines.parsed("thing")?,
            version: lines.required("version")?.to_owned(),
            authorship: lines
                .optional_parsed::<IntakeId>("intake")?
                .map_or(Authorship::Wrote, Authorship::Carries),
        })
    }
}

/// What a recall, relabelling or withdrawal is about; `None` for anything else.
#[must_use]
pub fn subject_of(kind: &Kind, body: &[u8]) -> Option<Subject> {
    let text = std::str::from_utf8(body).ok()?;
    match kind.as_str() {
        RECALL => Recall::read(text).ok().map(|recall| recall.subject),
        RELABEL => Relabel::read(text).ok().map(|relabel| relabel.subject),
        WITHDRAW => Withdraw::read(text).ok().map(|withdraw| withdraw.subject),
        _ => None,
    }
}

/// What a recall asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RecallMode {
    /// Erase the body and everything derived from it.
    Erase,
    /// Keep it, never use it.
    Stop,
}

/// The body of an `entente/recall` record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recall {
    /// What is recalled.
    pub subject: Subject,
    /// Erase or stop.
    pub mode: RecallMode,
    /// Why, for people.
    pub reason: String,
}

impl Recall {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let mode = match self.mode {
            RecallMode::Erase => "erase",
            RecallMode::Stop => "stop",
        };
        let text = self.subject.write(LineWriter::new(RECALL_FORM));
        text.line("mode", mode).line("reason", &self.reason).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, RECALL_FORM)?;
        let subject = Subject::read(&mut lines)?;
        let mode = match lines.required("mode")? {
            "erase" => RecallMode::Erase,
            "stop" => RecallMode::Stop,
            _ => return Err(ReadLinesError::Value("mode")),
        };
        let reason = lines.required("reason")?.to_owned();
        lines.end()?;
        Ok(Self { subject, mode, reason })
    }
}

/// The body of an `entente/relabel` record: the only loosening there is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Relabel {
    /// What is relabelled.
    pub subject: Subject,
    /// Its traffic light from now on.
    pub tlp: Tlp,
}

impl Relabel {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let text = self.subject.write(LineWriter::new(RELABEL_FORM));
        text.line("tlp", self.tlp.as_str()).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, RELABEL_FORM)?;
        let subject = Subject::read(&mut lines)?;
        let tlp = lines.parsed("tlp")?;
        lines.end()?;
        Ok(Self { subject, tlp })
    }
}

/// The body of an `entente/withdraw` record: obeyed only by who has the copy from its signer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Withdraw {
    /// Whose record it is; not necessarily of the node that withdraws.
    pub signer: NodeId,
    /// What is withdrawn.
    pub subject: Subject,
}

impl Withdraw {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let text = LineWriter::new(WITHDRAW_FORM).line("signer", &self.signer.to_string());
        self.subject.write(text).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, WITHDRAW_FORM)?;
        let signer = lines.parsed("signer")?;
        let subject = Subject::read(&mut lines)?;
        lines.end()?;
        Ok(Self { signer, subject })
    }
}

/// The body of an `entente/withdraw-range` record: what a node no longer releases to one partner, by
/// the numbers that it gave there. It names nothing else, and holds until it numbers anew.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WithdrawRange {
    /// The life of the numbering that the numbers belong to.
    pub epoch: Epoch,
    /// First number and how many, ascending and apart.
    pub ranges: Vec<(u64, u64)>,
}

impl WithdrawRange {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let text = LineWriter::new(WITHDRAW_RANGE_FORM).line("epoch", &self.epoch.to_string());
        let ranges = self.ranges.iter();
        let line = |text: LineWriter, (first, count): &(u64, u64)| {
            text.line("range", &format!("{first} {count}"))
        };
        ranges.fold(text, line).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form, has no range, more than [`WITHDRAWN_RANGES_MAX`] of them, or
    /// more than [`WITHDRAWN_NUMBERS_MAX`] numbers in all, or they do not ascend.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        const BAD: ReadLinesError = ReadLinesError::Value("range");
        let mut lines = LineReader::new(text, WITHDRAW_RANGE_FORM)?;
        let epoch = lines.parsed("epoch")?;
        let (mut ranges, mut free, mut numbers) = (Vec::new(), 0, 0_u64);
        while let Some(line) = lines.optional("range") {
            let (first, count) = line.split_once(' ').ok_or(BAD)?;
            let (first, count) = (plain(first).ok_or(BAD)?, plain(count).ok_or(BAD)?);
            numbers = numbers.checked_add(count).ok_or(BAD)?;
            let end = first.checked_add(count).ok_or(BAD)?;
            let fits = ranges.len() < WITHDRAWN_RANGES_MAX && numbers <= WITHDRAWN_NUMBERS_MAX;
            if !fits || count == 0 || first < free {
                return Err(BAD);
            }
            free = end;
            ranges.push((first, count));
        }
        lines.end()?;
        if ranges.is_empty() {
            Err(ReadLinesError::Missing("range"))
        } else {
            Ok(Self { epoch, ranges })
        }
    }
}

/// A number as we write one: digits alone, so that no text that is read has two spellings.
fn plain(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests;
