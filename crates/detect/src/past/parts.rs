//! The values that a rule names, as far as they are of a kind that is kept: what was seen of them says
//! that the rule *may* have matched before it came. Whether it did, no value tells: events are not
//! kept. It judges no rule.

use crate::event::Role;
use crate::named;
use crate::observable::{Observable, Prefix, guess, is_separator, normal};
use crate::pattern::atoms;
use crate::sigma::{FieldTest, Op, Part, Place, Test, read};
use model::facts::{Language, Rule, ValueKind};
use model::limits::RULE_PARTS_MAX;

/// The values in normal form, sorted, each once, at most [`RULE_PARTS_MAX`]; none of a rule that
/// cannot be read. What a rule excludes is not among them.
#[must_use]
pub fn parts(rule: &Rule) -> Vec<Observable> {
    let mut parts = match rule.language {
        Language::Stix => atoms(&rule.text).map(|atoms| atoms.values).unwrap_or_default(),
        Language::Sigma => {
            let mut parts = Vec::new();
            if let Ok(rule) = read(&rule.text) {
                of_test(&rule.test, &mut parts);
            }
            parts
        }
    };
    parts.sort_unstable();
    parts.dedup();
    parts.truncate(RULE_PARTS_MAX);
    parts
}

fn of_test(test: &Test, parts: &mut Vec<Observable>) {
    match test {
        Test::All(all) | Test::Any(all) => all.iter().for_each(|each| of_test(each, parts)),
        Test::Not(_) => {}
        Test::Field(FieldTest { field, op }) => of_op(Some(field), op, parts),
        Test::Keyword(op) => of_op(None, op, parts),
    }
}

fn of_op(field: Option<&str>, op: &Op, parts: &mut Vec<Observable>) {
    match op {
        Op::Text(text) => {
            if let Some((letters, place)) = text.plain() {
                of_text(field, (letters, text.cased), place, parts);
            } else if let Some(Part::Letters(end)) = text.parts.last() {
                // Whatever stands before, the value ends so.
                of_text(field, (end, text.cased), Place::End, parts);
            }
        }
        Op::Cidr(network, length) => {
            parts.push(Prefix { network: *network, length: *length }.observable());
        }
        Op::Number(number) => {
            let kind = field.and_then(of_field).filter(|kind| *kind == ValueKind::Asn);
            parts.extend(kind.and_then(|kind| normal(kind, number)));
        }
        Op::Null | Op::Regex(_) | Op::Compare(..) | Op::Exists(_) | Op::SameAs { .. } => {}
    }
}

fn of_text(
    field: Option<&str>,
    (letters, cased): (&str, bool),
    place: Place,
    parts: &mut Vec<Observable>,
) {
    let kind = field.and_then(of_field);
    match kind {
        Some(ValueKind::FileName | ValueKind::FilePath) => parts.extend(file(letters, place)),
        // A rule's letters have no case, and these kinds have.
        Some(kind) if place == Place::Whole && (cased || is_caseless(kind)) => {
            parts.extend(normal(kind, letters));
        }
        Some(_) => {}
        None => {
            let name = field.is_some_and(|field| Role::of(field).is_name());
            let text = letters.strip_prefix(['.', '=']).unwrap_or(letters);
            // In the middle of a text most that looks like a name is one of a file.
            let ends = place == Place::End && letters.starts_with('.');
            let known = |part: &Observable| {
                part.kind != ValueKind::Domain
                    || name
                    || field.is_some() && (place == Place::Whole || ends)
            };
            if place != Place::Start {
                parts.extend(guess(text).into_iter().filter(known));
            }
        }
    }
}

/// The file that a path ends with; the whole path where all of it is there.
fn file(letters: &str, place: Place) -> Option<Observable> {
    match place {
        Place::Whole => normal(ValueKind::FileName, letters),
        // Only behind a separator does a name begin.
        Place::End => {
            let (_, name) = letters.rsplit_once(is_separator)?;
            normal(ValueKind::FileName, name)
        }
        Place::Start | Place::Inside => None,
    }
}

fn of_field(field: &str) -> Option<ValueKind> {
    let (above, last) = field.rsplit_once('.').unwrap_or(("", field));
    let above = above.rsplit_once('.').map_or(above, |(_, above)| above);
    named::kind(last, || above.to_owned())
}

/// Whether a kind's normal form has no capitals that mean anything.
const fn is_caseless(kind: ValueKind) -> bool {
    match kind {
        ValueKind::Mutex | ValueKind::Account | ValueKind::UserAgent => false,
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
        | ValueKind::FileName
        | ValueKind::RegistryKey
        | ValueKind::Asn
        | ValueKind::Mac
        | ValueKind::Cve
        | ValueKind::CertSerial
        | ValueKind::Ja3
        | ValueKind::Ja4
        | ValueKind::FilePath => true,
    }
}

#[cfg(test)]
mod tests;
