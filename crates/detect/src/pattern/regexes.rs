//! The compiled regular expressions of one pattern, bounded in size and in steps. It translates
//! nothing itself and keeps nothing beyond its pattern.

use super::eval::EvalError;
use super::pcre::{Translated, translate};
use super::text::{composed, text_of};
use super::tree::{Literal, Observation, Operand, Operator, Step, Test};
use fancy_regex::{Error, Regex, RegexBuilder};
use model::limits::{
    REGEX_BYTES_MAX, REGEX_LENGTH_MAX, REGEX_PROGRAM_MAX, REGEX_STEPS_MAX, REGEX_TEXT_BYTES_MAX,
    REGEXES_MAX,
};
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// Why a regular expression cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegexError {
    /// It uses what is not run here.
    #[error("E-PATTERN-021: a regular expression uses {0}, which is not supported")]
    Lacks(String),
    /// It is none.
    #[error("E-PATTERN-025: not a regular expression: {0}")]
    Invalid(String),
    /// It is too large once compiled.
    #[error("E-PATTERN-026: a regular expression is too large")]
    TooLarge,
    /// More than [`REGEXES_MAX`] in one pattern.
    #[error("E-PATTERN-027: more than {REGEXES_MAX} regular expressions in one pattern")]
    TooMany,
}

impl RegexError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Lacks(_) => "E-PATTERN-021",
            Self::Invalid(_) => "E-PATTERN-025",
            Self::TooLarge => "E-PATTERN-026",
            Self::TooMany => "E-PATTERN-027",
        }
    }
}

/// The regular expressions of a pattern, each compiled once.
#[derive(Debug, Default)]
pub struct Regexes {
    texts: HashMap<String, Compiled>,
    octets: HashMap<String, Compiled>,
}

#[derive(Debug)]
struct Compiled {
    usual: Regex,
    before_line_feed: Option<Regex>,
}

impl Regexes {
    /// Compiles all that a pattern names.
    ///
    /// # Errors
    /// With the first that cannot be used.
    pub fn of(pattern: &Observation) -> Result<Self, RegexError> {
        let mut regexes = Self::default();
        for test in pattern.leaves().into_iter().flat_map(|leaf| leaf.tests()) {
            let (Some(regex), octets) = asked(test) else { continue };
            let into = if octets { &mut regexes.octets } else { &mut regexes.texts };
            if !into.contains_key(regex) {
                into.insert(regex.to_owned(), compile(regex, octets)?);
            }
            if regexes.octets.len() + regexes.texts.len() > REGEXES_MAX {
                return Err(RegexError::TooMany);
            }
        }
        Ok(regexes)
    }

    /// Whether an expression is found in a composed text.
    pub(super) fn finds(&self, regex: &str, text: &str) -> Result<bool, EvalError> {
        finds(self.texts.get(regex), text)
    }

    /// Whether an expression is found in bytes.
    pub(super) fn finds_in_bytes(&self, regex: &str, bytes: &[u8]) -> Result<bool, EvalError> {
        if bytes.len() > REGEX_TEXT_BYTES_MAX {
            return Err(EvalError::TextTooLong);
        }
        finds(self.octets.get(regex), &text_of(bytes))
    }
}

/// The expression of a test, and whether it is for bytes.
pub(super) fn asked(test: &Test) -> (Option<&str>, bool) {
    let (Operator::Matches, Operand::One(Literal::Text(regex))) = (test.operator, &test.operand)
    else {
        return (None, false);
    };
    let name = test.path.steps.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name.as_str()),
        Step::Place(_) | Step::Anywhere => None,
    });
    let octets = name.is_some_and(|name| name.ends_with("_hex") || name.ends_with("_bin"));
    (Some(regex), octets)
}

fn finds(compiled: Option<&Compiled>, text: &str) -> Result<bool, EvalError> {
    let compiled = compiled.ok_or(EvalError::Regexes)?;
    // Bytes above 7F have two bytes here.
    if text.len() > 2 * REGEX_TEXT_BYTES_MAX {
        return Err(EvalError::TextTooLong);
    }
    let ends = compiled.before_line_feed.as_ref().filter(|_| text.ends_with('\n'));
    ends.unwrap_or(&compiled.usual).is_match(text).map_err(|_| EvalError::RegexSteps)
}

fn compile(regex: &str, octets: bool) -> Result<Compiled, RegexError> {
    if regex.len() > REGEX_LENGTH_MAX {
        return Err(RegexError::TooLarge);
    }
    let translated = translate(&composed(regex), octets);
    let Translated { usual, before_line_feed } =
        translated.map_err(|refused| RegexError::Lacks(refused.0))?;
    let usual = build(&usual)?;
    let before_line_feed = before_line_feed.as_deref().map(build).transpose()?;
    Ok(Compiled { usual, before_line_feed })
}

fn build(regex: &str) -> Result<Regex, RegexError> {
    let built = RegexBuilder::new(regex)
        .dot_matches_new_line(true)
        .backtrack_limit(REGEX_STEPS_MAX)
        .delegate_size_limit(REGEX_BYTES_MAX)
        .delegate_dfa_size_limit(REGEX_BYTES_MAX)
        .max_prog_size(REGEX_PROGRAM_MAX)
        .build();
    built.map_err(|error| {
        let told = error.to_string();
        let large = told.contains("size limit") || told.contains("too complex");
        if large && matches!(error, Error::CompileError(_)) {
            return RegexError::TooLarge;
        }
        // The first line names the fault; the rest repeats our translation of it.
        RegexError::Invalid(told.lines().next().unwrap_or_default().to_owned())
    })
}
