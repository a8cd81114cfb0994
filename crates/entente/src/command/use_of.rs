//! What a STIX object that is well-formed will be good for here: a pattern that cannot be read
//! matches nothing, and STIX 2.0 is not held. It refuses nothing; that is the node's to do.

use detect::pattern::{Finding, Severity, atoms, check, parse};
use detect::rules::unfound;
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
        let warnings = warnings.into_iter().flatten().chain(doubtful(&object));
        warnings.map(|problem| problem.inside(path)).collect::<Vec<_>>()
    });
    found.take(PROBLEMS_MAX).collect()
}

/// The warning that nothing will ever match an indicator.
pub(super) fn unreadable(object: &Reading) -> Option<Problem> {
    let pattern = object.facts.pattern.as_deref()?;
    let told = match parse(pattern) {
        Err(error) => error.to_string(),
        Ok(tree) => {
            let wrong = check(&tree).into_iter().find(|each| each.severity == Severity::Error)?;
            let Finding { at, code, message, hint, .. } = wrong;
            format!("{code}: {message}, at character {at} of the pattern: {hint}")
        }
    };
    let problem = Problem::warning("W-STIX-120", format!("no STIX pattern: {told}"));
    Some(problem.at("/pattern").hint("it is kept and shared, but nothing ever matches it"))
}

/// What can hardly be meant in a pattern.
fn doubtful(object: &Reading) -> Vec<Problem> {
    let tree = object.facts.pattern.as_deref().and_then(|pattern| parse(pattern).ok());
    let findings = tree.map(|tree| check(&tree)).unwrap_or_default().into_iter();
    let findings = findings.filter(|each| each.severity == Severity::Warning);
    findings
        .map(|Finding { at, code, message, hint, .. }| {
            let message = format!("{message}, at character {at} of the pattern");
            Problem::warning(code, message).at("/pattern").hint(hint)
        })
        .collect()
}

/// The warning that telemetry is not matched with a pattern of more than values.
fn compound(object: &Reading) -> Option<Problem> {
    let pattern = object.facts.pattern.as_deref()?;
    let atoms = atoms(pattern).ok()?;
    if atoms.whole || unreadable(object).is_some() {
        return None;
    }
    let message = format!("live matching does not look for this pattern: {}", unfound(pattern)?);
    let problem = Problem::warning("W-STIX-121", message).at("/pattern");
    Some(problem.hint("it is kept and shared; `entente match` judges files of observations by it"))
}

fn old(object: &Reading) -> Option<Problem> {
    let problem = Problem::warning("W-STIX-122", "a STIX 2.0 object");
    let problem = problem.hint("publish takes STIX 2.1 only; convert it, e.g. with stix2-elevator");
    (object.spec_version == SpecVersion::V2_0).then_some(problem)
}
