//! What `entente check` says about a STIX document: everything that reading refuses, and warnings
//! for what is kept although somebody will stumble over it. It doesn't read patterns.

use super::collect::Collected;
use super::marking::classify;
use super::read::{Reading, SpecVersion, owed, read};
use super::required::standard;
use crate::json::{Leaf, Piece, Shape, Step, Visit, pointer, split, walk};
use crate::problem::{Problem, Severity, shown};
use model::limits::PROBLEMS_MAX;
use std::collections::HashSet;

/// All problems of a document, in its order, at most `PROBLEMS_MAX` and one that counts the rest.
#[must_use]
pub fn check(bytes: &[u8]) -> Vec<Problem> {
    let document = match split(bytes) {
        Ok(document) => document,
        Err(error) => return vec![error.problem()],
    };
    let mut kept = Kept { problems: document.problems, more: document.more_problems, worst: None };
    if kept.more > 0 {
        kept.worst = Some(Severity::Error);
    }
    if document.pieces.is_empty() && kept.problems.is_empty() {
        let hint = "a bundle's stand in `objects`; one by itself has a `type` and an `id`";
        kept.add(Problem::warning("W-STIX-111", "there is no STIX object in it").hint(hint));
    }
    let defined = definitions(&document.pieces);
    let (mut seen, mut customs) = (HashSet::new(), HashSet::new());
    for piece in &document.pieces {
        let (reading, mut found) = check_one(piece.bytes);
        if let Some(reading) = reading {
            found.extend(about_markings(&reading, &defined));
            if !seen.insert((reading.thing, reading.version)) {
                let message = "the same version of the object stands in the document twice";
                found.push(Problem::warning("W-STIX-110", message).at("/id"));
            }
        }
        // A custom type is told once, where it first stands.
        found.retain(|p| p.code != "W-STIX-108" || customs.insert(p.message.clone()));
        found.into_iter().for_each(|problem| kept.add(problem.inside(&piece.path)));
    }
    kept.end()
}

/// All problems of one object: the one that refuses it, or its warnings.
#[must_use]
pub fn check_object(bytes: &[u8]) -> Vec<Problem> {
    let (reading, mut problems) = check_one(bytes);
    problems.extend(reading.iter().flat_map(|reading| about_markings(reading, &HashSet::new())));
    problems
}

/// The problems of a document as far as they are listed.
struct Kept {
    problems: Vec<Problem>,
    more: u64,
    /// The worst of those that are only counted.
    worst: Option<Severity>,
}

impl Kept {
    fn add(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.more = self.more.saturating_add(1);
            self.worst = self.worst.max(Some(problem.severity));
        }
    }

    fn end(mut self) -> Vec<Problem> {
        if let Some(severity) = self.worst {
            let message = format!("{} more problems are not listed", self.more);
            self.problems.push(Problem { severity, ..Problem::error("E-JSON-013", message) });
        }
        self.problems
    }
}

/// The markings that the document itself defines so that they can be classified.
fn definitions(pieces: &[Piece<'_>]) -> HashSet<String> {
    let classified = pieces.iter().filter(|piece| classify(piece.bytes).is_some());
    classified.filter_map(|piece| read(piece.bytes).ok()).map(|reading| reading.id).collect()
}

fn about_markings(reading: &Reading, defined: &HashSet<String>) -> Vec<Problem> {
    // A label that spells an unknown tag is told of by who reads it.
    let ids = reading.markings.unknown.iter().filter(|id| !id.contains(':'));
    let open = ids.filter(|id| !defined.contains(*id));
    open.map(|id| {
        let message = format!("`{}` is no TLP marking, and is not defined here", shown(id));
        let hint = "a node that doesn't hold its definition treats the object as TLP:RED";
        Problem::warning("W-STIX-103", message).hint(hint)
    })
    .collect()
}

fn check_one(bytes: &[u8]) -> (Option<Reading>, Vec<Problem>) {
    let reading = match read(bytes) {
        Ok(reading) => reading,
        Err(problem) => return (None, vec![problem]),
    };
    let mut problems = reading.markings.warnings.clone();
    let mut odd = Odd::default();
    let mut collected = Collected::default();
    if let Err(problem) = walk(bytes, &mut odd).and_then(|()| walk(bytes, &mut collected)) {
        problems.push(problem);
    }
    odd.stands(0);
    problems.append(&mut odd.problems);
    problems.extend(about_times(&reading));
    if reading.spec_version == SpecVersion::V2_1 {
        problems.extend(owed(&collected).map(|name| {
            let message = format!("STIX 2.1 requires `{name}`");
            Problem::warning("W-STIX-107", message).at(format!("/{name}"))
        }));
    }
    if standard(reading.thing.kind.name()).is_none() {
        let message = format!("`{}` is no standard type; it is kept", reading.thing.kind.name());
        problems.push(Problem::warning("W-STIX-108", message).at("/type"));
    }
    problems.truncate(PROBLEMS_MAX);
    (Some(reading), problems)
}

fn about_times(reading: &Reading) -> Option<Problem> {
    let facts = &reading.facts;
    let ends_first =
        |from: Option<_>, until: Option<_>| from.zip(until).is_some_and(|(f, u)| u < f);
    if facts.valid_until.is_some() && facts.valid_until <= facts.valid_from {
        let message = "`valid_until` is not later than `valid_from`: it never holds";
        return Some(Problem::warning("W-STIX-104", message).at("/valid_until"));
    }
    if ends_first(facts.first_seen, facts.last_seen) {
        let message = "it was last seen before it was first seen";
        return Some(Problem::warning("W-STIX-104", message).at("/last_seen"));
    }
    None
}

/// Finds what STIX forbids and readers survive: nulls, empty lists, odd confidence.
#[derive(Default)]
struct Odd {
    problems: Vec<Problem>,
    /// The depth and place of a container that has just begun and has shown no part yet.
    begun: Option<(usize, String)>,
}

impl Odd {
    fn warn(&mut self, code: &'static str, message: &str, path: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem::warning(code, message).at(path));
        }
    }

    /// Something stands at this depth: what began just before, no shallower, was empty.
    fn stands(&mut self, depth: usize) {
        if let Some((begun, place)) = self.begun.take()
            && depth <= begun
        {
            self.warn("W-STIX-105", "a list or dictionary is empty", place);
        }
    }
}

impl<'a> Visit<'a> for Odd {
    fn leaf(&mut self, path: &[Step<'a>], leaf: Leaf<'a>) {
        self.stands(path.len());
        if leaf == Leaf::Null {
            self.warn("W-STIX-105", "STIX has no null; leave the property out", pointer(path));
        }
        if let ([Step::Key(key)], Leaf::Number(number)) = (path, leaf)
            && key == "confidence"
            && number.parse::<u8>().ok().is_none_or(|n| n > 100)
        {
            self.warn("W-STIX-106", "confidence is a whole number from 0 to 100", pointer(path));
        }
        if let ([Step::Key(key)], Leaf::Text(text)) = (path, leaf)
            && matches!(&**key, "created" | "modified" | "valid_from" | "valid_until")
            && !text.read().ends_with('Z')
        {
            self.warn("W-STIX-109", "STIX wants UTC, spelt with a final Z", pointer(path));
        }
    }

    fn open(&mut self, path: &[Step<'a>], _: Shape) {
        self.stands(path.len());
        self.begun = Some((path.len(), pointer(path)));
    }
}

#[cfg(test)]
mod tests;
