//! What is counted stays counted: deliveries of telemetry that come again, and counts that wait for
//! their hour while the process ends. It matches nothing and signs nothing.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::watch::Matched;
use detect::event::Role;
use detect::index::Handle;
use detect::pacing::{Indicator, Kept, Pacing, Sighting};
use model::id::Digest;
use model::limits::{CUBE_DAYS, DELIVERIES_MAX, DELIVERY_SECONDS};
use model::time::Instant;
use store::{PacingRow, Reading, Seq, StoreError, Tx};

impl Node {
    /// Counts the matches of a delivery, but not those that were counted when it came before.
    // CRASH: the mark and the sightings are one commit; without it the delivery comes again.
    pub(crate) fn delivered(
        &mut self,
        moment: &mut Moment<'_, '_>,
        delivery: &Digest,
        mut matches: Vec<Matched>,
    ) -> Result<Answer, StoreError> {
        let mut counted = moment.tx.reading().counted(delivery)?;
        matches.retain(|found| !counted.contains(&found.seq));
        if matches.is_empty() {
            return Ok(Answer::Done);
        }
        counted.extend(matches.iter().map(|found| found.seq));
        moment.tx.put_counted(delivery, moment.now, &counted)?;
        self.matched(moment, &matches)
    }

    /// Writes down which counts wait, so that they outlive this process.
    pub(crate) fn keep_pacing(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (Indicator(indicator), kept) in self.pacing.changed() {
            match kept {
                Some(kept) => tx.put_pacing(&row(&kept))?,
                None => tx.drop_pacing(indicator)?,
            }
        }
        Ok(())
    }
}

/// Once a minute forgets deliveries that nobody sends again.
pub(crate) fn prune(moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
    if moment.now.micros().rem_euclid(60_000_000) >= 1_000_000 {
        return Ok(());
    }
    let before = moment.now.plus_seconds(-DELIVERY_SECONDS);
    moment.tx.prune_counted(before, DELIVERIES_MAX)?;
    moment.tx.prune_suppressions(moment.now)?;
    moment.tx.prune_cube(moment.now.plus_seconds(-CUBE_DAYS * 86_400))
}

/// The counts that waited when the last process ended.
pub(crate) fn resumed(reading: &Reading<'_>) -> Result<Pacing, StoreError> {
    let mut pacing = Pacing::new();
    for row in reading.pacing()? {
        let handle = Handle(row.seq.unsigned_abs());
        let pending = (row.count > 0).then(|| Sighting {
            handle,
            count: row.count,
            first: row.first,
            last: row.last,
            role: Role::named(&row.role).unwrap_or(Role::Other).name(),
        });
        let (indicator, due) = (Indicator(row.indicator), row.due);
        // The breaker begins anew with the next match.
        pacing.resume(Kept { indicator, handle, due, pending }, Instant::default());
    }
    Ok(pacing)
}

fn row(kept: &Kept) -> PacingRow {
    let Kept { indicator: Indicator(indicator), handle, due, pending } = kept;
    let pending = pending.as_ref();
    PacingRow {
        indicator: *indicator,
        seq: Seq::try_from(handle.0).unwrap_or(0),
        due: *due,
        count: pending.map_or(0, |pending| pending.count),
        first: pending.map_or(*due, |pending| pending.first),
        last: pending.map_or(*due, |pending| pending.last),
        role: pending.map_or("", |pending| pending.role).to_owned(),
    }
}
