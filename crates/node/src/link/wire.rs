//! The link's bytes: hello, the lines of a batch, the receipt. Forms only; what they mean for the
//! node is decided in the files beside.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::circle::valid_name;
use model::id::{Digest, Epoch};
use model::limits::{BATCH_RECORDS_MAX, LINK_AHEAD_MAX, NOTE_BYTES_MAX};
use model::lines::{LineReader, LineWriter, ReadLinesError};
use model::record::Parts;
use model::seal::{PublicKey, SealingKey, Signature, SigningKey, pae};
use serde::{Deserialize, Serialize};

const HELLO: &str = "entente/hello/1";
/// The versions of the link's protocol that this program speaks.
pub const VERSIONS: &str = "1";
/// What this program can do beyond the first version: words, separated by spaces.
pub const DOES: &str = "returns";

/// How a node presents itself on the link.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hello {
    /// Its public key; the TLS certificate carries the same.
    pub key: PublicKey,
    /// Its name for people.
    pub name: String,
    /// The life of the numbering of what it keeps for the caller.
    pub epoch: Epoch,
    /// Entries numbered so far for the caller.
    pub size: u64,
    /// Of these, entries that the caller's receipts cover: receipts after this place are owed.
    pub receipted: u64,
    /// How far it has read what the caller keeps for it; `None` before the first batch.
    pub have: Option<Have>,
    /// Protocol versions, separated by spaces.
    pub versions: String,
    /// How many entries it takes ahead of the one that it wants; 512 where it says nothing.
    pub credit: u64,
    /// What files for it are sealed to; older programs do not tell.
    pub hpke: Option<SealingKey>,
    /// What it can do beyond the first version of the protocol: words, separated by spaces.
    pub does: String,
    /// From where on it wants back what it signed and lost: a place that the caller told it, or
    /// `all`. Nothing once it has all, and of who was never restored.
    pub returns: Option<String>,
    /// The number of its last statement about its own keys; 0 of who never made one.
    pub keys: u32,
    /// The number of the last statement about the reader's keys that it knows.
    pub knows: u32,
    /// What it stated about its keys, where no link can be asked for it: in a bundle, once it has
    /// more than its first key.
    pub chain: Option<String>,
}

/// How far an outlet has been read, by who reads it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Have {
    /// The life of the outlet's numbering.
    pub epoch: Epoch,
    /// The number of the next entry that is wanted.
    pub next: u64,
}

impl Hello {
    /// The text.
    #[must_use]
    pub fn write(&self) -> String {
        LineWriter::new(HELLO)
            .line("key", &self.key.to_string())
            .line("name", &self.name)
            .line("epoch", &self.epoch.to_string())
            .line("size", &self.size.to_string())
            .line("receipted", &self.receipted.to_string())
            .maybe("have-epoch", self.have.map(|have| have.epoch.to_string()).as_deref())
            .maybe("have", self.have.map(|have| have.next.to_string()).as_deref())
            .line("versions", &self.versions)
            .line("credit", &self.credit.to_string())
            .maybe("hpke", self.hpke.map(|key| key.to_string()).as_deref())
            .maybe("does", Some(self.does.as_str()).filter(|does| !does.is_empty()))
            .maybe("returns", self.returns.as_deref())
            .maybe("keys", stated(self.keys).as_deref())
            .maybe("knows", stated(self.knows).as_deref())
            .maybe("chain", self.chain.as_ref().map(|text| BASE64_STANDARD.encode(text)).as_deref())
            .finish()
    }

    /// Reads a hello; lines of newer versions may follow.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, HELLO)?;
        let hello = Self {
            key: lines.parsed("key")?,
            name: lines.required("name")?.to_owned(),
            epoch: lines.parsed("epoch")?,
            size: lines.parsed("size")?,
            receipted: lines.parsed("receipted")?,
            have: match lines.optional_parsed("have-epoch")? {
                Some(epoch) => Some(Have { epoch, next: lines.parsed("have")? }),
                None => None,
            },
            versions: lines.required("versions")?.to_owned(),
            // In any order: whoever appends lines need not know of those that others append.
            credit: match appended(lines.rest(), "credit") {
                Some(number) => number.parse().map_err(|_| ReadLinesError::Value("credit"))?,
                None => LINK_AHEAD_MAX,
            },
            hpke: match appended(lines.rest(), "hpke") {
                Some(key) => Some(key.parse().map_err(|_| ReadLinesError::Value("hpke"))?),
                None => None,
            },
            does: appended(lines.rest(), "does").unwrap_or_default().to_owned(),
            returns: appended(lines.rest(), "returns").map(str::to_owned),
            keys: number(lines.rest(), "keys")?,
            knows: number(lines.rest(), "knows")?,
            chain: appended(lines.rest(), "chain").map(chain).transpose()?,
        };
        if valid_name(&hello.name) { Ok(hello) } else { Err(ReadLinesError::Value("name")) }
    }
}

fn chain(encoded: &str) -> Result<String, ReadLinesError> {
    let text = BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or(ReadLinesError::Value("chain"))
}

/// The number of a statement, where there is one.
fn stated(number: u32) -> Option<String> {
    (number > 0).then(|| number.to_string())
}

fn number(rest: &str, key: &'static str) -> Result<u32, ReadLinesError> {
    appended(rest, key)
        .map_or(Ok(0), |number| number.parse().map_err(|_| ReadLinesError::Value(key)))
}

/// The value of a line that newer versions append.
fn appended<'a>(rest: &'a str, key: &str) -> Option<&'a str> {
    rest.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
}

#[derive(Serialize)]
struct RecordLine<'a> {
    o: u64,
    hop: u8,
    head: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b64: Option<String>,
    salt: String,
    sig: String,
}

/// One record's line: offset, hops so far, header, body, salt, signature.
#[must_use]
pub(crate) fn record_line(offset: u64, hop: u8, parts: &Parts) -> Vec<u8> {
    let text = std::str::from_utf8(&parts.body).ok();
    let line = RecordLine {
        o: offset,
        hop,
        head: &parts.head,
        body: text,
        b64: text.is_none().then(|| BASE64_STANDARD.encode(&parts.body)),
        salt: BASE64_STANDARD.encode(parts.salt),
        sig: BASE64_STANDARD.encode(parts.signature.as_bytes()),
    };
    serde_json::to_vec(&line).unwrap_or_default()
}

/// The line of an entry whose record is erased or no longer released: its leaf alone.
#[must_use]
pub(crate) fn gone_line(offset: u64, leaf: &Digest) -> Vec<u8> {
    format!(r#"{{"o":{offset},"gone":"{leaf}"}}"#).into_bytes()
}

/// The last line of a batch: the signed checkpoint over everything up to here.
#[must_use]
pub(crate) fn checkpoint_line(note: &str) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({ "checkpoint": note })).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyLine {
    o: Option<u64>,
    hop: Option<u8>,
    head: Option<String>,
    body: Option<String>,
    b64: Option<String>,
    salt: Option<String>,
    sig: Option<String>,
    gone: Option<String>,
    checkpoint: Option<String>,
}

/// One line of a batch, read but unproven.
#[derive(Debug)]
pub enum ReadLine {
    /// A record.
    Record {
        /// Its number.
        offset: u64,
        /// Hops so far, this one included.
        hop: u8,
        /// The record.
        parts: Parts,
    },
    /// An entry without its record.
    Gone {
        /// Its number.
        offset: u64,
        /// Its leaf.
        leaf: Digest,
    },
    /// The end of the batch.
    Checkpoint(String),
}

/// Reads one line; `None` when it follows no form.
#[must_use]
pub fn read_line(line: &[u8]) -> Option<ReadLine> {
    let line: AnyLine = serde_json::from_slice(line).ok()?;
    if let Some(note) = line.checkpoint {
        return (note.len() <= NOTE_BYTES_MAX).then_some(ReadLine::Checkpoint(note));
    }
    let offset = line.o?;
    if let Some(leaf) = line.gone {
        return Some(ReadLine::Gone { offset, leaf: leaf.parse().ok()? });
    }
    let body = match (line.body, line.b64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(encoded)) => BASE64_STANDARD.decode(encoded).ok()?,
        (None, None) | (Some(_), Some(_)) => return None,
    };
    let salt = BASE64_STANDARD.decode(line.salt?).ok()?.try_into().ok()?;
    let signature = Signature::from_slice(&BASE64_STANDARD.decode(line.sig?).ok()?)?;
    let parts = Parts { head: line.head?, body, salt, signature };
    Some(ReadLine::Record { offset, hop: line.hop?, parts })
}

/// The answer to a batch: the cosigned checkpoint, and the records refused with their reasons.
/// Whatever is not listed was applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Receipt {
    /// The checkpoint, cosigned by the receiver.
    pub checkpoint: String,
    /// Entries of this batch that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedEntry>,
    /// The receiver's signature over the cosigned note and the results, so that neither can be
    /// shown without the other: DSSE of `RECEIPT_TYPE`, base64.
    pub sig: String,
}

/// The DSSE payload type of a receipt.
pub const RECEIPT_TYPE: &str = "application/vnd.entente.receipt.v1";
/// Bytes of one refusal's reason that are kept.
const REASON_BYTES_MAX: usize = 512;

/// One refused entry.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefusedEntry {
    /// Its number.
    pub o: u64,
    /// A stable code and a sentence.
    pub reason: String,
}

impl Receipt {
    /// Signs the results of a batch together with the cosigned checkpoint.
    #[must_use]
    pub fn sign(checkpoint: String, refused: Vec<RefusedEntry>, key: &SigningKey) -> Self {
        let mut receipt = Self { checkpoint, refused, sig: String::new() };
        receipt.sig = BASE64_STANDARD.encode(key.sign(&receipt.signed()).as_bytes());
        receipt
    }

    /// Whether this key signed the results.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let bytes = BASE64_STANDARD.decode(&self.sig).ok();
        let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes));
        signature.is_some_and(|signature| key.verify(&self.signed(), &signature).is_ok())
    }

    /// What is signed: the note, then a line `number reason` for each refusal.
    fn signed(&self) -> Vec<u8> {
        let lines = self.refused.iter().map(|entry| format!("{} {}\n", entry.o, entry.reason));
        let results: String = lines.collect();
        pae(RECEIPT_TYPE, &[self.checkpoint.as_bytes(), b"\n", results.as_bytes()])
    }

    /// The text that travels and is kept.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Entries that the checkpoint covers; proven only where the cosignature is.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.checkpoint.lines().nth(1)?.parse().ok()
    }

    /// The root of the tree over those entries; proven only where the cosignature is.
    #[must_use]
    pub fn root(&self) -> Option<Digest> {
        Digest::from_slice(&BASE64_STANDARD.decode(self.checkpoint.lines().nth(2)?).ok()?)
    }

    /// Reads a receipt.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let receipt: Self = serde_json::from_str(text).ok()?;
        let short = |entry: &RefusedEntry| {
            entry.reason.len() <= REASON_BYTES_MAX && !entry.reason.contains('\n')
        };
        let bounded = receipt.refused.len() <= BATCH_RECORDS_MAX * 10
            && receipt.checkpoint.len() <= NOTE_BYTES_MAX
            && receipt.refused.iter().all(short);
        bounded.then_some(receipt)
    }
}
