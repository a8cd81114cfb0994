//! Kinds and roles as segments spell them, for people and other programs. It reads no segment.

use detect::event::Role;
use model::facts::ValueKind;

/// A kind in a word.
pub(super) const fn kind(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Domain => "domain",
        ValueKind::Ipv4 => "ipv4",
        ValueKind::Ipv6 => "ipv6",
        ValueKind::Url => "url",
        ValueKind::Email => "email",
        ValueKind::Md5 => "md5",
        ValueKind::Sha1 => "sha1",
        ValueKind::Sha256 => "sha256",
        ValueKind::Sha512 => "sha512",
        ValueKind::OtherHash => "hash",
        ValueKind::FileName => "file-name",
        ValueKind::Mutex => "mutex",
        ValueKind::RegistryKey => "registry-key",
        ValueKind::Asn => "asn",
        ValueKind::Mac => "mac",
        ValueKind::Cve => "cve",
        ValueKind::Account => "account",
        ValueKind::UserAgent => "user-agent",
        ValueKind::CertSerial => "certificate-serial",
        ValueKind::Ja3 => "ja3",
        ValueKind::Ja4 => "ja4",
        ValueKind::FilePath => "file-path",
    }
}

/// The words for a bit each, with commas between.
pub(super) fn roles(bits: u16) -> String {
    let set = |place: usize| {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        bits.checked_shr(place).unwrap_or(0) & 1 == 1
    };
    let names = Role::ALL.iter().enumerate().filter(|(place, _)| set(*place));
    names.map(|(_, role)| role.name()).collect::<Vec<_>>().join(",")
}

/// The words for a bit each, with commas between; no name has one.
pub(super) fn sources(bits: u64, names: &[Box<str>]) -> String {
    let set = |place: usize| {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        bits.checked_shr(place).unwrap_or(0) & 1 == 1
    };
    let names = names.iter().enumerate().filter(|(place, _)| set(*place));
    names.map(|(_, name)| &**name).collect::<Vec<_>>().join(",")
}

/// A source's name as it is kept: no commas, and nothing that ends a line.
pub(super) fn source(name: &str) -> String {
    const MOST: usize = 128;
    let plain = |c: char| if c == ',' || c.is_control() { '_' } else { c };
    name.trim().chars().take(MOST).map(plain).collect()
}
