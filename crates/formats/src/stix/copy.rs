//! A copy of an object that shares less: under a new id, without the references, parts and markings
//! that are to go. What stays keeps its exact bytes; texts are never changed, and whoever makes the
//! copy reads them. It decides nothing about what is to go.

use super::required::standard;
use super::tlp::{predefined, tlp_marking_id};
use crate::problem::Problem;
use model::id::ThingId;
use model::label::Tlp;
use model::time::Instant;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What is to go, and what the copy is to be.
#[derive(Clone, Debug)]
pub struct Cut {
    /// References to these go.
    pub refs: BTreeSet<ThingId>,
    /// Markings of these ids go; predefined TLP markings always do.
    pub markings: BTreeSet<String>,
    /// The copy's traffic light; parts that are marked stricter go.
    pub tlp: Tlp,
    /// The copy's new uuid.
    pub uuid: Uuid,
    /// When it is made.
    pub now: Instant,
}

/// Something of the original that the copy does not have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Removed {
    /// Where it was: `object_refs`, `description`.
    pub path: String,
    /// Why, in a few words.
    pub because: &'static str,
}

/// A copy.
#[derive(Clone, Debug)]
pub struct Copied {
    /// Its id.
    pub id: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// What went.
    pub removed: Vec<Removed>,
    /// Words of texts that were kept as they are: to be read before it is shared.
    pub words: usize,
    /// Properties that were kept and spell an id that went.
    pub mentions: Vec<String>,
}

const TOO_STRICT: &str = "it refers to something stricter";
const MARKED: &str = "it is marked stricter";
const AUTHOR: &str = "the copy is by whoever makes it";
const MARKING: &str = "the copy has a marking of its own";

/// Makes the copy.
///
/// # Errors
/// E-COPY-001 when the body is no STIX object that can be copied, E-COPY-002 when something would
/// have to go without which such an object cannot be.
pub fn copy(body: &[u8], cut: &Cut) -> Result<Copied, Problem> {
    let members = members(body).ok_or_else(unreadable)?;
    let text = |name: &str| {
        let found = members.iter().find(|(key, _)| key == name);
        found.and_then(|(_, raw)| serde_json::from_str::<String>(raw.get()).ok())
    };
    let kind = text("type").ok_or_else(unreadable)?;
    let mut copying = Copying {
        id: format!("{kind}--{}", cut.uuid),
        kind,
        cut,
        marked: BTreeSet::new(),
        kept: Vec::new(),
        removed: Vec::new(),
        words: 0,
        mentions: Vec::new(),
    };
    let find = |name: &str| members.iter().find(|(key, _)| key == name).map(|(_, raw)| *raw);
    if let Some(granular) = find("granular_markings") {
        copying.marked = stricter_parts(granular, cut)?;
    }
    for (key, raw) in &members {
        copying.member(key, raw)?;
    }
    if !members.iter().any(|(key, _)| key == "object_marking_refs") {
        copying.keep("object_marking_refs", format!("[\"{}\"]", tlp_marking_id(cut.tlp)));
    }
    copying.end()
}

/// The members of an object in their order, each with its exact bytes.
fn members(body: &[u8]) -> Option<Vec<(String, &RawValue)>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    serde_json::Deserializer::from_slice(body).deserialize_map(Members).ok()
}

/// The properties of which a granular marking that is to go marks something.
fn stricter_parts(raw: &RawValue, cut: &Cut) -> Result<BTreeSet<String>, Problem> {
    let Ok(Value::Array(list)) = serde_json::from_str(raw.get()) else { return Err(unreadable()) };
    let mut parts = BTreeSet::new();
    for entry in list {
        let id = entry.get("marking_ref").and_then(Value::as_str);
        if id.is_none_or(|id| !goes(id, cut)) {
            continue;
        }
        let selectors = entry.get("selectors").and_then(Value::as_array);
        for selector in selectors.ok_or_else(unreadable)? {
            let selector = selector.as_str().ok_or_else(unreadable)?;
            // A part of a property is cut with the whole property: too much is safe.
            parts.extend(selector.split('.').next().map(str::to_owned));
        }
    }
    Ok(parts)
}

/// Whether a part with this marking is too strict for the copy.
fn goes(id: &str, cut: &Cut) -> bool {
    predefined(id).is_some_and(|(tlp, _)| tlp > cut.tlp) || cut.markings.contains(id)
}

struct Copying<'c> {
    id: String,
    kind: String,
    cut: &'c Cut,
    /// Properties that are marked too strictly.
    marked: BTreeSet<String>,
    kept: Vec<(String, String)>,
    removed: Vec<Removed>,
    words: usize,
    mentions: Vec<String>,
}

impl Copying<'_> {
    fn member(&mut self, key: &str, raw: &RawValue) -> Result<(), Problem> {
        let now = || format!("\"{}\"", self.cut.now.to_stix());
        match key {
            "id" => {
                let id = format!("\"{}\"", self.id);
                self.keep(key, id);
            }
            "created" | "modified" => {
                let now = now();
                self.keep(key, now);
            }
            "created_by_ref" => self.remove(key, AUTHOR)?,
            "object_marking_refs" => self.markings(raw)?,
            "granular_markings" => self.granular(raw)?,
            _ if self.marked.contains(key) => self.remove(key, MARKED)?,
            _ => self.property(key, raw)?,
        }
        Ok(())
    }

    fn keep(&mut self, key: &str, value: String) {
        self.kept.push((key.to_owned(), value));
    }

    fn remove(&mut self, key: &str, because: &'static str) -> Result<(), Problem> {
        let needed = standard(&self.kind).is_some_and(|known| known.required.contains(&key));
        if needed || matches!(key, "type" | "spec_version") {
            let message = format!("`{key}` would have to go: {because}");
            let hint = "no such object can be without it; make a new one by hand";
            return Err(Problem::error("E-COPY-002", message).hint(hint));
        }
        self.removed.push(Removed { path: key.to_owned(), because });
        Ok(())
    }

    /// The object's own markings: what limits nothing stays, and the copy's light comes first.
    fn markings(&mut self, raw: &RawValue) -> Result<(), Problem> {
        let ids: Vec<String> = serde_json::from_str(raw.get()).map_err(|_| unreadable())?;
        let mut markings = vec![tlp_marking_id(self.cut.tlp).to_owned()];
        for id in ids {
            if predefined(&id).is_some() || self.cut.markings.contains(&id) {
                self.removed
                    .push(Removed { path: format!("object_marking_refs {id}"), because: MARKING });
            } else {
                markings.push(id);
            }
        }
        let markings = serde_json::to_string(&markings).map_err(|_| unreadable())?;
        self.keep("object_marking_refs", markings);
        Ok(())
    }

    /// The markings of parts that stay.
    fn granular(&mut self, raw: &RawValue) -> Result<(), Problem> {
        let list: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| unreadable())?;
        let mut stay = Vec::new();
        for entry in list {
            let read: Value = serde_json::from_str(entry.get()).map_err(|_| unreadable())?;
            let id = read.get("marking_ref").and_then(Value::as_str);
            let selectors = read.get("selectors").and_then(Value::as_array);
            let gone = selectors.into_iter().flatten().filter_map(Value::as_str);
            let gone = gone.filter_map(|selector| selector.split('.').next());
            let on_gone = gone.into_iter().any(|part| self.marked.contains(part));
            if !on_gone && id.is_none_or(|id| !goes(id, self.cut)) {
                stay.push(entry.get());
            }
        }
        if !stay.is_empty() {
            let list = format!("[{}]", stay.join(","));
            self.keep("granular_markings", list);
        }
        Ok(())
    }

    fn property(&mut self, key: &str, raw: &RawValue) -> Result<(), Problem> {
        let value: Value = serde_json::from_str(raw.get()).map_err(|_| unreadable())?;
        if key.ends_with("_refs")
            && let Value::Array(list) = &value
        {
            let names = |value: &Value| value.as_str().is_some_and(|text| self.is_cut(text));
            let stay: Vec<String> =
                list.iter().filter(|value| !names(value)).map(Value::to_string).collect();
            if stay.len() == list.len() {
                self.keep(key, raw.get().to_owned());
                return Ok(());
            }
            if stay.is_empty() {
                return self.remove(key, TOO_STRICT);
            }
            let gone = list.iter().filter(|value| names(value)).filter_map(Value::as_str);
            let gone =
                gone.map(|gone| Removed { path: format!("{key} {gone}"), because: TOO_STRICT });
            let gone: Vec<Removed> = gone.collect();
            self.removed.extend(gone);
            self.keep(key, format!("[{}]", stay.join(",")));
            return Ok(());
        }
        if self.refers(key, &value) {
            return self.remove(key, TOO_STRICT);
        }
        if self.mentions(&value) {
            self.mentions.push(key.to_owned());
        }
        if matches!(key, "name" | "description" | "abstract" | "content" | "explanation") {
            self.words += value.as_str().map_or(0, |text| text.split_whitespace().count());
        }
        self.keep(key, raw.get().to_owned());
        Ok(())
    }

    fn is_cut(&self, id: &str) -> bool {
        ThingId::parse_stix(id).is_ok_and(|thing| self.cut.refs.contains(&thing))
    }

    /// Whether a reference that goes stands anywhere inside.
    fn refers(&self, key: &str, value: &Value) -> bool {
        match value {
            Value::String(text) => {
                (key.ends_with("_ref") || key.ends_with("_refs")) && self.is_cut(text)
            }
            Value::Array(list) => list.iter().any(|value| self.refers(key, value)),
            Value::Object(members) => members.iter().any(|(key, value)| self.refers(key, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// Whether a text inside spells the uuid of something that goes.
    fn mentions(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => {
                let lower = text.to_ascii_lowercase();
                self.cut.refs.iter().any(|thing| lower.contains(&thing.uuid.to_string()))
            }
            Value::Array(list) => list.iter().any(|value| self.mentions(value)),
            Value::Object(members) => members.values().any(|value| self.mentions(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn end(self) -> Result<Copied, Problem> {
        let members = self.kept.iter().map(|(key, value)| {
            let key = Value::from(key.as_str());
            format!("{key}:{value}")
        });
        let body = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        // What was made is read as strictly as what comes in: nothing that is to go is left.
        let read = super::read(body.as_bytes())?;
        if read.facts.refs.iter().any(|thing| self.cut.refs.contains(thing)) {
            return Err(unreadable());
        }
        let Self { id, removed, words, mentions, .. } = self;
        Ok(Copied { id, body: body.into_bytes(), removed, words, mentions })
    }
}

fn unreadable() -> Problem {
    Problem::error("E-COPY-001", "this cannot be copied")
        .hint("only STIX 2.1 objects with their usual members are; make a new one by hand")
}

/// The relationship that says what a copy is derived from.
#[must_use]
pub fn derived_from(copy: &str, original: &str, uuid: Uuid, now: Instant) -> String {
    let (id, now) = (format!("relationship--{uuid}"), now.to_stix());
    let text = |text: &str| Value::from(text).to_string();
    format!(
        "{{\"type\":\"relationship\",\"spec_version\":\"2.1\",\"id\":{},\"created\":{now},\
         \"modified\":{now},\"relationship_type\":\"derived-from\",\"source_ref\":{},\
         \"target_ref\":{}}}",
        text(&id),
        text(copy),
        text(original),
        now = text(&now),
    )
}

#[cfg(test)]
mod tests;
