//! Sigma rules as their authors wrote them: each as a file of its own, byte for byte, a list of those
//! files, and all of them as one stream of YAML. It reads no rule; whoever pushes says whether one was
//! read.

use super::line::is_plain;
use model::label::Tlp;
use model::seal::sha256;
use serde::Serialize;
use std::collections::HashSet;
use uuid::Uuid;

/// Which of the files.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SigmaFile {
    /// All rules, each as a document.
    All,
    /// The list of the files.
    Index,
    /// One rule: its indicator's UUID, and the first bytes of its signer's id, for two signers may
    /// have used the same UUID.
    One(Uuid, [u8; 8]),
}

/// A rule as a reader may have it.
#[derive(Clone, Copy, Debug)]
pub struct RuleLine<'r> {
    /// The UUID of the indicator.
    pub id: Uuid,
    /// The first bytes of its signer's id.
    pub signer_id: [u8; 8],
    /// Its signer, by the name that this node uses.
    pub signer: &'r str,
    /// Its traffic light.
    pub tlp: Tlp,
    /// The rule's text.
    pub text: &'r str,
    /// It is one rule, and nothing else.
    pub is_read: bool,
}

impl SigmaFile {
    /// The file of this name; no name has a part of a stranger's text.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "sigma.yml" => return Some(Self::All),
            "sigma/index.json" => return Some(Self::Index),
            _ => {}
        }
        let stem = name.strip_prefix("sigma/")?.strip_suffix(".yml")?;
        let (id, signer) = stem.rsplit_once('-')?;
        let id: Uuid = id.parse().ok()?;
        let signer = u64::from_str_radix(signer, 16).ok()?.to_be_bytes();
        // One spelling alone is a name.
        (format!("sigma/{}", file_name(id, signer)) == name).then_some(Self::One(id, signer))
    }
}

fn file_name(id: Uuid, signer: [u8; 8]) -> String {
    format!("{id}-{:016x}.yml", u64::from_be_bytes(signer))
}

#[derive(Debug)]
pub(super) struct Sigma {
    file: SigmaFile,
    out: Vec<u8>,
    held: HashSet<(Uuid, [u8; 8])>,
}

impl Sigma {
    pub(super) fn new(file: SigmaFile) -> Self {
        Self { file, out: Vec::new(), held: HashSet::new() }
    }

    pub(super) fn push(&mut self, rule: &RuleLine<'_>) {
        let name = (rule.id, rule.signer_id);
        match self.file {
            SigmaFile::One(id, signer) => {
                if name == (id, signer) && self.held.insert(name) {
                    self.out.extend_from_slice(rule.text.as_bytes());
                }
            }
            SigmaFile::Index => {
                if self.held.insert(name) {
                    self.list(rule);
                }
            }
            SigmaFile::All => {
                if rule.is_read && is_one_document(rule.text) && self.held.insert(name) {
                    self.join(rule.text);
                }
            }
        }
    }

    fn list(&mut self, rule: &RuleLine<'_>) {
        let signer = if is_plain(rule.signer) { rule.signer } else { "" };
        let listed = Listed {
            file: file_name(rule.id, rule.signer_id),
            indicator: format!("indicator--{}", rule.id),
            signer,
            tlp: rule.tlp.as_str(),
            bytes: rule.text.len(),
            sha256: sha256(&[rule.text.as_bytes()]).to_string(),
        };
        if !self.out.is_empty() {
            self.out.extend_from_slice(b",\n");
        }
        self.out.extend(serde_json::to_vec(&listed).unwrap_or_default());
    }

    fn join(&mut self, text: &str) {
        if !text.starts_with(BEGIN) {
            self.out.extend_from_slice(BEGIN.as_bytes());
        }
        self.out.extend_from_slice(text.as_bytes());
        if !text.ends_with('\n') {
            self.out.push(b'\n');
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.out.len()
    }

    /// The file; nothing where it is a rule that this feed does not have.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        match self.file {
            SigmaFile::All => Some(self.out),
            SigmaFile::Index => Some([b"[\n".as_slice(), &self.out, b"\n]\n"].concat()),
            SigmaFile::One(..) => (!self.held.is_empty()).then_some(self.out),
        }
    }
}

/// What begins a document.
const BEGIN: &str = "---\n";

/// A file in the list.
#[derive(Serialize)]
struct Listed<'a> {
    file: String,
    indicator: String,
    signer: &'a str,
    tlp: &'static str,
    bytes: usize,
    sha256: String,
}

/// Whether a text stays the one document that it is among others: no line of it begins or ends one,
/// by any reader's idea of a line.
fn is_one_document(text: &str) -> bool {
    let ends = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let odd = |c: char| c == '\u{feff}' || c.is_control() && !ends(c) && c != '\t';
    let mut lines = text.strip_prefix(BEGIN).unwrap_or(text).split(ends);
    let parts = |line: &str| ["---", "...", "%"].iter().any(|mark| line.starts_with(mark));
    !text.contains(odd) && !lines.any(parts)
}

#[cfg(test)]
mod tests;
