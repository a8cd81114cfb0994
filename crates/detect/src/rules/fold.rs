//! A pattern's constants in the form in which events give values: what is compared by live matching
//! without regard to case is so in compound patterns as well. The judge of files does none of it.

use crate::observable::{Observable, normal, plain_into};
use crate::pattern::{Comparison, Literal, ObjectPath, Observation, Operand, Operator, Step, Test};
use model::facts::ValueKind;

/// Folds every constant of a pattern whose place has a normal form.
pub(super) fn fold(observation: &mut Observation) {
    match observation {
        Observation::One(comparison) => fold_comparison(comparison),
        Observation::All(all) | Observation::Any(all) | Observation::Sequence(all) => {
            all.iter_mut().for_each(fold);
        }
        Observation::Qualified(inner, _) => fold(inner),
    }
}

fn fold_comparison(comparison: &mut Comparison) {
    match comparison {
        Comparison::All(all) | Comparison::Any(all) => all.iter_mut().for_each(fold_comparison),
        Comparison::Test(test) => fold_test(test),
    }
}

/// How the texts at a place are folded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fold {
    /// An address, or a name where references lead to either.
    Address,
    /// The normal form of a kind.
    Kind(ValueKind),
    /// Lower case.
    Lower,
    /// Lower case without what ends a path.
    Folder,
}

fn fold_test(test: &mut Test) {
    // What is behind `hashes` has more than one spelling.
    if let [.., Step::Name(hashes), Step::Name(name)] = test.path.steps.as_mut_slice()
        && hashes == "hashes"
    {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let known = match letters.to_ascii_uppercase().as_str() {
            "MD5" => "MD5",
            "SHA1" => "SHA-1",
            "SHA256" => "SHA-256",
            "SHA512" => "SHA-512",
            _ => return,
        };
        known.clone_into(name);
    }
    let Some(fold) = of_path(&test.path) else { return };
    let operator = test.operator;
    let each = |literal: &mut Literal| {
        if let Literal::Text(text) = literal
            && let Some(folded) = folded(fold, operator, text)
        {
            *text = folded;
        }
    };
    match &mut test.operand {
        Operand::None => {}
        Operand::One(literal) => each(literal),
        Operand::Set(all) => all.iter_mut().for_each(each),
    }
}

fn folded(fold: Fold, operator: Operator, text: &str) -> Option<String> {
    let exact = matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In);
    match operator {
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::Like => match fold {
            Fold::Lower => Some(text.to_lowercase()),
            Fold::Folder => Some(text.trim_end_matches(['/', '\\']).to_lowercase()),
            Fold::Address if exact => {
                let kinds = [ValueKind::Ipv4, ValueKind::Ipv6, ValueKind::Mac, ValueKind::Domain];
                kinds.into_iter().find_map(|kind| normal(kind, text)).map(|value| value.text)
            }
            Fold::Kind(ValueKind::RegistryKey) => {
                let mut out = String::new();
                plain_into(ValueKind::RegistryKey, text, &mut out).then_some(out)
            }
            Fold::Kind(kind) if exact => {
                let Observable { kind: made, text } = normal(kind, text)?;
                (made == kind).then_some(text)
            }
            Fold::Kind(ValueKind::Url) => None,
            Fold::Kind(_) | Fold::Address => Some(text.to_lowercase()),
        },
        // Both spellings of a URL are there: it is looked through as it is written.
        Operator::Matches if fold != Fold::Kind(ValueKind::Url) => Some(format!("(?i){text}")),
        Operator::Matches
        | Operator::Greater
        | Operator::Less
        | Operator::GreaterOrEqual
        | Operator::LessOrEqual
        | Operator::IsSubset
        | Operator::IsSuperset
        | Operator::Exists => None,
    }
}

/// The folding of the texts at a path; none where a text is compared as it is.
fn of_path(path: &ObjectPath) -> Option<Fold> {
    let names: Vec<&str> = path
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Place(_) | Step::Anywhere => None,
        })
        .collect();
    // The object that the last reference leads to decides.
    let mut object = path.object.as_str();
    let mut rest = names.as_slice();
    while let [name, behind @ ..] = rest {
        object = match *name {
            "src_ref" | "dst_ref" | "resolves_to_refs" => "address",
            "image_ref" | "content_ref" => "file",
            "parent_directory_ref" => "directory",
            "parent_ref" | "child_refs" => "process",
            "creator_user_ref" => "user-account",
            "opened_connection_refs" => "network-traffic",
            _ => break,
        };
        rest = behind;
    }
    Some(match (object, rest) {
        ("address", ["value"]) => Fold::Address,
        ("domain-name", ["value"]) => Fold::Kind(ValueKind::Domain),
        ("ipv4-addr", ["value"]) => Fold::Kind(ValueKind::Ipv4),
        ("ipv6-addr", ["value"]) => Fold::Kind(ValueKind::Ipv6),
        ("url", ["value"]) => Fold::Kind(ValueKind::Url),
        ("email-addr", ["value"]) => Fold::Kind(ValueKind::Email),
        ("mac-addr", ["value"]) => Fold::Kind(ValueKind::Mac),
        ("windows-registry-key", ["key"]) => Fold::Kind(ValueKind::RegistryKey),
        ("x509-certificate", ["serial_number"]) => Fold::Kind(ValueKind::CertSerial),
        ("file" | "process", ["name"]) => Fold::Lower,
        ("file" | "x509-certificate", ["hashes", _]) => Fold::Lower,
        ("directory", ["path"]) => Fold::Folder,
        _ => return None,
    })
}
