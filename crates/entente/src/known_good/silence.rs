//! Why an indicator is silent: one answer for matches, feeds, and people who ask. It tells nobody.

use crate::runtime::Runtime;
use detect::known_good::Lists;
use detect::observable::{Observable, guess};
use model::facts::ValueKind;
use model::id::CircleId;
use model::time::Instant;
use node::dispute::{Worth, confidence, esteem};
use node::release::Lens;
use node::watch::Terms;
use node::{Reading, Row, Seq, StoreError, Suppression};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Why matches of an indicator are not told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Silence {
    /// It holds no more, since then.
    Expired(Instant),
    /// Its value is known to be good.
    Listed {
        /// The list.
        list: String,
        /// Its entry.
        entry: String,
    },
    /// A person suppressed it.
    Suppressed {
        /// Why.
        reason: String,
        /// Until then.
        until: Instant,
    },
    /// Too little is left of its confidence.
    Unconfident {
        /// What is left.
        confidence: u8,
        /// What is asked for.
        floor: u8,
    },
}

impl Silence {
    /// The reason in one word, and the list where one is it.
    pub(crate) fn counted(&self) -> (&'static str, &str) {
        match self {
            Self::Expired(_) => ("expired", ""),
            Self::Listed { list, .. } => ("listed", list),
            Self::Suppressed { .. } => ("suppressed", ""),
            Self::Unconfident { .. } => ("unconfident", ""),
        }
    }

    /// A sentence for people.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Expired(at) => format!("it holds no more since {at}"),
            Self::Listed { list, entry } => {
                format!("its value is known to be good: `{entry}` of the list `{list}`")
            }
            Self::Suppressed { reason, until } => {
                format!("a person silenced it until {until}: {reason}")
            }
            Self::Unconfident { confidence, floor } => format!(
                "{confidence} is left of its confidence, and watch.min_confidence asks for {floor}"
            ),
        }
    }
}

/// Everything that silences, as it is at one moment: made once for each delivery.
#[derive(Debug)]
pub(crate) struct Judge {
    lists: Arc<Lists>,
    /// The circles that want their matches silenced.
    wanting: HashSet<CircleId>,
    /// By id of an indicator or by value.
    suppressions: HashMap<String, Vec<Suppression>>,
    /// Below it an indicator is silent.
    floor: u8,
    now: Instant,
    /// What was said of an event's value before.
    values: HashMap<(Standing, String), Option<Silence>>,
}

/// What is known of an indicator before an event is looked at.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Standing {
    circle: Option<CircleId>,
    /// Its circle wants known-good values silenced.
    wants: bool,
    /// The kinds of its values.
    kinds: u32,
}

impl Judge {
    pub(crate) fn open(
        runtime: &Runtime,
        reading: &Reading<'_>,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let circles = node::read::circles(reading)?.into_iter();
        let wanting = circles.filter(|line| line.circle.known_good).map(|line| line.circle.id);
        let mut suppressions: HashMap<String, Vec<Suppression>> = HashMap::new();
        for one in node::suppress::suppressions(reading, now)? {
            suppressions.entry(one.what.clone()).or_default().push(one);
        }
        Ok(Self {
            suppressions,
            floor: runtime.settings().watch.min_confidence,
            lists: runtime.good(),
            wanting: wanting.collect(),
            now,
            values: HashMap::new(),
        })
    }

    /// Why the indicator at this place is silent, whatever the event; it is when all its values are
    /// known to be good.
    pub(crate) fn indicator(
        &self,
        reading: &Reading<'_>,
        seq: Seq,
    ) -> Result<(Option<Silence>, Standing), StoreError> {
        let terms = node::watch::terms(reading, seq)?.unwrap_or_default();
        if let Some(until) = terms.until.filter(|until| *until <= self.now) {
            return Ok((Some(Silence::Expired(until)), Standing::default()));
        }
        let Some(row) = node::watch::held(reading, seq)? else {
            return Ok((None, Standing::default()));
        };
        let circle = row.label.circle;
        let wants = self.wanting.contains(&circle);
        let mut standing = Standing { circle: Some(circle), wants, ..Standing::default() };
        if let Some(silence) = self.suppressed(&row.thing.to_string(), Some(circle)) {
            return Ok((Some(silence), standing));
        }
        let (mut first, mut open, mut kind) = (None, false, None);
        for value in node::watch::values(reading, seq)? {
            standing.kinds |= 1 << value.kind.code();
            kind = kind.or(Some(value.kind));
            match self.listed(&value, standing) {
                Some(silence) => first = first.take().or(Some(silence)),
                None => open = true,
            }
        }
        let mut silence = first.filter(|_| !open);
        if silence.is_none() && self.floor > 0 {
            let confidence = confidence_of(reading, &row, (terms, kind), None, self.now)?;
            let floor = self.floor;
            silence = (confidence < floor).then_some(Silence::Unconfident { confidence, floor });
        }
        Ok((silence, standing))
    }

    /// What is left of the confidence of the indicator at this place, as this node knows, or as far as
    /// a reader may.
    pub(crate) fn confidence(
        &self,
        reading: &Reading<'_>,
        seq: Seq,
        eyes: Option<&Lens>,
    ) -> Result<u8, StoreError> {
        let Some(row) = node::watch::held(reading, seq)? else { return Ok(0) };
        let terms = node::watch::terms(reading, seq)?.unwrap_or_default();
        let kind = node::watch::values(reading, seq)?.first().map(|value| value.kind);
        confidence_of(reading, &row, (terms, kind), eyes, self.now)
    }

    fn suppressed(&self, what: &str, circle: Option<CircleId>) -> Option<Silence> {
        let mut all = self.suppressions.get(what)?.iter();
        let one = all.find(|one| one.circle.is_none() || one.circle == circle)?;
        Some(Silence::Suppressed { reason: one.reason.clone(), until: one.until })
    }

    /// Why an event's value is silent, though the indicator is not: a listed address in its network,
    /// a listed name below its domain.
    pub(crate) fn value(&mut self, standing: Standing, text: &str) -> Option<Silence> {
        let key = (standing, text.to_owned());
        if let Some(known) = self.values.get(&key) {
            return known.clone();
        }
        let of_kind = |kind: ValueKind| standing.kinds & 1 << kind.code() != 0;
        let values = guess(text).into_iter().filter(|value| of_kind(value.kind));
        let silence = values.into_iter().find_map(|value| self.listed(&value, standing));
        if self.values.len() < VALUES_REMEMBERED_MAX {
            self.values.insert(key, silence.clone());
        }
        silence
    }

    /// Why a value is silent, for whoever asks about it.
    pub(crate) fn of_value(&self, standing: Standing, value: &Observable) -> Option<Silence> {
        let meant = standing.kinds & 1 << value.kind.code() != 0;
        meant.then(|| self.listed(value, standing)).flatten()
    }

    /// Whether strangers have names below this one.
    pub(crate) fn shares_hosts(&self, name: &str) -> bool {
        self.lists.shares_hosts(name)
    }

    /// What is this node's own is silent in every circle.
    fn listed(&self, value: &Observable, standing: Standing) -> Option<Silence> {
        if let Some(silence) = self.suppressed(&value.text, standing.circle) {
            return Some(silence);
        }
        let good = standing.wants.then(|| self.lists.silences(value)).flatten();
        let because = good.or_else(|| self.lists.owns(value))?;
        Some(Silence::Listed { list: because.list.to_owned(), entry: because.entry })
    }
}

/// What is left of an indicator's confidence, 0 to 100, as this node knows, or as far as a reader may.
pub(crate) fn confidence_of(
    reading: &Reading<'_>,
    row: &Row,
    (terms, kind): (Terms, Option<ValueKind>),
    eyes: Option<&Lens>,
    now: Instant,
) -> Result<u8, StoreError> {
    let esteem = esteem(reading, &row.thing.uuid, eyes)?;
    Ok(confidence(&Worth { terms, kind, signed: row.signed }, &esteem, now))
}

/// Values of events that are remembered within one delivery.
const VALUES_REMEMBERED_MAX: usize = 10_000;
