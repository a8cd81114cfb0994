//! A circle: a named list of members, signed and versioned by one convener. Whether a node follows
//! a version is that node's own decision, taken elsewhere.

use crate::id::{CircleId, NodeId};
use crate::label::Tlp;
use crate::limits::{MEMBERS_MAX, NAME_BYTES_MAX};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::seal::PublicKey;

const FORM: &str = "entente/circle/1";

/// One member of a circle.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The key that its records are checked with; its node is the member.
    pub key: PublicKey,
    /// The name that the convener knows it by.
    pub name: String,
}

impl Member {
    /// The member's node.
    #[must_use]
    pub fn node(&self) -> NodeId {
        self.key.node()
    }
}

/// One version of a circle: the body of an `entente/circle` record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Circle {
    /// The id, the same on every node and of the TAXII collection.
    pub id: CircleId,
    /// The name, the collection's title.
    pub name: String,
    /// Rises by one with every version.
    pub version: u32,
    /// The only node whose versions count.
    pub convener: NodeId,
    /// The label of what comes without a marking.
    pub default: Tlp,
    /// Above it an object is refused.
    pub ceiling: Tlp,
    /// Whether known-good lists silence matches of this circle's indicators.
    pub known_good: bool,
    /// Ordered as they were added.
    pub members: Vec<Member>,
}

impl Circle {
    /// The body's text.
    #[must_use]
    pub fn write(&self) -> String {
        let text = LineWriter::new(FORM)
            .line("id", &self.id.to_string())
            .line("name", &self.name)
            .line("version", &self.version.to_string())
            .line("convener", &self.convener.to_string())
            .line("default", self.default.as_str())
            .line("ceiling", self.ceiling.as_str())
            .flag("known-good", self.known_good);
        let members = self.members.iter();
        members.fold(text, |text, m| text.line("member", &format!("{} {}", m.key, m.name))).finish()
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it does not follow the form, exceeds a bound, or names a member twice.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, FORM)?;
        let mut circle = Self {
            id: lines.parsed("id")?,
            name: lines.required("name")?.to_owned(),
            version: lines.parsed("version")?,
            convener: lines.parsed("convener")?,
            default: lines.parsed("default")?,
            ceiling: lines.parsed("ceiling")?,
            known_good: lines.flag("known-good"),
            members: Vec::new(),
        };
        while let Some(line) = lines.optional("member") {
            let (key, name) = line.split_once(' ').ok_or(ReadLinesError::Value("member"))?;
            let key: PublicKey = key.parse().map_err(|_| ReadLinesError::Value("member"))?;
            let full = circle.members.len() >= MEMBERS_MAX || !valid_name(name);
            if full || circle.members.iter().any(|m| m.key == key) {
                return Err(ReadLinesError::Value("member"));
            }
            circle.members.push(Member { key, name: name.to_owned() });
        }
        lines.end()?;
        if valid_name(&circle.name) { Ok(circle) } else { Err(ReadLinesError::Value("name")) }
    }

    /// The member that is this node.
    #[must_use]
    pub fn member(&self, node: &NodeId) -> Option<&Member> {
        self.members.iter().find(|member| member.node() == *node)
    }
}

/// Whether a name is fit for tables, addresses and command lines: 1 to `NAME_BYTES_MAX` bytes, no
/// control characters, no space at either end.
#[must_use]
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name.trim() == name
        && !name.chars().any(char::is_control)
}
