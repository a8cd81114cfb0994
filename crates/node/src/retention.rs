//! Retention: what goes by its age. Bodies are erased as in a recall, with index and search; the
//! leaf stays, so that trees, receipts and `verify` hold. Nothing is put on the list of what must
//! not come back: nobody took it back.
//!
//! What this node wrote itself stays, its sightings excepted; member lists, recalls and other words
//! of our own kinds stay, whoever said them. It has no clock: a tick brings the time.

use crate::apply::{Moment, Node};
use crate::effect::Effect;
use crate::rebuild::facts_of;
use crate::watch::order;
use model::kind::Kind;
use model::limits::{RETENTION_ERASED_MAX, RETENTION_EVERY_SECONDS, RETENTION_LOOKS_MAX};
use model::record::Authorship;
use model::time::Instant;
use store::{Light, Reading, Row, Seq, StoreError};

const INDICATOR: &str = "stix/indicator";
const SIGHTING: &str = "stix/sighting";
const DAY_SECONDS: i64 = 24 * 3600;

/// Ages in days; what is not set is kept for ever.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rules {
    /// Indicators from elsewhere, so long after they ceased to hold.
    pub expired_indicators: Option<u32>,
    /// Sightings, so long after they were signed.
    pub sightings: Option<u32>,
    /// What tokens and sources brought, so long after its intake.
    pub carried: Option<u32>,
    /// What partners sent, so long after it arrived.
    pub received: Option<u32>,
}

/// One rule.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    /// Indicators that ceased to hold.
    ExpiredIndicators,
    /// Sightings.
    Sightings,
    /// From tokens and sources.
    Carried,
    /// From partners.
    Received,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::ExpiredIndicators, Self::Sightings, Self::Carried, Self::Received];

    /// Its name in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExpiredIndicators => "expired_indicators_days",
            Self::Sightings => "sightings_days",
            Self::Carried => "carried_days",
            Self::Received => "received_days",
        }
    }
}

impl Rules {
    /// The days of a rule.
    #[must_use]
    pub const fn days(&self, rule: Rule) -> Option<u32> {
        match rule {
            Rule::ExpiredIndicators => self.expired_indicators,
            Rule::Sightings => self.sightings,
            Rule::Carried => self.carried,
            Rule::Received => self.received,
        }
    }

    /// What is as old as this instant, or older, goes.
    fn cutoff(&self, rule: Rule, now: Instant) -> Option<Instant> {
        self.days(rule).map(|days| now.plus_seconds(-DAY_SECONDS.saturating_mul(i64::from(days))))
    }
}

/// Where a walk over what a rule is about stands: an instant where it goes by one, and an entry.
pub type Place = (Instant, Seq);

/// One look of a rule.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// What goes now.
    pub entries: Vec<Seq>,
    /// Where to go on; `None` when nothing that is left is due.
    pub next: Option<Place>,
}

/// The beginning of every walk.
pub const START: Place = (Instant::from_micros(i64::MIN), 0);

/// What is due by one rule, from a place on; looks at a bounded number of entries.
///
/// # Errors
/// When the store cannot be read.
pub fn due(
    reading: &Reading<'_>,
    rules: &Rules,
    (rule, after): (Rule, Place),
    now: Instant,
) -> Result<Due, StoreError> {
    let Some(cutoff) = rules.cutoff(rule, now) else { return Ok(Due::default()) };
    match rule {
        Rule::ExpiredIndicators => expired(reading, after, cutoff),
        Rule::Sightings => sightings(reading, after, cutoff),
        Rule::Carried => aged(reading, after, cutoff, |light| light.via_id == 0),
        Rule::Received => aged(reading, after, cutoff, |light| light.via_id != 0),
    }
}

fn expired(reading: &Reading<'_>, after: Place, cutoff: Instant) -> Result<Due, StoreError> {
    let found = reading.expired(after, cutoff, RETENTION_LOOKS_MAX)?;
    let full = found.len() >= RETENTION_LOOKS_MAX;
    let mut due = Due { entries: Vec::new(), next: found.last().copied().filter(|_| full) };
    for (_, seq) in found {
        let row = reading.row(seq)?.filter(|row| row.thing.kind.as_str() == INDICATOR);
        due.entries.extend(row.filter(is_foreign).map(|row| row.seq));
    }
    Ok(due)
}

fn sightings(reading: &Reading<'_>, after: Place, cutoff: Instant) -> Result<Due, StoreError> {
    let Ok(kind) = SIGHTING.parse::<Kind>() else { return Ok(Due::default()) };
    let lights = reading.scan_kind(&kind, after.1, reading.head()?, RETENTION_LOOKS_MAX)?;
    let full = lights.len() >= RETENTION_LOOKS_MAX;
    let last = lights.last().map(|light| (START.0, light.seq));
    let mut due = Due { entries: Vec::new(), next: last.filter(|_| full) };
    for light in lights {
        let row = reading.row(light.seq)?.filter(|row| row.signed <= cutoff);
        due.entries.extend(row.map(|row| row.seq));
    }
    Ok(due)
}

/// What came as long ago. The log is in the order of coming: the first that is not due ends it.
fn aged(
    reading: &Reading<'_>,
    after: Place,
    cutoff: Instant,
    meant: impl Fn(&Light) -> bool,
) -> Result<Due, StoreError> {
    let lights = reading.scan(after.1, reading.head()?, RETENTION_LOOKS_MAX)?;
    let mut due = Due { entries: Vec::new(), next: None };
    let full = lights.len() >= RETENTION_LOOKS_MAX;
    for light in lights {
        if light.at > cutoff {
            return Ok(Due { next: None, ..due });
        }
        if !light.erased && meant(&light) && !is_ours(reading, &light)? {
            let row = reading.row(light.seq)?.filter(is_foreign);
            due.entries.extend(row.map(|row| row.seq));
        }
        due.next = full.then_some((START.0, light.seq));
    }
    Ok(due)
}

/// Whether an entry is of one of our own kinds, by which nodes live together.
fn is_ours(reading: &Reading<'_>, light: &Light) -> Result<bool, StoreError> {
    Ok(reading.kind_of(light.kind_id)?.format() == "entente")
}

/// Whether it came from elsewhere: from a partner, or brought by a token or a source.
fn is_foreign(row: &Row) -> bool {
    row.via.is_some() || row.authorship != Authorship::Wrote
}

/// The walks of the rules, while the node runs.
#[derive(Debug)]
pub(crate) struct Retention {
    rules: Rules,
    /// What is being walked over, and from where; `None` between two walks.
    walk: Option<(usize, Place)>,
    /// Not before this instant.
    rests: Instant,
}

impl Default for Retention {
    fn default() -> Self {
        let rests = Instant::from_micros(i64::MIN);
        Self { rules: Rules::default(), walk: None, rests }
    }
}

impl Retention {
    /// Whether a walk is not through.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.walk.is_some()
    }
}

impl Node {
    /// The node with these rules, which it follows from the next tick on.
    #[must_use]
    pub fn keeping(mut self, rules: Rules) -> Self {
        self.retention = Retention { rules, ..Retention::default() };
        self
    }

    /// The rules that the node follows.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.retention.rules
    }

    /// A bounded part of what is due: one look of one rule, at most [`RETENTION_ERASED_MAX`] erased.
    pub(crate) fn retain(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        if self.retention.rules == Rules::default() {
            return Ok(());
        }
        let (index, place) = match self.retention.walk {
            Some(walk) => walk,
            None if moment.now < self.retention.rests => return Ok(()),
            None => (0, START),
        };
        let Some(rule) = Rule::ALL.get(index) else {
            self.rest(moment.now);
            return Ok(());
        };
        let due = due(&moment.tx.reading(), &self.retention.rules, (*rule, place), moment.now)?;
        let (now, rest) =
            due.entries.split_at_checked(RETENTION_ERASED_MAX).unwrap_or((&due.entries, &[]));
        for seq in now {
            self.let_go(moment, *seq)?;
        }
        // What was looked at and not erased yet is looked at again: nothing of it is due no more.
        let on = if rest.is_empty() { due.next } else { Some(place) };
        self.retention.walk = Some(on.map_or((index + 1, START), |place| (index, place)));
        Ok(())
    }

    /// All rules were followed to their end: until the next time.
    fn rest(&mut self, now: Instant) {
        self.retention.walk = None;
        self.retention.rests = now.plus_seconds(RETENTION_EVERY_SECONDS);
    }

    /// Erases an entry, and with the newest version of an indicator its older ones: they were
    /// superseded, and must not hold again because the newest is gone.
    fn let_go(&mut self, moment: &mut Moment<'_, '_>, seq: Seq) -> Result<(), StoreError> {
        let Some(row) = moment.tx.reading().row(seq)?.filter(|row| !row.erased) else {
            return Ok(());
        };
        let mut gone = vec![seq];
        if row.rival && row.thing.kind.as_str() == INDICATOR {
            let reading = moment.tx.reading();
            for other in reading.by_thing(&row.thing)? {
                let Some(other) = reading.row(other)?.filter(|other| !other.erased) else {
                    continue;
                };
                let placed = |row: &Row| (row.signer, row.authorship, row.label.circle);
                if placed(&other) == placed(&row) && order(&other) < order(&row) {
                    gone.push(other.seq);
                }
            }
        }
        for seq in gone {
            moment.tx.strip(seq, &mut facts_of)?;
            moment.effects.push(Effect::Unwatch(seq));
        }
        self.owe_purge(moment)
    }
}
