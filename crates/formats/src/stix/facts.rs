//! Facts of a STIX object, taken by a table (type -> property -> role). A pattern is handed on as
//! text: reading it is `detect`'s work.

use super::collect::{Collected, Group, Part};
use super::timestamp::timestamp;
use crate::json::Leaf;
use crate::problem::{Problem, shown};
use model::facts::{Facts, Language, Rule, Value, ValueKind};
use model::limits::{REFS_MAX, TEXT_CHARS_MAX, VALUES_MAX};
use model::time::Instant;
use std::collections::HashSet;

/// What a property tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Role {
    Value(ValueKind),
    /// A name that is a value only when it is a CVE number.
    Cve,
    Hashes,
    Title,
    Text,
    Area,
    Count,
    Created,
    Modified,
    ValidFrom,
    ValidUntil,
    FirstSeen,
    LastSeen,
}

/// One row: the type (empty for any), the property, its role.
struct Row(&'static str, &'static str, Role);

/// Where facts stand. Of several titles the first in this order wins.
const TABLE: &[Row] = &[
    Row("", "name", Role::Title),
    Row("", "value", Role::Title),
    Row("note", "abstract", Role::Title),
    Row("relationship", "relationship_type", Role::Title),
    Row("windows-registry-key", "key", Role::Title),
    Row("directory", "path", Role::Title),
    Row("user-account", "account_login", Role::Title),
    Row("user-account", "user_id", Role::Title),
    Row("email-message", "subject", Role::Title),
    Row("malware-analysis", "product", Role::Title),
    Row("opinion", "opinion", Role::Title),
    Row("", "description", Role::Text),
    Row("note", "content", Role::Text),
    Row("opinion", "explanation", Role::Text),
    Row("", "created", Role::Created),
    Row("", "modified", Role::Modified),
    Row("indicator", "valid_from", Role::ValidFrom),
    Row("indicator", "valid_until", Role::ValidUntil),
    Row("relationship", "start_time", Role::ValidFrom),
    Row("relationship", "stop_time", Role::ValidUntil),
    Row("", "first_seen", Role::FirstSeen),
    Row("", "last_seen", Role::LastSeen),
    Row("observed-data", "first_observed", Role::FirstSeen),
    Row("observed-data", "last_observed", Role::LastSeen),
    Row("observed-data", "number_observed", Role::Count),
    Row("sighting", "count", Role::Count),
    Row("location", "country", Role::Area),
    Row("location", "region", Role::Area),
    Row("domain-name", "value", Role::Value(ValueKind::Domain)),
    Row("ipv4-addr", "value", Role::Value(ValueKind::Ipv4)),
    Row("ipv6-addr", "value", Role::Value(ValueKind::Ipv6)),
    Row("url", "value", Role::Value(ValueKind::Url)),
    Row("email-addr", "value", Role::Value(ValueKind::Email)),
    Row("mac-addr", "value", Role::Value(ValueKind::Mac)),
    Row("autonomous-system", "number", Role::Value(ValueKind::Asn)),
    Row("file", "hashes", Role::Hashes),
    Row("file", "name", Role::Value(ValueKind::FileName)),
    Row("artifact", "hashes", Role::Hashes),
    Row("x509-certificate", "hashes", Role::Hashes),
    Row("mutex", "name", Role::Value(ValueKind::Mutex)),
    Row("windows-registry-key", "key", Role::Value(ValueKind::RegistryKey)),
    Row("user-account", "account_login", Role::Value(ValueKind::Account)),
    Row("user-account", "user_id", Role::Value(ValueKind::Account)),
    Row("vulnerability", "name", Role::Cve),
];

/// The kind of a hash by its name in a `hashes` dictionary.
fn hash_kind(name: &str) -> ValueKind {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    match plain.to_ascii_uppercase().as_str() {
        "MD5" => ValueKind::Md5,
        "SHA1" => ValueKind::Sha1,
        "SHA256" => ValueKind::Sha256,
        "SHA512" => ValueKind::Sha512,
        _ => ValueKind::OtherHash,
    }
}

/// Fills the facts; `strict` refuses bad times (standard types), else they are left out.
pub(super) fn facts(
    kind: &str,
    strict: bool,
    collected: &mut Collected<'_>,
) -> Result<Facts, Problem> {
    let mut facts =
        Facts { refs: distinct(std::mem::take(&mut collected.refs)), ..Facts::default() };
    let top = &collected.top;
    for row in rows(kind) {
        if let Err(problem) = fill(&mut facts, row, top)
            && strict
        {
            return Err(problem);
        }
    }
    for inner in &collected.inner {
        let kind = inner.text("type").unwrap_or_default();
        rows(&kind).for_each(|row| observe(&mut facts.values, row, inner));
    }
    for text in &collected.words {
        append(&mut facts.text, &text.read());
    }
    if let Some(title) = facts.title.take() {
        // Words that are found by search, the title first.
        let body = facts.text.take();
        append(&mut facts.title, &title);
        append(&mut facts.text, &title);
        body.iter().for_each(|body| append(&mut facts.text, body));
    }
    facts.revoked = matches!(top.property("revoked"), Some(Part::Leaf(Leaf::Bool(true))));
    facts.confidence =
        number(top, "confidence").and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 100);
    let language = top.text("pattern_type");
    if kind == "indicator" && language.as_deref().is_none_or(|language| language == "stix") {
        facts.pattern = top.text("pattern").map(std::borrow::Cow::into_owned);
    } else if kind == "indicator" && language.as_deref() == Some("sigma") {
        let rule = |text: std::borrow::Cow<'_, str>| Rule {
            language: Language::Sigma,
            text: text.into_owned(),
        };
        facts.rule = top.text("pattern").map(rule);
    }
    bounded(facts)
}

fn rows(kind: &str) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(move |row| row.0.is_empty() || row.0 == kind)
}

/// Facts beyond these bounds would be lost silently: references decide labels, values matches.
fn bounded(facts: Facts) -> Result<Facts, Problem> {
    let (what, most) = if facts.refs.len() > REFS_MAX {
        ("references", REFS_MAX)
    } else if facts.values.len() > VALUES_MAX {
        ("observable values", VALUES_MAX)
    } else {
        return Ok(facts);
    };
    Err(Problem::error("E-STIX-009", format!("the object has more than {most} {what}"))
        .hint("split it into several objects"))
}

fn distinct<T: Clone + Eq + std::hash::Hash>(mut all: Vec<T>) -> Vec<T> {
    if all.len() > 1 {
        let mut seen = HashSet::with_capacity(all.len());
        all.retain(|one| seen.insert(one.clone()));
    }
    all
}

fn fill(facts: &mut Facts, Row(_, name, role): &Row, top: &Group<'_>) -> Result<(), Problem> {
    let time = || time(top, name);
    match role {
        Role::Title if facts.title.is_none() => {
            facts.title = top.text(name).filter(|t| !t.is_empty()).map(|t| t.into_owned());
        }
        Role::Title => {}
        Role::Text => {
            if let Some(text) = top.text(name) {
                append(&mut facts.text, &text);
            }
        }
        Role::Area => facts.area.extend(top.text(name).map(|t| t.into_owned())),
        Role::Count => facts.count = number(top, name),
        Role::Created => facts.created = time()?,
        Role::Modified => facts.modified = time()?,
        Role::ValidFrom => facts.valid_from = time()?,
        Role::ValidUntil => facts.valid_until = time()?,
        Role::FirstSeen => facts.first_seen = time()?.or(facts.first_seen),
        Role::LastSeen => facts.last_seen = time()?.or(facts.last_seen),
        Role::Value(_) | Role::Cve | Role::Hashes => {
            observe(&mut facts.values, &Row("", name, *role), top);
        }
    }
    Ok(())
}

fn observe(values: &mut Vec<Value>, Row(_, name, role): &Row, group: &Group<'_>) {
    match role {
        Role::Value(kind) => {
            let text = match group.property(name) {
                Some(Part::Leaf(Leaf::Text(text))) => text.read().into_owned(),
                Some(Part::Leaf(Leaf::Number(number))) => number.to_owned(),
                _ => return,
            };
            values.push(Value { kind: *kind, text });
        }
        Role::Cve => {
            if let Some(text) = group.text(name).filter(|name| name.starts_with("CVE-")) {
                values.push(Value { kind: ValueKind::Cve, text: text.into_owned() });
            }
        }
        Role::Hashes => values.extend(group.hashes.iter().map(|(algorithm, text)| Value {
            kind: hash_kind(algorithm),
            text: text.read().into_owned(),
        })),
        Role::Title
        | Role::Text
        | Role::Area
        | Role::Count
        | Role::Created
        | Role::Modified
        | Role::ValidFrom
        | Role::ValidUntil
        | Role::FirstSeen
        | Role::LastSeen => {}
    }
}

/// A timestamp; absent is fine, and anything but a timestamp is a problem.
pub(super) fn time(top: &Group<'_>, name: &str) -> Result<Option<Instant>, Problem> {
    if !top.has(name) {
        return Ok(None);
    }
    let text = top.text(name).unwrap_or_default();
    timestamp(&text).map(Some).ok_or_else(|| {
        let message = format!("`{}` is not a timestamp", shown(&text));
        Problem::error("E-STIX-005", message)
            .at(format!("/{name}"))
            .hint("write it as 2026-11-22T08:00:00.000Z")
    })
}

fn number(top: &Group<'_>, name: &str) -> Option<u64> {
    match top.property(name) {
        Some(Part::Leaf(Leaf::Number(number))) => number.parse().ok(),
        _ => None,
    }
}

/// Appends a line, as far as `TEXT_CHARS_MAX` allows.
fn append(text: &mut Option<String>, more: &str) {
    let text = text.get_or_insert_default();
    if !text.is_empty() {
        text.push('\n');
    }
    if text.len().saturating_add(more.len()) <= TEXT_CHARS_MAX {
        text.push_str(more);
    } else {
        let room = TEXT_CHARS_MAX.saturating_sub(text.chars().count());
        text.extend(more.chars().take(room));
    }
}
