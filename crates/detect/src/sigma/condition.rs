//! The condition of a rule over its search identifiers: `and`, `or`, `not`, parentheses, `1 of` and
//! `all of`. Counts over time are refused.
//!
//! SPEC: Sigma Rules Specification 2.1, Detection, Condition.

use super::read::{SigmaError, Test};
use super::yaml::At;
use model::limits::{CONDITION_WORDS_MAX, YAML_DEPTH_MAX};

/// The tests of one condition; `named` are the search identifiers.
pub(super) fn condition(text: &str, at: At, named: &[(&str, Test)]) -> Result<Test, SigmaError> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('|', " | ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, next: 0, depth: 0, at, named };
    if words.len() > CONDITION_WORDS_MAX {
        return Err(reader.wrong("the condition is too long".to_owned()));
    }
    let test = reader.any()?;
    match reader.word() {
        None => Ok(test),
        Some("|") => {
            let message = "an aggregation in the condition is not evaluated".to_owned();
            Err(SigmaError::new("E-SIGMA-006", at, message))
        }
        Some(word) => Err(reader.wrong(format!("`{word}` was not expected"))),
    }
}

struct Reader<'r> {
    words: &'r [&'r str],
    next: usize,
    depth: usize,
    at: At,
    named: &'r [(&'r str, Test)],
}

impl<'r> Reader<'r> {
    const fn wrong(&self, message: String) -> SigmaError {
        SigmaError::new("E-SIGMA-004", self.at, message)
    }

    fn word(&self) -> Option<&'r str> {
        self.words.get(self.next).copied()
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let found = self.word().is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        self.next += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Test, SigmaError> {
        let mut all = vec![self.all()?];
        while self.takes("or") {
            all.push(self.all()?);
        }
        Ok(joined(all, Test::Any))
    }

    fn all(&mut self) -> Result<Test, SigmaError> {
        let mut all = vec![self.not()?];
        while self.takes("and") {
            all.push(self.not()?);
        }
        Ok(joined(all, Test::All))
    }

    fn not(&mut self) -> Result<Test, SigmaError> {
        self.depth += 1;
        if self.depth > YAML_DEPTH_MAX {
            return Err(self.wrong(format!("nested deeper than {YAML_DEPTH_MAX}")));
        }
        let test = if self.takes("not") {
            Test::Not(Box::new(self.not()?))
        } else if self.takes("(") {
            let inner = self.any()?;
            if !self.takes(")") {
                return Err(self.wrong("a `)` is missing".to_owned()));
            }
            inner
        } else {
            self.one()?
        };
        self.depth -= 1;
        Ok(test)
    }

    fn one(&mut self) -> Result<Test, SigmaError> {
        let Some(word) = self.word() else {
            return Err(self.wrong("it ends too early".to_owned()));
        };
        self.next += 1;
        if !self.takes("of") {
            let found = self.named.iter().find(|(name, _)| *name == word);
            let test = found.map(|(_, test)| test.clone());
            return test.ok_or_else(|| self.wrong(format!("nothing is named `{word}`")));
        }
        let Some(names) = self.word() else {
            return Err(self.wrong("`of` what?".to_owned()));
        };
        self.next += 1;
        let all: Vec<Test> = self
            .named
            .iter()
            .filter(|(name, _)| named_by(names, name))
            .map(|(_, test)| test.clone())
            .collect();
        if all.is_empty() {
            return Err(self.wrong(format!("nothing is named `{names}`")));
        }
        match word.to_ascii_lowercase().as_str() {
            "1" | "any" => Ok(joined(all, Test::Any)),
            "all" => Ok(joined(all, Test::All)),
            _ => Err(self.wrong(format!("`{word} of` is not evaluated: write 1 of or all of"))),
        }
    }
}

/// SPEC: Sigma 2.1: `them` leaves out names that begin with an underscore.
fn named_by(names: &str, name: &str) -> bool {
    if names.eq_ignore_ascii_case("them") {
        return !name.starts_with('_');
    }
    let mut parts = names.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

fn joined(mut all: Vec<Test>, join: fn(Vec<Test>) -> Test) -> Test {
    let one = if all.len() == 1 { all.pop() } else { None };
    one.unwrap_or_else(|| join(all))
}
