//! The outbox: what was published here waits a while before it gets its numbers, so that a slip of the
//! hand can be taken back before anybody has it. Words that take something back never wait.
//!
//! It delays and nothing else: whoever may have a record is decided when it is numbered and sent.

use crate::apply::{Moment, Node};
use crate::command::{Act, Answer};
use crate::effect::Effect;
use crate::outlet::link_of;
use crate::rebuild::facts_of;
use formats::problem::{Problem, shown};
use model::id::{NodeId, ThingId};
use model::ledger::Note;
use model::time::Instant;
use std::collections::BTreeSet;
use store::{Light, Reading, Row, Seq, StoreError};

/// Seconds that what is published waits: eight bytes, the highest first; absent for none.
pub(crate) const OUTBOX_SETTING: &str = "outbox-seconds";

/// What was appended later than this waits still; `None` when nothing waits.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn waits_after(
    reading: &Reading<'_>,
    now: Instant,
) -> Result<Option<Instant>, StoreError> {
    Ok(seconds(reading)?.map(|seconds| now.plus_seconds(-seconds)))
}

/// How long what is published waits; `None` when nothing does.
fn seconds(reading: &Reading<'_>) -> Result<Option<i64>, StoreError> {
    let seconds = reading.setting(OUTBOX_SETTING)?.and_then(|bytes| bytes.try_into().ok());
    Ok(seconds.map(i64::from_be_bytes).filter(|seconds| *seconds > 0))
}

/// When an entry leaves the outbox; `None` when it does not wait. What is before it may hold it up
/// beyond that: order is kept.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn leaves(
    reading: &Reading<'_>,
    seq: Seq,
    now: Instant,
) -> Result<Option<Instant>, StoreError> {
    let (Some(seconds), Some(light)) = (seconds(reading)?, reading.light(seq)?) else {
        return Ok(None);
    };
    let waits = is_waiting(reading, &light, Some(now.plus_seconds(-seconds)))?;
    Ok(waits.then(|| light.at.plus_seconds(seconds)))
}

/// Whether an entry waits: made here, not long ago, and no word that goes before all else.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn is_waiting(
    reading: &Reading<'_>,
    light: &Light,
    waits_after: Option<Instant>,
) -> Result<bool, StoreError> {
    let fresh = waits_after.is_some_and(|after| light.via_id == 0 && light.at > after);
    Ok(fresh && !light.erased && !reading.kind_of(light.kind_id)?.is_urgent())
}

impl Node {
    /// Whether the wait of something ended since the last tick, for a reader who is here.
    pub(crate) fn outbox_opened(&mut self, moment: &Moment<'_, '_>) -> Result<bool, StoreError> {
        let last = self.ticked.replace(moment.now);
        let reading = moment.tx.reading();
        let Some(after) = waits_after(&reading, moment.now)? else { return Ok(false) };
        let passed = last.map(|last| moment.now.micros().saturating_sub(last.micros()));
        let lately = self.here_since();
        for outlet in reading.outlets()? {
            let here = link_of(&outlet.key).is_some() && outlet.last_read >= lately;
            let next = if here { reading.light(outlet.scanned.saturating_add(1))? } else { None };
            let due = next.is_some_and(|light| {
                let since = after.micros().saturating_sub(light.at.micros());
                light.via_id == 0 && since >= 0 && passed.is_none_or(|passed| since <= passed)
            });
            if due {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes back what this node published and nobody was sent yet, without a trace for anybody.
    pub(crate) fn undo_send(
        &mut self,
        moment: &mut Moment<'_, '_>,
        thing: &ThingId,
        by: Act,
    ) -> Result<Answer, StoreError> {
        let rows = self.made_here(&moment.tx.reading(), thing)?;
        if rows.is_empty() {
            let problem = Problem::error("E-RECORD-002", "this node has signed no such record")
                .hint("only what was published here can be taken back before it is sent");
            return Ok(Answer::Refused(problem));
        }
        let sent = sent_to(&moment.tx.reading(), &rows)?;
        if !sent.is_empty() {
            let names: Vec<String> = sent.iter().map(|name| shown(name)).collect();
            let message = format!("it was sent already, to {}", names.join(", "));
            let problem = Problem::error("E-OUTBOX-001", message)
                .hint("take it back from those who have it: entente recall ID --reason TEXT");
            return Ok(Answer::Refused(problem));
        }
        for row in &rows {
            moment.effects.push(Effect::Unwatch(row.seq));
            moment.tx.erase(row.seq, &mut facts_of)?;
        }
        let why = if by.why.is_empty() { String::new() } else { format!(": {}", by.why) };
        let text = format!("taken back before it was sent, {} of {}{why}", rows.len(), thing.kind);
        self.note(moment, &Note { about: "outbox".to_owned(), who: by.who, code: None, text })?;
        Ok(Answer::Done)
    }

    /// This node's own records of a thing that are there, words about records excepted.
    fn made_here(&self, reading: &Reading<'_>, thing: &ThingId) -> Result<Vec<Row>, StoreError> {
        let me: NodeId = self.me.node();
        let mut rows = Vec::new();
        for seq in reading.by_thing(thing)? {
            let row = reading.row(seq)?;
            rows.extend(row.filter(|row| {
                row.signer == me && row.via.is_none() && !row.erased && !row.thing.kind.is_word()
            }));
        }
        rows.retain(|row| row.label.circle != self.ledger());
        Ok(rows)
    }
}

/// Who has a number for one of these: partners by name, tokens by their circle's outlet. What only
/// this node's own people read is not sent.
fn sent_to(reading: &Reading<'_>, rows: &[Row]) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::new();
    for outlet in reading.outlets()? {
        if outlet.key.ends_with(":own") {
            continue;
        }
        let places: Vec<Seq> = rows.iter().map(|row| row.seq).collect();
        for seq in places {
            if reading.place_of(outlet.id, seq)?.is_none() {
                continue;
            }
            let partner = link_of(&outlet.key).map(|node| reading.partner(&node)).transpose()?;
            let name = partner.flatten().map(|partner| partner.name);
            names.insert(name.unwrap_or_else(|| "tokens of the circle".to_owned()));
        }
    }
    Ok(names)
}
