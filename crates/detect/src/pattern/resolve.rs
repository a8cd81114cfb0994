//! What an object path leads to, starting from one object. It compares nothing.
//!
//! SPEC: STIX 2.1 §9.7: a path that leads nowhere gives no value, and is no error.

use super::eval::EvalError;
use super::graph::{Graph, Tree};
use super::tree::{ObjectPath, Step};
use model::limits::PATTERN_VALUES_MAX;
use serde_json::Value;

/// Where a path has come to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'g> {
    /// A whole object.
    Object(usize),
    /// A part of an object.
    Part(Part<'g>),
    /// Objects that a reference was linked to, under the reference's name.
    Linked(&'g str, &'g [usize]),
}

/// A part of an object, and what is known of its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'g> {
    /// The type of the object that it is part of.
    pub(super) kind: &'g str,
    /// The last name on the way to it.
    pub(super) name: &'g str,
    /// What stands there.
    pub(super) tree: &'g Tree,
}

/// All places that a path leads to from an object.
pub(super) fn resolve<'g>(
    graph: &'g Graph,
    root: usize,
    path: &'g ObjectPath,
) -> Result<Vec<Place<'g>>, EvalError> {
    let mut places = vec![Place::Object(root)];
    for step in &path.steps {
        let mut next = Vec::new();
        for place in &places {
            take(graph, *place, step, &mut next);
            if next.len() > PATTERN_VALUES_MAX {
                return Err(EvalError::Values);
            }
        }
        places = next;
    }
    Ok(places)
}

fn take<'g>(graph: &'g Graph, place: Place<'g>, step: &'g Step, next: &mut Vec<Place<'g>>) {
    match (step, place) {
        (Step::Name(name), Place::Object(object)) => next.extend(of_object(graph, object, name)),
        (Step::Name(name), Place::Part(part)) => next.extend(of_part(graph, part, name)),
        // `src_ref.value`; a list of references wants its index first.
        (Step::Name(name), Place::Linked(reference, objects)) => {
            if reference.ends_with("_ref") {
                next.extend(objects.first().and_then(|object| of_object(graph, *object, name)));
            }
        }
        (Step::Place(at), Place::Part(part)) => {
            let list = part.tree.as_array();
            let found = usize::try_from(*at).ok().and_then(|at| list?.get(at));
            next.extend(found.map(|tree| Place::Part(Part { tree, ..part })));
        }
        (Step::Anywhere, Place::Part(part)) => {
            let list = part.tree.as_array().map(Vec::as_slice).unwrap_or_default();
            next.extend(list.iter().map(|tree| Place::Part(Part { tree, ..part })));
        }
        (Step::Place(at), Place::Linked(_, objects)) => {
            let found = usize::try_from(*at).ok().and_then(|at| objects.get(at));
            next.extend(found.map(|object| Place::Object(*object)));
        }
        (Step::Anywhere, Place::Linked(_, objects)) => {
            next.extend(objects.iter().map(|object| Place::Object(*object)));
        }
        (Step::Place(_) | Step::Anywhere, Place::Object(_)) => {}
    }
}

fn of_object<'g>(graph: &'g Graph, place: usize, name: &'g str) -> Option<Place<'g>> {
    if let Some(objects) = graph.linked(place, name) {
        return Some(Place::Linked(name, objects));
    }
    let object = graph.object(place)?;
    let tree = object.props.get(name)?;
    Some(Place::Part(Part { kind: &object.kind, name, tree }))
}

fn of_part<'g>(graph: &'g Graph, part: Part<'g>, name: &'g str) -> Option<Place<'g>> {
    match part.tree {
        Value::Object(members) => {
            let tree = members.get(name)?;
            Some(Place::Part(Part { name, tree, ..part }))
        }
        // A reference, or one of a list of them, is the object that it names.
        Value::String(id) if part.name.ends_with("_ref") || part.name.ends_with("_refs") => {
            of_object(graph, graph.by_id(id)?, name)
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            None
        }
    }
}
