//! What one walk over an object gathers for facts, markings and checks. It borrows from the body
//! and judges nothing.

use crate::json::{Leaf, Shape, Step, Text, Visit};
use model::id::ThingId;
use std::borrow::Cow;

/// A property's value, as far as the top level shows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part<'a> {
    Leaf(Leaf<'a>),
    Whole(Shape),
}

/// The direct properties of one object: the STIX object itself, or an observable that a STIX 2.0
/// `observed-data` holds inside.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    name: Cow<'a, str>,
    properties: Vec<(Cow<'a, str>, Part<'a>)>,
    pub(super) hashes: Vec<(Cow<'a, str>, Text<'a>)>,
}

impl<'a> Group<'a> {
    pub(super) fn property(&self, name: &str) -> Option<Part<'a>> {
        self.properties.iter().find(|(key, _)| key == name).map(|(_, part)| *part)
    }

    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        match self.property(name) {
            Some(Part::Leaf(Leaf::Text(text))) => Some(text.read()),
            _ => None,
        }
    }

    /// Whether the property is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        !matches!(self.property(name), None | Some(Part::Leaf(Leaf::Null)))
    }
}

/// What a walk gathers; the size of the body bounds it.
#[derive(Debug, Default)]
pub(super) struct Collected<'a> {
    pub(super) top: Group<'a>,
    pub(super) inner: Vec<Group<'a>>,
    /// What `*_ref` and `*_refs` name, markings excepted, as often as named.
    pub(super) refs: Vec<ThingId>,
    /// What `object_marking_refs` and `marking_ref` name, at any level, and whether it is for the
    /// whole object.
    pub(super) markings: Vec<(Cow<'a, str>, bool)>,
    /// A marking is spelt as something else than a text.
    pub(super) odd_marking: bool,
    pub(super) labels: Vec<Cow<'a, str>>,
    /// Aliases and external ids: words that people search for.
    pub(super) words: Vec<Text<'a>>,
}

impl<'a> Visit<'a> for Collected<'a> {
    fn leaf(&mut self, path: &[Step<'a>], leaf: Leaf<'a>) {
        self.reference(path, leaf);
        match (path, leaf) {
            ([Step::Key(key)], _) => self.top.properties.push((key.clone(), Part::Leaf(leaf))),
            ([Step::Key(hashes), Step::Key(name)], Leaf::Text(text)) if hashes == "hashes" => {
                self.top.hashes.push((name.clone(), text));
            }
            ([Step::Key(list), Step::Index(_)], Leaf::Text(text)) => match &**list {
                "labels" => self.labels.push(text.read()),
                "aliases" | "x_mitre_aliases" => self.words.push(text),
                _ => {}
            },
            ([Step::Key(list), Step::Index(_), Step::Key(key)], Leaf::Text(text))
                if list == "external_references" && key == "external_id" =>
            {
                self.words.push(text);
            }
            ([Step::Key(objects), Step::Key(name), inner @ ..], _) if objects == "objects" => {
                self.observable(name, inner, leaf);
            }
            _ => {}
        }
    }

    fn open(&mut self, path: &[Step<'a>], shape: Shape) {
        match path {
            [Step::Key(key)] => self.top.properties.push((key.clone(), Part::Whole(shape))),
            [Step::Key(objects), Step::Key(name)] if objects == "objects" => {
                self.inner.push(Group { name: name.clone(), ..Group::default() });
            }
            _ => {}
        }
    }
}

impl<'a> Collected<'a> {
    fn reference(&mut self, path: &[Step<'a>], leaf: Leaf<'a>) {
        let Some(key) = path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        }) else {
            return;
        };
        if key == "object_marking_refs" || key == "marking_ref" {
            match leaf {
                Leaf::Text(text) => self.markings.push((text.read(), key == "object_marking_refs")),
                Leaf::Number(_) | Leaf::Bool(_) | Leaf::Null => self.odd_marking = true,
            }
        } else if (key.ends_with("_ref") || key.ends_with("_refs"))
            && let Leaf::Text(text) = leaf
            && let Ok(thing) = ThingId::parse_stix(&text.read())
        {
            self.refs.push(thing);
        }
    }

    fn observable(&mut self, name: &str, path: &[Step<'a>], leaf: Leaf<'a>) {
        let Some(group) = self.inner.last_mut().filter(|group| group.name == name) else { return };
        match (path, leaf) {
            ([Step::Key(key)], _) => group.properties.push((key.clone(), Part::Leaf(leaf))),
            ([Step::Key(hashes), Step::Key(name)], Leaf::Text(text)) if hashes == "hashes" => {
                group.hashes.push((name.clone(), text));
            }
            _ => {}
        }
    }
}
