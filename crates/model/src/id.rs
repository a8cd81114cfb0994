//! Identities: one type each, never a bare string. They print and parse, and decide nothing.

use crate::kind::Kind;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// An identity that could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct ParseIdError {
    text: String,
    wanted: &'static str,
}

fn refuse(text: &str, wanted: &'static str) -> ParseIdError {
    ParseIdError { text: text.chars().take(80).collect(), wanted }
}

/// Reads exactly `N` bytes of lower-case hexadecimal.
pub(crate) fn bytes_from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Prints bytes as lower-case hexadecimal.
pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |four: u8| DIGITS.get(usize::from(four)).copied().unwrap_or_default();
    // Every header prints ids: one call for all digits, not one for each byte.
    let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(digits);
    f.write_str(&text)
}

/// Makes a fixed-size binary id that prints as hexadecimal.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $size:literal, $wanted:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name([u8; $size]);

        impl $name {
            /// Wraps raw bytes.
            #[must_use]
            pub const fn new(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// Reads raw bytes of exactly the right length, as a store keeps them.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The raw bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                bytes_from_hex(text).map(Self).ok_or_else(|| refuse(text, $wanted))
            }
        }
    };
}

hex_id!(
    /// One sovereign's installation: the first 16 bytes of the SHA-256 of its first public key.
    NodeId, 16, "a node id (32 hexadecimal digits)"
);
hex_id!(
    /// The source or token that a carried record came by: random, so that it counts nothing.
    IntakeId, 8, "an intake id (16 hexadecimal digits)"
);
hex_id!(
    /// A SHA-256 digest.
    Digest, 32, "a SHA-256 digest (64 hexadecimal digits)"
);
hex_id!(
    /// One life of a node's numbering; a restore from backup begins a new one.
    Epoch, 16, "an epoch (32 hexadecimal digits)"
);

/// A circle: the id of its TAXII collection too, the same on every node.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CircleId(Uuid);

impl CircleId {
    /// Wraps a UUID.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID.
    #[must_use]
    pub const fn uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for CircleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for CircleId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        canonical_uuid(text).map(Self).ok_or_else(|| refuse(text, "a circle id (a UUID)"))
    }
}

/// Reads a UUID in its one canonical spelling (36 characters, lower case).
#[must_use]
pub fn canonical_uuid(text: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(text).ok()?;
    (text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase())).then_some(uuid)
}

/// What a record is about: its kind and the UUID of its natural id.
///
/// SPEC: STIX 2.1 §2.9: `<type>--<UUID>`. Things without a UUID of their own have a `UUIDv5` over
/// source and canonical key, so that importing twice adds nothing.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ThingId {
    /// `stix/indicator`, `entente/circle`, ...
    pub kind: Kind,
    /// The UUID part of the id.
    pub uuid: Uuid,
}

impl ThingId {
    /// Reads a STIX identifier.
    ///
    /// # Errors
    /// When the text is not `<type>--<UUID>` with a type of STIX's alphabet.
    pub fn parse_stix(text: &str) -> Result<Self, ParseIdError> {
        let wanted = "a STIX identifier (type--UUID)";
        let (name, uuid) = text.split_once("--").ok_or_else(|| refuse(text, wanted))?;
        // Ids in the wild carry upper-case UUIDs; the body keeps the spelling, the thing does not.
        let uuid = Uuid::try_parse(uuid).ok().filter(|_| uuid.len() == 36);
        match (Kind::stix(name), uuid) {
            (Ok(kind), Some(uuid)) => Ok(Self { kind, uuid }),
            _ => Err(refuse(text, wanted)),
        }
    }
}

impl fmt::Display for ThingId {
    /// STIX things print as STIX identifiers, all others as `kind--uuid`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.as_str();
        write!(f, "{}--{}", kind.strip_prefix("stix/").unwrap_or(kind), self.uuid)
    }
}

impl FromStr for ThingId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if !text.contains('/') {
            return Self::parse_stix(text);
        }
        let wanted = "a thing (kind--UUID)";
        let (kind, uuid) = text.rsplit_once("--").ok_or_else(|| refuse(text, wanted))?;
        match (kind.parse(), canonical_uuid(uuid)) {
            (Ok(kind), Some(uuid)) => Ok(Self { kind, uuid }),
            _ => Err(refuse(text, wanted)),
        }
    }
}
