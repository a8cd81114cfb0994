//! Undo: what came from one partner since an instant, and from nobody else, is taken out: erased,
//! out of the index, withdrawn from who had it from here, and kept away. In steps, each a commit.
//!
//! Until it is forgotten, what was taken out is refused, from whomever it comes.
//!
//! Words stay obeyed: what a partner recalled is gone. What others gave as well stays, and so do
//! this node's own records about what is taken out. It ends no partnership.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::outlet::link_of;
use crate::read::place_at;
use crate::word::named;
use formats::problem::Problem;
use model::id::{Digest, NodeId};
use model::limits::{UNDO_LOOKS_MAX, UNDO_STEP};
use model::record::Header;
use model::seal::hmac;
use model::time::Instant;
use store::{Cursor, Light, Reading, Seq, StoreError};

/// One step of an undo.
#[derive(Clone, Copy, Debug)]
pub struct Undo {
    /// From whom.
    pub partner: NodeId,
    /// What came at this instant or later.
    pub since: Instant,
    /// Where the last step ended; 0 for the first.
    pub after: Seq,
}

/// What a step did, or would do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Undone {
    /// Records taken out.
    pub erased: u64,
    /// Records that stay because others gave them as well.
    pub kept: u64,
    /// Where the next step begins; `None` when all is done.
    pub next: Option<Seq>,
}

/// What a step is about.
#[derive(Debug, Default)]
struct Found {
    entries: Vec<Seq>,
    kept: u64,
    next: Option<Seq>,
}

/// What a step of an undo would do; nothing changes.
///
/// # Errors
/// When the store cannot be read.
pub fn foresee(reading: &Reading<'_>, step: &Undo) -> Result<Undone, StoreError> {
    let found = find(reading, step, usize::MAX)?;
    let erased = u64::try_from(found.entries.len()).unwrap_or(u64::MAX);
    Ok(Undone { erased, kept: found.kept, next: found.next })
}

fn find(reading: &Reading<'_>, step: &Undo, most: usize) -> Result<Found, StoreError> {
    // The place of the last entry before the instant.
    let before = place_at(reading, step.since.plus_micros(-1))?;
    let after = step.after.max(before);
    let lights = reading.scan(after, reading.head()?, UNDO_LOOKS_MAX)?;
    let full = lights.len() >= UNDO_LOOKS_MAX;
    let mut found =
        Found { next: lights.last().map(|light| light.seq).filter(|_| full), ..Found::default() };
    for light in lights {
        if found.entries.len() >= most {
            found.next = Some(light.seq - 1);
            break;
        }
        match stands(reading, &light, &step.partner)? {
            Stands::Elsewhere => {}
            Stands::Alone => found.entries.push(light.seq),
            Stands::WithOthers => found.kept += 1,
        }
    }
    Ok(found)
}

/// How many records are kept away that were taken out with what came from a partner.
///
/// # Errors
/// When the store cannot be read.
pub fn kept_away(reading: &Reading<'_>, partner: &NodeId) -> Result<u64, StoreError> {
    reading.count_undone(partner)
}

/// From whom an entry is.
enum Stands {
    /// Not from this partner, or nothing to be taken out.
    Elsewhere,
    /// From this partner and nobody else.
    Alone,
    /// From this partner and others.
    WithOthers,
}

fn stands(reading: &Reading<'_>, light: &Light, partner: &NodeId) -> Result<Stands, StoreError> {
    let ours = light.via_id == 0 || light.erased;
    if ours || reading.kind_of(light.kind_id)?.is_word() {
        return Ok(Stands::Elsewhere);
    }
    let givers = reading.givers(light.seq)?;
    let first = reading.node_of(light.via_id)? == Some(*partner);
    Ok(match givers.iter().any(|giver| giver != partner) {
        true if givers.contains(partner) => Stands::WithOthers,
        false if first || givers.contains(partner) => Stands::Alone,
        true | false => Stands::Elsewhere,
    })
}

impl Node {
    /// Takes out a bounded part of what came from a partner alone.
    pub(crate) fn undo(
        &mut self,
        moment: &mut Moment<'_, '_>,
        step: &Undo,
    ) -> Result<Answer, StoreError> {
        if moment.tx.reading().partner(&step.partner)?.is_none() {
            return Ok(Answer::Refused(
                Problem::error("E-UNDO-001", "there never was such a partner")
                    .hint("`entente partner list` shows those that there are"),
            ));
        }
        if step.since > moment.now {
            return Ok(Answer::Refused(
                Problem::error("E-UNDO-002", "that is still to come")
                    .hint("--since is a time that has passed, such as 2026-11-17T08:00Z"),
            ));
        }
        let found = find(&moment.tx.reading(), step, UNDO_STEP)?;
        let outlets = moment.tx.reading().outlets()?;
        for outlet in outlets.iter().filter(|outlet| link_of(&outlet.key).is_some()) {
            self.withdraw_entry(moment, &outlet.key, &found.entries)?;
        }
        for seq in &found.entries {
            self.keep_away(moment, &step.partner, *seq)?;
            moment.tx.forget_giver(*seq, &step.partner, None)?;
            self.let_go_of(moment, *seq)?;
        }
        let erased = u64::try_from(found.entries.len()).unwrap_or(u64::MAX);
        Ok(Answer::Undone(Undone { erased, kept: found.kept, next: found.next }))
    }

    /// What was taken out does not come back, from whomever.
    fn keep_away(
        &self,
        moment: &mut Moment<'_, '_>,
        partner: &NodeId,
        seq: Seq,
    ) -> Result<(), StoreError> {
        let parts = moment.tx.reading().parts(seq)?.and_then(|parts| parts.read().ok());
        let Some(record) = parts else { return Ok(()) };
        let header = record.header();
        moment.tx.put_spoken_of(&self.spoken_mac(&header.thing))?;
        moment.tx.put_undone(partner, &self.undone_mac(header))
    }

    /// One step of forgetting what an undo took out: it is kept away no longer, and once all is
    /// forgotten the partner's outlet is read again from its start.
    pub(crate) fn forget_undone(
        &mut self,
        moment: &mut Moment<'_, '_>,
        partner: NodeId,
    ) -> Result<Answer, StoreError> {
        let forgotten = moment.tx.forget_undone(&partner, UNDO_STEP)?;
        let more = forgotten >= UNDO_STEP && moment.tx.reading().count_undone(&partner)? > 0;
        let cursor = if more { None } else { moment.tx.reading().cursor(&partner)? };
        if let Some(cursor) = cursor {
            let start = Cursor { next: 0, frontier: Vec::new(), ..cursor.clone() };
            Self::put_back(moment, &cursor, &start)?;
            moment.effects.push(Effect::Wake);
        }
        let erased = u64::try_from(forgotten).unwrap_or(u64::MAX);
        let next = more.then_some(1);
        Ok(Answer::Undone(Undone { erased, kept: 0, next }))
    }

    /// Whether a person took a record out.
    pub(crate) fn is_undone(
        &self,
        reading: &Reading<'_>,
        header: &Header,
    ) -> Result<bool, StoreError> {
        reading.is_erased_thing(&self.undone_mac(header))
    }

    fn undone_mac(&self, header: &Header) -> Digest {
        let mac = self.subject_mac(&header.signer, &header.label.circle, &named(header));
        hmac(&self.me.local_key, &[b"undone", mac.as_bytes()])
    }
}
