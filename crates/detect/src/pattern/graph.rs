//! What was observed, as objects that refer to each other. It judges nothing and repairs nothing:
//! a reference to what is not there leads nowhere.
//!
//! SPEC: STIX 2.1 §4.14 (observed-data), §9.7.4 (references stay within one observed-data).

use model::limits::{OBSERVATIONS_MAX, OBSERVED_OBJECTS_MAX};
use model::time::Instant;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// The properties of one object, or a part of them.
pub type Tree = Value;

/// Objects of one observation.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    objects: Vec<Object>,
    named: HashMap<String, usize>,
    links: HashMap<(usize, String), Vec<usize>>,
}

/// One cyber-observable object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its type, such as `domain-name`.
    pub kind: String,
    /// Its id, or its key among the `objects` of STIX 2.0.
    pub id: Option<String>,
    /// Its properties.
    pub props: Arc<Tree>,
}

/// One observation, or several alike.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The id of the observed-data.
    pub id: String,
    /// When the first was made, at the earliest.
    pub first: Instant,
    /// When the last was made, at the latest.
    pub last: Instant,
    /// How many there were; at least 1.
    pub number: u64,
    /// What was observed.
    pub graph: Graph,
}

/// Why a file holds no observations.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// No JSON.
    #[error("E-PATTERN-012: no JSON, at line {line}, column {column}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// JSON, but nothing that was observed.
    #[error("E-PATTERN-013: nothing observed is in it: neither observed-data nor objects of it")]
    Nothing,
    /// An observed-data that says not when, or not how often.
    #[error("E-PATTERN-014: {id} has no valid `{property}`")]
    Property {
        /// Which observed-data.
        id: String,
        /// What is missing.
        property: &'static str,
    },
    /// More than is taken.
    #[error(
        "E-PATTERN-015: more than {OBSERVATIONS_MAX} observations, or more than \
         {OBSERVED_OBJECTS_MAX} objects in them"
    )]
    TooMany,
}

impl GraphError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Json { .. } => "one JSON document, or one a line",
            Self::Nothing => {
                "a bundle with observed-data and the objects that it refers to, or the objects alone"
            }
            Self::Property { .. } => {
                "first_observed, last_observed (not before it) and number_observed (1 or more) are \
                 required by STIX 2.1, section 4.14"
            }
            Self::TooMany => "split the file",
        }
    }
}

impl Graph {
    /// Adds an object and gives its place. Its id, if it has one, is its property `id`.
    pub fn push(&mut self, kind: &str, props: Tree) -> usize {
        let id = props.get("id").and_then(Value::as_str).map(str::to_owned);
        self.add(Object { kind: kind.to_owned(), id, props: Arc::new(props) })
    }

    /// Lets a reference of one object lead to another, whatever its properties say.
    pub fn link(&mut self, from: usize, prop: &str, to: usize) {
        self.links.entry((from, prop.to_owned())).or_default().push(to);
    }

    /// All objects.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    fn add(&mut self, object: Object) -> usize {
        let place = self.objects.len();
        if let Some(id) = &object.id {
            self.named.entry(id.clone()).or_insert(place);
        }
        self.objects.push(object);
        place
    }

    pub(super) fn object(&self, place: usize) -> Option<&Object> {
        self.objects.get(place)
    }

    pub(super) fn by_id(&self, id: &str) -> Option<usize> {
        self.named.get(id).copied()
    }

    pub(super) fn linked(&self, from: usize, prop: &str) -> Option<&[usize]> {
        if self.links.is_empty() {
            return None;
        }
        self.links.get(&(from, prop.to_owned())).map(Vec::as_slice)
    }

    /// The observations of a file: observed-data with `object_refs` (their objects beside them) or
    /// with `objects` of STIX 2.0; in bundles, in lists, or one document a line. A file of objects
    /// without any observed-data is one observation at no particular time.
    ///
    /// # Errors
    /// When it is none, or too large.
    pub fn of_observed(json: &[u8]) -> Result<Vec<Observed>, GraphError> {
        let mut pool = Pool::default();
        for document in serde_json::Deserializer::from_slice(json).into_iter::<Value>() {
            let broken =
                |e: serde_json::Error| GraphError::Json { line: e.line(), column: e.column() };
            pool.take(document.map_err(broken)?);
        }
        pool.observations()
    }
}

/// All objects of a file.
#[derive(Default)]
struct Pool {
    observed: Vec<Map<String, Value>>,
    others: Vec<Object>,
    named: HashMap<String, usize>,
}

/// Objects that are no cyber-observables, and that no pattern is about.
///
/// SPEC: STIX 2.1 §4, §5, §7: domain, relationship and meta objects.
const NOT_OBSERVABLE: [&str; 24] = [
    "attack-pattern",
    "bundle",
    "campaign",
    "course-of-action",
    "extension-definition",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "language-content",
    "location",
    "malware",
    "malware-analysis",
    "marking-definition",
    "note",
    "opinion",
    "relationship",
    "report",
    "sighting",
    "threat-actor",
    "tool",
    "vulnerability",
];

impl Pool {
    fn take(&mut self, value: Value) {
        match value {
            Value::Array(all) => all.into_iter().for_each(|each| self.take(each)),
            Value::Object(mut object) => match object.get("type").and_then(Value::as_str) {
                Some("bundle") => {
                    if let Some(objects) = object.remove("objects") {
                        self.take(objects);
                    }
                }
                Some("observed-data") => self.observed.push(object),
                Some(kind) if !NOT_OBSERVABLE.contains(&kind) => {
                    let kind = kind.to_owned();
                    let id = text(&object, "id").map(str::to_owned);
                    if let Some(id) = &id {
                        self.named.entry(id.clone()).or_insert(self.others.len());
                    }
                    self.others.push(Object { kind, id, props: Arc::new(Value::Object(object)) });
                }
                Some(_) | None => {}
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn observations(mut self) -> Result<Vec<Observed>, GraphError> {
        let observed = newest(std::mem::take(&mut self.observed));
        if observed.len() > OBSERVATIONS_MAX {
            return Err(GraphError::TooMany);
        }
        if observed.is_empty() {
            return self.alone();
        }
        let mut all = Vec::with_capacity(observed.len());
        let mut room = OBSERVED_OBJECTS_MAX;
        for object in &observed {
            let one = self.observation(object, room)?;
            room = room.saturating_sub(one.graph.objects.len());
            all.push(one);
        }
        Ok(all)
    }

    /// Objects that nobody put into an observed-data.
    fn alone(self) -> Result<Vec<Observed>, GraphError> {
        if self.others.is_empty() {
            return Err(GraphError::Nothing);
        }
        if self.others.len() > OBSERVED_OBJECTS_MAX {
            return Err(GraphError::TooMany);
        }
        let mut graph = Graph::default();
        for object in self.others {
            graph.add(object);
        }
        let id = graph.objects.iter().find_map(|object| object.id.clone()).unwrap_or_default();
        let at = Instant::default();
        Ok(vec![Observed { id, first: at, last: at, number: 1, graph }])
    }

    fn observation(
        &self,
        object: &Map<String, Value>,
        room: usize,
    ) -> Result<Observed, GraphError> {
        let id = text(object, "id").unwrap_or("an observed-data").to_owned();
        let lacks = |property| GraphError::Property { id: id.clone(), property };
        let time =
            |name: &'static str| text(object, name).and_then(timestamp).ok_or_else(|| lacks(name));
        let (first, last) = (time("first_observed")?, time("last_observed")?);
        if last < first {
            return Err(lacks("last_observed"));
        }
        let number = object.get("number_observed").and_then(Value::as_u64).filter(|n| *n > 0);
        let number = number.ok_or_else(|| lacks("number_observed"))?;
        let mut graph = Graph::default();
        if let Some(Value::Object(objects)) = object.get("objects") {
            for (key, props) in objects.iter().take(room.saturating_add(1)) {
                let Some(kind) = props.get("type").and_then(Value::as_str) else { continue };
                let (kind, id) = (kind.to_owned(), Some(key.clone()));
                graph.add(Object { kind, id, props: Arc::new(props.clone()) });
            }
        }
        let refs = object.get("object_refs").and_then(Value::as_array);
        for id in refs.into_iter().flatten().filter_map(Value::as_str) {
            let found = self.named.get(id).and_then(|place| self.others.get(*place));
            let Some(found) = found.filter(|_| graph.by_id(id).is_none()) else { continue };
            graph.add(found.clone());
        }
        if graph.objects.len() > room {
            return Err(GraphError::TooMany);
        }
        Ok(Observed { id, first, last, number, graph })
    }
}

/// Two versions of one observed-data are not two observations: the newer counts.
fn newest(observed: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Map<String, Value>> = Vec::with_capacity(observed.len());
    let modified = |object: &Map<String, Value>| text(object, "modified").and_then(timestamp);
    for object in observed {
        let id = text(&object, "id").map(str::to_owned);
        let before = id.as_ref().and_then(|id| places.get(id)).and_then(|at| kept.get_mut(*at));
        match (before, id) {
            (Some(before), _) => {
                if modified(&object) > modified(before) {
                    *before = object;
                }
            }
            (None, Some(id)) => {
                places.insert(id, kept.len());
                kept.push(object);
            }
            (None, None) => kept.push(object),
        }
    }
    kept
}

fn text<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o str> {
    object.get(name).and_then(Value::as_str)
}

/// Reads a timestamp of STIX: RFC 3339 in UTC, ending with `Z`.
pub(super) fn timestamp(text: &str) -> Option<Instant> {
    text.ends_with('Z').then(|| text.parse().ok()).flatten()
}
