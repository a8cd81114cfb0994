//! A query string, read strictly: what nobody knows is refused, so that a mistyped restriction is
//! never lost.

use super::answer::Refusal;
use axum::extract::Query;
use std::str::FromStr;

/// The pairs of a query string.
pub(crate) type Pairs = Query<Vec<(String, String)>>;

/// A query string of which parts are taken until nothing is left.
#[derive(Debug)]
pub(crate) struct Asked(Vec<(String, String)>);

impl Asked {
    pub(crate) fn of(Query(pairs): Pairs) -> Self {
        Self(pairs)
    }

    /// All values under a name.
    pub(crate) fn all(&mut self, name: &str) -> Vec<String> {
        let taken = self.0.extract_if(.., |(key, _)| key == name);
        taken.map(|(_, value)| value).filter(|value| !value.is_empty()).collect()
    }

    /// The only value under a name.
    pub(crate) fn one(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let mut all = self.all(name);
        let last = all.pop();
        if all.is_empty() { Ok(last) } else { Err(Refusal::malformed(format!("`{name}` twice"))) }
    }

    /// The only value under a name, read.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, Refusal>
    where
        T::Err: std::fmt::Display,
    {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let read = text.parse().map_err(|error| Refusal::malformed(format!("`{name}`: {error}")));
        read.map(Some)
    }

    /// Whether a flag is set: `1` or `true`.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.one(name)?.as_deref() {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(_) => Err(Refusal::malformed(format!("`{name}` is 1 or 0"))),
        }
    }

    /// Refuses what was not taken.
    pub(crate) fn end(self) -> Result<(), Refusal> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                let shown = formats::problem::shown(name);
                Err(Refusal::malformed(format!("`{shown}` is not asked for here")))
            }
        }
    }
}

#[cfg(test)]
mod tests;
