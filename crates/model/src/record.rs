//! A record: header, body bytes as received, salt and signature. Nothing here re-serialises a body.
//!
//! The sealed bytes of a record are its header's text, an empty line, and the body. The digest is
//! SHA-256 over them, the leaf SHA-256 over salt and them, the signature DSSE over them.

use crate::id::{CircleId, Digest, IntakeId, NodeId, ThingId};
use crate::keys::KeySet;
use crate::kind::Kind;
use crate::label::Label;
use crate::limits::{
    BODY_BYTES_MAX, HEADER_BYTES_MAX, HOPS_MAX, RECIPIENTS_MAX, VERSION_BYTES_MAX,
};
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::seal::{self, BadSignature, PublicKey, Signature, SigningKey};
use crate::time::Instant;
use std::collections::BTreeSet;

/// The DSSE payload type of a record.
pub const PAYLOAD_TYPE: &str = "application/vnd.entente.record.v1";
const FORM: &str = "entente/record/1";

/// Whether the signer stands for the body or only brings it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Authorship {
    /// The signer made the body.
    Wrote,
    /// A tool posted it or a source was pulled; the intake says which, opaquely.
    Carries(IntakeId),
}

/// What is signed about a body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// The node whose key signed.
    pub signer: NodeId,
    /// Wrote or carries.
    pub authorship: Authorship,
    /// What the record is about.
    pub thing: ThingId,
    /// The thing's natural version text (STIX `modified`), else a digest of the body.
    pub version: String,
    /// When the signer signed, by its own clock.
    pub signed: Instant,
    /// The restrictions, circle included.
    pub label: Label,
    /// Lines that a newer version of the form may add; kept, and read as an unknown marking.
    pub extra: String,
}

/// A header that does not follow the form.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadHeaderError {
    /// A line is missing, misplaced or unreadable.
    #[error(transparent)]
    Lines(#[from] ReadLinesError),
    /// It reads, but it is not spelt the one way it is written.
    #[error("not in canonical form")]
    NotCanonical,
    /// It exceeds a bound of `limits`.
    #[error("too large: {0}")]
    TooLarge(&'static str),
}

impl Header {
    /// Prints the one canonical text.
    #[must_use]
    pub fn write(&self) -> String {
        let label = &self.label;
        let how = match self.authorship {
            Authorship::Wrote => "wrote".to_owned(),
            Authorship::Carries(intake) => format!("carries {intake}"),
        };
        let to = label.to.as_ref().map(|to| {
            let names: Vec<String> = to.iter().map(NodeId::to_string).collect();
            if names.is_empty() { "nobody".to_owned() } else { names.join(",") }
        });
        let text = LineWriter::new(FORM)
            .line("signer", &self.signer.to_string())
            .line("how", &how)
            .line("circle", &label.circle.to_string())
            .line("kind", self.thing.kind.as_str())
            .line("thing", &self.thing.uuid.to_string())
            .line("version", &self.version)
            .line("signed", &self.signed.to_string())
            .line("tlp", label.tlp.as_str())
            .maybe("to", to.as_deref())
            .line("hops", &label.hops.to_string())
            .flag("personal", label.personal)
            .flag("hide-source", label.hide_source)
            .maybe("embargo", label.embargo.map(|at| at.to_string()).as_deref())
            .flag("unknown", label.unknown)
            .maybe("pap", label.pap.map(crate::label::Pap::as_str));
        text.finish() + &self.extra
    }

    /// Reads a header and refuses any spelling but the canonical one.
    ///
    /// # Errors
    /// When a line is missing or unreadable, a bound is exceeded, or printing gives other bytes.
    pub fn read(text: &str) -> Result<Self, ReadHeaderError> {
        if text.len() > HEADER_BYTES_MAX {
            return Err(ReadHeaderError::TooLarge("header"));
        }
        let header = Self::read_lines(text)?;
        if header.version.is_empty() || header.version.len() > VERSION_BYTES_MAX {
            return Err(ReadHeaderError::TooLarge("version"));
        }
        if header.label.hops > HOPS_MAX {
            return Err(ReadHeaderError::TooLarge("hops"));
        }
        // Lines that we do not know are no part of our own spelling: the label stays as written.
        if header.write() == text { Ok(header) } else { Err(ReadHeaderError::NotCanonical) }
    }

    fn read_lines(text: &str) -> Result<Self, ReadHeaderError> {
        let mut lines = LineReader::new(text, FORM)?;
        let signer = lines.parsed("signer")?;
        let authorship = read_authorship(lines.required("how")?)?;
        let circle: CircleId = lines.parsed("circle")?;
        let kind: Kind = lines.parsed("kind")?;
        let uuid = crate::id::canonical_uuid(lines.required("thing")?)
            .ok_or(ReadLinesError::Value("thing"))?;
        let version = lines.required("version")?.to_owned();
        let signed = lines.parsed("signed")?;
        let tlp = lines.parsed("tlp")?;
        let to = lines.optional("to").map(read_recipients).transpose()?;
        let label = Label {
            tlp,
            circle,
            to,
            hops: lines.parsed("hops")?,
            personal: lines.flag("personal"),
            hide_source: lines.flag("hide-source"),
            embargo: lines.optional_parsed("embargo")?,
            unknown: lines.flag("unknown"),
            pap: lines.optional_parsed("pap")?,
        };
        let extra = lines.rest().to_owned();
        // An empty line ends the header: one inside it would let a body's beginning pass for it.
        let broken = !extra.ends_with('\n') || extra.starts_with('\n') || extra.contains("\n\n");
        if !extra.is_empty() && broken {
            return Err(ReadLinesError::Trailing.into());
        }
        Ok(Self {
            signer,
            authorship,
            thing: ThingId { kind, uuid },
            version,
            signed,
            label,
            extra,
        })
    }

    /// The label that release goes by: lines from a newer version make it RED without hops.
    #[must_use]
    pub fn effective_label(&self) -> Label {
        Label { unknown: self.label.unknown || !self.extra.is_empty(), ..self.label.clone() }
    }
}

fn read_authorship(text: &str) -> Result<Authorship, ReadLinesError> {
    match text.split_once(' ') {
        None if text == "wrote" => Ok(Authorship::Wrote),
        Some(("carries", intake)) => {
            intake.parse().map(Authorship::Carries).map_err(|_| ReadLinesError::Value("how"))
        }
        _ => Err(ReadLinesError::Value("how")),
    }
}

fn read_recipients(text: &str) -> Result<BTreeSet<NodeId>, ReadHeaderError> {
    if text == "nobody" {
        return Ok(BTreeSet::new());
    }
    let to: Result<BTreeSet<NodeId>, _> = text.split(',').map(str::parse).collect();
    let to = to.map_err(|_| ReadLinesError::Value("to"))?;
    if to.len() > RECIPIENTS_MAX { Err(ReadHeaderError::TooLarge("to")) } else { Ok(to) }
}

/// A record before it is signed: only its signer has one.
#[derive(Clone, Debug)]
pub struct Unsealed {
    /// What will be signed about the body.
    pub header: Header,
    /// The body, exactly as received.
    pub body: Vec<u8>,
}

impl Unsealed {
    /// Signs; `salt` is 16 random bytes that keep the leaf from being guessed.
    #[must_use]
    pub fn seal(self, key: &SigningKey, salt: [u8; 16]) -> Sealed {
        let head = self.header.write();
        let signature = key.sign(&seal::pae(PAYLOAD_TYPE, &[head.as_bytes(), b"\n", &self.body]));
        Sealed { header: self.header, head, body: self.body, salt, signature }
    }
}

/// A record whose signature was made here or checked: nothing else makes one.
#[derive(Clone, Debug)]
pub struct Sealed {
    header: Header,
    head: String,
    body: Vec<u8>,
    salt: [u8; 16],
    signature: Signature,
}

/// Why bytes from outside are no record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum VerifyError {
    /// The header does not follow the form.
    #[error("header: {0}")]
    Header(#[from] ReadHeaderError),
    /// The body is larger than `BODY_BYTES_MAX`.
    #[error("body larger than {BODY_BYTES_MAX} bytes")]
    BodyTooLarge,
    /// The key is not the signer's.
    #[error("the key at hand is not the signer's")]
    OtherSigner,
    /// A key signed that its node has revoked: only what was held before still counts.
    #[error("E-KEY-003: signed by a key that its node has revoked")]
    Revoked,
    /// A key signed after its node had changed to another.
    #[error("E-KEY-001: signed by a key that had ended")]
    Ended,
    /// The signature does not fit.
    #[error(transparent)]
    Signature(#[from] BadSignature),
}

/// A record's parts as they travel or lie on disk, unproven.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The header's text.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The signer's signature.
    pub signature: Signature,
}

impl Parts {
    /// Reads the header, to learn whose key to check with.
    ///
    /// # Errors
    /// When it does not follow the form.
    pub fn read(self) -> Result<Unproven, ReadHeaderError> {
        Ok(Unproven { header: Header::read(&self.head)?, parts: self })
    }

    /// Checks form, bounds and signature of what is held already: a revoked key counts too.
    ///
    /// # Errors
    /// When any of them does not hold.
    pub fn verify_held(self, keys: &KeySet) -> Result<Sealed, VerifyError> {
        self.read()?.verify_held(keys)
    }

    /// Checks form, bounds and signature of what comes today.
    ///
    /// # Errors
    /// When any of them does not hold, or the key that signed counts no more.
    pub fn verify_by(self, keys: &KeySet) -> Result<Sealed, VerifyError> {
        self.read()?.verify_by(keys).map_err(|unprovable| unprovable.error)
    }
}

/// A record whose header reads; nothing about it is proven.
#[derive(Clone, Debug)]
pub struct Unproven {
    header: Header,
    parts: Parts,
}

impl Unproven {
    /// What is claimed about the body.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The body, as claimed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.parts.body
    }

    /// Bytes of header and body.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.parts.head.len() + self.parts.body.len()
    }

    /// Checks bounds and signature with every key that the signer ever had: for what is held already.
    ///
    /// # Errors
    /// When any of them does not hold.
    pub fn verify_held(self, keys: &KeySet) -> Result<Sealed, VerifyError> {
        self.signed_by(keys.ever())?;
        Ok(self.sealed())
    }

    /// Checks bounds and signature of what comes today: by the signer's key, or by a former one for
    /// what was signed before that ended.
    ///
    /// # Errors
    /// When any of them does not hold, or the key that signed counts no more; with the record, which
    /// another key may prove.
    pub fn verify_by(self, keys: &KeySet) -> Result<Sealed, Box<Unprovable>> {
        let counts = self.signed_by(keys.ever()).and_then(|key| {
            let proves = keys.proving(self.header.signed).any(|proving| *proving == key);
            match keys.revoked(&key) {
                Some(_) => Err(VerifyError::Revoked),
                None if proves => Ok(()),
                None => Err(VerifyError::Ended),
            }
        });
        match counts {
            Ok(()) => Ok(self.sealed()),
            Err(error) => Err(Box::new(Unprovable { record: self, error })),
        }
    }

    /// The key that signed, among these.
    fn signed_by<'k>(
        &self,
        mut keys: impl Iterator<Item = &'k PublicKey>,
    ) -> Result<PublicKey, VerifyError> {
        let Self { header, parts: Parts { head, body, signature, .. } } = self;
        if body.len() > BODY_BYTES_MAX {
            return Err(VerifyError::BodyTooLarge);
        }
        let text = seal::pae(PAYLOAD_TYPE, &[head.as_bytes(), b"\n", body]);
        let mut own = false;
        let signed = keys.find(|key| {
            let its = key.node() == header.signer;
            own |= its;
            its && key.verify(&text, signature).is_ok()
        });
        match signed {
            Some(key) => Ok(*key),
            None if own => Err(BadSignature.into()),
            None => Err(VerifyError::OtherSigner),
        }
    }

    /// Only after a check.
    fn sealed(self) -> Sealed {
        let Self { header, parts: Parts { head, body, salt, signature } } = self;
        Sealed { header, head, body, salt, signature }
    }
}

/// A record that these keys do not prove, and why.
#[derive(Clone, Debug)]
pub struct Unprovable {
    /// The record.
    pub record: Unproven,
    /// Why.
    pub error: VerifyError,
}

impl Sealed {
    /// What is signed about the body.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The header's text, byte for byte as signed.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The body, byte for byte as received.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The salt of the leaf.
    #[must_use]
    pub const fn salt(&self) -> &[u8; 16] {
        &self.salt
    }

    /// The signer's signature.
    #[must_use]
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// SHA-256 over the sealed bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        seal::sha256(&[self.head.as_bytes(), b"\n", &self.body])
    }

    /// The salted leaf that outlets' trees hold; it stays when the record is erased.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        leaf(&self.salt, &self.head, &self.body)
    }
}

/// The salted leaf of a record given in parts.
#[must_use]
pub fn leaf(salt: &[u8; 16], head: &str, body: &[u8]) -> Digest {
    seal::sha256(&[salt, head.as_bytes(), b"\n", body])
}

#[cfg(test)]
mod tests;
