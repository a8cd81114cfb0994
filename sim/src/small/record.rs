//! Records, what is posted to become one, and the bytes that readers see of one.
//!
//! It deliberately has no signature and no body beyond a canary: a word that occurs nowhere else.

use super::label::{Label, Marking};
use std::fmt;

/// One signed statement. Its identity is (signer, circle, thing, version, intake): rule A.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) signer: u8,
    pub(super) circle: u8,
    pub(super) thing: u32,
    pub(super) version: u8,
    pub(super) intake: u64,
    pub(super) label: Label,
    pub(super) refs: Vec<u32>,
    pub(super) canary: u64,
    /// Whose submission it was; known at the signer only, never in bytes.
    pub(super) by: u8,
}

/// What a reader gets of a record.
impl fmt::Display for Record {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, signer, circle, thing, version, intake, label, refs, canary, by: _ } = self;
        write!(out, "{id:016x} signer {signer} circle {circle} thing {thing} v{version} ")?;
        write!(out, "intake {intake:x} {label:?} refs {refs:?} {}", Canary(*canary))
    }
}

/// A canary as it stands in bytes.
pub(super) struct Canary(pub(super) u64);

impl fmt::Display for Canary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "canary:{:016x}", self.0)
    }
}

/// All canaries that occur in these bytes.
pub(super) fn canaries(bytes: &str) -> Vec<u64> {
    let found = bytes.split("canary:").skip(1);
    found
        .filter_map(|rest| rest.get(..16))
        .filter_map(|hex| u64::from_str_radix(hex, 16).ok())
        .collect()
}

/// One object as posted.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) circle: u8,
    pub(super) thing: u32,
    pub(super) version: u8,
    pub(super) marking: Marking,
    pub(super) refs: Vec<u32>,
    pub(super) canary: u64,
}

/// One submission: its objects are accepted together and answered together.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) submitter: u8,
    pub(super) items: Vec<Item>,
    /// Only in the twin world.
    pub(super) secret: bool,
}

/// The answer to one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Signed with this label.
    Accepted(Label),
    /// The same submitter had submitted it.
    Duplicate,
}
