//! Reads one STIX object: identity, version, facts and markings, after one strict walk. Unknown
//! types and properties are kept as they are; nothing is repaired.

use super::collect::{Collected, Group, Part};
use super::facts::{facts, time};
use super::marking::{Markings, markings};
use super::required::{Class, Type, standard};
use crate::json::{Leaf, walk};
use crate::problem::{Problem, shown};
use model::facts::Facts;
use model::id::ThingId;
use model::limits::VERSION_BYTES_MAX;

/// The version of STIX that an object says it follows.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SpecVersion {
    /// 2.0, also when a versioned object doesn't say.
    V2_0,
    /// 2.1, also when an observable doesn't say.
    V2_1,
}

impl SpecVersion {
    /// `2.0` or `2.1`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }
}

/// What was read of one object.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reading {
    /// What it is about.
    pub thing: ThingId,
    /// The id as the body spells it.
    pub id: String,
    /// The text of `modified`, else of `created`, else nothing (observables); at most
    /// `VERSION_BYTES_MAX` bytes.
    pub version: Option<String>,
    /// The version of STIX.
    pub spec_version: SpecVersion,
    /// What it says.
    pub facts: Facts,
    /// What its markings ask for.
    pub markings: Markings,
}

/// Reads one object from its exact bytes.
///
/// # Errors
/// The first problem that makes it unusable: E-JSON-001 to -006 (see [`crate::json`]), or
/// E-STIX-001 to -010: type, id, id of another type, `spec_version`, time, order of times, missing
/// property, reference, too many parts, marking.
pub fn read(bytes: &[u8]) -> Result<Reading, Problem> {
    let mut collected = Collected::default();
    walk(bytes, &mut collected)?;
    let top = &collected.top;
    let (id, thing) = identity(top)?;
    let kind = thing.kind.name().to_owned();
    let known = standard(&kind);
    let class = known.map_or_else(|| class_of_unknown(top), |known| known.class);
    let spec_version = spec_version(top, class)?;
    let version = version(top, class)?;
    if let Some(known) = known {
        required(top, known)?;
    }
    let markings = markings(&collected)?;
    let facts = facts(&kind, known.is_some(), &mut collected)?;
    Ok(Reading { thing, id, version, spec_version, facts, markings })
}

/// The standard's word on the type of this object, for checks that go further than reading.
pub(super) fn owed(collected: &Collected<'_>) -> impl Iterator<Item = &'static str> {
    let kind = collected.top.text("type").unwrap_or_default();
    let known = standard(&kind);
    let owed = known.map_or::<&[_], _>(&[], |known| known.owed);
    owed.iter().copied().filter(|name| !collected.top.has(name))
}

/// SPEC: STIX 2.1 §2.9, §3.1
fn identity(top: &Group<'_>) -> Result<(String, ThingId), Problem> {
    let kind = top.text("type").filter(|kind| !kind.is_empty()).ok_or_else(|| {
        Problem::error("E-STIX-001", "the object has no `type`")
            .at("/type")
            .hint("every STIX object has `type` and `id`")
    })?;
    if kind == "bundle" {
        let message = "a bundle stands where an object is expected";
        return Err(Problem::error("E-STIX-001", message).at("/type"));
    }
    let id = top
        .text("id")
        .ok_or_else(|| Problem::error("E-STIX-002", "the object has no `id`").at("/id"))?;
    let thing = ThingId::parse_stix(&id).map_err(|_| {
        Problem::error("E-STIX-002", format!("`{}` is not a STIX identifier", shown(&id)))
            .at("/id")
            .hint("write it as type--UUID")
    })?;
    if thing.kind.name() != kind {
        let message =
            format!("the id is one of `{}`, the type is `{}`", thing.kind.name(), shown(&kind));
        return Err(Problem::error("E-STIX-003", message).at("/id"));
    }
    Ok((id.into_owned(), thing))
}

/// Custom objects have versions when they show one of the two times.
fn class_of_unknown(top: &Group<'_>) -> Class {
    let timed = top.has("created") || top.has("modified");
    if timed { Class::Versioned } else { Class::Observable }
}

fn spec_version(top: &Group<'_>, class: Class) -> Result<SpecVersion, Problem> {
    let text = match top.property("spec_version") {
        None => {
            return Ok(match class {
                Class::Observable => SpecVersion::V2_1,
                Class::Versioned | Class::Marking => SpecVersion::V2_0,
            });
        }
        Some(Part::Leaf(Leaf::Text(text))) => text.read(),
        Some(_) => "".into(),
    };
    match &*text {
        "2.0" => Ok(SpecVersion::V2_0),
        "2.1" => Ok(SpecVersion::V2_1),
        other => {
            let message = format!("`spec_version` is `{}`", shown(other));
            Err(Problem::error("E-STIX-004", message)
                .at("/spec_version")
                .hint("2.1 and 2.0 are understood"))
        }
    }
}

/// SPEC: STIX 2.1 §3.6
fn version(top: &Group<'_>, class: Class) -> Result<Option<String>, Problem> {
    let read = |name: &str| -> Result<_, Problem> {
        let at = time(top, name)?;
        if top.text(name).is_some_and(|text| text.len() > VERSION_BYTES_MAX) {
            let message = format!("the timestamp is longer than {VERSION_BYTES_MAX} bytes");
            return Err(Problem::error("E-STIX-005", message).at(format!("/{name}")));
        }
        Ok(at)
    };
    let (created, modified) = match class {
        // `created` and `modified` are no properties of observables; odd ones are left alone.
        Class::Observable => (read("created").ok().flatten(), read("modified").ok().flatten()),
        Class::Versioned | Class::Marking => (read("created")?, read("modified")?),
    };
    let missing = match class {
        Class::Versioned if created.is_none() => Some("created"),
        Class::Versioned if modified.is_none() => Some("modified"),
        Class::Marking if created.is_none() => Some("created"),
        Class::Versioned | Class::Marking | Class::Observable => None,
    };
    if let Some(name) = missing {
        return Err(lacks(name));
    }
    if let (Some(created), Some(modified)) = (created, modified)
        && modified < created
        && class != Class::Observable
    {
        let message = "`modified` is earlier than `created`";
        return Err(Problem::error("E-STIX-006", message).at("/modified"));
    }
    let name = if modified.is_some() { "modified" } else { "created" };
    let has = modified.or(created).is_some();
    Ok(top.text(name).filter(|_| has).map(std::borrow::Cow::into_owned))
}

fn lacks(name: &str) -> Problem {
    Problem::error("E-STIX-007", format!("the required property `{name}` is missing"))
        .at(format!("/{name}"))
}

fn required(top: &Group<'_>, known: &Type) -> Result<(), Problem> {
    for name in known.required {
        if !top.has(name) {
            return Err(lacks(name));
        }
        if matches!(*name, "pattern" | "value" | "name") && top.text(name).is_none() {
            return Err(Problem::error("E-STIX-008", format!("`{name}` is not a text"))
                .at(format!("/{name}")));
        }
        if name.ends_with("_ref")
            && top.text(name).is_none_or(|id| ThingId::parse_stix(&id).is_err())
        {
            return Err(Problem::error("E-STIX-008", format!("`{name}` is not a STIX identifier"))
                .at(format!("/{name}")));
        }
    }
    Ok(())
}

/// The id that an object spells, as far as it can be told of one that does not read; else empty.
#[must_use]
pub fn id_of(bytes: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Id<'a> {
        #[serde(borrow, default)]
        id: std::borrow::Cow<'a, str>,
    }
    let id = serde_json::from_slice::<Id<'_>>(bytes).map(|head| head.id.into_owned());
    id.map(|id| shown(&id)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
