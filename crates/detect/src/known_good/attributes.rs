//! Which kinds of values a list speaks of, by the attributes that MISP names. It knows no value.

use model::facts::ValueKind;

/// A set of kinds: a bit for each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Kinds(u32);

impl Kinds {
    pub(super) fn has(self, kind: ValueKind) -> bool {
        self.0 & 1 << kind.code() != 0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds of these attributes; a list that names none speaks of every kind, as in MISP.
    pub(super) fn of(attributes: &[String]) -> Self {
        if attributes.is_empty() {
            return Self(u32::MAX);
        }
        let parts = attributes.iter().flat_map(|name| name.split('|'));
        Self(parts.flat_map(kinds).fold(0, |set, kind| set | 1 << kind.code()))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = ValueKind> {
        ValueKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

fn kinds(attribute: &str) -> &'static [ValueKind] {
    match attribute {
        "ip" | "ip-src" | "ip-dst" => &[ValueKind::Ipv4, ValueKind::Ipv6],
        "domain" | "hostname" => &[ValueKind::Domain],
        "url" | "uri" | "link" => &[ValueKind::Url],
        "email"
        | "email-src"
        | "email-dst"
        | "target-email"
        | "whois-registrant-email"
        | "dns-soa-email"
        | "email-reply-to" => &[ValueKind::Email],
        "md5" | "x509-fingerprint-md5" => &[ValueKind::Md5],
        "sha1" | "x509-fingerprint-sha1" => &[ValueKind::Sha1],
        "sha256" | "x509-fingerprint-sha256" => &[ValueKind::Sha256],
        "sha512" => &[ValueKind::Sha512],
        "sha224" | "sha384" | "ssdeep" | "tlsh" | "imphash" => &[ValueKind::OtherHash],
        "filename" => &[ValueKind::FileName, ValueKind::FilePath],
        "mutex" => &[ValueKind::Mutex],
        "regkey" => &[ValueKind::RegistryKey],
        "AS" => &[ValueKind::Asn],
        "mac-address" => &[ValueKind::Mac],
        "vulnerability" => &[ValueKind::Cve],
        "user-agent" => &[ValueKind::UserAgent],
        "ja3-fingerprint-md5" => &[ValueKind::Ja3],
        _ => &[],
    }
}
