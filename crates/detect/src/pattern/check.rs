//! What is wrong with a pattern that can be read: what the specification forbids, and what can
//! hardly be meant. It changes nothing, and a pattern with warnings is judged all the same.

use super::combine::asked_for;
use super::known::{self, Sort};
use super::regexes::Regexes;
use super::text::Net;
use super::tree::{Comparison, Literal, Observation, Operand, Operator, Qualifier, Step, Test};
use model::limits::PATTERN_REPEATS_MAX;

#[cfg(test)]
mod tests;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// The specification forbids it: the pattern matches nothing.
    Error,
    /// Allowed, and hardly meant.
    Warning,
}

/// Something wrong with a pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Offset in bytes, of the test that it is about.
    pub at: usize,
    /// Stable, such as `E-PATTERN-016`.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What it is.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// All findings, in the order in which they stand in the pattern.
#[must_use]
pub fn check(observation: &Observation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for leaf in observation.leaves() {
        of_one_type(leaf, &mut findings);
        leaf.tests().into_iter().for_each(|test| of_test(test, &mut findings));
        if let (true, Some(test)) = (accepts_all(leaf), leaf.tests().first()) {
            let message = "everything satisfies this";
            let hint = "every observation with such an object will match";
            findings.push(warning(test, "W-PATTERN-004", message.to_owned(), hint));
        }
    }
    of_regexes(observation, &mut findings);
    if let Some(test) = observation.leaves().first().and_then(|leaf| leaf.tests().first().copied())
        && asked_for(observation) > PATTERN_REPEATS_MAX
    {
        let message = format!("more than {PATTERN_REPEATS_MAX} observations are asked for");
        findings.push(error(test, "E-PATTERN-029", message, "lower the number behind REPEATS"));
    }
    if let Some(test) = unbounded(observation) {
        let message = "nothing bounds the time between its observations";
        let hint = "add WITHIN ... SECONDS behind them; live matching keeps each for a day";
        findings.push(warning(test, "W-PATTERN-007", message.to_owned(), hint));
    }
    findings.sort_by_key(|finding| (finding.at, finding.severity));
    findings
}

fn error(test: &Test, code: &'static str, message: String, hint: &str) -> Finding {
    Finding { at: test.at, code, severity: Severity::Error, message, hint: hint.to_owned() }
}

fn warning(test: &Test, code: &'static str, message: String, hint: &str) -> Finding {
    Finding { at: test.at, code, severity: Severity::Warning, message, hint: hint.to_owned() }
}

/// SPEC: STIX 2.1 §9.5: what `AND` joins inside brackets must be satisfiable with one object.
fn of_one_type(comparison: &Comparison, findings: &mut Vec<Finding>) {
    match comparison {
        Comparison::Any(all) => all.iter().for_each(|each| of_one_type(each, findings)),
        Comparison::All(all) => {
            let before = findings.len();
            all.iter().for_each(|each| of_one_type(each, findings));
            let tests = comparison.tests();
            if findings.len() == before
                && kinds(comparison).is_empty()
                && let Some(test) = tests.iter().find(|test| {
                    tests.first().is_some_and(|first| first.path.object != test.path.object)
                })
            {
                let message =
                    format!("no object is of two types: `{}` and another", test.path.object);
                let hint = "join what is about two objects with OR, or write [...] AND [...]";
                findings.push(error(test, "E-PATTERN-016", message, hint));
            }
        }
        Comparison::Test(_) => {}
    }
}

/// The types that can satisfy a comparison.
fn kinds(comparison: &Comparison) -> Vec<&str> {
    match comparison {
        Comparison::Test(test) => vec![&test.path.object],
        Comparison::Any(all) => all.iter().flat_map(kinds).collect(),
        Comparison::All(all) => {
            let mut sets = all.iter().map(kinds);
            let first = sets.next().unwrap_or_default();
            sets.fold(first, |all, each| all.into_iter().filter(|k| each.contains(k)).collect())
        }
    }
}

fn of_test(test: &Test, findings: &mut Vec<Finding>) {
    of_path(test, findings);
    of_constants(test, findings);
    if matches!(test.operator, Operator::IsSubset | Operator::IsSuperset) {
        of_net(test, findings);
    }
}

fn of_path(test: &Test, findings: &mut Vec<Finding>) {
    let kind = test.path.object.as_str();
    let negative = |step: &Step| matches!(step, Step::Place(place) if *place < 0);
    if test.path.steps.iter().any(negative) {
        let message = "a place in a list is counted from 0".to_owned();
        findings.push(error(test, "E-PATTERN-017", message, "use [0], or [*] for any"));
    }
    if !known::is_type(kind) {
        let hint = known::meant(kind, None).map_or_else(
            || {
                "the types of the standard stand in STIX 2.1, section 6; own ones begin with x-"
                    .into()
            },
            |meant| format!("perhaps {meant}"),
        );
        if !kind.starts_with("x-") {
            let message = format!("`{kind}` is no type of the standard");
            findings.push(warning(test, "W-PATTERN-001", message, &hint));
        }
        return;
    }
    let Some(Step::Name(name)) = test.path.steps.first() else { return };
    if known::sort(kind, name).is_none() && !name.starts_with("x_") {
        let hint = known::meant(kind, Some(name)).map_or_else(
            || "its properties stand in STIX 2.1, section 6".into(),
            |meant| format!("perhaps {meant}"),
        );
        let message = format!("`{kind}` has no property `{name}` in the standard");
        findings.push(warning(test, "W-PATTERN-002", message, &hint));
    }
}

/// SPEC: STIX 2.1 §9.2 (what compares with what), §9.6.1, IN (constants of one type).
fn of_constants(test: &Test, findings: &mut Vec<Finding>) {
    let constants = match &test.operand {
        Operand::None => return,
        Operand::One(one) => std::slice::from_ref(one),
        Operand::Set(all) => all.as_slice(),
    };
    if test.operator == Operator::In {
        let number = |l: &Literal| matches!(l, Literal::Integer(_) | Literal::Float(_));
        let alike = |one: &Literal, other: &Literal| {
            number(one) && number(other)
                || std::mem::discriminant(one) == std::mem::discriminant(other)
        };
        if constants.is_empty() {
            let message = "nothing is in an empty set".to_owned();
            findings.push(warning(test, "W-PATTERN-005", message, "name what is looked for"));
        }
        if constants.first().is_some_and(|first| constants.iter().any(|each| !alike(first, each))) {
            let message = "the constants of a set must be of one type".to_owned();
            findings.push(error(test, "E-PATTERN-018", message, "write several tests with OR"));
        }
    }
    let [Step::Name(name), after @ ..] = test.path.steps.as_slice() else { return };
    if after.iter().any(|step| matches!(step, Step::Name(_))) {
        return;
    }
    let Some(sort) = known::sort(&test.path.object, name) else { return };
    let wrong = constants.first().filter(|constant| !compares(sort, constant));
    if let (Some(_), false) = (wrong, test.operator == Operator::NotEqual) {
        let hint = match sort {
            Sort::Text => "it is a text: 'in single quotes'",
            Sort::Number => "it is a number: without quotes",
            Sort::Bool => "it is true or false, without quotes",
            Sort::Time => "it is a timestamp: t'2026-11-22T08:00:00Z'",
            Sort::Octets => "it is binary: h'ffd8', b'/9g=' or a text of characters below U+0100",
            Sort::Within => "go on to a value inside it, such as .value",
        };
        let message = format!("`{name}` never compares with such a constant");
        findings.push(warning(test, "W-PATTERN-003", message, hint));
    }
}

const fn compares(sort: Sort, constant: &Literal) -> bool {
    match (sort, constant) {
        (Sort::Text | Sort::Octets, Literal::Text(_) | Literal::Hex(_) | Literal::Binary(_))
        | (Sort::Number, Literal::Integer(_) | Literal::Float(_))
        | (Sort::Bool, Literal::Bool(_))
        | (Sort::Time, Literal::Time(_))
        // A reference is a text as well, and a list may be compared item by item.
        | (Sort::Within, Literal::Text(_)) => true,
        _ => false,
    }
}

/// SPEC: STIX 2.1 §9.6.1, ISSUBSET and ISSUPERSET: about addresses only.
fn of_net(test: &Test, findings: &mut Vec<Finding>) {
    let Operand::One(Literal::Text(net)) = &test.operand else { return };
    if Net::read(net).is_none() {
        let message = format!("`{net}` is no address and no network");
        let hint = "such as '198.51.100.0/24' or '2001:db8::/32'";
        findings.push(error(test, "E-PATTERN-019", message, hint));
    }
    let ends = matches!(test.path.steps.last(), Some(Step::Name(name)) if name == "value");
    let other = known::is_type(&test.path.object)
        && test.path.steps.len() == 1
        && !matches!(test.path.object.as_str(), "ipv4-addr" | "ipv6-addr");
    if !ends || other {
        let message = "only addresses are parts of networks".to_owned();
        let hint = "use ipv4-addr:value or ipv6-addr:value, or a reference to one";
        findings.push(warning(test, "W-PATTERN-006", message, hint));
    }
}

fn of_regexes(observation: &Observation, findings: &mut Vec<Finding>) {
    let tests = observation.leaves().into_iter().flat_map(Comparison::tests);
    for test in tests.filter(|test| test.operator == Operator::Matches) {
        let one = Observation::One(Comparison::Test(test.clone()));
        if let Err(cause) = Regexes::of(&one) {
            let told = cause.to_string();
            let message = told.split_once(": ").map_or(told.as_str(), |(_, message)| message);
            let hint = super::eval::EvalError::Regex(cause.clone()).hint();
            findings.push(error(test, cause.code(), message.to_owned(), hint));
        }
    }
}

/// The first test of observations that follow or repeat one another, however long that takes. What
/// AND joins may be meant so: it says nothing of an order.
fn unbounded(observation: &Observation) -> Option<&Test> {
    let first = || observation.leaves().first().and_then(|leaf| leaf.tests().first().copied());
    match observation {
        Observation::One(_) => None,
        Observation::All(all) | Observation::Any(all) => all.iter().find_map(unbounded),
        Observation::Sequence(_) => first(),
        Observation::Qualified(inner, qualifiers) => {
            for qualifier in qualifiers.iter().rev() {
                match qualifier {
                    Qualifier::Within(_) | Qualifier::Between(..) => return None,
                    Qualifier::Repeats(0 | 1) => {}
                    Qualifier::Repeats(_) => return first(),
                }
            }
            unbounded(inner)
        }
    }
}

/// Whether every object of its type with such a property satisfies it.
fn accepts_all(comparison: &Comparison) -> bool {
    match comparison {
        Comparison::Any(all) => all.iter().any(accepts_all),
        Comparison::All(all) => all.iter().all(accepts_all),
        Comparison::Test(test) => match (test.operator, &test.operand, test.negated) {
            (Operator::Exists | Operator::NotEqual, _, false)
            | (Operator::Equal | Operator::In, _, true) => true,
            (Operator::Like, Operand::One(Literal::Text(like)), false) => {
                like.bytes().all(|b| b == b'%')
            }
            (Operator::Matches, Operand::One(Literal::Text(regex)), false) => {
                matches!(regex.as_str(), "" | "." | ".*" | ".+" | "^" | "$" | "^.*$" | "^.+$")
            }
            (Operator::IsSubset, Operand::One(Literal::Text(net)), false) => net.ends_with("/0"),
            _ => false,
        },
    }
}

/// The level of conformance that a pattern needs.
///
/// SPEC: STIX 2.1 §12.7.
#[must_use]
pub fn level(observation: &Observation) -> u8 {
    match observation {
        Observation::One(_) => 1,
        Observation::All(all) | Observation::Any(all) => {
            all.iter().map(level).max().unwrap_or(1).max(2)
        }
        Observation::Sequence(_) | Observation::Qualified(..) => 3,
    }
}
