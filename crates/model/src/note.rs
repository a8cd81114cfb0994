//! Signed notes, checkpoints and cosignatures: the text that both sides of a link sign.
//! It proves what was said; what to believe of it is decided elsewhere.
//!
//! SPEC: C2SP signed-note, tlog-checkpoint and tlog-cosignature (v1).

use crate::id::Digest;
use crate::keys::KeySet;
use crate::limits::{NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::seal::{PublicKey, Signature, SigningKey, sha256};
use crate::time::Instant;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

const ED25519: u8 = 0x01;
const COSIGNATURE: u8 = 0x04;

/// The head of an outlet: its name, how many entries it has, and the root over them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// `entente/<sender>/<receiver>/<epoch>`.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// RFC 6962 root over the entries' leaves.
    pub root: Digest,
}

/// Why a note is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoteError {
    /// It is no signed note with a checkpoint.
    #[error("not a signed checkpoint")]
    Form,
    /// No line carries a valid signature of the wanted key.
    #[error("no valid signature of the expected key")]
    Unsigned,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn write(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            BASE64_STANDARD.encode(self.root.as_bytes())
        )
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = Digest::from_slice(&BASE64_STANDARD.decode(root).ok()?)?;
        let checkpoint = Self { origin: origin.to_owned(), size: size.parse().ok()?, root };
        (checkpoint.write() == text).then_some(checkpoint)
    }

    /// Signs: the note that the sender ends a batch with.
    #[must_use]
    pub fn sign(&self, name: &str, key: &SigningKey) -> String {
        let text = self.write();
        let signature = key.sign(text.as_bytes());
        let line = signature_line(name, &key.public(), ED25519, signature.as_bytes());
        format!("{text}\n{line}")
    }

    /// Countersigns at `now`: the receiver's receipt for everything up to this size.
    #[must_use]
    pub fn cosign(&self, name: &str, key: &SigningKey, now: Instant) -> String {
        let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or(0);
        let text = self.write();
        let signature = key.sign(cosigned(&text, seconds).as_bytes());
        let mut bytes = seconds.to_be_bytes().to_vec();
        bytes.extend_from_slice(signature.as_bytes());
        let line = signature_line(name, &key.public(), COSIGNATURE, &bytes);
        format!("{text}\n{line}")
    }

    /// Reads a note and checks that `key` signed it.
    ///
    /// # Errors
    /// When it is no checkpoint, or no line is a valid signature of this key.
    pub fn verify(note: &str, key: &PublicKey) -> Result<Self, NoteError> {
        Self::checked(note, |text, bytes| {
            let bytes = strip_key(bytes, key, ED25519)?;
            key.verify(text.as_bytes(), &Signature::from_slice(bytes)?).ok()
        })
        .map(|(checkpoint, ())| checkpoint)
    }

    /// Reads a note and checks that `key` countersigned it; gives the countersigner's time.
    ///
    /// # Errors
    /// When it is no checkpoint, or no line is a valid cosignature of this key.
    pub fn verify_cosigned(note: &str, key: &PublicKey) -> Result<(Self, Instant), NoteError> {
        Self::checked(note, |text, bytes| {
            let (time, signature) = strip_key(bytes, key, COSIGNATURE)?.split_at_checked(8)?;
            let seconds = u64::from_be_bytes(time.try_into().ok()?);
            let signature = Signature::from_slice(signature)?;
            key.verify(cosigned(text, seconds).as_bytes(), &signature).ok()?;
            Some(Instant::from_micros(0).plus_seconds(i64::try_from(seconds).ok()?))
        })
    }

    /// Reads a note and checks that one of a node's keys signed it.
    ///
    /// # Errors
    /// As [`Checkpoint::verify`].
    pub fn verify_any<'k>(
        note: &str,
        keys: impl Iterator<Item = &'k PublicKey>,
    ) -> Result<Self, NoteError> {
        KeySet::tried(keys, |key| Self::verify(note, key), NoteError::Unsigned)
    }

    /// Reads a note and checks that one of a node's keys countersigned it.
    ///
    /// # Errors
    /// As [`Checkpoint::verify_cosigned`].
    pub fn verify_cosigned_any<'k>(
        note: &str,
        keys: impl Iterator<Item = &'k PublicKey>,
    ) -> Result<(Self, Instant), NoteError> {
        KeySet::tried(keys, |key| Self::verify_cosigned(note, key), NoteError::Unsigned)
    }

    fn checked<T>(
        note: &str,
        check: impl Fn(&str, &[u8]) -> Option<T>,
    ) -> Result<(Self, T), NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Form);
        }
        let (text, signatures) = note.split_once("\n\n").ok_or(NoteError::Form)?;
        let text = format!("{text}\n");
        let checkpoint = Self::read(&text).ok_or(NoteError::Form)?;
        signatures
            .lines()
            .take(NOTE_SIGNATURES_MAX)
            .filter_map(|line| line.strip_prefix("\u{2014} ")?.rsplit_once(' '))
            .filter_map(|(_, encoded)| BASE64_STANDARD.decode(encoded).ok())
            .find_map(|bytes| check(&text, &bytes))
            .map(|value| (checkpoint, value))
            .ok_or(NoteError::Unsigned)
    }
}

/// SPEC: C2SP tlog-cosignature: `cosignature/v1`, `time N`, then the checkpoint.
fn cosigned(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// The key's id is taken over an empty name, so that renaming a node breaks no proof.
fn key_id(key: &PublicKey, algorithm: u8) -> [u8; 4] {
    let digest = sha256(&[b"\n", &[algorithm], key.as_bytes()]);
    let mut id = [0; 4];
    id.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    id
}

fn strip_key<'a>(bytes: &'a [u8], key: &PublicKey, algorithm: u8) -> Option<&'a [u8]> {
    bytes.strip_prefix(&key_id(key, algorithm))
}

fn signature_line(name: &str, key: &PublicKey, algorithm: u8, signature: &[u8]) -> String {
    let mut bytes = key_id(key, algorithm).to_vec();
    bytes.extend_from_slice(signature);
    let name: String =
        name.chars().map(|c| if c.is_whitespace() || c == '+' { '-' } else { c }).collect();
    format!("\u{2014} {name} {}\n", BASE64_STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests;
