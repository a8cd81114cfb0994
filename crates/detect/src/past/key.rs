//! How what was seen is ordered and asked for: a key in whose order everything that proves an
//! indicator lies together, and the marks by which a sketch says that nothing does. It reads no
//! event and no file.

use crate::class::v6_bytes;
use crate::fingerprint::Key;
use crate::index::names_above;
use crate::observable::{Prefix, address, mask_v4, mask_v6};
use crate::suffix::is_suffix;
use model::facts::ValueKind;
use std::net::IpAddr;
use std::ops::Range;

/// Between the labels of a name, the last first: less than any byte of one, so that a name stands
/// directly before all below it.
const LABEL: u8 = 0;
/// Marks of keys, and of prefixes: the bytes of one are never taken for the other's.
const KEYS: u8 = 0;
const PREFIXES: u8 = 1;

/// Lengths of prefixes that are marked beside each address.
const MARKED_V4: [u8; 2] = [16, 24];
const MARKED_V6: [u8; 2] = [48, 64];

/// The number that a key begins with: hashes are one thing, whoever says which function made them.
fn class(kind: ValueKind) -> u8 {
    match kind {
        ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash
        | ValueKind::Ja3 => ValueKind::Md5.code(),
        ValueKind::Domain
        | ValueKind::Ipv4
        | ValueKind::Ipv6
        | ValueKind::Url
        | ValueKind::Email
        | ValueKind::FileName
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::Account
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::Ja4
        | ValueKind::FilePath => kind.code(),
    }
}

/// The key of a value in normal form.
#[must_use]
pub fn of(kind: ValueKind, value: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(value.len() + 1);
    append(kind, value, &mut key);
    key
}

/// Appends the key.
pub(super) fn append(kind: ValueKind, value: &str, key: &mut Vec<u8>) {
    key.push(class(kind));
    match kind {
        ValueKind::Domain => {
            for (place, label) in value.as_bytes().rsplit(|byte| *byte == b'.').enumerate() {
                if place > 0 {
                    key.push(LABEL);
                }
                key.extend_from_slice(label);
            }
        }
        ValueKind::Ipv4 | ValueKind::Ipv6 => match address(value) {
            Some(IpAddr::V4(v4)) => key.extend_from_slice(&v4.octets()),
            Some(IpAddr::V6(v6)) => key.extend_from_slice(&v6.octets()),
            None => key.extend_from_slice(value.as_bytes()),
        },
        ValueKind::Url
        | ValueKind::Email
        | ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash
        | ValueKind::FileName
        | ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::Account
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4
        | ValueKind::FilePath => key.extend_from_slice(value.as_bytes()),
    }
}

/// Which keys prove an indicator in normal form, apart from each other: a name and all below it
/// unless it is a public suffix, the addresses of a prefix, a URL with any query or with its own.
#[must_use]
pub fn ranges(kind: ValueKind, text: &str) -> Vec<Range<Vec<u8>>> {
    let key = of(kind, text);
    let exact = key.clone()..after(&key, 0);
    if kind == ValueKind::Domain && !is_suffix(text) {
        return vec![key.clone()..after(&key, LABEL + 1)];
    }
    if let Some(prefix) = prefix_of(kind, text) {
        return vec![network(kind, prefix)];
    }
    if kind == ValueKind::Url && !text.contains('?') {
        return vec![exact, after(&key, b'?')..after(&key, b'?' + 1)];
    }
    vec![exact]
}

fn prefix_of(kind: ValueKind, text: &str) -> Option<Prefix> {
    matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6).then(|| Prefix::parse(text))?
}

fn after(key: &[u8], byte: u8) -> Vec<u8> {
    let mut after = key.to_vec();
    after.push(byte);
    after
}

fn network(kind: ValueKind, Prefix { network, length }: Prefix) -> Range<Vec<u8>> {
    let whole = |bytes: &[u8]| {
        let mut key = vec![class(kind)];
        key.extend_from_slice(bytes);
        key
    };
    let (first, last) = match network {
        IpAddr::V4(v4) => {
            let rest = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            (whole(&v4.octets()), whole(&(v4.to_bits() | rest).to_be_bytes()))
        }
        IpAddr::V6(v6) => {
            let rest = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            (whole(&v6.octets()), whole(&(v6.to_bits() | rest).to_be_bytes()))
        }
    };
    first..after(&last, 0)
}

/// What of a value, whose key is this, goes into a sketch, appended to `out`: all that [`asked`] can
/// ask for it by.
pub fn marks(key: [u8; 16], (kind, value, of): (ValueKind, &str, &[u8]), out: &mut Vec<u64>) {
    let sip = Key::new(key);
    // What stands above a name, and a URL without its query, is the beginning of its key.
    let mut mark = |bytes: usize| {
        out.extend(of.get(..bytes).map(|key| sip.fingerprint(KEYS, key)));
    };
    mark(of.len());
    if kind == ValueKind::Domain {
        names_above(value).for_each(|name| mark(1 + name.len()));
    }
    if kind == ValueKind::Url {
        value.split_once('?').into_iter().for_each(|(plain, _)| mark(1 + plain.len()));
    }
    if let Some(address) = address_of(kind, of) {
        let lengths = if address.is_ipv4() { MARKED_V4 } else { MARKED_V6 };
        out.extend(lengths.map(|length| prefix_mark(sip, address, length)));
    }
}

/// The address of a key, which has the bytes of one.
fn address_of(kind: ValueKind, key: &[u8]) -> Option<IpAddr> {
    let bytes = key.get(1..).filter(|_| matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6))?;
    let v4 = || <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    v4().or_else(|| <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from))
}

fn prefix_mark(sip: Key, address: IpAddr, length: u8) -> u64 {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = mask_v4(v4, length).octets();
            sip.fingerprint(PREFIXES, &[length, a, b, c, d])
        }
        IpAddr::V6(v6) => sip.fingerprint(PREFIXES, &v6_bytes(mask_v6(v6, length), length)),
    }
}

/// The mark that a sketch must hold if something in its segment proves the indicator; `None` where
/// no sketch can say no: a prefix wider than those that are marked.
#[must_use]
pub fn asked(key: [u8; 16], kind: ValueKind, text: &str) -> Option<u64> {
    let sip = Key::new(key);
    let Some(Prefix { network, length }) = prefix_of(kind, text) else {
        return Some(sip.fingerprint(KEYS, &of(kind, text)));
    };
    let (whole, lengths) = if network.is_ipv4() { (32, MARKED_V4) } else { (128, MARKED_V6) };
    if length == whole {
        return Some(sip.fingerprint(KEYS, &of(kind, &network.to_string())));
    }
    let marked = lengths.into_iter().rev().find(|marked| *marked <= length)?;
    Some(prefix_mark(sip, network, marked))
}

/// What tells under which key marks were made, and nothing else of it.
#[must_use]
pub fn check(key: [u8; 16]) -> u64 {
    Key::new(key).fingerprint(u8::MAX, b"entente seen")
}

#[cfg(test)]
mod tests;
