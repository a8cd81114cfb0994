//! The standard types and the properties that each must have. What a property may contain is no
//! matter of this table, and unknown types are nobody's mistake.

/// How a type is versioned and what every object of it must have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Class {
    /// Domain and relationship objects and those meta objects that have versions.
    Versioned,
    /// Observables: no times, no versions.
    Observable,
    /// `marking-definition`: created once, never changed.
    Marking,
}

/// One standard type.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: &'static str,
    pub(super) class: Class,
    /// Without these nobody can use the object: it is refused.
    pub(super) required: &'static [&'static str],
    /// Required by STIX 2.1 and often missing in the wild: kept, with a warning.
    pub(super) owed: &'static [&'static str],
}

/// The standard type of this name.
pub(super) fn standard(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|known| known.name == name)
}

const fn object(
    name: &'static str,
    required: &'static [&'static str],
    owed: &'static [&'static str],
) -> Type {
    Type { name, class: Class::Versioned, required, owed }
}

const fn observable(name: &'static str, required: &'static [&'static str]) -> Type {
    Type { name, class: Class::Observable, required, owed: &[] }
}

/// SPEC: STIX 2.1 §4 (domain objects), §5 (relationships), §6 (observables), §7 (meta objects)
const TYPES: &[Type] = &[
    object("indicator", &["pattern", "valid_from"], &["pattern_type"]),
    object("relationship", &["relationship_type", "source_ref", "target_ref"], &[]),
    object("sighting", &["sighting_of_ref"], &[]),
    object("attack-pattern", &["name"], &[]),
    object("campaign", &["name"], &[]),
    object("course-of-action", &["name"], &[]),
    object("grouping", &["object_refs"], &["context"]),
    object("identity", &["name"], &[]),
    object("incident", &["name"], &[]),
    object("infrastructure", &["name"], &[]),
    object("intrusion-set", &["name"], &[]),
    object("location", &[], &[]),
    object("malware", &[], &["is_family"]),
    object("malware-analysis", &["product"], &[]),
    object("note", &["object_refs"], &["content"]),
    object("observed-data", &["first_observed", "last_observed"], &["number_observed"]),
    object("opinion", &["opinion", "object_refs"], &[]),
    object("report", &["name", "object_refs"], &["published"]),
    object("threat-actor", &["name"], &[]),
    object("tool", &["name"], &[]),
    object("vulnerability", &["name"], &[]),
    object("extension-definition", &["name"], &["schema", "version", "extension_types"]),
    object("language-content", &["object_ref"], &["contents"]),
    Type { name: "marking-definition", class: Class::Marking, required: &[], owed: &[] },
    observable("artifact", &[]),
    observable("autonomous-system", &["number"]),
    observable("directory", &["path"]),
    observable("domain-name", &["value"]),
    observable("email-addr", &["value"]),
    observable("email-message", &[]),
    observable("file", &[]),
    observable("ipv4-addr", &["value"]),
    observable("ipv6-addr", &["value"]),
    observable("mac-addr", &["value"]),
    observable("mutex", &["name"]),
    observable("network-traffic", &["protocols"]),
    observable("process", &[]),
    observable("software", &["name"]),
    observable("url", &["value"]),
    observable("user-account", &[]),
    observable("windows-registry-key", &[]),
    observable("x509-certificate", &[]),
];
