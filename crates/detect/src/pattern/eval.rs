//! The judge: whether observations match a pattern, as the specification says and no faster. It has
//! no index and no memory.
//!
//! SPEC: STIX 2.1 §9.4 to §9.7.

use super::combine::{Combine, Leaf, combine};
use super::compare::{Native, passes};
use super::graph::{Graph, Observed};
use super::regexes::{RegexError, Regexes};
use super::resolve::{Place, resolve};
use super::tree::{Comparison, Observation, Operator, Test};
use model::limits::{
    PATTERN_LIKE_STEPS_MAX, PATTERN_REPEATS_MAX, PATTERN_STEPS_MAX, PATTERN_VALUES_MAX,
    REGEX_STEPS_MAX, REGEX_TEXT_BYTES_MAX,
};

#[cfg(test)]
mod tests;

/// Why it is not known whether a pattern matches. Never taken for "no".
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EvalError {
    /// A text is too long for a regular expression.
    #[error("E-PATTERN-020: a text of more than {REGEX_TEXT_BYTES_MAX} bytes is not searched")]
    TextTooLong,
    /// A regular expression that cannot be used.
    #[error(transparent)]
    Regex(#[from] RegexError),
    /// The expressions are those of another pattern.
    #[error("E-PATTERN-025: not a regular expression of this pattern")]
    Regexes,
    /// A regular expression went on for too long.
    #[error("E-PATTERN-022: a regular expression took more than {REGEX_STEPS_MAX} steps")]
    RegexSteps,
    /// A path leads to too many values.
    #[error("E-PATTERN-023: a path leads to more than {PATTERN_VALUES_MAX} values")]
    Values,
    /// `LIKE` went on for too long.
    #[error("E-PATTERN-024: a LIKE took more than {PATTERN_LIKE_STEPS_MAX} steps")]
    Like,
    /// Too many ways to choose observations.
    #[error("E-PATTERN-028: no answer after trying {PATTERN_STEPS_MAX} choices of observations")]
    TooMuch,
    /// More observations are asked for than a pattern can bind.
    #[error("E-PATTERN-029: more than {PATTERN_REPEATS_MAX} observations in one match")]
    TooManyRepeats,
}

impl EvalError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::TextTooLong => "test it with LIKE, or with a hash",
            Self::Regex(RegexError::Lacks(_)) => {
                "write it without; docs/operating.md lists what is"
            }
            Self::Regex(RegexError::Invalid(_)) | Self::Regexes => {
                "the syntax is that of PCRE; backslashes are doubled inside a pattern"
            }
            Self::Regex(RegexError::TooLarge) => "shorten it, or lower its counts",
            Self::Regex(RegexError::TooMany) => "split the pattern",
            Self::RegexSteps => "write it without a repetition inside a repetition",
            Self::Values => "name an index instead of [*]",
            Self::Like => "use fewer % in it",
            Self::TooMuch => "narrow it with WITHIN, or judge fewer observations at a time",
            Self::TooManyRepeats => "lower the number behind REPEATS",
        }
    }
}

/// Whether one observation satisfies a comparison expression.
///
/// SPEC: STIX 2.1 §9.5: all its tests start from one and the same object.
///
/// # Errors
/// When a bound was reached before it was known.
pub fn holds(comparison: &Comparison, graph: &Graph, regexes: &Regexes) -> Result<bool, EvalError> {
    let objects = 0..graph.objects().len();
    any(objects, |root| satisfies(comparison, graph, root, regexes))
}

fn satisfies(
    comparison: &Comparison,
    graph: &Graph,
    root: usize,
    regexes: &Regexes,
) -> Result<bool, EvalError> {
    match comparison {
        Comparison::Any(all) => any(all, |each| satisfies(each, graph, root, regexes)),
        Comparison::All(all) => {
            let fails = |each| satisfies(each, graph, root, regexes).map(|holds| !holds);
            any(all, fails).map(|fails| !fails)
        }
        Comparison::Test(test) => passes_test(test, graph, root, regexes),
    }
}

/// Whether something holds for any; that it is not known for one matters only when it does for none.
fn any<T>(
    all: impl IntoIterator<Item = T>,
    mut holds: impl FnMut(T) -> Result<bool, EvalError>,
) -> Result<bool, EvalError> {
    let mut unknown = None;
    for each in all {
        match holds(each) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(error) => unknown = unknown.or(Some(error)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

fn passes_test(
    test: &Test,
    graph: &Graph,
    root: usize,
    regexes: &Regexes,
) -> Result<bool, EvalError> {
    if graph.object(root).is_none_or(|object| object.kind != test.path.object) {
        return Ok(false);
    }
    let places = resolve(graph, root, &test.path)?;
    if test.operator == Operator::Exists {
        return Ok(places.is_empty() == test.negated);
    }
    // SPEC: STIX 2.1 §9.6: of what is not there, every comparison is false, with NOT as well.
    if places.is_empty() {
        return Ok(false);
    }
    let one = |place: &Place<'_>| match place {
        Place::Part(part) => passes(&Native::of(*part), test, regexes),
        Place::Object(_) | Place::Linked(..) => passes(&Native::Other, test, regexes),
    };
    // SPEC: STIX 2.1 §9.6.1, §9.7.2: NOT negates the whole comparison, which any item satisfies.
    any(&places, one).map(|passes| passes != test.negated)
}

/// Whether observations match a pattern: the places, in `seen`, of some that together do.
///
/// # Errors
/// When a bound was reached before it was known.
pub fn evaluate(
    pattern: &Observation,
    seen: &[Observed],
    regexes: &Regexes,
) -> Result<Option<Vec<usize>>, EvalError> {
    let mut unknown = None;
    let mut leaves = Vec::new();
    for comparison in pattern.leaves() {
        let mut found = Vec::new();
        for (place, observed) in seen.iter().enumerate() {
            match holds(comparison, &observed.graph, regexes) {
                Ok(true) => found.push(Leaf {
                    observation: place as u64,
                    first: observed.first,
                    last: observed.last,
                    number: observed.number,
                }),
                Ok(false) => {}
                Err(error) => unknown = unknown.or(Some(error)),
            }
        }
        leaves.push(found);
    }
    let bound = combine(pattern, &leaves, Combine::default())?;
    match (bound, unknown) {
        (Some(bound), _) => {
            Ok(Some(bound.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()))
        }
        (None, Some(error)) => Err(error),
        (None, None) => Ok(None),
    }
}
