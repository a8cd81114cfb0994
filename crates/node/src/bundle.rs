//! The link by file: what a bundle says of itself, and what of it is new here. The batches in it are
//! those of the link, byte for byte, and are applied by the same command.
//!
//! It neither seals nor opens anything, and reads no file: that is the rim's.

use crate::link::{Arrival, Hello};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::circle::valid_name;
use model::id::NodeId;
use model::keys::KeyChain;
use model::lines::{LineReader, LineWriter, ReadLinesError};
use model::seal::{PublicKey, SealingKey, Signature, SigningKey, pae};
use model::time::Instant;
use store::{Reading, StoreError};

const FORM: &str = "entente/bundle/1";
const INTRODUCTION: &str = "entente/introduction/1";
/// The DSSE payload types of what is signed here.
const HELLO_TYPE: &str = "application/vnd.entente.hello.v1";
const INTRODUCTION_TYPE: &str = "application/vnd.entente.introduction.v1";

/// What a bundle holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Holds {
    /// Batches of an outlet.
    Records,
    /// Receipts for such batches.
    Receipts,
}

/// What stands before a bundle's sealed part, for everybody to read. It proves nothing by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// What is inside.
    pub holds: Holds,
    /// Who can open it.
    pub to: NodeId,
    /// Who made it.
    pub from: NodeId,
}

impl Head {
    /// The text; what is sealed is bound to it.
    #[must_use]
    pub fn write(&self) -> String {
        let holds = match self.holds {
            Holds::Records => "records",
            Holds::Receipts => "receipts",
        };
        LineWriter::new(FORM)
            .line("holds", holds)
            .line("to", &self.to.to_string())
            .line("from", &self.from.to_string())
            .finish()
    }

    /// Reads a text that ends after these lines.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let mut lines = LineReader::new(text, FORM)?;
        let holds = match lines.required("holds")? {
            "records" => Holds::Records,
            "receipts" => Holds::Receipts,
            _ => return Err(ReadLinesError::Value("holds")),
        };
        let head = Self { holds, to: lines.parsed("to")?, from: lines.parsed("from")? };
        lines.end()?;
        Ok(head)
    }
}

/// A hello as it stands in a bundle: no TLS proves who says it, so it is signed, for this bundle's
/// reader alone.
#[must_use]
pub fn sign_hello(head: &Head, hello: &Hello, key: &SigningKey) -> String {
    let text = hello.write();
    let signature = key.sign(&pae(HELLO_TYPE, &[head.write().as_bytes(), text.as_bytes()]));
    format!("{text}sig {}\n", BASE64_STANDARD.encode(signature.as_bytes()))
}

/// Reads a bundle's hello and proves that its node says it, to this reader.
///
/// # Errors
/// When it follows no form, or is signed by another than the node that the bundle names.
pub fn read_hello(head: &Head, text: &str) -> Result<Hello, ReadLinesError> {
    let (text, signature) = signed(text)?;
    let hello = Hello::read(text)?;
    let bytes = pae(HELLO_TYPE, &[head.write().as_bytes(), text.as_bytes()]);
    let proven = is_of(&hello, &head.from) && hello.key.verify(&bytes, &signature).is_ok();
    if proven { Ok(hello) } else { Err(ReadLinesError::Value("sig")) }
}

/// Whether a hello names a key of this node: its first one, or a later one that its chain leads to.
fn is_of(hello: &Hello, node: &NodeId) -> bool {
    let Some(chain) = &hello.chain else { return hello.key.node() == *node };
    let chain = KeyChain::read(chain).ok().filter(|chain| chain.node() == *node);
    chain.is_some_and(|chain| chain.last().trusted().any(|key| *key == hello.key))
}

/// How a node makes itself known to another where no link does: by a file, once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Introduction {
    /// Its first key: what its id is made of, and what the six words are made of.
    pub key: PublicKey,
    /// The key that signed this: a later one of the node's, once it changed its key.
    pub by: PublicKey,
    /// The name that it gives itself.
    pub name: String,
    /// What is sealed to for it.
    pub hpke: SealingKey,
    /// All that it stated about its keys, once there is more than the first: it leads to `by`.
    pub chain: Option<KeyChain>,
}

impl Introduction {
    /// The text, signed with the key that it names; with the node's chain once it changed its key.
    #[must_use]
    pub fn write(name: &str, key: &SigningKey, chain: Option<&str>) -> String {
        let text = LineWriter::new(INTRODUCTION)
            .line("key", &key.public().to_string())
            .line("name", name)
            .line("hpke", &key.sealing().to_string())
            .maybe("chain", chain.map(|chain| BASE64_STANDARD.encode(chain)).as_deref())
            .finish();
        let signature = key.sign(&pae(INTRODUCTION_TYPE, &[text.as_bytes()]));
        format!("{text}sig {}\n", BASE64_STANDARD.encode(signature.as_bytes()))
    }

    /// Reads one and checks its signature: whose key it is, people must compare.
    ///
    /// # Errors
    /// When it follows no form, or is not signed with the key that it names.
    pub fn read(text: &str) -> Result<Self, ReadLinesError> {
        let (text, signature) = signed(text)?;
        let mut lines = LineReader::new(text, INTRODUCTION)?;
        let by: PublicKey = lines.parsed("key")?;
        let name = lines.required("name")?.to_owned();
        let hpke = lines.parsed("hpke")?;
        let chain = match lines.optional("chain") {
            Some(encoded) => Some(leads_to(&by, encoded).ok_or(ReadLinesError::Value("chain"))?),
            None => None,
        };
        lines.end()?;
        let key = chain.as_ref().map_or(by, KeyChain::first);
        let introduction = Self { key, by, name, hpke, chain };
        if !valid_name(&introduction.name) {
            return Err(ReadLinesError::Value("name"));
        }
        let bytes = pae(INTRODUCTION_TYPE, &[text.as_bytes()]);
        let proven = introduction.by.verify(&bytes, &signature).is_ok();
        if proven { Ok(introduction) } else { Err(ReadLinesError::Value("sig")) }
    }
}

/// The chain of keys in this text, if it holds and counts this key among those that sign.
fn leads_to(key: &PublicKey, encoded: &str) -> Option<KeyChain> {
    let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let chain = KeyChain::read(&text).ok()?;
    let counts = chain.last().trusted().any(|trusted| trusted == key);
    counts.then_some(chain)
}

/// The lines before the last one, and the signature in that.
fn signed(text: &str) -> Result<(&str, Signature), ReadLinesError> {
    let missing = ReadLinesError::Missing("sig");
    let above = text.strip_suffix('\n').and_then(|text| text.rfind('\n')).ok_or(missing.clone())?;
    let (lines, last) = text.split_at_checked(above.saturating_add(1)).ok_or(missing.clone())?;
    let encoded = last.strip_prefix("sig ").ok_or(missing)?.trim_end_matches('\n');
    let bytes = BASE64_STANDARD.decode(encoded).ok();
    let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes));
    Ok((lines, signature.ok_or(ReadLinesError::Value("sig"))?))
}

/// What files for a partner are sealed to, if it ever told.
///
/// # Errors
/// When the store cannot be read.
pub fn sealing_key(
    reading: &Reading<'_>,
    partner: &NodeId,
) -> Result<Option<SealingKey>, StoreError> {
    reading.sealing_key(partner)
}

/// Whether a key that a partner tells is to be kept in place of what is known.
///
/// # Errors
/// When the store cannot be read.
pub fn is_other_sealing_key(
    reading: &Reading<'_>,
    partner: &NodeId,
    key: &SealingKey,
    now: Instant,
) -> Result<bool, StoreError> {
    reading.is_other_sealing_key(partner, key, now)
}

/// What of a batch out of a file is new to who has read up to a number. A file cannot be asked to go
/// on where its reader is: bundles overlap, and batches in them.
#[derive(Debug)]
pub enum Portion {
    /// Nothing: all of it was read before.
    Known,
    /// These entries.
    New(Arrival),
    /// Entries are missing before it: from the first of these numbers up to the second.
    Gap(u64, u64),
}

impl Portion {
    /// Cuts a batch for who wants entry `next`.
    #[must_use]
    pub fn of(mut batch: Arrival, next: u64) -> Self {
        let first = batch.lines.first().map_or(next, |line| line.offset);
        if first > next {
            return Self::Gap(next, first);
        }
        batch.lines.retain(|line| line.offset >= next);
        if batch.lines.is_empty() { Self::Known } else { Self::New(batch) }
    }
}

#[cfg(test)]
mod tests;
