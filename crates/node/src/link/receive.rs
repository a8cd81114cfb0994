//! A partner's batch, read and proven as far as the keys at hand allow, on any thread. Nothing is
//! decided here: the writer does that, in `arrive`.

use super::wire::{ReadLine, read_line};
use crate::rebuild::facts_of;
use crate::values::Values;
use formats::problem::Problem;
use model::facts::Facts;
use model::id::{Digest, NodeId};
use model::keys::{KeyChain, KeySet};
use model::kind::KEYS;
use model::limits::{BATCH_RECORDS_MAX, BATCH_WIRE_BYTES_MAX};
use model::record::{self, Parts, Sealed, Unproven, VerifyError};
use std::collections::BTreeMap;

/// A partner's batch, ready for the writer.
#[derive(Debug)]
pub struct Arrival {
    /// From whom, as the TLS certificate proved.
    pub partner: NodeId,
    /// The entries in order.
    pub lines: Vec<Line>,
    /// The signed checkpoint at the end.
    pub checkpoint: String,
}

/// One entry of a batch.
#[derive(Debug)]
pub struct Line {
    /// Its number.
    pub offset: u64,
    /// Its leaf in the outlet's tree.
    pub leaf: Digest,
    /// Hops so far, this one included.
    pub hop: u8,
    /// The record.
    pub content: Content,
}

/// How far a record has been proven.
#[derive(Debug)]
pub enum Content {
    /// Signature checked, facts read.
    Verified(Box<Ready>),
    /// The signer's key was not at hand, or none of its keys as of this statement fits; an earlier
    /// record of the same batch may bring another.
    Unverified(Box<Unproven>, Option<u32>),
    /// Refused already.
    Refused(Problem),
    /// The sender no longer has it, or no longer releases it.
    Gone,
}

/// A proven record and what its body says.
#[derive(Debug)]
pub struct Ready {
    /// The record.
    pub sealed: Sealed,
    /// What the body says.
    pub facts: Facts,
    /// Observable values in normal form.
    pub values: Values,
}

impl Ready {
    /// Reads the body of a proven record; header and body must speak of the same thing.
    ///
    /// # Errors
    /// When the body cannot be read as the kind that the header names.
    pub fn read(sealed: Sealed) -> Result<Self, Problem> {
        let header = sealed.header();
        if !header.thing.kind.is_stix() {
            let facts = facts_of(&header.thing, sealed.body()).facts;
            return Ok(Self { sealed, facts, values: Values::default() });
        }
        let read = formats::stix::read(sealed.body())?;
        if read.thing != header.thing {
            return Err(Problem::error("E-LINK-011", "header and body name different things"));
        }
        if read.version.as_ref().is_some_and(|version| *version != header.version) {
            return Err(Problem::error("E-LINK-012", "header and body name different versions"));
        }
        Ok(Self { values: Values::of(&read.facts), facts: read.facts, sealed })
    }
}

/// Reads a batch's bytes and proves every record whose signer's key is in `keys`.
///
/// # Errors
/// When a line follows no form, offsets are not dense, the checkpoint is missing, or a bound is
/// exceeded: then the whole batch is refused without a change of state.
pub fn prepare(
    partner: NodeId,
    bytes: &[u8],
    keys: &BTreeMap<NodeId, KeySet>,
) -> Result<Arrival, Problem> {
    let form = |message: &str| Problem::error("E-LINK-001", message.to_owned());
    if bytes.len() > BATCH_WIRE_BYTES_MAX {
        return Err(form("the batch is larger than the protocol allows"));
    }
    let mut arrival = Arrival { partner, lines: Vec::new(), checkpoint: String::new() };
    for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        if !arrival.checkpoint.is_empty() {
            return Err(form("a line follows the checkpoint"));
        }
        let line = match read_line(line).ok_or_else(|| form("a line follows no known form"))? {
            ReadLine::Checkpoint(note) => {
                arrival.checkpoint = note;
                continue;
            }
            ReadLine::Gone { offset, leaf } => {
                Line { offset, leaf, hop: 0, content: Content::Gone }
            }
            ReadLine::Record { offset, hop, parts } => prove(offset, hop, parts, keys),
        };
        let dense =
            arrival.lines.last().is_none_or(|last| last.offset.checked_add(1) == Some(line.offset));
        if !dense || arrival.lines.len() >= BATCH_RECORDS_MAX {
            return Err(form("the entries are not numbered densely, or too many"));
        }
        arrival.lines.push(line);
    }
    if arrival.checkpoint.is_empty() || arrival.lines.is_empty() {
        return Err(form("the batch has no checkpoint or no entries"));
    }
    Ok(arrival)
}

fn prove(offset: u64, hop: u8, parts: Parts, keys: &BTreeMap<NodeId, KeySet>) -> Line {
    let leaf = record::leaf(&parts.salt, &parts.head, &parts.body);
    let content = match parts.read() {
        Err(error) => Content::Refused(Problem::error("E-LINK-010", format!("header: {error}"))),
        Ok(record) if record.header().thing.kind.as_str() == KEYS => by_its_own_chain(record),
        Ok(record) => match keys.get(&record.header().signer) {
            None => Content::Unverified(Box::new(record), None),
            Some(keys) => match record.verify_by(keys) {
                Ok(sealed) => read(sealed),
                // By a key perhaps that is not known yet.
                Err(unprovable) if matches!(unprovable.error, VerifyError::Signature(_)) => {
                    Content::Unverified(Box::new(unprovable.record), Some(keys.number))
                }
                Err(unprovable) => Content::Refused(unproven(&unprovable.error)),
            },
        },
    };
    Line { offset, leaf, hop, content }
}

/// A record that carries its signer's chain of keys is proven by that: the chain begins with the key
/// that the signer's id is made of, so that a new key needs no other to be believed.
fn by_its_own_chain(record: Unproven) -> Content {
    let text = std::str::from_utf8(record.body()).unwrap_or_default();
    let chain = match KeyChain::read(text) {
        Ok(chain) => chain,
        Err(error) => return Content::Refused(Problem::error(error.code(), error.to_string())),
    };
    match record.verify_held(chain.last()) {
        Ok(sealed) => read(sealed),
        Err(error) => Content::Refused(unproven(&error)),
    }
}

/// Why a record is not taken, under the code of a key that counts no more where it is one.
pub(super) fn unproven(error: &VerifyError) -> Problem {
    let code = match error {
        VerifyError::Revoked => "E-KEY-003",
        VerifyError::Ended => "E-KEY-001",
        VerifyError::Header(_)
        | VerifyError::BodyTooLarge
        | VerifyError::OtherSigner
        | VerifyError::Signature(_) => "E-LINK-013",
    };
    Problem::error(code, error.to_string())
}

/// A record that none of its signer's keys proves.
pub(super) fn unproven_yet() -> Problem {
    unproven(&VerifyError::Signature(model::seal::BadSignature))
}

/// Checks a record with its signer's keys and reads its body.
pub(super) fn proven(record: Unproven, keys: &KeySet) -> Content {
    match record.verify_by(keys) {
        Ok(sealed) => read(sealed),
        Err(unprovable) => Content::Refused(unproven(&unprovable.error)),
    }
}

fn read(sealed: Sealed) -> Content {
    match Ready::read(sealed) {
        Ok(ready) => Content::Verified(Box::new(ready)),
        Err(problem) => Content::Refused(problem),
    }
}
