//! What may be given to a partner and what is taken from it, as bounds that only narrow: two of
//! them meet in the stricter of both on every axis. It knows no partner and decides about no record.

use crate::card::Quota;
use crate::id::CircleId;
use crate::kind::Kind;
use crate::label::Tlp;
use crate::limits::BOUND_NAMES_MAX;
use crate::lines::{LineReader, LineWriter, ReadLinesError};
use crate::question::Answers;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One kind, or all kinds of one format: `stix/indicator`, `stix/*`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KindPattern(String);

/// A text that names no kinds.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a kind or a format's kinds, such as stix/indicator or stix/*")]
pub struct ParseKindPatternError;

impl KindPattern {
    /// `stix/*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a kind is meant.
    #[must_use]
    pub fn matches(&self, kind: &Kind) -> bool {
        self.covers(kind.as_str())
    }

    /// Whether all that `other` names is named by this as well.
    fn covers(&self, other: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(format) => other.starts_with(format),
            None => self.0 == other,
        }
    }
}

impl FromStr for KindPattern {
    type Err = ParseKindPatternError;

    fn from_str(text: &str) -> Result<Self, ParseKindPatternError> {
        // A star stands for a name, so whatever is left must be a kind once a name is put there.
        let probe = match text.strip_suffix("/*") {
            Some(format) => format!("{format}/x"),
            None => text.to_owned(),
        };
        match probe.parse::<Kind>() {
            Ok(kind) if !kind.format().is_empty() => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err(ParseKindPatternError),
        }
    }
}

impl fmt::Display for KindPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which kinds of records.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Kinds {
    /// Whatever there is.
    #[default]
    Any,
    /// These; none when it is empty. At most `BOUND_NAMES_MAX`.
    Only(BTreeSet<KindPattern>),
}

impl Kinds {
    /// Whether a kind is among them. Questions and answers stand on no list: [`Give::answers`] rules
    /// them, and whoever asks names whom.
    #[must_use]
    pub fn has(&self, kind: &Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Only(patterns) => {
                kind.is_asking() || patterns.iter().any(|pattern| pattern.matches(kind))
            }
        }
    }

    /// What both allow.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Any, other) | (other, Self::Any) => other.clone(),
            (Self::Only(a), Self::Only(b)) => {
                let named = |set: &BTreeSet<KindPattern>, pattern: &KindPattern| {
                    set.iter().any(|wide| wide.covers(&pattern.0))
                };
                let both = a.union(b).filter(|p| named(a, p) && named(b, p));
                Self::Only(both.cloned().collect())
            }
        }
    }
}

/// Which circles.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum CirclesOf {
    /// Every circle that both are members of.
    #[default]
    Any,
    /// Of those, these; none when it is empty. At most `BOUND_NAMES_MAX`.
    Only(BTreeSet<CircleId>),
}

impl CirclesOf {
    /// Whether a circle is among them.
    #[must_use]
    pub fn has(&self, circle: &CircleId) -> bool {
        match self {
            Self::Any => true,
            Self::Only(circles) => circles.contains(circle),
        }
    }

    /// What both allow.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Any, other) | (other, Self::Any) => other.clone(),
            (Self::Only(a), Self::Only(b)) => Self::Only(a.intersection(b).copied().collect()),
        }
    }
}

/// What may be given.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Give {
    /// Nothing above this.
    pub ceiling: Tlp,
    /// Only these kinds.
    pub kinds: Kinds,
    /// Only out of these circles.
    pub circles: CirclesOf,
    /// Whether records with personal data as well.
    pub personal: bool,
    /// How much it is told of what was seen here, when it asks.
    pub answers: Answers,
}

impl Give {
    /// No bound at all.
    #[must_use]
    pub const fn whole() -> Self {
        let (kinds, circles) = (Kinds::Any, CirclesOf::Any);
        Self { ceiling: Tlp::Red, kinds, circles, personal: true, answers: Answers::Count }
    }

    /// What is left when nothing else can be known: what anyone may have.
    #[must_use]
    pub const fn least() -> Self {
        let (kinds, circles) = (Kinds::Any, CirclesOf::Any);
        Self { ceiling: Tlp::Clear, kinds, circles, personal: false, answers: Answers::No }
    }

    /// The stricter of both on every axis.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            ceiling: self.ceiling.min(other.ceiling),
            kinds: self.kinds.meet(&other.kinds),
            circles: self.circles.meet(&other.circles),
            personal: self.personal && other.personal,
            answers: self.answers.min(other.answers),
        }
    }
}

/// What is taken.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Take {
    /// Nothing above this.
    pub ceiling: Tlp,
    /// Only these kinds.
    pub kinds: Kinds,
    /// Only in these circles.
    pub circles: CirclesOf,
    /// No body of more bytes; `None` leaves it to `BODY_BYTES_MAX`.
    pub body_bytes: Option<u64>,
    /// No more than this in an hour, and held at once.
    pub quota: Quota,
}

impl Take {
    /// No bound at all.
    #[must_use]
    pub const fn whole() -> Self {
        Self {
            ceiling: Tlp::Red,
            kinds: Kinds::Any,
            circles: CirclesOf::Any,
            body_bytes: None,
            quota: Quota::NONE,
        }
    }

    /// What is left when nothing else can be known.
    #[must_use]
    pub const fn least() -> Self {
        let (kinds, circles) = (Kinds::Any, CirclesOf::Any);
        Self { ceiling: Tlp::Clear, kinds, circles, body_bytes: None, quota: Quota::NONE }
    }

    /// The stricter of both on every axis.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self {
            ceiling: self.ceiling.min(other.ceiling),
            kinds: self.kinds.meet(&other.kinds),
            circles: self.circles.meet(&other.circles),
            body_bytes: lower(self.body_bytes, other.body_bytes),
            quota: self.quota.meet(&other.quota),
        }
    }
}

/// The lower of two bounds, where `None` is no bound.
pub(crate) fn lower(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (None, other) | (other, None) => other,
        (Some(a), Some(b)) => Some(a.min(b)),
    }
}

/// Both directions.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Bounds {
    /// What may be given.
    pub give: Give,
    /// What is taken.
    pub take: Take,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { give: Give::whole(), take: Take::whole() }
    }
}

impl Bounds {
    /// What is left when nothing else can be known.
    #[must_use]
    pub const fn least() -> Self {
        Self { give: Give::least(), take: Take::least() }
    }

    /// The stricter of both on every axis.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        Self { give: self.give.meet(&other.give), take: self.take.meet(&other.take) }
    }

    pub(crate) fn write(&self, text: LineWriter) -> LineWriter {
        let Self { give, take } = self;
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let answers = Some(give.answers).filter(|answers| *answers != Answers::No);
        text.line("give-ceiling", give.ceiling.as_str())
            .maybe("give-kinds", kinds_text(&give.kinds).as_deref())
            .maybe("give-circles", circles_text(&give.circles).as_deref())
            .flag("give-personal", give.personal)
            .maybe("give-answers", answers.map(Answers::as_str))
            .line("take-ceiling", take.ceiling.as_str())
            .maybe("take-kinds", kinds_text(&take.kinds).as_deref())
            .maybe("take-circles", circles_text(&take.circles).as_deref())
            .maybe("take-body-bytes", number(take.body_bytes).as_deref())
            .maybe("records-per-hour", number(take.quota.records_per_hour).as_deref())
            .maybe("bytes-per-hour", number(take.quota.bytes_per_hour).as_deref())
            .maybe("records-held", number(take.quota.records_held).as_deref())
    }

    pub(crate) fn read(lines: &mut LineReader<'_>) -> Result<Self, ReadLinesError> {
        let give = Give {
            ceiling: lines.parsed("give-ceiling")?,
            kinds: read_kinds(lines, "give-kinds")?,
            circles: read_circles(lines, "give-circles")?,
            personal: lines.flag("give-personal"),
            // Texts from before there were questions do not have it, and allowed none.
            answers: lines.optional_parsed("give-answers")?.unwrap_or_default(),
        };
        let take = Take {
            ceiling: lines.parsed("take-ceiling")?,
            kinds: read_kinds(lines, "take-kinds")?,
            circles: read_circles(lines, "take-circles")?,
            body_bytes: lines.optional_parsed("take-body-bytes")?,
            quota: Quota::read(lines)?,
        };
        Ok(Self { give, take })
    }
}

/// How an empty list is spelt: an absent line means no bound.
const NOTHING: &str = "nothing";

fn list<T: ToString>(names: &BTreeSet<T>) -> String {
    if names.is_empty() {
        return NOTHING.to_owned();
    }
    let names: Vec<String> = names.iter().map(T::to_string).collect();
    names.join(",")
}

fn kinds_text(kinds: &Kinds) -> Option<String> {
    match kinds {
        Kinds::Any => None,
        Kinds::Only(kinds) => Some(list(kinds)),
    }
}

fn circles_text(circles: &CirclesOf) -> Option<String> {
    match circles {
        CirclesOf::Any => None,
        CirclesOf::Only(circles) => Some(list(circles)),
    }
}

/// A list of at most `BOUND_NAMES_MAX` names, without an empty one.
fn read_list<T: FromStr + Ord>(
    lines: &mut LineReader<'_>,
    key: &'static str,
) -> Result<Option<BTreeSet<T>>, ReadLinesError> {
    let Some(text) = lines.optional(key) else { return Ok(None) };
    if text == NOTHING {
        return Ok(Some(BTreeSet::new()));
    }
    let names: Result<BTreeSet<T>, _> = text.split(',').map(str::parse).collect();
    match names {
        Ok(names) if names.len() <= BOUND_NAMES_MAX => Ok(Some(names)),
        Ok(_) | Err(_) => Err(ReadLinesError::Value(key)),
    }
}

fn read_kinds(lines: &mut LineReader<'_>, key: &'static str) -> Result<Kinds, ReadLinesError> {
    Ok(read_list(lines, key)?.map_or(Kinds::Any, Kinds::Only))
}

fn read_circles(
    lines: &mut LineReader<'_>,
    key: &'static str,
) -> Result<CirclesOf, ReadLinesError> {
    Ok(read_list(lines, key)?.map_or(CirclesOf::Any, CirclesOf::Only))
}

#[cfg(test)]
pub(crate) mod tests;
