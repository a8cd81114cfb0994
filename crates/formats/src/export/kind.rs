//! What kinds of values are called in addresses of feeds, in CSV and in segments of what was seen. It
//! knows no value.

use model::facts::ValueKind;

/// The word for a kind.
#[must_use]
pub const fn name_of(kind: ValueKind) -> &'static str {
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

/// The kinds that a word stands for: `ip` for both sorts of addresses.
#[must_use]
pub fn kind_of(name: &str) -> Vec<ValueKind> {
    let both = |kind| name == "ip" && matches!(kind, ValueKind::Ipv4 | ValueKind::Ipv6);
    let named = |kind: &ValueKind| name_of(*kind) == name || both(*kind);
    ValueKind::ALL.into_iter().filter(named).collect()
}
