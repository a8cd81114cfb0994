//! Which matches of a delivery are kept at home and told outside it: the first few of an indicator
//! and hour. The others are counted. It keeps and sends nothing.

use crate::matching::{Matches, worded};
use crate::runtime::{Runtime, Unavailable};
use model::id::CircleId;
use model::limits::{
    MATCHES_KEPT_PER_HOUR, OUTGOING_DELIVERY_BYTES_MAX, OUTGOING_DELIVERY_MAX,
    OUTGOING_EVENT_BYTES_MAX, SYSLOG_OUT_EVENT_BYTES_MAX,
};
use model::time::Instant;
use node::outgoing::Finding;
use node::{Receiver, Seq};
use std::collections::HashMap;

/// A match that is told.
#[derive(Debug)]
pub(crate) struct Pick {
    /// The indicator's place in the log.
    pub(super) seq: Seq,
    /// What tells it from all others.
    pub(super) id: String,
    /// The indicator's circle.
    pub(super) circle: CircleId,
    /// The indicator is TLP:RED.
    pub(super) red: bool,
    /// Bytes of its event.
    pub(super) event_bytes: usize,
    /// As it is kept.
    pub(super) line: String,
    /// The same without its event, where that is too long for somebody.
    pub(super) short: Option<String>,
}

/// The matches of a delivery that are told, and how many are not.
#[derive(Debug, Default)]
pub(crate) struct Chosen {
    pub(super) told: Vec<Pick>,
    pub(super) left: u64,
}

/// The matches that were told within an hour, of each indicator.
#[derive(Debug, Default)]
pub(super) struct Hour {
    /// Which, since 1970.
    hour: i64,
    counts: HashMap<Seq, u64>,
}

const HOUR_MICROS: i64 = 3_600_000_000;

impl Hour {
    /// Chooses among matches. Nothing is counted by that: a delivery that cannot be written down
    /// comes again.
    pub(super) fn choose(&self, runtime: &Runtime, matches: &Matches) -> Chosen {
        let mut chosen = Chosen::default();
        let now = matches.named().at;
        let fresh = now.micros().div_euclid(HOUR_MICROS) != self.hour;
        let mut counts: HashMap<Seq, u64> = HashMap::new();
        let key = runtime.me().local_key;
        for found in matches.at_home(&key) {
            let seq = found.seq();
            let before = || if fresh { 0 } else { self.counts.get(&seq).copied().unwrap_or(0) };
            let count = counts.entry(seq).or_insert_with(before);
            *count = count.saturating_add(1);
            let line = (*count <= MATCHES_KEPT_PER_HOUR).then(|| found.line()).flatten();
            let Some(line) = line else {
                chosen.left = chosen.left.saturating_add(1);
                continue;
            };
            let event_bytes = found.event_bytes();
            let long = event_bytes > SYSLOG_OUT_EVENT_BYTES_MAX;
            let short = if long { found.line_without_event() } else { None };
            let (circle, red) = (found.circle(), found.is_red());
            let id = found.id();
            chosen.told.push(Pick { seq, id, circle, red, event_bytes, line, short });
        }
        chosen
    }

    /// Counts what was told.
    pub(super) fn count(&mut self, chosen: &Chosen, now: Instant) {
        let hour = now.micros().div_euclid(HOUR_MICROS);
        if hour != self.hour {
            (self.hour, self.counts) = (hour, HashMap::new());
        }
        for told in &chosen.told {
            let count = self.counts.entry(told.seq).or_default();
            *count = count.saturating_add(1);
        }
    }
}

impl Chosen {
    /// What receivers are told of it. Every one of them was named by an administrator, who sees
    /// every match that is told; what is RED goes only where that was said.
    pub(crate) fn findings(&self, runtime: &Runtime) -> Result<Vec<Finding>, Unavailable> {
        if self.told.is_empty() {
            return Ok(Vec::new());
        }
        let receivers = runtime.read_here(node::receiver::all)?;
        let (mut findings, mut bytes, mut left) = (Vec::new(), 0_usize, 0_u64);
        for told in &self.told {
            for receiver in receivers.iter().filter(|receiver| told.is_for(receiver)) {
                let Some(body) = told.body(receiver) else { continue };
                let room = findings.len() < OUTGOING_DELIVERY_MAX
                    && bytes.saturating_add(body.len()) <= OUTGOING_DELIVERY_BYTES_MAX;
                if !room {
                    left = left.saturating_add(1);
                    continue;
                }
                bytes = bytes.saturating_add(body.len());
                let (key, seq) = (told.id.clone(), told.seq);
                let body = body.into_bytes();
                findings.push(Finding { receiver: receiver.id, key, seq, body });
            }
        }
        runtime.gave_up(left);
        Ok(findings)
    }
}

impl Pick {
    fn is_for(&self, receiver: &Receiver) -> bool {
        let here = receiver.circle.is_none_or(|circle| circle == self.circle);
        here && (receiver.red || !self.red)
    }

    /// In a receiver's words.
    fn body(&self, receiver: &Receiver) -> Option<String> {
        let most = if receiver.name == node::receiver::SYSLOG {
            SYSLOG_OUT_EVENT_BYTES_MAX
        } else {
            OUTGOING_EVENT_BYTES_MAX
        };
        let short = self.short.as_deref().filter(|_| self.event_bytes > most);
        worded(short.unwrap_or(&self.line), receiver.wording)
    }
}
