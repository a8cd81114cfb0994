//! Values that nothing but the name of their field tells from any other text: file names, user
//! agents, registry keys. It names the kinds of a field, and reads no value.

use crate::event::{Path, Role};
use crate::observable::{is_separator, plain_into};
use crate::short;
use model::facts::ValueKind::{
    self, Account, Asn, CertSerial, FileName, FilePath, Ja4, Mac, Mutex, RegistryKey, UserAgent,
};

/// The kind of value in a field, by the last key that leads there, and by the one above where the
/// last says too little. A file stands for its name and its path.
#[must_use]
pub(crate) fn kind(last: &str, above: impl FnOnce() -> String) -> Option<ValueKind> {
    let (own, last) = parted(last);
    if !is_vague(last) {
        return of_last(last);
    }
    match own {
        Some(own) => of_vague(parted(own).1, last),
        None => of_vague(&above(), last),
    }
}

/// What stands before the last dot of a key, and what behind it.
#[inline]
pub(crate) fn parted(key: &str) -> (Option<&str>, &str) {
    short::parted_last(key, b'.').map_or((None, key), |(own, last)| (Some(own), last))
}

/// Whether a text begins as the name of a weakness does, in whatever field it stands.
#[inline]
pub(crate) fn may_be_cve(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"))
}

/// The kind of value in a field.
pub(crate) fn at(path: Path<'_>) -> Option<ValueKind> {
    kind(path.last_spelled(), || path.above().unwrap_or_default().into_owned())
}

/// Whether a last key says nothing without the one above it.
#[must_use]
pub(crate) fn is_vague(last: &str) -> bool {
    let known = matches!(
        last,
        "name" | "path" | "executable" | "original" | "number" | "key" | "serial" | "mac" | "full"
    );
    known || matches!(last, "target_path" | "id" | "uid")
}

fn of_last(last: &str) -> Option<ValueKind> {
    Some(match last {
        "Image" | "ParentImage" | "ImageLoaded" | "SourceImage" | "TargetImage"
        | "TargetFilename" | "filename" | "file_name" | "fileName" | "FileName"
        | "OriginalFileName" | "fname" | "filePath" | "file_path" | "FilePath"
        | "NewProcessName" | "ProcessName" | "ParentProcessName" | "process_path"
        | "process_name" => FileName,
        "TargetObject" | "registry_path" | "registry_key" | "RegistryKey" => RegistryKey,
        "mutex" | "MutexName" | "mutex_name" => Mutex,
        "user_agent"
        | "http_user_agent"
        | "cs-user-agent"
        | "cs(User-Agent)"
        | "userAgent"
        | "useragent"
        | "UserAgent"
        | "requestClientApplication" => UserAgent,
        "serial_number" | "serialNumber" => CertSerial,
        "asn" | "as_number" | "src_asn" | "dst_asn" | "dest_asn" | "src_as" | "dst_as" => Asn,
        "TargetUserName" | "SubjectUserName" | "user" | "User" | "username" | "user_name"
        | "suser" | "duser" => Account,
        "mac_address" | "src_mac" | "dest_mac" | "dst_mac" | "client_mac" | "assigned_mac"
        | "orig_l2_addr" | "resp_l2_addr" => Mac,
        "ja4" | "ja4s" | "ja4h" | "ja4x" | "ja4l" | "ja4ssh" => Ja4,
        _ => return None,
    })
}

fn of_vague(above: &str, last: &str) -> Option<ValueKind> {
    Some(match (above, last) {
        ("file", "name" | "path" | "target_path")
        | ("process" | "parent", "name" | "path" | "executable") => FileName,
        ("registry" | "reg_key", "key" | "path") => RegistryKey,
        ("mutex", "name") => Mutex,
        ("user_agent", "original") => UserAgent,
        ("tls" | "certificate" | "x509", "serial") => CertSerial,
        ("as", "number") | ("autonomous_system", "number") => Asn,
        ("user", "name" | "id" | "uid") => Account,
        (_, "mac") => Mac,
        _ => return None,
    })
}

/// What a matched field of this kind is for.
pub(crate) const fn role(kind: ValueKind) -> Option<Role> {
    match kind {
        FileName | FilePath => Some(Role::File),
        RegistryKey => Some(Role::Registry),
        UserAgent => Some(Role::UserAgent),
        Account => Some(Role::Account),
        Ja4 => Some(Role::Fingerprint),
        CertSerial => Some(Role::Certificate),
        ValueKind::Domain
        | ValueKind::Ipv4
        | ValueKind::Ipv6
        | ValueKind::Url
        | ValueKind::Email
        | ValueKind::Md5
        | ValueKind::Sha1
        | ValueKind::Sha256
        | ValueKind::Sha512
        | ValueKind::OtherHash
        | Mutex
        | Asn
        | Mac
        | ValueKind::Cve
        | ValueKind::Ja3 => None,
    }
}

/// Calls `each` with every reading of a text in a field of this kind, each in normal form: a path
/// also names its file, a key of the registry with a value's name also the key alone, an account
/// with its domain also the account alone.
pub(crate) fn readings(
    kind: ValueKind,
    text: &str,
    out: &mut String,
    each: &mut impl FnMut(ValueKind, &str),
) {
    let mut one = |kind, text: &str| {
        out.clear();
        if plain_into(kind, text, out) {
            each(kind, out);
        }
    };
    if kind == FileName {
        if text.contains(is_separator) {
            one(FilePath, text);
        }
        return one(FileName, text.rsplit(is_separator).next().unwrap_or_default());
    }
    one(kind, text);
    let part = match kind == RegistryKey {
        true => text.trim_end_matches('\\').rsplit_once('\\').map(|(key, _)| key),
        false if kind == Account => text.rsplit_once('\\').map(|(_, account)| account),
        false => None,
    };
    if let Some(part) = part {
        one(kind, part);
    }
}
