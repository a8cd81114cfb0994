//! Observable values in one normal form, so that equal things are equal texts. It never decides
//! what a value means for anybody, and keeps no original spelling: the body does.

use crate::class::HashBytes;
use crate::short::{holds, parted, parted_last};
use crate::url::url_into;
use idna::AsciiDenyList;
use model::facts::ValueKind;
use model::limits::OBSERVABLE_BYTES_MAX;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// An observable value in normal form.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Observable {
    /// What it is; an address written under another kind has the kind of its normal form.
    pub kind: ValueKind,
    /// The normal text.
    pub text: String,
}

/// The normal form of a value, or nothing when the text cannot be of that kind.
///
/// Domains: lower case, A-labels, no trailing dot, no `*.`. Addresses: dotted quad or RFC 5952,
/// `::ffff:1.2.3.4` is IPv4; prefixes in network form, a full-length prefix is an address.
#[must_use]
pub fn normal(kind: ValueKind, text: &str) -> Option<Observable> {
    let text = text.trim();
    if text.is_empty() || text.len() > OBSERVABLE_BYTES_MAX {
        return None;
    }
    let mut out = String::new();
    let made = match kind {
        ValueKind::Domain => match address(text) {
            Some(address) => return Some(of_address(address)),
            None => domain_into(text, &mut out),
        },
        ValueKind::Ipv4 | ValueKind::Ipv6 => return Prefix::parse(text).map(Prefix::observable),
        ValueKind::Url => url_into(text, &mut out).is_some_and(|host| host.dotted),
        ValueKind::Email => email_into(text, &mut out).is_some(),
        ValueKind::Md5 => hex_into(text, 32, &mut out),
        ValueKind::Sha1 => hex_into(text, 40, &mut out),
        ValueKind::Sha256 => hex_into(text, 64, &mut out),
        ValueKind::Sha512 => hex_into(text, 128, &mut out),
        ValueKind::OtherHash => other_hash_into(text, &mut out),
        // A name that is given with its folders is more than a name.
        ValueKind::FileName if text.contains(is_separator) => {
            let made = plain_into(ValueKind::FilePath, text, &mut out);
            return made.then_some(Observable { kind: ValueKind::FilePath, text: out });
        }
        ValueKind::FileName
        | ValueKind::Mutex
        | ValueKind::Account
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::UserAgent
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4
        | ValueKind::FilePath => plain_into(kind, text, &mut out),
    };
    made.then_some(Observable { kind, text: out })
}

/// Writes the normal form of a value of a kind without parts into an empty text; `false` when it is
/// none.
pub(crate) fn plain_into(kind: ValueKind, text: &str, out: &mut String) -> bool {
    match kind {
        // Spaces and case carry meaning for those who made them up.
        ValueKind::Mutex | ValueKind::Account | ValueKind::UserAgent => {
            out.push_str(text);
            true
        }
        // Systems that tell capitals apart in names are not where most files are shared from.
        ValueKind::FileName => {
            lower_into(text, out);
            !text.contains(is_separator)
        }
        ValueKind::FilePath => path_into(text, out),
        ValueKind::RegistryKey => registry_into(text, out),
        ValueKind::Asn => asn_into(text, out),
        ValueKind::Mac => mac_into(text, out),
        ValueKind::Cve => cve_into(text, out),
        ValueKind::CertSerial => serial_into(text, out),
        ValueKind::Ja3 => hex_into(text, 32, out),
        ValueKind::Ja4 => {
            lower_into(text, out);
            !text.contains(char::is_whitespace)
        }
        ValueKind::Domain
        | ValueKind::Ipv4
        | ValueKind::Ipv6
        | ValueKind::Url
        | ValueKind::Email
        | ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash => false,
    }
}

/// What a store keeps and asks for in exact lookups: the normal form, or the trimmed text in lower
/// case when there is none, so that an odd value is still found by its own spelling.
#[must_use]
pub fn key(kind: ValueKind, text: &str) -> Observable {
    normal(kind, text).unwrap_or_else(|| Observable { kind, text: text.trim().to_lowercase() })
}

/// What a text of unknown kind can be, by its shape alone; used for events and for what a person
/// types into a search. A URL also names its host, an address of e-mail its domain.
#[must_use]
pub fn guess(text: &str) -> Vec<Observable> {
    let text = text.trim();
    if text.is_empty() || text.len() > OBSERVABLE_BYTES_MAX {
        return Vec::new();
    }
    if let Some(kind) = hash_kind(text) {
        return normal(kind, text).into_iter().collect();
    }
    if let Some(address) = address(text) {
        return vec![of_address(address)];
    }
    if let Some(hash) = HashBytes::of_parted(text) {
        let mut plain = String::new();
        hash.write(&mut plain);
        return vec![Observable { kind: hash.kind(), text: plain }];
    }
    if is_hash_list(text) {
        return hashes_of_list(text).filter_map(|h| normal(hash_kind(h)?, h)).collect();
    }
    let mut out = String::new();
    if let Some(domain) = email_into(text, &mut out) {
        let domain = out.get(domain..).and_then(|domain| normal(ValueKind::Domain, domain));
        return [Observable { kind: ValueKind::Email, text: out }]
            .into_iter()
            .chain(domain)
            .collect();
    }
    if let Some(host) = url_into(text, &mut out).filter(|host| host.shaped) {
        let name = match host.address {
            Some(address) => Some(of_address(address)),
            None => out.get(..host.bytes).and_then(|name| normal(ValueKind::Domain, name)),
        };
        return [Observable { kind: ValueKind::Url, text: out }].into_iter().chain(name).collect();
    }
    normal(ValueKind::Domain, text).filter(|name| name.text.contains('.')).into_iter().collect()
}

/// The kind of a hash by its length; anything else of hexadecimal digits is some other hash.
pub(crate) fn hash_kind(text: &str) -> Option<ValueKind> {
    hash_of_length(text.len()).filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// The kind of a hash of so many hexadecimal digits.
pub(crate) const fn hash_of_length(digits: usize) -> Option<ValueKind> {
    if digits < 32 || digits > 128 {
        return None;
    }
    Some(match digits {
        32 => ValueKind::Md5,
        40 => ValueKind::Sha1,
        64 => ValueKind::Sha256,
        128 => ValueKind::Sha512,
        _ => ValueKind::OtherHash,
    })
}

/// Whether the text is a list such as `MD5=...,SHA256=...` (Sysmon's `Hashes`).
pub(crate) fn is_hash_list(text: &str) -> bool {
    ["MD5", "SHA1", "SHA256", "SHA512", "IMPHASH"].iter().any(|name| {
        let parts = text.split_at_checked(name.len());
        parts.is_some_and(|(first, rest)| rest.starts_with('=') && first.eq_ignore_ascii_case(name))
    })
}

/// The hexadecimal parts of such a list.
pub(crate) fn hashes_of_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter_map(|part| Some(part.split_once('=')?.1.trim()))
}

/// Appends a domain in normal form; leaves `out` as it was and says `false` if it is none.
pub(crate) fn domain_into(text: &str, out: &mut String) -> bool {
    // Most are in normal form.
    if is_domain(text) {
        out.push_str(text);
        return true;
    }
    let text = text.strip_prefix("*.").unwrap_or(text);
    let start = out.len();
    if text.is_ascii() {
        out.push_str(text);
        out.get_mut(start..).into_iter().for_each(str::make_ascii_lowercase);
    } else if let Ok(labels) = idna::domain_to_ascii_cow(text.as_bytes(), AsciiDenyList::EMPTY) {
        out.push_str(&labels);
    }
    if out.len() > start && out.ends_with('.') {
        out.pop();
    }
    let fits = out.get(start..).is_some_and(is_domain);
    if !fits {
        out.truncate(start);
    }
    fits
}

/// A byte of names that is a dot; the next bit is of a dot behind a dot.
const DOT: u8 = 1;
/// A byte that no name has.
const STRANGE: u8 = 4;

/// What each byte is in a name in normal form.
static NAME_BYTES: LazyLock<[u8; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| match u8::try_from(byte) {
        Ok(b'.') => DOT,
        Ok(b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') => 0,
        _ => STRANGE,
    })
});

/// Underscores are allowed (service names); a last label of digits is a broken address.
///
/// SPEC: RFC 1035 §2.3.4: labels of 63 octets, names of 255 (253 in text).
pub(crate) fn is_domain(text: &str) -> bool {
    let (kinds, mut found, mut before) = (&*NAME_BYTES, 0, DOT);
    // Every byte the same way, without a jump: nobody can guess where the dots are.
    for byte in text.bytes() {
        let kind = kinds.get(usize::from(byte)).copied().unwrap_or(STRANGE);
        found |= kind | (kind & before) << 1;
        before = kind;
    }
    if found & !DOT != 0 || before == DOT || text.len() > 253 {
        return false;
    }
    let short = text.len() <= 63 || text.split('.').all(|label| label.len() <= 63);
    let last = parted_last(text, b'.').map_or(text, |(_, last)| last);
    short && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads an address; a zone (`%eth0`) is local to its host and dropped.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    if let Some(address) = dotted(text) {
        return Some(IpAddr::V4(address));
    }
    if !holds(text, b':') {
        return None;
    }
    let Some((text, zone)) = parted(text, b'%') else {
        return Some(text.parse::<IpAddr>().ok()?.to_canonical());
    };
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let address = text.parse::<Ipv6Addr>().ok().filter(|_| zone.bytes().all(letter))?;
    Some(IpAddr::V6(address).to_canonical())
}

/// Bytes of `0.0.0.0`, and of an address in which all numbers have three digits.
const DOTTED_MIN: usize = 7;
const DOTTED_MAX: usize = 15;

/// Reads four numbers with dots between them: what nearly every event has several of.
pub(crate) fn dotted(text: &str) -> Option<Ipv4Addr> {
    if !(DOTTED_MIN..=DOTTED_MAX).contains(&text.len()) {
        return None;
    }
    let mut rest = text.as_bytes();
    let mut address = octet(&mut rest)?;
    for _ in 0..3 {
        rest = rest.strip_prefix(b".")?;
        address = address << 8 | octet(&mut rest)?;
    }
    rest.is_empty().then(|| Ipv4Addr::from_bits(address))
}

/// The number below 256 that the bytes begin with, which it takes from them. A leading zero may mean
/// octal: it is no number, as everywhere.
#[inline]
fn octet(bytes: &mut &[u8]) -> Option<u32> {
    let digit = |at: usize| {
        let digit = u32::from(bytes.get(at)?.wrapping_sub(b'0'));
        (digit < 10).then_some(digit)
    };
    let first = digit(0)?;
    let (number, length) = match (digit(1), digit(2)) {
        (None, _) => (first, 1),
        (Some(_), _) if first == 0 => return None,
        (Some(second), None) => (first * 10 + second, 2),
        (Some(second), Some(third)) => (first * 100 + second * 10 + third, 3),
    };
    *bytes = bytes.get(length..)?;
    (number < 256).then_some(number)
}

fn of_address(address: IpAddr) -> Observable {
    let kind = if address.is_ipv4() { ValueKind::Ipv4 } else { ValueKind::Ipv6 };
    Observable { kind, text: address.to_string() }
}

/// A network in network form; an address is one of full length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Prefix {
    pub(crate) network: IpAddr,
    pub(crate) length: u8,
}

impl Prefix {
    /// Reads `address` or `address/length`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some((network, length)) = text.split_once('/') else {
            let network = address(text)?;
            return Some(Self { network, length: if network.is_ipv4() { 32 } else { 128 } });
        };
        if length.is_empty() || !length.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let length = length.parse::<u8>().ok()?;
        match network.parse::<IpAddr>().ok()? {
            IpAddr::V4(network) => Self::of_v4(network, length),
            IpAddr::V6(network) => match network.to_ipv4_mapped() {
                Some(mapped) if length >= 96 => Self::of_v4(mapped, length - 96),
                _ if length <= 128 => {
                    Some(Self { network: IpAddr::V6(mask_v6(network, length)), length })
                }
                _ => None,
            },
        }
    }

    fn of_v4(network: Ipv4Addr, length: u8) -> Option<Self> {
        (length <= 32).then(|| Self { network: IpAddr::V4(mask_v4(network, length)), length })
    }

    /// The normal form.
    pub(crate) fn observable(self) -> Observable {
        let Self { network, length } = self;
        let whole = if network.is_ipv4() { 32 } else { 128 };
        let mut out = of_address(network);
        if length < whole {
            out.text = format!("{network}/{length}");
        }
        out
    }
}

/// The first `length` bits of an address.
pub(crate) fn mask_v4(address: Ipv4Addr, length: u8) -> Ipv4Addr {
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(length))).unwrap_or(0);
    Ipv4Addr::from_bits(address.to_bits() & mask)
}

/// The first `length` bits of an address.
pub(crate) fn mask_v6(address: Ipv6Addr, length: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(length))).unwrap_or(0);
    Ipv6Addr::from_bits(address.to_bits() & mask)
}

/// Writes an address of e-mail over `out` and says where its domain begins.
pub(crate) fn email_into(text: &str, out: &mut String) -> Option<usize> {
    out.clear();
    let text = match text.strip_suffix('>') {
        Some(named) => named.rsplit_once('<')?.1,
        None => text.strip_prefix("mailto:").unwrap_or(text),
    };
    let (local, domain) = parted(text, b'@')?;
    let stranger = |c: char| c <= ' ' || matches!(c, '"' | '<' | '>' | '(' | ')' | ',' | ';' | ':');
    if local.is_empty() || local.contains(stranger) {
        return None;
    }
    out.push_str(local);
    out.make_ascii_lowercase();
    out.push('@');
    let start = out.len();
    domain_into(domain, out).then_some(start)
}

fn hex_into(text: &str, digits: usize, out: &mut String) -> bool {
    out.push_str(text);
    out.make_ascii_lowercase();
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// SSDEEP and the like tell capitals apart; hexadecimal ones do not.
fn other_hash_into(text: &str, out: &mut String) -> bool {
    out.push_str(text);
    if text.bytes().all(|b| b.is_ascii_hexdigit()) {
        out.make_ascii_lowercase();
    }
    !text.contains(char::is_whitespace)
}

/// What parts folders in a path.
pub(crate) const fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\')
}

fn lower_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out.get_mut(start..).into_iter().for_each(str::make_ascii_lowercase);
    } else {
        out.push_str(&text.to_lowercase());
    }
}

/// Lower case with backslashes, none at the end, without what Windows puts before long paths.
fn path_into(text: &str, out: &mut String) -> bool {
    let long = [r"\\?\", r"\??\"].into_iter().find_map(|before| text.strip_prefix(before));
    let text = long.unwrap_or(text).trim_end_matches(is_separator);
    let start = out.len();
    for (place, part) in text.split(is_separator).enumerate() {
        if place > 0 {
            out.push('\\');
        }
        lower_into(part, out);
    }
    out.len() > start
}

/// The roots of the registry, in the names that people, Sysmon and the kernel give them.
const ROOTS: [(&str, &str); 9] = [
    (r"hkey_local_machine", "hklm"),
    (r"\registry\machine", "hklm"),
    (r"hkey_current_user", "hkcu"),
    (r"hkey_users", "hku"),
    (r"\registry\user", "hku"),
    (r"hkey_classes_root", "hkcr"),
    (r"hklm\software\classes", "hkcr"),
    (r"hkey_current_config", "hkcc"),
    (r"hkey_performance_data", "hkpd"),
];

fn registry_into(text: &str, out: &mut String) -> bool {
    let start = out.len();
    lower_into(text.trim_end_matches('\\'), out);
    // The second name of one root begins with another.
    for _ in 0..2 {
        let whole = out.get(start..).unwrap_or_default();
        let root = ROOTS.iter().find(|(root, _)| {
            let rest = whole.strip_prefix(root);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
        });
        let Some((root, short)) = root else { break };
        out.replace_range(start..start + root.len(), short);
    }
    out.len() > start
}

fn asn_into(text: &str, out: &mut String) -> bool {
    let digits = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
    let number = digits.parse::<u32>().ok().filter(|_| !digits.starts_with('+'));
    number.is_some_and(|number| {
        out.push_str(&number.to_string());
        true
    })
}

/// Hexadecimal digits without colons and leading zeros.
fn serial_into(text: &str, out: &mut String) -> bool {
    let digits = text.bytes().filter(|b| !matches!(b, b':' | b' ')).skip_while(|b| *b == b'0');
    for digit in digits {
        if !digit.is_ascii_hexdigit() {
            return false;
        }
        out.push(char::from(digit.to_ascii_lowercase()));
    }
    !out.is_empty()
}

fn mac_into(text: &str, out: &mut String) -> bool {
    let digits = text.bytes().filter(|b| !matches!(b, b':' | b'-' | b'.'));
    for (place, digit) in digits.enumerate() {
        if place > 0 && place % 2 == 0 {
            out.push(':');
        }
        out.push(char::from(digit.to_ascii_lowercase()));
    }
    out.len() == 17 && out.bytes().all(|b| b == b':' || b.is_ascii_hexdigit())
}

fn cve_into(text: &str, out: &mut String) -> bool {
    out.push_str(text);
    out.make_ascii_uppercase();
    let numbers = out.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(year, number)| {
        year.len() == 4
            && number.len() >= 4
            && year.bytes().chain(number.bytes()).all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests;
