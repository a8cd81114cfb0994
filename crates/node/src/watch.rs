//! Indicators into live matching, matches into sightings. The match itself (value, event) stays
//! with who found it; only the sighting becomes a record.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::release::Lens;
use detect::index::Handle;
use detect::pacing::{Indicator, Seen, Sighting};
use formats::stix::write::{NewSighting, sighting, sighting_thing};
use model::facts::{Facts, Value};
use model::id::{CircleId, Digest, NodeId, ThingId};
use model::label::{Label, Tlp};
use model::record::{Authorship, Header};
use model::seal::sha256;
use model::time::Instant;
use std::collections::BTreeSet;
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

/// Keeps live matching in step with a record that was just appended: the newest version that one
/// signer placed in one circle is watched, and no other.
pub(crate) fn follow(
    reading: &Reading<'_>,
    (seq, rival): (Seq, bool),
    header: &Header,
    watched: &[Value],
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
    if !watched.is_empty() {
        effects.push(Effect::Watch { seq, values: watched.to_vec() });
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
    /// Turns matches into sightings: one at the first match, then at most one per indicator and
    /// hour, each with its counts.
    pub(crate) fn matched(
        &mut self,
        moment: &mut Moment<'_, '_>,
        matches: &[Matched],
    ) -> Result<Answer, StoreError> {
        for found in matches {
            let Some(row) = moment.tx.reading().row(found.seq)?.filter(|row| !row.erased) else {
                continue;
            };
            let seen = Seen {
                indicator: indicator(&row),
                handle: Handle(found.seq.unsigned_abs()),
                count: found.count.max(1),
                at: Some((found.first, found.last)),
                role: found.role,
            };
            let paced = self.pacing.matched(seen, moment.now);
            for summary in paced.flushed.iter().chain(&paced.sighting) {
                self.sight(moment, summary)?;
            }
        }
        self.keep_pacing(moment.tx)?;
        Ok(Answer::Done)
    }

    /// Sightings whose hour is over; embargoes that ended are numbered by the caller's settling.
    pub(crate) fn tick(&mut self, moment: &mut Moment<'_, '_>) -> Result<Answer, StoreError> {
        for summary in self.pacing.due(moment.now) {
            self.sight(moment, &summary)?;
        }
        self.keep_pacing(moment.tx)?;
        crate::counting::prune(moment)?;
        self.retain(moment)?;
        self.hurried = false;
        self.narrow_on(moment)?;
        self.let_leave(moment)?;
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
        self.keep_pacing(moment.tx)
    }

    /// Signs one sighting: the indicator's circle and label, named to the indicator's signer.
    fn sight(&mut self, moment: &mut Moment<'_, '_>, summary: &Sighting) -> Result<(), StoreError> {
        let seq = Seq::try_from(summary.handle.0).unwrap_or(0);
        let Some(row) = moment.tx.reading().row(seq)?.filter(|row| !row.erased) else {
            return Ok(());
        };
        let uuid = uuid::Builder::from_random_bytes(moment.bytes()).into_uuid();
        let thing = sighting_thing(uuid);
        let body = sighting(&NewSighting {
            uuid,
            sighting_of: &row.thing.to_string(),
            created: moment.now,
            modified: moment.now,
            count: summary.count,
            first_seen: summary.first,
            last_seen: summary.last,
        });
        let read = formats::stix::read(body.as_bytes());
        let (version, facts) = read.map_or_else(
            |_| (moment.now.to_stix(), Facts::default()),
            |read| (read.version.unwrap_or_default(), read.facts),
        );
        let label = Label {
            to: Some(BTreeSet::from([row.signer])),
            // Else the sighting would name the indicator before its time.
            embargo: row.label.embargo.filter(|until| *until > moment.now),
            ..row.label.as_ref().clone()
        };
        let (seq, _) = self.state(moment, thing, version, label, (body, &facts))?;
        let by = self.me.node();
        moment.effects.push(Effect::Sighted { seq, by });
        Ok(())
    }
}

/// SPEC: TAXII 2.1 §4.3.1: a status is kept for at least 24 hours.
const STATUS_SECONDS: i64 = 25 * 3600;

/// An indicator without its version: signer, circle, thing and intake, in one number.
fn indicator(row: &Row) -> Indicator {
    let how = match row.authorship {
        Authorship::Wrote => [0; 8],
        Authorship::Carries(intake) => *intake.as_bytes(),
    };
    let circle = row.label.circle.uuid();
    let digest =
        sha256(&[row.signer.as_bytes(), circle.as_bytes(), row.thing.uuid.as_bytes(), &how]);
    let bytes = digest.as_bytes().iter().take(16);
    Indicator(bytes.fold(0, |number, byte| number << 8 | u128::from(*byte)))
}
