//! Indicators into live matching, and what time brings. Matches become sightings in `sighting`.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::release::Lens;
use crate::values::Values;
use detect::observable::Observable;
use model::id::{CircleId, Digest, NodeId, ThingId};
use model::label::Tlp;
use model::record::Header;
use model::seal::sha256;
use model::time::Instant;
pub use store::Terms;
use store::{Reading, Row, Seq, StoreError};

/// Matches of one indicator in one chunk of telemetry, summed up by the matching side.
#[derive(Clone, Debug)]
pub struct Matched {
    /// The indicator's place in the log.
    pub seq: Seq,
    /// How many events matched.
    pub count: u64,
    /// The earliest event, by its own clock.
    pub first: Instant,
    /// The latest event, by its own clock.
    pub last: Instant,
    /// What the matching field was for.
    pub role: &'static str,
    /// The indicator names a parent domain of every value that matched.
    pub parent: bool,
}

/// What a person sees of the indicator behind a match.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The indicator.
    pub thing: ThingId,
    /// The record's digest.
    pub record: Digest,
    /// Its circle.
    pub circle: CircleId,
    /// Who signed it.
    pub signer: NodeId,
    /// Its traffic light.
    pub tlp: Tlp,
    /// From when it holds.
    pub valid_from: Option<Instant>,
    /// Until when it holds.
    pub valid_until: Option<Instant>,
}

impl Watched {
    /// Whether it still alerts at `now`; an event before `valid_from` alerts and says so.
    #[must_use]
    pub fn alerts(&self, now: Instant) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// The indicator behind a match, for this node's own people.
///
/// # Errors
/// When the store cannot be read.
pub fn watched(reading: &Reading<'_>, own: &Lens, seq: Seq) -> Result<Option<Watched>, StoreError> {
    let Some((row, released)) = own.body(reading, seq)? else { return Ok(None) };
    let Some(parts) = reading.parts(seq)? else { return Ok(None) };
    let facts = formats::stix::read(released.bytes()).map(|r| r.facts).unwrap_or_default();
    let record = sha256(&[parts.head.as_bytes(), b"\n", &parts.body]);
    Ok(Some(Watched {
        thing: row.thing,
        record,
        circle: row.label.circle,
        signer: row.signer,
        tlp: row.label.effective_tlp(),
        valid_from: facts.valid_from,
        valid_until: facts.valid_until,
    }))
}

/// What a watched indicator says of its own worth; `None` when it is not watched.
///
/// # Errors
/// When the store cannot be read.
pub fn terms(reading: &Reading<'_>, seq: Seq) -> Result<Option<Terms>, StoreError> {
    reading.terms(seq)
}

/// The indicator at a place, unless it was erased.
///
/// # Errors
/// When the store cannot be read.
pub fn held(reading: &Reading<'_>, seq: Seq) -> Result<Option<Row>, StoreError> {
    Ok(reading.row(seq)?.filter(|row| !row.erased))
}

/// Where a thing stands in the log.
///
/// # Errors
/// When the store cannot be read.
pub fn places(reading: &Reading<'_>, thing: &ThingId) -> Result<Vec<Seq>, StoreError> {
    reading.by_thing(thing)
}

/// The values by which the indicator at a place is looked for.
///
/// # Errors
/// When the store cannot be read.
pub fn values(reading: &Reading<'_>, seq: Seq) -> Result<Vec<Observable>, StoreError> {
    let mut all = Vec::new();
    let place = (seq.saturating_sub(1), seq);
    reading.watched(place, 1, &mut |_, _, values| {
        all.extend(values.map(|(kind, text)| Observable { kind, text: text.to_owned() }));
    })?;
    Ok(all)
}

/// The newest entries that hold a value, at most `limit`.
///
/// # Errors
/// When the store cannot be read.
pub fn holding(
    reading: &Reading<'_>,
    value: &Observable,
    limit: usize,
) -> Result<Vec<Seq>, StoreError> {
    reading.by_value(value.kind, &value.text, None, limit)
}

/// Keeps live matching in step with a record that was just appended: the newest version that one
/// signer placed in one circle is watched, and no other.
pub(crate) fn follow(
    reading: &Reading<'_>,
    (seq, rival): (Seq, bool),
    header: &Header,
    values: &Values,
    effects: &mut Vec<Effect>,
) -> Result<(), StoreError> {
    if header.thing.kind.as_str() != INDICATOR {
        return Ok(());
    }
    // Most indicators come once, and have no other version to make room for.
    if rival {
        let versions = versions(reading, &header.thing, |row| same(row, header))?;
        let newest = versions.iter().max_by_key(|row| order(row)).map(|row| row.seq);
        if newest != Some(seq) {
            return Ok(());
        }
        let older = versions.iter().filter(|row| row.seq != seq);
        effects.extend(older.map(|row| Effect::Unwatch(row.seq)));
    }
    if !values.watched.is_empty() {
        effects.push(Effect::Watch { seq, values: values.watched.clone() });
    }
    if let Some(rule) = &values.rule {
        effects.push(Effect::WatchRule { seq, rule: rule.clone() });
    }
    Ok(())
}

pub(crate) const INDICATOR: &str = "stix/indicator";

fn same(row: &Row, header: &Header) -> bool {
    row.signer == header.signer
        && row.authorship == header.authorship
        && row.label.circle == header.label.circle
}

/// Versions order by their instant, then by their text, then by arrival.
pub(crate) fn order(row: &Row) -> (Option<Instant>, String, Seq) {
    (row.version.parse().ok(), row.version.clone(), row.seq)
}

pub(crate) fn versions(
    reading: &Reading<'_>,
    thing: &ThingId,
    wanted: impl Fn(&Row) -> bool,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    for seq in reading.by_thing(thing)? {
        rows.extend(reading.row(seq)?.filter(|row| !row.erased && wanted(row)));
    }
    Ok(rows)
}

impl Node {
    /// Sightings whose hour is over; embargoes that ended are numbered by the caller's settling.
    pub(crate) fn tick(&mut self, moment: &mut Moment<'_, '_>) -> Result<Answer, StoreError> {
        self.keep_time(moment)?;
        for summary in self.pacing.due(moment.now) {
            self.sight(moment, &summary)?;
        }
        self.keep_pacing(moment.tx)?;
        crate::counting::prune(moment)?;
        crate::outgoing::prune(moment)?;
        self.retain(moment)?;
        self.hurried = false;
        self.narrow_on(moment)?;
        self.let_leave(moment)?;
        self.say_obeyed(moment)?;
        moment.tx.prune_statuses(moment.now.plus_seconds(-STATUS_SECONDS))?;
        if self.outbox_opened(moment)? {
            moment.effects.push(Effect::Wake);
        }
        // An embargo may just have ended: whoever waits looks again.
        let reading = moment.tx.reading();
        for outlet in reading.outlets()? {
            if !reading.rescans(outlet.id, moment.now)?.is_empty() {
                moment.effects.push(Effect::Wake);
                break;
            }
        }
        Ok(Answer::Done)
    }

    /// An orderly end: counts that wait for their hour become sightings now.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish(&mut self, moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
        for summary in self.pacing.drain() {
            self.sight(moment, &summary)?;
        }
        self.ask_for_purge(moment)?;
        Self::keep_latest(moment, self.latest)?;
        self.keep_pacing(moment.tx)
    }
}

/// SPEC: TAXII 2.1 §4.3.1: a status is kept for at least 24 hours.
const STATUS_SECONDS: i64 = 25 * 3600;
