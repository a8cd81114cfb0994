//! Zeek's file of the intelligence framework: columns parted by tabs, named in the first line. It
//! loads no script: `meta.do_notice` needs `frameworks/intel/do_notice`.

use super::line::{About, Line, is_plain, word};
use model::facts::ValueKind;
use std::fmt::Write as _;

const FIELDS: &str =
    "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\tmeta.do_notice\n";

#[derive(Debug, Default)]
pub(super) struct Zeek {
    rows: Vec<(Box<str>, &'static str, uuid::Uuid)>,
    bytes: usize,
}

impl Zeek {
    pub(super) fn push(&mut self, line: &Line<'_>) {
        let Some(kind) = kind(line) else { return };
        if is_plain(line.value) {
            let value = escaped(line.value);
            self.bytes += value.len() + ROW_BYTES;
            self.rows.push((value, kind, line.id));
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(mut self, about: &About<'_>) -> Vec<u8> {
        self.rows.sort_unstable();
        // Zeek holds one item for each value, source and type.
        self.rows.dedup_by(|b, a| (&a.0, a.1) == (&b.0, b.1));
        let source = format!("entente-{}", word(about.name));
        let mut out = String::with_capacity(FIELDS.len() + self.bytes);
        out.push_str(FIELDS);
        for (value, kind, id) in &self.rows {
            writeln!(out, "{value}\tIntel::{kind}\t{source}\tindicator--{id}\t-\tT").ok();
        }
        out.into_bytes()
    }
}

/// Bytes of a row beside its value, about.
const ROW_BYTES: usize = 100;

/// Zeek's name for what a value is; `None` for what it does not look up.
fn kind(line: &Line<'_>) -> Option<&'static str> {
    Some(match line.kind {
        ValueKind::Domain => "DOMAIN",
        ValueKind::Ipv4 | ValueKind::Ipv6 if line.value.contains('/') => "SUBNET",
        ValueKind::Ipv4 | ValueKind::Ipv6 => "ADDR",
        ValueKind::Url => "URL",
        ValueKind::Email => "EMAIL",
        ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash => "FILE_HASH",
        ValueKind::FileName => "FILE_NAME",
        ValueKind::Account => "USER_NAME",
        ValueKind::UserAgent => "SOFTWARE",
        ValueKind::Mutex
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4
        | ValueKind::FilePath => return None,
    })
}

/// Zeek's reader takes `\x..` for a byte, `-` alone for nothing, and a leading `#` for a remark.
fn escaped(value: &str) -> Box<str> {
    if matches!(value, "-" | "(empty)") || value.starts_with('#') {
        let (first, rest) = value.split_at_checked(1).unwrap_or((value, ""));
        let first: String = first.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        return format!("{first}{}", rest.replace('\\', "\\x5c")).into();
    }
    value.replace('\\', "\\x5c").into()
}
