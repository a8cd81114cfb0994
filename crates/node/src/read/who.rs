//! Who would be sent a record, and by which rule not: the same decision that the outlets make.

use crate::kept_back::KeptBack;
use crate::outbox;
use crate::release::Lens;
use crate::state::{Circles, partner_reader};
use model::id::{CircleId, ThingId};
use model::time::Instant;
use policy::Decision;
use store::{Reading, StoreError};

/// The decision about one record and one partner.
#[derive(Clone, Debug)]
pub struct Told {
    /// The partner's name.
    pub partner: String,
    /// Where the record is placed.
    pub circle: CircleId,
    /// Its version.
    pub version: String,
    /// The decision.
    pub decision: Decision,
    /// Released, and in the outbox until then at least.
    pub from: Option<Instant>,
}

/// For each record of a thing and each partner, whether it is released and why. `None` when this
/// node's own reader sees no such thing.
///
/// # Errors
/// When the store cannot be read.
pub fn who(
    reading: &Reading<'_>,
    own: &Lens,
    thing: &ThingId,
    now: Instant,
) -> Result<Option<Vec<Told>>, StoreError> {
    let circles = Circles::load(reading)?;
    let mut readers = Vec::new();
    for partner in reading.partners()? {
        let Some(reader) = partner_reader(&partner, &circles) else { continue };
        let lens = Lens { reader, now };
        let kept = KeptBack::from_partner(reading, &lens)?;
        readers.push((partner.name, lens, kept));
    }
    let mut told = Vec::new();
    let mut seen = false;
    for seq in reading.by_thing(thing)? {
        let Some(row) = reading.row(seq)?.filter(|row| own.sees(row)) else { continue };
        seen = true;
        let leaves = outbox::leaves(reading, seq, now)?;
        for (partner, lens, kept) in &readers {
            let decision = lens.decide_sent(reading, &row)?;
            let decision = match kept {
                Some(kept) => kept.foretell(reading, &row, decision)?,
                None => decision,
            };
            let (circle, version) = (row.label.circle, row.version.clone());
            let from = leaves.filter(|_| decision.released);
            told.push(Told { partner: partner.clone(), circle, version, decision, from });
        }
    }
    Ok(seen.then_some(told))
}
