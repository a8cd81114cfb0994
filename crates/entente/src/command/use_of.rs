//! What a STIX object that is well-formed will be good for here: a pattern that cannot be read
//! matches nothing, and STIX 2.0 is not held. It refuses nothing; that is the node's to do.

use detect::pattern::atoms;
use formats::json::split;
use formats::problem::Problem;
use formats::stix::{Reading, SpecVersion, read};
use model::limits::PROBLEMS_MAX;

/// Warnings about all objects of a document, at most `PROBLEMS_MAX`.
pub(super) fn document(bytes: &[u8]) -> Vec<Problem> {
    let pieces = split(bytes).map(|document| document.pieces).unwrap_or_default();
    let objects = pieces.iter().filter_map(|piece| Some((&piece.path, read(piece.bytes).ok()?)));
    let found = objects.flat_map(|(path, object)| {
        let warnings = [old(&object), unreadable(&object), compound(&object)];
        warnings.into_iter().flatten().map(|problem| problem.inside(path))
    });
    found.take(PROBLEMS_MAX).collect()
}

/// The warning that nothing will ever match an indicator.
pub(super) fn unreadable(object: &Reading) -> Option<Problem> {
    let error = atoms(object.facts.pattern.as_deref()?).err()?;
    let problem = Problem::warning("W-STIX-120", format!("no STIX pattern: {error}"));
    Some(problem.at("/pattern").hint("it is kept and shared, but nothing ever matches it"))
}

fn compound(object: &Reading) -> Option<Problem> {
    let atoms = atoms(object.facts.pattern.as_deref()?).ok()?;
    let message = "a pattern of more than values compared by equality";
    let problem = Problem::warning("W-STIX-121", message).at("/pattern");
    (!atoms.whole).then(|| problem.hint("kept and shared, but not matched live by this version"))
}

fn old(object: &Reading) -> Option<Problem> {
    let problem = Problem::warning("W-STIX-122", "a STIX 2.0 object");
    let problem = problem.hint("publish takes STIX 2.1 only; convert it, e.g. with stix2-elevator");
    (object.spec_version == SpecVersion::V2_0).then_some(problem)
}
