//! What kinds of value are told apart in the index, and the bytes that stand for a value there. It
//! reads values in normal form only, and looks nothing up.

use crate::observable::{Prefix, hash_of_length};
use model::facts::ValueKind;
use std::net::{IpAddr, Ipv6Addr};

/// What the bytes of a value are; equal bytes of different classes are different values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Domain,
    /// Length in bits, then four octets.
    V4,
    /// Length in bits, then sixteen octets.
    V6,
    Url,
    Email,
    /// The bytes of a hash of any algorithm: a text that is one hash is no other. JA3 is one too.
    Hash,
    /// A hash that is not written as the digits of whole bytes.
    OtherHash,
    FileName,
    FilePath,
    RegistryKey,
    Mutex,
    UserAgent,
    Serial,
    Asn,
    Account,
    Mac,
    Cve,
    Ja4,
}

impl Class {
    const ALL: [Self; 18] = [
        Self::Domain,
        Self::V4,
        Self::V6,
        Self::Url,
        Self::Email,
        Self::Hash,
        Self::OtherHash,
        Self::FileName,
        Self::FilePath,
        Self::RegistryKey,
        Self::Mutex,
        Self::UserAgent,
        Self::Serial,
        Self::Asn,
        Self::Account,
        Self::Mac,
        Self::Cve,
        Self::Ja4,
    ];

    /// The number that stands before each value.
    #[inline]
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Domain => 0,
            Self::V4 => 1,
            Self::V6 => 2,
            Self::Url => 3,
            Self::Email => 4,
            Self::Hash => 5,
            Self::OtherHash => 6,
            Self::FileName => 7,
            Self::FilePath => 8,
            Self::RegistryKey => 9,
            Self::Mutex => 10,
            Self::UserAgent => 11,
            Self::Serial => 12,
            Self::Asn => 13,
            Self::Account => 14,
            Self::Mac => 15,
            Self::Cve => 16,
            Self::Ja4 => 17,
        }
    }

    /// The class of a number.
    #[inline]
    pub(crate) fn of_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The one bit of a class, for sets of them.
    #[inline]
    pub(crate) const fn bit(self) -> u32 {
        1 << self.code()
    }
}

/// Bytes of the longest hash that is kept as bytes.
const HASH_BYTES: usize = 64;

/// The bytes of a hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashBytes {
    bytes: [u8; HASH_BYTES],
    length: usize,
}

impl HashBytes {
    /// Of hexadecimal digits in either case; `None` for what is no digits of whole bytes.
    #[inline]
    pub(crate) fn of(digits: &str) -> Option<Self> {
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || pairs.is_empty() || pairs.len() > HASH_BYTES {
            return None;
        }
        Self::of_pairs(pairs.len(), pairs.iter().copied())
    }

    /// Of a hash whose bytes are parted by colons, as fingerprints of certificates are: of the
    /// lengths of MD5, SHA-1, SHA-256 and SHA-512 only, for an address of hardware has six.
    pub(crate) fn of_parted(text: &str) -> Option<Self> {
        let (parts, last) = text.as_bytes().as_chunks::<3>();
        let &[high, low] = last else { return None };
        let length = parts.len() + 1;
        if !matches!(length, 16 | 20 | 32 | 64) || parts.iter().any(|[.., colon]| *colon != b':') {
            return None;
        }
        let pairs = parts.iter().map(|[high, low, _]| [*high, *low]);
        Self::of_pairs(length, pairs.chain([[high, low]]))
    }

    /// Of so many pairs of digits, [`HASH_BYTES`] at most.
    #[inline]
    fn of_pairs(length: usize, pairs: impl Iterator<Item = [u8; 2]>) -> Option<Self> {
        let mut bytes = [0; HASH_BYTES];
        let mut wrong = 0;
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (digit(high), digit(low));
            wrong |= high | low;
            *byte = high << 4 | low & 15;
        }
        (wrong < 16).then_some(Self { bytes, length })
    }

    /// Its kind, by its length.
    pub(crate) fn kind(&self) -> ValueKind {
        hash_of_length(self.length * 2).unwrap_or(ValueKind::OtherHash)
    }

    /// Appends its digits.
    pub(crate) fn write(&self, out: &mut String) {
        let mut digits = [[0; 2]; HASH_BYTES];
        for (pair, byte) in digits.iter_mut().zip(self.as_slice()) {
            *pair = [byte >> 4, byte & 15]
                .map(|digit| digit + if digit < 10 { b'0' } else { b'a' - 10 });
        }
        let written = digits.as_flattened().get(..self.length * 2).unwrap_or_default();
        out.push_str(std::str::from_utf8(written).unwrap_or_default());
    }

    /// The bytes.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The value of a digit; more than 15 for what is none.
#[inline]
const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 0x80,
    }
}

/// A value as tables keep it.
pub(crate) enum Wanted<'v> {
    Text(Class, &'v str),
    Hash(HashBytes),
    V4([u8; 5]),
    V6([u8; 17]),
}

impl<'v> Wanted<'v> {
    /// Of a value in normal form; `None` for an address that is none.
    pub(crate) fn of(kind: ValueKind, text: &'v str) -> Option<Self> {
        let class = match kind {
            ValueKind::Domain => Class::Domain,
            ValueKind::Url => Class::Url,
            ValueKind::Email => Class::Email,
            ValueKind::Md5
            | ValueKind::Sha1
            | ValueKind::Sha256
            | ValueKind::Sha512
            | ValueKind::OtherHash
            | ValueKind::Ja3 => {
                let other = Self::Text(Class::OtherHash, text);
                return Some(HashBytes::of(text).map_or(other, Self::Hash));
            }
            ValueKind::Ipv4 | ValueKind::Ipv6 => {
                let Prefix { network, length } = Prefix::parse(text)?;
                return Some(match network {
                    IpAddr::V4(v4) => {
                        let [a, b, c, d] = v4.octets();
                        Self::V4([length, a, b, c, d])
                    }
                    IpAddr::V6(v6) => Self::V6(v6_bytes(v6, length)),
                });
            }
            ValueKind::FileName => Class::FileName,
            ValueKind::Mutex => Class::Mutex,
            ValueKind::RegistryKey => Class::RegistryKey,
            ValueKind::Asn => Class::Asn,
            ValueKind::Mac => Class::Mac,
            ValueKind::Cve => Class::Cve,
            ValueKind::Account => Class::Account,
            ValueKind::UserAgent => Class::UserAgent,
            ValueKind::CertSerial => Class::Serial,
            ValueKind::Ja4 => Class::Ja4,
            ValueKind::FilePath => Class::FilePath,
        };
        Some(Self::Text(class, text))
    }

    /// Its class and bytes.
    pub(crate) fn parts(&self) -> (Class, &[u8]) {
        match self {
            Self::Text(class, text) => (*class, text.as_bytes()),
            Self::Hash(hash) => (Class::Hash, hash.as_slice()),
            Self::V4(bytes) => (Class::V4, bytes),
            Self::V6(bytes) => (Class::V6, bytes),
        }
    }
}

/// The bytes of an IPv6 prefix.
pub(crate) fn v6_bytes(address: Ipv6Addr, length: u8) -> [u8; 17] {
    let mut bytes = [length; 17];
    bytes.iter_mut().skip(1).zip(address.octets()).for_each(|(byte, octet)| *byte = octet);
    bytes
}
