//! The types and properties that STIX defines for what is observed, to warn of misspelt ones and to
//! know timestamps. It is no schema: what it does not know may well exist.
//!
//! SPEC: STIX 2.1 §6.

/// What a property holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sort {
    /// A text.
    Text,
    /// A number.
    Number,
    /// Truth.
    Bool,
    /// A timestamp.
    Time,
    /// Octets.
    Octets,
    /// A dictionary, a list of dictionaries, or a reference.
    Within,
}

/// Each type with its properties: `t` text, `n` number, `b` truth, `d` timestamp, `o` octets, `w` what
/// goes on within.
const KNOWN: [(&str, &str); 18] = [
    (
        "artifact",
        "mime_type:t payload_bin:o url:t hashes:w encryption_algorithm:t decryption_key:t",
    ),
    ("autonomous-system", "number:n name:t rir:t"),
    ("directory", "path:t path_enc:t ctime:d mtime:d atime:d contains_refs:w"),
    ("domain-name", "value:t resolves_to_refs:w"),
    ("email-addr", "value:t display_name:t belongs_to_ref:w"),
    (
        "email-message",
        "is_multipart:b date:d content_type:t from_ref:w sender_ref:w to_refs:w cc_refs:w \
         bcc_refs:w message_id:t subject:t received_lines:t additional_header_fields:w body:t \
         body_multipart:w raw_email_ref:w",
    ),
    (
        "file",
        "hashes:w size:n name:t name_enc:t magic_number_hex:o mime_type:t ctime:d mtime:d atime:d \
         parent_directory_ref:w contains_refs:w content_ref:w",
    ),
    ("ipv4-addr", "value:t resolves_to_refs:w belongs_to_refs:w"),
    ("ipv6-addr", "value:t resolves_to_refs:w belongs_to_refs:w"),
    ("mac-addr", "value:t"),
    ("mutex", "name:t"),
    (
        "network-traffic",
        "start:d end:d is_active:b src_ref:w dst_ref:w src_port:n dst_port:n protocols:t \
         src_byte_count:n dst_byte_count:n src_packets:n dst_packets:n ipfix:w src_payload_ref:w \
         dst_payload_ref:w encapsulates_refs:w encapsulated_by_ref:w",
    ),
    (
        "process",
        "is_hidden:b pid:n created_time:d cwd:t command_line:t environment_variables:w \
         opened_connection_refs:w creator_user_ref:w image_ref:w parent_ref:w child_refs:w",
    ),
    ("software", "name:t cpe:t swid:t languages:t vendor:t version:t"),
    ("url", "value:t"),
    (
        "user-account",
        "user_id:t credential:t account_login:t account_type:t display_name:t \
         is_service_account:b is_privileged:b can_escalate_privs:b is_disabled:b \
         account_created:d account_expires:d credential_last_changed:d account_first_login:d \
         account_last_login:d",
    ),
    (
        "windows-registry-key",
        "key:t values:w modified_time:d creator_user_ref:w number_of_subkeys:n",
    ),
    (
        "x509-certificate",
        "is_self_signed:b hashes:w version:t serial_number:t signature_algorithm:t issuer:t \
         validity_not_before:d validity_not_after:d subject:t subject_public_key_algorithm:t \
         subject_public_key_modulus:t subject_public_key_exponent:n x509_v3_extensions:w",
    ),
];

/// Properties that every object may have.
///
/// SPEC: STIX 2.1 §3.2.
const COMMON: &str = "type:t id:t spec_version:t object_marking_refs:t granular_markings:w defanged:b \
     extensions:w";

/// Timestamps deeper inside.
const DEEPER_TIMES: [(&str, &str); 3] = [
    ("file", "time_date_stamp"),
    ("x509-certificate", "private_key_usage_period_not_before"),
    ("x509-certificate", "private_key_usage_period_not_after"),
];

fn properties(kind: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == kind).map(|(_, properties)| *properties)
}

/// Whether the standard defines a type.
pub(super) fn is_type(kind: &str) -> bool {
    properties(kind).is_some()
}

/// What a property of a type holds, if both are the standard's.
pub(super) fn sort(kind: &str, name: &str) -> Option<Sort> {
    let all = properties(kind)?.split_whitespace().chain(COMMON.split_whitespace());
    let mut pairs = all.filter_map(|pair| pair.split_once(':'));
    Some(match pairs.find(|(known, _)| *known == name)?.1 {
        "t" => Sort::Text,
        "n" => Sort::Number,
        "b" => Sort::Bool,
        "d" => Sort::Time,
        "o" => Sort::Octets,
        _ => Sort::Within,
    })
}

/// Whether a property is a timestamp: only `t''` compares with it.
///
/// SPEC: STIX 2.1 §9.2.
pub(super) fn is_time(kind: &str, name: &str) -> bool {
    sort(kind, name) == Some(Sort::Time) || DEEPER_TIMES.contains(&(kind, name))
}

/// What was meant: the same letters, but for case and marks.
pub(super) fn meant(kind: &str, name: Option<&str>) -> Option<&'static str> {
    let letters = |text: &str| {
        let all = text.chars().filter(char::is_ascii_alphanumeric);
        all.map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    let Some(name) = name else {
        let typed = letters(kind).replace("winregistry", "windowsregistry");
        return KNOWN.iter().map(|(known, _)| *known).find(|known| letters(known) == typed);
    };
    let all = properties(kind)?.split_whitespace().filter_map(|pair| pair.split_once(':'));
    all.map(|(known, _)| known).find(|known| letters(known) == letters(name))
}
