//! Matches into sightings. The match itself (value, event) stays with who found it; only the
//! sighting becomes a record.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::watch::Matched;
use detect::index::Handle;
use detect::pacing::{Indicator, Seen, Sighting};
use formats::stix::write::{NewSighting, sighting, sighting_thing};
use model::id::{CircleId, NodeId, ThingId};
use model::label::Label;
use model::record::Authorship;
use model::seal::sha256;
use model::time::Instant;
use std::collections::BTreeSet;
use store::{Cell, Reading, Row, Seq, StoreError};

/// What was counted of an indicator.
#[derive(Clone, Debug)]
pub struct Counted {
    /// How often, and when.
    pub cell: Cell,
    /// The indicator.
    pub thing: ThingId,
    /// Its circle.
    pub circle: CircleId,
}

/// Whose matches are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Of this indicator, hour by hour.
    Of(&'a ThingId),
    /// Of the indicators at these places, summed up.
    At(&'a BTreeSet<Seq>),
    /// Of all, summed up.
    All,
}

/// The matches since `from`: hour by hour the newest first, sums with the most first; at most `limit`.
/// Of what was erased nothing is told.
///
/// # Errors
/// When the store cannot be read.
pub fn counted(
    reading: &Reading<'_>,
    whose: Whose<'_>,
    from: Instant,
    limit: usize,
) -> Result<Vec<Counted>, StoreError> {
    let mut cells = Vec::new();
    match whose {
        Whose::Of(thing) => {
            for seq in reading.by_thing(thing)? {
                cells.extend(reading.hours(seq, from, limit)?);
            }
            cells.sort_by_key(|cell| (std::cmp::Reverse(cell.hour), cell.seq));
            cells.truncate(limit);
        }
        Whose::At(places) => {
            for seq in places {
                cells.extend(reading.matched(*seq, from)?);
            }
            cells.sort_by_key(|cell| (std::cmp::Reverse(cell.count), cell.seq));
            cells.truncate(limit);
        }
        Whose::All => cells = reading.most_matched(from, limit)?,
    }
    let mut told = Vec::new();
    for cell in cells {
        let row = reading.row(cell.seq)?.filter(|row| !row.erased);
        told.extend(row.map(|row| Counted { cell, thing: row.thing, circle: row.label.circle }));
    }
    Ok(told)
}

/// When an indicator matched here last, to the hour.
///
/// # Errors
/// When the store cannot be read.
pub fn last_matched(reading: &Reading<'_>, seq: Seq) -> Result<Option<Instant>, StoreError> {
    reading.last_matched(seq)
}

/// Who hears of what this node sights.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Width {
    /// All who hear of the indicator, and not its signer alone.
    pub circle: bool,
    /// No partner passes it on: whoever relays a sighting shows who saw.
    pub hidden: bool,
}

impl Node {
    /// Tells sightings this far.
    #[must_use]
    pub const fn telling(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

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
            moment.tx.count_matches(&Cell {
                seq: found.seq,
                hour: moment.now,
                count: found.count.max(1),
                first: found.first,
                last: found.last,
            })?;
            if paced.tripped {
                let Matched { seq, count: matches, .. } = *found;
                moment.effects.push(Effect::Tripped { seq, matches });
            }
            for summary in paced.flushed.iter().chain(&paced.sighting) {
                self.sight(moment, summary)?;
            }
        }
        self.keep_pacing(moment.tx)?;
        Ok(Answer::Done)
    }

    /// Signs one sighting: the indicator's circle and label, named to the indicator's signer.
    pub(crate) fn sight(
        &mut self,
        moment: &mut Moment<'_, '_>,
        summary: &Sighting,
    ) -> Result<(), StoreError> {
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
        let label = Label {
            to: self.hearers(&row),
            hide_source: row.label.hide_source || self.width.hidden,
            // Else the sighting would name the indicator before its time.
            embargo: row.label.embargo.filter(|until| *until > moment.now),
            ..row.label.as_ref().clone()
        };
        let (seq, _) = self.state_stix(moment, thing, label, body)?;
        let by = self.me.node();
        moment.effects.push(Effect::Sighted { seq, by });
        Ok(())
    }
}

impl Node {
    /// The indicator's signer; everybody who hears of the indicator where it is told wider.
    fn hearers(&self, row: &Row) -> Option<BTreeSet<NodeId>> {
        let signer = BTreeSet::from([row.signer]);
        if !self.width.circle {
            return Some(signer);
        }
        let to = row.label.to.as_ref()?;
        Some(to.union(&signer).copied().collect())
    }
}

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
