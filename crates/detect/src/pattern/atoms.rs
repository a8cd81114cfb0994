//! Which values prove a pattern alone. Compound patterns are reported as such, never weakened.

use super::parser::{PatternError, parse};
use super::tree::{Comparison, Literal, ObjectPath, Observation, Operand, Operator, Step, Test};
use crate::observable::{Observable, normal};
use model::facts::ValueKind;

/// The values that a pattern names by equality on known paths.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Atoms {
    /// In normal form, sorted, without repetition.
    pub values: Vec<Observable>,
    /// Whether the pattern is an `OR` of nothing else, so that each value alone proves it. When
    /// not, the values are only what the pattern mentions: good for search, not for matching.
    pub whole: bool,
    /// Texts that are no value of their path's kind; nothing can match them.
    pub unreadable: Vec<String>,
}

/// Reads a pattern and collects its atoms: `=`, `IN`, and `ISSUBSET` on addresses, on the paths of
/// every kind of value that is matched alone, and attributes of MISP that stand for one.
///
/// # Errors
/// When it is no pattern.
pub fn atoms(pattern: &str) -> Result<Atoms, PatternError> {
    let mut atoms = Atoms { whole: true, ..Atoms::default() };
    of_observation(&parse(pattern)?, &mut atoms);
    atoms.values.sort_unstable();
    atoms.values.dedup();
    Ok(atoms)
}

fn of_observation(observation: &Observation, atoms: &mut Atoms) {
    match observation {
        Observation::One(comparison) => of_comparison(comparison, atoms),
        Observation::Any(all) => all.iter().for_each(|each| of_observation(each, atoms)),
        Observation::All(all) | Observation::Sequence(all) => {
            atoms.whole = false;
            all.iter().for_each(|each| of_observation(each, atoms));
        }
        Observation::Qualified(inner, _) => {
            atoms.whole = false;
            of_observation(inner, atoms);
        }
    }
}

fn of_comparison(comparison: &Comparison, atoms: &mut Atoms) {
    match comparison {
        Comparison::Any(all) => all.iter().for_each(|each| of_comparison(each, atoms)),
        Comparison::All(all) => {
            if let Some(value) = carried(all) {
                return atoms.values.push(value);
            }
            atoms.whole = false;
            all.iter().for_each(|each| of_comparison(each, atoms));
        }
        Comparison::Test(test) => of_test(test, atoms),
    }
}

fn of_test(test: &Test, atoms: &mut Atoms) {
    let kind = kind_of(&test.path).filter(|_| !test.negated);
    let address = matches!(kind, Some(ValueKind::Ipv4 | ValueKind::Ipv6));
    let literals = match (&test.operand, test.operator) {
        (Operand::One(one), Operator::Equal) => std::slice::from_ref(one),
        (Operand::One(one), Operator::IsSubset) if address => std::slice::from_ref(one),
        (Operand::Set(set), Operator::In) => set.as_slice(),
        _ => {
            atoms.whole = false;
            return;
        }
    };
    for literal in literals {
        let (text, kind) = match (literal, kind) {
            (Literal::Text(text), Some(kind)) => (text.clone(), kind),
            // The one number that is looked for.
            (Literal::Integer(number), Some(ValueKind::Asn)) => {
                (number.to_string(), ValueKind::Asn)
            }
            _ => {
                atoms.whole = false;
                continue;
            }
        };
        match normal(kind, &text) {
            Some(value) => atoms.values.push(value),
            None => atoms.unreadable.push(text),
        }
    }
}

/// The kind of value at a path, if values there are matched one by one.
fn kind_of(path: &ObjectPath) -> Option<ValueKind> {
    let names: Option<Vec<&str>> = path
        .steps
        .iter()
        .map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Place(_) | Step::Anywhere => None,
        })
        .collect();
    match (path.object.as_str(), names?.as_slice()) {
        ("domain-name", ["value"]) => Some(ValueKind::Domain),
        ("ipv4-addr", ["value"]) => Some(ValueKind::Ipv4),
        ("ipv6-addr", ["value"]) => Some(ValueKind::Ipv6),
        ("url", ["value"]) => Some(ValueKind::Url),
        ("email-addr", ["value"]) => Some(ValueKind::Email),
        ("file" | "x509-certificate" | "artifact", ["hashes", algorithm]) => {
            Some(kind_of_hash(algorithm))
        }
        ("file", ["name"]) => Some(ValueKind::FileName),
        ("directory", ["path"]) => Some(ValueKind::FilePath),
        ("mutex", ["name"]) => Some(ValueKind::Mutex),
        ("windows-registry-key", ["key"]) => Some(ValueKind::RegistryKey),
        ("autonomous-system", ["number"]) => Some(ValueKind::Asn),
        ("mac-addr", ["value"]) => Some(ValueKind::Mac),
        ("vulnerability", ["name"]) => Some(ValueKind::Cve),
        ("user-account", ["account_login" | "user_id"]) => Some(ValueKind::Account),
        ("x509-certificate", ["serial_number"]) => Some(ValueKind::CertSerial),
        ("x-misp-attribute", ["ja3"]) => Some(ValueKind::Ja3),
        ("x-misp-attribute", ["ja4"]) => Some(ValueKind::Ja4),
        ("network-traffic", ["extensions", "http-request-ext", "request_header", header])
            if header.eq_ignore_ascii_case("User-Agent") =>
        {
            Some(ValueKind::UserAgent)
        }
        _ => None,
    }
}

/// The value of `[x-misp-attribute:type = '...' AND x-misp-attribute:value = '...']`, which is how
/// MISP writes what STIX has no object for.
fn carried(all: &[Comparison]) -> Option<Observable> {
    let [Comparison::Test(one), Comparison::Test(other)] = all else { return None };
    let ((("type", kind), ("value", value)) | (("value", value), ("type", kind))) =
        (carrier(one)?, carrier(other)?)
    else {
        return None;
    };
    let kind = match kind {
        "ja3-fingerprint-md5" => ValueKind::Ja3,
        "hassh-md5" | "hasshserver-md5" | "x509-fingerprint-md5" | "md5" => ValueKind::Md5,
        "x509-fingerprint-sha1" | "sha1" => ValueKind::Sha1,
        "x509-fingerprint-sha256" | "sha256" => ValueKind::Sha256,
        "jarm-fingerprint" | "imphash" => ValueKind::OtherHash,
        "filename" => ValueKind::FileName,
        "user-agent" => ValueKind::UserAgent,
        "AS" => ValueKind::Asn,
        "mutex" => ValueKind::Mutex,
        "regkey" => ValueKind::RegistryKey,
        "vulnerability" => ValueKind::Cve,
        "mac-address" => ValueKind::Mac,
        "domain" | "hostname" => ValueKind::Domain,
        "ip-src" | "ip-dst" => ValueKind::Ipv4,
        "url" => ValueKind::Url,
        kind if kind.starts_with("ja4") => ValueKind::Ja4,
        _ => return None,
    };
    normal(kind, value)
}

/// The property and the text of an attribute's test.
fn carrier(test: &Test) -> Option<(&str, &str)> {
    let [Step::Name(name)] = test.path.steps.as_slice() else { return None };
    let plain = test.path.object == "x-misp-attribute" && !test.negated;
    match (&test.operand, test.operator) {
        (Operand::One(Literal::Text(text)), Operator::Equal) if plain => Some((name, text)),
        _ => None,
    }
}

/// By the algorithm's name in any usual spelling (`SHA-256`, `sha256`).
fn kind_of_hash(algorithm: &str) -> ValueKind {
    let letters = algorithm.chars().filter(|c| !matches!(c, '-' | '_'));
    match letters.collect::<String>().to_ascii_uppercase().as_str() {
        "MD5" => ValueKind::Md5,
        "SHA1" => ValueKind::Sha1,
        "SHA256" => ValueKind::Sha256,
        "SHA512" => ValueKind::Sha512,
        _ => ValueKind::OtherHash,
    }
}
