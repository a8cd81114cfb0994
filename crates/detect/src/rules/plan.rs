//! A Sigma rule made ready for many events: fields by number, texts in the form in which they are
//! compared. It says the same as the rule's tree and keeps nothing of an event.

use super::fields::Fields;
use super::values::Values;
use crate::sigma::{Op, Order, Place, Test, Text, folded, judge};
use fancy_regex::Regex;
use memchr::memmem::{Finder, FinderBuilder};
use model::limits::REGEX_TEXT_BYTES_MAX;
use std::net::IpAddr;
use std::sync::Arc;

/// What must hold of an event.
#[derive(Debug)]
pub(super) enum Plan {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Field(u32, Fast),
    Keyword(Fast),
}

/// One comparison, ready.
#[derive(Debug)]
pub(super) enum Fast {
    Plain(Box<Needle>),
    Glob(Text),
    Digits(Box<str>),
    Null,
    Regex(Arc<Regex>),
    Cidr(IpAddr, u8),
    Compare(Order, f64),
    Exists(bool),
    SameAs(u32, Place),
}

/// A text in a place of a value.
#[derive(Debug)]
pub(super) struct Needle {
    pub(super) text: Box<str>,
    pub(super) place: Place,
    cased: bool,
    finder: Option<Finder<'static>>,
}

/// One event being asked.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) values: &'a Values,
    /// Every string of the event, for keywords: as it is, and in letters that have no case.
    pub(super) all: &'a [(String, String)],
    /// The first value by which a test held.
    pub(super) proof: Option<Proof>,
    /// Comparisons that were given up: a text too long, an expression that takes too long.
    pub(super) given_up: u64,
}

/// By which value a rule held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Proof {
    /// A place among the values.
    Value(u32),
    /// A place among all strings.
    Word(usize),
}

impl Plan {
    /// Makes it ready.
    pub(super) fn of(test: &Test, fields: &mut Fields) -> Self {
        let mut each = |all: &[Test]| all.iter().map(|test| Self::of(test, fields)).collect();
        match test {
            Test::All(all) => Self::All(each(all)),
            Test::Any(all) => Self::Any(each(all)),
            Test::Not(test) => Self::Not(Box::new(Self::of(test, fields))),
            Test::Field(test) => Self::Field(fields.number(&test.field), fast(&test.op, fields)),
            Test::Keyword(op) => Self::Keyword(fast(op, fields)),
        }
    }

    /// Whether it asks for every string of an event.
    pub(super) fn has_keywords(&self) -> bool {
        match self {
            Self::All(all) | Self::Any(all) => all.iter().any(Self::has_keywords),
            Self::Not(inner) => inner.has_keywords(),
            Self::Field(..) => false,
            Self::Keyword(_) => true,
        }
    }

    /// Whether it holds.
    pub(super) fn holds(&self, asked: &mut Asked<'_>) -> bool {
        match self {
            Self::All(all) => all.iter().all(|plan| plan.holds(asked)),
            Self::Any(all) => all.iter().any(|plan| plan.holds(asked)),
            Self::Not(inner) => {
                // What is not there proves nothing.
                let before = asked.proof;
                let holds = inner.holds(asked);
                asked.proof = before;
                !holds
            }
            Self::Field(field, fast) => field_holds(*field, fast, asked),
            Self::Keyword(fast) => keyword_holds(fast, asked),
        }
    }
}

fn fast(op: &Op, fields: &mut Fields) -> Fast {
    match op {
        Op::Text(text) => match text.plain() {
            Some((letters, place)) => {
                Fast::Plain(Box::new(Needle::new(letters, place, text.cased)))
            }
            None => Fast::Glob(text.clone()),
        },
        Op::Number(digits) => Fast::Digits(digits.as_str().into()),
        Op::Null => Fast::Null,
        Op::Regex(regex) => Fast::Regex(Arc::clone(regex)),
        Op::Cidr(address, bits) => Fast::Cidr(*address, *bits),
        Op::Compare(order, number) => Fast::Compare(*order, *number),
        Op::Exists(wanted) => Fast::Exists(*wanted),
        Op::SameAs { field, place } => Fast::SameAs(fields.number(field), *place),
    }
}

impl Needle {
    fn new(text: &str, place: Place, cased: bool) -> Self {
        let inside = place == Place::Inside;
        let finder =
            inside.then(|| FinderBuilder::new().build_forward(text.as_bytes()).into_owned());
        Self { text: text.into(), place, cased, finder }
    }

    fn stands_in(&self, own: &str, folded: &str) -> bool {
        let value = if self.cased { own } else { folded };
        match self.place {
            Place::Whole => value == &*self.text,
            Place::Start => value.starts_with(&*self.text),
            Place::End => value.ends_with(&*self.text),
            Place::Inside => {
                let finder = self.finder.as_ref();
                finder.is_some_and(|finder| finder.find(value.as_bytes()).is_some())
            }
        }
    }
}

fn field_holds(field: u32, fast: &Fast, asked: &mut Asked<'_>) -> bool {
    let values = asked.values;
    match fast {
        Fast::Null => values.of(field).next().is_none(),
        Fast::Exists(wanted) => values.of(field).next().is_some() == *wanted,
        Fast::SameAs(other, place) => {
            let proof = values.of(field).find(|value| {
                let mut others = values.of(*other).map(|other| values.folded(other));
                others.any(|other| stands(values.folded(*value), other, *place))
            });
            prove(asked, proof)
        }
        Fast::Plain(_)
        | Fast::Glob(_)
        | Fast::Digits(_)
        | Fast::Regex(_)
        | Fast::Cidr(..)
        | Fast::Compare(..) => {
            let mut given_up = 0;
            let proof = values.of(field).find(|value| {
                value_passes(fast, values.text(*value), values.folded(*value), &mut given_up)
            });
            asked.given_up += given_up;
            prove(asked, proof)
        }
    }
}

fn keyword_holds(fast: &Fast, asked: &mut Asked<'_>) -> bool {
    let mut given_up = 0;
    let found =
        asked.all.iter().position(|(own, folded)| value_passes(fast, own, folded, &mut given_up));
    asked.given_up += given_up;
    asked.proof = asked.proof.or(found.map(Proof::Word));
    found.is_some()
}

fn prove(asked: &mut Asked<'_>, value: Option<u32>) -> bool {
    asked.proof = asked.proof.or(value.map(Proof::Value));
    value.is_some()
}

fn stands(value: &str, other: &str, place: Place) -> bool {
    match place {
        Place::Whole => value == other,
        Place::Start => value.starts_with(other),
        Place::End => value.ends_with(other),
        Place::Inside => value.contains(other),
    }
}

fn value_passes(fast: &Fast, own: &str, folded: &str, given_up: &mut u64) -> bool {
    match fast {
        Fast::Plain(needle) => needle.stands_in(own, folded),
        Fast::Glob(text) => text.covers(if text.cased { own } else { folded }),
        Fast::Digits(digits) => own == &**digits,
        Fast::Regex(regex) => {
            let searched = own.len() <= REGEX_TEXT_BYTES_MAX;
            let found = searched.then(|| regex.is_match(own).ok()).flatten();
            *given_up += u64::from(found.is_none());
            found.unwrap_or(false)
        }
        Fast::Cidr(prefix, bits) => {
            own.parse().is_ok_and(|address| judge::inside(address, *prefix, *bits))
        }
        Fast::Compare(order, number) => own.parse().is_ok_and(|own| order.holds(own, *number)),
        Fast::Null | Fast::Exists(_) | Fast::SameAs(..) => false,
    }
}

/// A literal without which a rule cannot hold, in letters that have no case.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    /// Where it stands; [`ANYWHERE`] for keywords.
    pub(super) field: u32,
    pub(super) place: Place,
    pub(super) text: Box<str>,
}

/// The field of what stands in some field.
pub(super) const ANYWHERE: u32 = u32::MAX;

/// Letters that whatever passes holds, and where in a value; none for tests that are not of letters.
fn letters(fast: &Fast) -> Option<(&str, Place)> {
    match fast {
        Fast::Plain(needle) => Some((&*needle.text, needle.place)),
        Fast::Glob(text) => Some((longest(text)?, Place::Inside)),
        Fast::Digits(digits) => Some((&**digits, Place::Whole)),
        Fast::Null
        | Fast::Regex(_)
        | Fast::Cidr(..)
        | Fast::Compare(..)
        | Fast::Exists(_)
        | Fast::SameAs(..) => None,
    }
}

/// Literals of which one stands in every event for which the plan holds, and how rare they are.
pub(super) fn witness(plan: &Plan) -> Option<(Vec<Literal>, usize)> {
    match plan {
        Plan::All(all) => all.iter().filter_map(witness).max_by_key(|(_, rare)| *rare),
        Plan::Any(all) => {
            let mut union = Vec::new();
            let mut rare = usize::MAX;
            for plan in all {
                let (literals, this) = witness(plan)?;
                union.extend(literals);
                rare = rare.min(this);
            }
            (!union.is_empty()).then_some((union, rare))
        }
        Plan::Not(_) => None,
        Plan::Keyword(fast) => {
            let text = unescaped(letters(fast)?.0)?;
            // A whole line is looked through for it, so that one in a field is preferred.
            let (rare, text) = (text.len() / 2, text.to_ascii_lowercase().into_boxed_str());
            Some((vec![Literal { field: ANYWHERE, place: Place::Inside, text }], rare))
        }
        Plan::Field(field, fast) => {
            let (text, place) = letters(fast)?;
            if text.is_empty() {
                return None;
            }
            // A whole value is far rarer than the same letters somewhere.
            let worth = match place {
                Place::Whole => 8,
                Place::Start | Place::End => 2,
                Place::Inside => 0,
            };
            let text = folded(text).into_boxed_str();
            let rare = text.len() + worth;
            Some((vec![Literal { field: *field, place, text }], rare))
        }
    }
}

/// The longest part of a text that no form of line escapes, if it is long enough to be rare.
fn unescaped(text: &str) -> Option<&str> {
    let plain = |c: char| c == ' ' || c.is_ascii_alphanumeric() || "-_.:()$#@%".contains(c);
    let parts = text.split(|c| !plain(c));
    parts.max_by_key(|part| part.len()).filter(|part| part.len() >= KEYWORD_BYTES_MIN)
}

/// Bytes of a keyword that a line is looked through for: shorter ones stand everywhere.
const KEYWORD_BYTES_MIN: usize = 3;

fn longest(text: &Text) -> Option<&str> {
    let letters = text.parts.iter().filter_map(|part| match part {
        crate::sigma::Part::Letters(letters) => Some(letters.as_str()),
        crate::sigma::Part::Many | crate::sigma::Part::One => None,
    });
    letters.max_by_key(|letters| letters.len())
}
