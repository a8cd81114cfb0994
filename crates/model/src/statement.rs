//! What a signer says later about a record of its own (recall, relabel), or a node about a copy that
//! it released over a link (withdraw). Bodies of our own kinds;
//! obeying them happens elsewhere.

use crate::id::{IntakeId, NodeId, ThingId};
use crate::label::Tlp;
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::record::Authorship;

const RECALL_FORM: &str = "entente/recall/1";
const WITHDRAW_FORM: &str = "entente/withdraw/1";
const RELABEL_FORM: &str = "entente/relabel/1";

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
