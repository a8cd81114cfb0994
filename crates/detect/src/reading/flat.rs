//! Names and values of a line that has no depth, gathered in memory that is used again. It knows no
//! form and looks at no value.

use super::event::Flat;
use model::limits::FLAT_PAIRS_MAX;
use std::ops::Range;

/// What a form's reader fills: the text of names, the text of values, and where each lies.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    names: String,
    text: String,
    pairs: Vec<(Range<usize>, Range<usize>)>,
    full: bool,
}

impl Pairs {
    /// Forgets the line before.
    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.text.clear();
        self.pairs.clear();
        self.full = false;
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether some found no place.
    pub(super) const fn full(&self) -> bool {
        self.full
    }

    /// Forgets all but the first ones, when what came behind them was no pair after all.
    pub(super) fn truncate(&mut self, pairs: usize) {
        self.pairs.truncate(pairs);
    }

    /// One more, without escapes.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.push_with(name, |text| text.push_str(value));
    }

    /// One more, whose value is written by `write`; an empty value is none.
    pub(super) fn push_with(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        // LIMIT: a line of nothing but separators makes no list of a million pairs.
        if self.pairs.len() >= FLAT_PAIRS_MAX {
            self.full = true;
            return;
        }
        let start = self.text.len();
        write(&mut self.text);
        if self.text.len() == start {
            return;
        }
        let name_start = self.names.len();
        self.names.push_str(name);
        self.pairs.push((name_start..self.names.len(), start..self.text.len()));
    }

    /// Gives every pair whose name is `from` the name `to`.
    pub(super) fn rename(&mut self, first: usize, from: &str, to: &str) {
        let start = self.names.len();
        self.names.push_str(to);
        let range = start..self.names.len();
        let Self { names, pairs, .. } = self;
        for (name, _) in pairs.iter_mut().skip(first) {
            if names.get(name.clone()) == Some(from) {
                name.clone_from(&range);
            }
        }
    }

    /// As an event shows them.
    pub(super) fn flat(&self) -> Flat<'_> {
        Flat { names: &self.names, text: &self.text, pairs: &self.pairs }
    }
}
