//! What a field is compared with, as the rule says it. How it is done fast stands in `rules`; the
//! judge does it slowly.

use fancy_regex::Regex;
use std::net::IpAddr;
use std::sync::Arc;

/// One comparison.
#[derive(Clone, Debug)]
pub enum Op {
    /// A text with wildcards.
    Text(Text),
    /// A whole number, by its digits.
    Number(String),
    /// The field is not there, or null.
    Null,
    /// Found in the text.
    Regex(Arc<Regex>),
    /// An address of this prefix.
    Cidr(IpAddr, u8),
    /// Greater or less.
    Compare(Order, f64),
    /// Whether the field is there.
    Exists(bool),
    /// Another field's value stands in it.
    SameAs {
        /// The other field.
        field: String,
        /// Where in it.
        place: Place,
    },
}

/// An order of numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// `lt`.
    Less,
    /// `lte`.
    LessOrEqual,
    /// `gt`.
    Greater,
    /// `gte`.
    GreaterOrEqual,
}

impl Order {
    /// Whether `left` stands so to `right`.
    #[must_use]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// Where a text stands in a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// It is the value.
    Whole,
    /// At its beginning.
    Start,
    /// At its end.
    End,
    /// Anywhere.
    Inside,
}

/// A text with wildcards.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Text {
    /// Its parts; in the letters of [`folded`] unless `cased`.
    pub parts: Vec<Part>,
    /// Whether the case of letters counts.
    pub cased: bool,
}

/// A part of a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// These letters.
    Letters(String),
    /// `*`: any, also none.
    Many,
    /// `?`: exactly one.
    One,
}

impl Text {
    /// Letters in a place of a value.
    pub(super) fn wrap(mut self, place: Place) -> Self {
        if matches!(place, Place::End | Place::Inside) && self.parts.first() != Some(&Part::Many) {
            self.parts.insert(0, Part::Many);
        }
        if matches!(place, Place::Start | Place::Inside) && self.parts.last() != Some(&Part::Many) {
            self.parts.push(Part::Many);
        }
        self
    }

    /// The same text in the letters of [`folded`].
    pub(super) fn folded(mut self) -> Self {
        for part in &mut self.parts {
            if let Part::Letters(letters) = part {
                *letters = folded(letters);
            }
        }
        self
    }

    /// Letters and place, where there is no wildcard but at the ends.
    #[must_use]
    pub fn plain(&self) -> Option<(&str, Place)> {
        match self.parts.as_slice() {
            [] => Some(("", Place::Whole)),
            [Part::Many] => Some(("", Place::Inside)),
            [Part::Letters(text)] => Some((text, Place::Whole)),
            [Part::Letters(text), Part::Many] => Some((text, Place::Start)),
            [Part::Many, Part::Letters(text)] => Some((text, Place::End)),
            [Part::Many, Part::Letters(text), Part::Many] => Some((text, Place::Inside)),
            _ => None,
        }
    }

    /// Whether the whole value is such a text; turns back to the last `*` only.
    #[must_use]
    pub fn covers(&self, value: &str) -> bool {
        let (mut part, mut rest) = (0, value);
        let mut back: Option<(usize, &str)> = None;
        loop {
            let stepped = match self.parts.get(part) {
                None if rest.is_empty() => return true,
                None => None,
                Some(Part::Many) => {
                    part += 1;
                    back = Some((part, rest));
                    continue;
                }
                Some(Part::One) => {
                    let mut chars = rest.chars();
                    chars.next().map(|_| chars.as_str())
                }
                Some(Part::Letters(letters)) => rest.strip_prefix(letters.as_str()),
            };
            if let Some(after) = stepped {
                (part, rest) = (part + 1, after);
                continue;
            }
            let Some((from, text)) = back else { return false };
            let mut chars = text.chars();
            if chars.next().is_none() {
                return false;
            }
            (part, rest, back) = (from, chars.as_str(), Some((from, chars.as_str())));
        }
    }
}

/// A text whose letters have no case: each letter by itself, so that a part of a text folds as it
/// does in the whole.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}
