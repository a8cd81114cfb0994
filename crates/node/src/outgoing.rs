//! Findings on their way out: put into the queue in the commit that counts their matches, taken out
//! when their receiver has them, when their indicator is taken back, or when a day is over. It sends
//! nothing, and words no finding.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::effect::Effect;
use crate::watch::Matched;
use formats::problem::Problem;
use model::id::{Digest, ThingId};
use model::limits::{
    HOOK_PAUSE_FIRST_SECONDS, HOOK_PAUSE_SECONDS_MAX, OUTGOING_BYTES_MAX, OUTGOING_MAX,
    OUTGOING_PRUNED_MAX, OUTGOING_SECONDS,
};
use model::time::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::{Outgoing, Reading, Receiver, Seq, StoreError};

/// A match as a receiver is told of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The receiver.
    pub receiver: i64,
    /// The match's id: whoever gets it twice knows it by that.
    pub key: String,
    /// The indicator's place in the log.
    pub seq: Seq,
    /// What is sent.
    pub body: Vec<u8>,
}

/// What came of sending to a receiver.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The receiver.
    pub receiver: i64,
    /// The keys of what it took.
    pub taken: Vec<String>,
    /// What it did not take, and why; nothing was tried after that.
    pub failed: Option<SendFailed>,
}

/// Why a receiver did not take a finding.
#[derive(Clone, Debug)]
pub struct SendFailed {
    /// The finding, where the receiver answered and did not want it, and how often before.
    pub finding: Option<(String, u32)>,
    /// What happened, and what to do about it.
    pub problem: Problem,
    /// Seconds for which the receiver asked for patience.
    pub retry_after: Option<u64>,
}

/// Seconds until the next try after so many failures in a row: doubling, up to the bound; longer
/// where the receiver asks for it, up to the bound as well.
#[must_use]
pub fn pause(failures: u32, retry_after: Option<u64>) -> i64 {
    let doublings = failures.saturating_sub(1).min(16);
    let own = HOOK_PAUSE_FIRST_SECONDS.saturating_mul(1 << doublings);
    let asked = retry_after.map_or(0, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    own.max(asked).min(HOOK_PAUSE_SECONDS_MAX)
}

/// The findings that may be sent to a receiver at `now`, at most so many. A clock that was set back
/// holds up none.
///
/// # Errors
/// When the store cannot be read.
pub fn due(
    reading: &Reading<'_>,
    receiver: i64,
    now: Instant,
    most: usize,
) -> Result<Vec<Outgoing>, StoreError> {
    let due = reading.outgoing_due(receiver, now, most)?;
    let latest = now.plus_seconds(HOOK_PAUSE_SECONDS_MAX);
    if due.is_empty() && reading.outgoing_next(receiver)?.is_some_and(|next| next > latest) {
        return reading.outgoing_due(receiver, Instant::from_micros(i64::MAX), most);
    }
    Ok(due)
}

/// When the next finding may be sent to a receiver; `None` when none waits.
///
/// # Errors
/// When the store cannot be read.
pub fn next(reading: &Reading<'_>, receiver: i64) -> Result<Option<Instant>, StoreError> {
    reading.outgoing_next(receiver)
}

/// The receiver of this number, while there is one.
///
/// # Errors
/// When the store cannot be read.
pub fn receiver(reading: &Reading<'_>, id: i64) -> Result<Option<Receiver>, StoreError> {
    reading.receiver(id)
}

fn length(body: &[u8]) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

/// Something that waited does no longer.
fn left(receiver: &mut Receiver, bytes: u64) {
    receiver.waiting = receiver.waiting.saturating_sub(1);
    receiver.bytes = receiver.bytes.saturating_sub(bytes);
}

/// Findings were given up.
fn gave_up(receiver: &mut Receiver, count: u64, now: Instant) {
    receiver.dropped = receiver.dropped.saturating_add(count);
    receiver.dropped_at = Some(now);
}

impl Node {
    /// Counts matches, and has their findings wait for their receivers, in one commit. What a
    /// delivery brought that was counted before was told before.
    // CRASH: before the commit nothing is counted and nothing waits, and the delivery comes again;
    // after it both are so.
    pub(crate) fn found(
        &mut self,
        moment: &mut Moment<'_, '_>,
        delivery: Option<&Digest>,
        (matches, mut findings): (Vec<Matched>, Vec<Finding>),
    ) -> Result<Answer, StoreError> {
        let counted = match delivery {
            Some(delivery) => moment.tx.reading().counted(delivery)?,
            None => BTreeSet::new(),
        };
        findings.retain(|finding| !counted.contains(&finding.seq));
        let answer = match delivery {
            Some(delivery) => self.delivered(moment, delivery, matches)?,
            None => self.matched(moment, &matches)?,
        };
        queue(moment, findings)?;
        Ok(answer)
    }

    /// Notes what a receiver took, and when it is tried again.
    pub(crate) fn sent(moment: &mut Moment<'_, '_>, sent: Sent) -> Result<Answer, StoreError> {
        let Some(mut receiver) = moment.tx.reading().receiver(sent.receiver)? else {
            return Ok(Answer::Done);
        };
        receiver.last = Some(moment.now);
        if !sent.taken.is_empty() {
            (receiver.success, receiver.failures) = (Some(moment.now), 0);
            (receiver.error, receiver.hint) = (None, String::new());
        }
        for key in &sent.taken {
            // Where it is gone already, its indicator was taken back while it was on its way.
            if let Some(bytes) = moment.tx.drop_outgoing(receiver.id, key)? {
                left(&mut receiver, bytes);
            }
            receiver.sent = receiver.sent.saturating_add(1);
        }
        if let Some(SendFailed { finding, problem, retry_after }) = sent.failed {
            receiver.failures = receiver.failures.saturating_add(1);
            receiver.error = Some(format!("{}: {}", problem.code, problem.message));
            receiver.hint = problem.hint;
            if let Some((key, tries)) = finding {
                // One that is refused for its own sake does not hold up the others.
                let pause = pause(tries.saturating_add(1), retry_after);
                moment.tx.delay_outgoing(receiver.id, &key, moment.now.plus_seconds(pause))?;
            }
        }
        moment.tx.put_receiver(&receiver)?;
        Ok(Answer::Done)
    }
}

/// Has findings wait, as far as there is room; the others are counted as given up.
fn queue(moment: &mut Moment<'_, '_>, findings: Vec<Finding>) -> Result<(), StoreError> {
    let mut receivers: BTreeMap<i64, Option<Receiver>> = BTreeMap::new();
    let (mut dropped, now) = (0_u64, moment.now);
    for Finding { receiver: id, key, seq, body } in findings {
        // Taken back since the match: nobody is told of it any more.
        if !stands(&moment.tx.reading(), seq)? {
            continue;
        }
        let receiver = match receivers.entry(id) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert(moment.tx.reading().receiver(id)?)
            }
        };
        let Some(receiver) = receiver else { continue };
        let bytes = length(&body);
        let full = receiver.waiting >= OUTGOING_MAX
            || receiver.bytes.saturating_add(bytes) > OUTGOING_BYTES_MAX;
        if full {
            gave_up(receiver, 1, now);
            dropped = dropped.saturating_add(1);
            continue;
        }
        let due = Instant::from_micros(0);
        let waiting = Outgoing { receiver: id, key, seq, at: now, tries: 0, due, body };
        if moment.tx.put_outgoing(&waiting)? {
            receiver.waiting = receiver.waiting.saturating_add(1);
            receiver.bytes = receiver.bytes.saturating_add(bytes);
        }
    }
    for receiver in receivers.into_values().flatten() {
        moment.tx.put_receiver(&receiver)?;
        moment.effects.push(Effect::Outgoing { dropped: std::mem::take(&mut dropped) });
    }
    Ok(())
}

/// Whether an indicator is there, and neither erased nor stopped.
fn stands(reading: &Reading<'_>, seq: Seq) -> Result<bool, StoreError> {
    Ok(reading.row(seq)?.is_some_and(|row| !row.erased && !row.hidden))
}

/// Forgets the findings of indicators that a command took back: in its own commit, so that nothing
/// of them is sent afterwards. `from` is where the command's effects begin.
pub(crate) fn forget(moment: &mut Moment<'_, '_>, from: usize) -> Result<(), StoreError> {
    let mut gone = Vec::new();
    for effect in moment.effects.iter().skip(from) {
        if let Effect::Unwatch(seq) = effect
            && moment.tx.reading().is_outgoing(*seq)?
        {
            gone.push(*seq);
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let follows = followed(moment, from)?;
    let mut fewer: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for seq in gone {
        let row = moment.tx.reading().row(seq)?.filter(|row| !row.erased && !row.hidden);
        // A newer version that is looked for says nothing against what the older one found; one that
        // is revoked does.
        if row.is_some_and(|row| follows.contains(&row.thing)) {
            continue;
        }
        for (id, bytes) in moment.tx.drop_outgoing_of(seq)? {
            let (count, sum) = fewer.entry(id).or_default();
            (*count, *sum) = (count.saturating_add(1), sum.saturating_add(bytes));
        }
    }
    // Once for each receiver: a recall may take back as many findings as wait.
    for (id, (count, bytes)) in fewer {
        if let Some(mut receiver) = moment.tx.reading().receiver(id)? {
            receiver.waiting = receiver.waiting.saturating_sub(count);
            receiver.bytes = receiver.bytes.saturating_sub(bytes);
            moment.tx.put_receiver(&receiver)?;
        }
    }
    Ok(())
}

/// The things that a command has live matching look for.
fn followed(moment: &Moment<'_, '_>, from: usize) -> Result<BTreeSet<ThingId>, StoreError> {
    let mut things = BTreeSet::new();
    for effect in moment.effects.iter().skip(from) {
        if let Effect::Watch { seq, .. } | Effect::WatchRule { seq, .. } = effect {
            things.extend(moment.tx.reading().row(*seq)?.map(|row| row.thing));
        }
    }
    Ok(things)
}

/// Once a minute gives up what nobody took for a day.
pub(crate) fn prune(moment: &mut Moment<'_, '_>) -> Result<(), StoreError> {
    if moment.now.micros().rem_euclid(60_000_000) >= 1_000_000 {
        return Ok(());
    }
    let before = moment.now.plus_seconds(-OUTGOING_SECONDS);
    for mut receiver in moment.tx.reading().receivers()? {
        let old = moment.tx.drop_outgoing_before(receiver.id, before, OUTGOING_PRUNED_MAX)?;
        if old.is_empty() {
            continue;
        }
        let dropped = u64::try_from(old.len()).unwrap_or(u64::MAX);
        old.iter().for_each(|bytes| left(&mut receiver, *bytes));
        gave_up(&mut receiver, dropped, moment.now);
        moment.tx.put_receiver(&receiver)?;
        moment.effects.push(Effect::Outgoing { dropped });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
