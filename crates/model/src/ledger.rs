//! What a node writes into its own ledger: who changed a card or the policy and why, and what was
//! refused that its people should know of. Bodies of our own kinds; they leave the node never.

use crate::id::{CircleId, Digest, NodeId};
use crate::limits::{CHANGE_LINES_MAX, WHY_BYTES_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use uuid::Uuid;

const CHANGE_FORM: &str = "entente/change/1";
const NOTE_FORM: &str = "entente/audit/1";

/// Under which a node's own ledger is named; drawn once, for this purpose.
const LEDGERS: Uuid = Uuid::from_u128(0x6f0d_7a52_3c1e_4b8f_9a64_d25e_81b7_03c9);

/// The circle of a node's own ledger. No list of members names it, so that nobody is a member:
/// what stands in it is released to the node itself and to nobody else.
#[must_use]
pub fn ledger_of(node: &NodeId) -> CircleId {
    CircleId::new(Uuid::new_v5(&LEDGERS, node.as_bytes()))
}

/// The thing that is changed: a partner's card, or the policy when no partner is named.
#[must_use]
pub fn changed_thing(ledger: &CircleId, partner: Option<&NodeId>) -> Uuid {
    match partner {
        Some(partner) => Uuid::new_v5(&ledger.uuid(), partner.as_bytes()),
        None => Uuid::new_v5(&ledger.uuid(), b"policy"),
    }
}

/// The body of an `entente/card` or `entente/policy` record: who made a change, why, and to what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// The name of the token or person.
    pub who: String,
    /// Why, in one line of 1 to `WHY_BYTES_MAX` bytes.
    pub why: String,
    /// The digest of the text that it replaces.
    pub was: Digest,
    /// Whose card; `None` for the policy.
    pub partner: Option<NodeId>,
    /// Records that it was foreseen to open, summed over partners; `None` when nobody looked.
    pub gains: Option<u64>,
    /// Records that it was foreseen to take away, summed over partners.
    pub loses: Option<u64>,
    /// The card's or policy's whole text from then on.
    pub text: String,
}

impl Change {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let text = LineWriter::new(CHANGE_FORM)
            .line("who", &self.who)
            .line("why", &self.why)
            .line("was", &self.was.to_string())
            .maybe("partner", self.partner.map(|node| node.to_string()).as_deref())
            .maybe("gains", number(self.gains).as_deref())
            .maybe("loses", number(self.loses).as_deref());
        self.text.lines().fold(text, |text, line| text.line("line", line)).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, CHANGE_FORM)?;
        let mut change = Self {
            who: lines.required("who")?.to_owned(),
            why: lines.required("why")?.to_owned(),
            was: lines.parsed("was")?,
            partner: lines.optional_parsed("partner")?,
            gains: lines.optional_parsed("gains")?,
            loses: lines.optional_parsed("loses")?,
            text: String::new(),
        };
        let mut count = 0;
        while let Some(line) = lines.optional("line") {
            count += 1;
            if count > CHANGE_LINES_MAX {
                return Err(ReadLinesError::Value("line"));
            }
            change.text.push_str(line);
            change.text.push('\n');
        }
        lines.end()?;
        Ok(change)
    }
}

/// Whether a reason is one line that says something: 1 to `WHY_BYTES_MAX` bytes, no control
/// characters, more than blanks.
#[must_use]
pub fn valid_why(why: &str) -> bool {
    !why.trim().is_empty() && why.len() <= WHY_BYTES_MAX && !why.chars().any(char::is_control)
}

/// The body of an `entente/audit` record: one event that this node's people should know of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// What it is about, one word: `card`, `policy`, `keys`, `receipt`, ...
    pub about: String,
    /// Who did it: a token's name, or a partner's node; empty for the node itself.
    pub who: String,
    /// The code of the refusal, when it was refused.
    pub code: Option<String>,
    /// What happened, for people; why it was done, when they said so.
    pub text: String,
}

impl Note {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        LineWriter::new(NOTE_FORM)
            .line("about", &self.about)
            .line("who", &self.who)
            .maybe("code", self.code.as_deref())
            .line("text", &self.text)
            .finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, NOTE_FORM)?;
        let note = Self {
            about: lines.required("about")?.to_owned(),
            who: lines.required("who")?.to_owned(),
            code: lines.optional("code").map(str::to_owned),
            text: lines.required("text")?.to_owned(),
        };
        lines.end()?;
        Ok(note)
    }
}

#[cfg(test)]
mod tests;
