//! The one small thing that every reader of a format fills: what store, detection, search and
//! console use of a body. Not a model of threats or health: a body stays opaque bytes.

use crate::id::ThingId;
use crate::time::Instant;

/// What an observable value is; STIX's own object paths give the names.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ValueKind {
    /// `domain-name:value`.
    Domain,
    /// `ipv4-addr:value`, an address or a prefix.
    Ipv4,
    /// `ipv6-addr:value`, an address or a prefix.
    Ipv6,
    /// `url:value`.
    Url,
    /// `email-addr:value`.
    Email,
    /// `file:hashes.MD5`.
    Md5,
    /// `file:hashes.'SHA-1'`.
    Sha1,
    /// `file:hashes.'SHA-256'`.
    Sha256,
    /// `file:hashes.'SHA-512'`.
    Sha512,
    /// Any other hash (SSDEEP, TLSH, ...).
    OtherHash,
    /// `file:name`.
    FileName,
    /// `mutex:name`.
    Mutex,
    /// `windows-registry-key:key`.
    RegistryKey,
    /// `autonomous-system:number`.
    Asn,
    /// `mac-addr:value`.
    Mac,
    /// `vulnerability` names such as CVE-2026-1234.
    Cve,
    /// `user-account:account_login` and the like.
    Account,
    /// The `User-Agent` of an HTTP request.
    UserAgent,
    /// `x509-certificate:serial_number`.
    CertSerial,
    /// How a TLS client greets, by JA3.
    Ja3,
    /// How a TLS client greets, by JA4.
    Ja4,
    /// `directory:path`, or the whole path of a file.
    FilePath,
}

impl ValueKind {
    /// All kinds; a kind's place is the number that stores keep.
    pub const ALL: [Self; 22] = [
        Self::Domain,
        Self::Ipv4,
        Self::Ipv6,
        Self::Url,
        Self::Email,
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::OtherHash,
        Self::FileName,
        Self::Mutex,
        Self::RegistryKey,
        Self::Asn,
        Self::Mac,
        Self::Cve,
        Self::Account,
        Self::UserAgent,
        Self::CertSerial,
        Self::Ja3,
        Self::Ja4,
        Self::FilePath,
    ];

    /// The STIX object path, as it stands in patterns.
    #[must_use]
    pub const fn stix_path(self) -> &'static str {
        match self {
            Self::Domain => "domain-name:value",
            Self::Ipv4 => "ipv4-addr:value",
            Self::Ipv6 => "ipv6-addr:value",
            Self::Url => "url:value",
            Self::Email => "email-addr:value",
            Self::Md5 => "file:hashes.MD5",
            Self::Sha1 => "file:hashes.'SHA-1'",
            Self::Sha256 => "file:hashes.'SHA-256'",
            Self::Sha512 => "file:hashes.'SHA-512'",
            Self::OtherHash => "file:hashes",
            Self::FileName => "file:name",
            Self::Mutex => "mutex:name",
            Self::RegistryKey => "windows-registry-key:key",
            Self::Asn => "autonomous-system:number",
            Self::Mac => "mac-addr:value",
            Self::Cve => "vulnerability:name",
            Self::Account => "user-account:account_login",
            Self::UserAgent => {
                "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"
            }
            Self::CertSerial => "x509-certificate:serial_number",
            // STIX has no name for these two: others write them as a vendor's object.
            Self::Ja3 => "x-misp-attribute:ja3",
            Self::Ja4 => "x-misp-attribute:ja4",
            Self::FilePath => "directory:path",
        }
    }

    /// The number that stores keep.
    #[must_use]
    pub const fn code(self) -> u8 {
        // Declared in that order; it is asked for each value that is read.
        self as u8
    }
}

/// An observable value as the body has it; `detect` knows its normal form.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// The text of the body, unescaped.
    pub text: String,
}

/// The language of a rule.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Language {
    /// A STIX pattern that no single value proves.
    Stix,
    /// A Sigma rule.
    Sigma,
}

/// A detection rule as the body has it; `detect` compiles it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// What it is written in.
    pub language: Language,
    /// The text of the body, unescaped.
    pub text: String,
}

/// What a body says, as far as anything but a person reads it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Facts {
    /// Observable values, at most `VALUES_MAX`.
    pub values: Vec<Value>,
    /// The things that the body refers to, at most `REFS_MAX`, without repetition.
    pub refs: Vec<ThingId>,
    /// The detection pattern in STIX's language, where the body is an indicator in that language.
    pub pattern: Option<String>,
    /// The rule that the body carries in a language other than STIX's.
    pub rule: Option<Rule>,
    /// From when the content holds.
    pub valid_from: Option<Instant>,
    /// Until when the content holds (exclusive).
    pub valid_until: Option<Instant>,
    /// When the claimed author made the thing.
    pub created: Option<Instant>,
    /// When the claimed author made this version.
    pub modified: Option<Instant>,
    /// First observed.
    pub first_seen: Option<Instant>,
    /// Last observed.
    pub last_seen: Option<Instant>,
    /// How often observed.
    pub count: Option<u64>,
    /// The claimed author's confidence, 0 to 100.
    pub confidence: Option<u8>,
    /// 0 to 100, where the format has one.
    pub severity: Option<u8>,
    /// Country or region codes.
    pub area: Vec<String>,
    /// The claimed author has taken the thing back for good.
    pub revoked: bool,
    /// A name for tables.
    pub title: Option<String>,
    /// Text for search, at most `TEXT_CHARS_MAX` characters.
    pub text: Option<String>,
}

#[cfg(test)]
mod tests;
