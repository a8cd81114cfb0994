//! Sign, verify, hash: the only place that touches cryptography, but for TLS and the sealing of
//! bundles, which the rim does by rustls. Keys are handed in; none is kept.

use crate::id::{Digest, NodeId, bytes_from_hex, write_hex};
use aws_lc_rs::agreement::{PrivateKey, X25519};
use aws_lc_rs::hkdf;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::fmt;
use std::str::FromStr;

/// An Ed25519 public key, and whose it is: keys are compared by their bytes alone.
#[derive(Clone, Copy)]
pub struct PublicKey {
    bytes: [u8; 32],
    /// Made once: lists of members are searched for it, record by record.
    node: NodeId,
}

/// An Ed25519 signature.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Signature([u8; 64]);

/// A key that could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an Ed25519 key")]
pub struct KeyError;

/// A signature that does not belong to these bytes and this key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the signature does not fit the bytes and the key")]
pub struct BadSignature;

impl PublicKey {
    /// Wraps raw bytes; whether they are a point of the curve shows when a signature is checked.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let digest = sha256(&[&bytes]);
        let id = digest.as_bytes().first_chunk().copied().unwrap_or_default();
        Self { bytes, node: NodeId::new(id) }
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The node whose key this is: the one that it is the first key of, unless a chain of keys says
    /// that it is a later key of another.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The same key as a later one of this node, as a chain of keys or the node itself says.
    #[must_use]
    pub const fn behind(self, node: NodeId) -> Self {
        Self { bytes: self.bytes, node }
    }

    /// Checks a signature over `message`.
    ///
    /// # Errors
    /// When it was not made by this key over these bytes.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        UnparsedPublicKey::new(&ED25519, &self.bytes)
            .verify(message, &signature.0)
            .map_err(|_| BadSignature)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl std::hash::Hash for PublicKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.bytes)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        bytes_from_hex(text).map(Self::new).ok_or(KeyError)
    }
}

impl Signature {
    /// Wraps raw bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// Reads raw bytes of exactly the right length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

/// An X25519 public key: what is sealed to it only its node opens.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct SealingKey([u8; 32]);

impl SealingKey {
    /// Wraps raw bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({self})")
    }
}

impl FromStr for SealingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        bytes_from_hex(text).map(Self).ok_or(KeyError)
    }
}

/// What the opening key is derived with: another use of the seed gets another key.
const OPENING: &[u8] = b"entente/hpke/1";

/// The X25519 private key that grows from a node's seed: HKDF-SHA-256 without salt. It opens what
/// is sealed to [`SigningKey::sealing`].
///
/// SPEC: RFC 5869 §2.2, §2.3
///
/// # Errors
/// When the provider refuses.
pub fn opening_key(seed: &[u8; 32]) -> Result<[u8; 32], KeyError> {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(seed);
    let mut key = [0; 32];
    let info = [OPENING];
    let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).map_err(|_| KeyError)?;
    expanded.fill(&mut key).map_err(|_| KeyError)?;
    Ok(key)
}

/// An Ed25519 key that can sign, the public half of the key that opens, and whose they are. Never
/// printed.
pub struct SigningKey(Ed25519KeyPair, SealingKey, Option<PublicKey>);

impl SigningKey {
    /// The key that grows from a seed of 32 random bytes.
    ///
    /// # Errors
    /// When the provider refuses the seed.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let signing = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError)?;
        let opening = PrivateKey::from_private_key(&X25519, &opening_key(seed)?);
        let public = opening.ok().and_then(|opening| opening.compute_public_key().ok());
        let public = public.and_then(|public| public.as_ref().try_into().ok());
        Ok(Self(signing, SealingKey(public.ok_or(KeyError)?), None))
    }

    /// The same key as a later one of the node whose first key this is.
    #[must_use]
    pub fn behind(self, first: PublicKey) -> Self {
        Self(self.0, self.1, Some(first))
    }

    /// The first key of its node: the one that the node's id is made of.
    #[must_use]
    pub fn first(&self) -> PublicKey {
        self.2.unwrap_or_else(|| self.public())
    }

    /// What others seal to for this node.
    #[must_use]
    pub const fn sealing(&self) -> SealingKey {
        self.1
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        let key = PublicKey::new(bytes);
        self.2.map_or(key, |first| key.behind(first.node()))
    }

    /// Signs `message`.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(self.0.sign(message).as_ref()) {
            *to = *from;
        }
        Signature(bytes)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {})", self.public().node())
    }
}

/// SHA-256 over the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(part);
    }
    Digest::from_slice(context.finish().as_ref()).unwrap_or(Digest::new([0; 32]))
}

/// HMAC-SHA-256 over the parts, one after the other.
#[must_use]
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> Digest {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    let mut context = aws_lc_rs::hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    Digest::from_slice(context.sign().as_ref()).unwrap_or(Digest::new([0; 32]))
}

/// DSSE's pre-authentication encoding of a payload given in parts.
///
/// SPEC: DSSE v1.0.2 `PAE`: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
#[must_use]
pub fn pae(payload_type: &str, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = format!("DSSEv1 {} {payload_type} {length} ", payload_type.len()).into_bytes();
    bytes.reserve(length);
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}
