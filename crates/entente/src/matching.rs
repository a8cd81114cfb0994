//! From lines of telemetry to matches: the glue between the live index, the indicators' records
//! and the sightings that follow. It keeps no event: matches stay with who asked.

use crate::http::api::names::Names;
use crate::runtime::{Runtime, Unavailable, now};
use detect::event::LineError;
use detect::live::{Match, Scratch, match_line};
use model::limits::{BAD_LINES_TOLD_MAX, MATCH_CHUNK_BYTES};
use model::time::Instant;
use node::Seq;
use node::release::Lens;
use node::watch::{Matched, Watched, watched};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::PoisonError;

/// One match, with the place of its line.
#[derive(Debug)]
struct Found {
    line: u64,
    bytes: Range<usize>,
    found: Match,
}

/// A line that could not be read whole.
#[derive(Debug)]
pub(crate) struct BadLine {
    /// Its number.
    pub(crate) line: u64,
    /// Why.
    pub(crate) error: LineError,
}

/// What a document of telemetry gave.
#[derive(Debug)]
pub(crate) struct Matches {
    /// For the writer: every match, whether or not who asked may see it.
    pub(crate) sums: Vec<Matched>,
    /// Lines looked at.
    pub(crate) lines: u64,
    /// Lines that could not be read whole.
    pub(crate) bad: u64,
    /// The first `BAD_LINES_TOLD_MAX` of them, and why.
    pub(crate) problems: Vec<BadLine>,
    bytes: Vec<u8>,
    found: Vec<Found>,
    told: HashMap<Seq, Told>,
}

/// What is said of an indicator, in words for people.
#[derive(Clone, Debug)]
struct Told {
    indicator: String,
    record: String,
    circle: String,
    signer: String,
    tlp: &'static str,
    valid_from: Option<Instant>,
}

/// A match on the wire.
#[derive(Serialize)]
struct Twin<'a> {
    indicator: &'a str,
    record: &'a str,
    circle: &'a str,
    signer: &'a str,
    field: &'a str,
    value: &'a str,
    event: Event<'a>,
    line: u64,
    tlp: &'static str,
    before_valid_from: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Event<'a> {
    Json(&'a RawValue),
    Text(std::borrow::Cow<'a, str>),
}

/// Matches every line; takes the index only for a chunk of lines at a time.
///
/// # Errors
/// When the indicators' records cannot be read.
pub(crate) fn match_lines(
    runtime: &Runtime,
    eyes: &Lens,
    bytes: Vec<u8>,
    first_line: u64,
) -> Result<Matches, Unavailable> {
    let mut matches = Matches {
        sums: Vec::new(),
        lines: 0,
        bad: 0,
        problems: Vec::new(),
        bytes,
        found: Vec::new(),
        told: HashMap::new(),
    };
    matches.look(runtime, first_line);
    if !matches.found.is_empty() {
        matches.judge(runtime, eyes)?;
    }
    Ok(matches)
}

impl Matches {
    fn look(&mut self, runtime: &Runtime, first_line: u64) {
        let mut scratch = Scratch::default();
        let mut out = Vec::new();
        let mut at = 0;
        while at < self.bytes.len() {
            let live = runtime.live().read().unwrap_or_else(PoisonError::into_inner);
            let until = at.saturating_add(MATCH_CHUNK_BYTES);
            while at < self.bytes.len() && at < until {
                let rest = self.bytes.get(at..).unwrap_or_default();
                let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                let line = rest.get(..length).unwrap_or_default().trim_ascii();
                let number = first_line.saturating_add(self.lines);
                let matched = match_line(&live.index, line, &mut scratch, &mut out);
                if let Err(error) = matched {
                    self.bad = self.bad.saturating_add(1);
                    if self.problems.len() < BAD_LINES_TOLD_MAX {
                        self.problems.push(BadLine { line: number, error });
                    }
                }
                let bytes = at..at.saturating_add(length);
                self.found.extend(out.drain(..).map(|found| {
                    let bytes = bytes.clone();
                    Found { line: number, bytes, found }
                }));
                self.lines = self.lines.saturating_add(1);
                at = at.saturating_add(length).saturating_add(1);
            }
        }
    }

    /// Looks the indicators up: what is expired or gone does not alert; what who asked may not
    /// read is counted, and not told.
    fn judge(&mut self, runtime: &Runtime, eyes: &Lens) -> Result<(), Unavailable> {
        let now = now();
        let found = &mut self.found;
        let mut living: HashMap<Seq, bool> = HashMap::new();
        self.told = runtime.read_here(|reading| {
            let own = runtime.own_lens(reading)?;
            let names = Names::load(reading, runtime.me())?;
            let mut told = HashMap::new();
            for seq in found.iter().map(|found| seq(&found.found)) {
                if living.contains_key(&seq) {
                    continue;
                }
                let alert = watched(reading, &own, seq)?.filter(|watched| watched.alerts(now));
                living.insert(seq, alert.is_some());
                let Some(alert) = alert else { continue };
                let own_eyes = eyes.reader.capacity == node::Capacity::Own;
                let shown = own_eyes || watched(reading, eyes, seq)?.is_some();
                if shown {
                    told.insert(seq, Told::of(&alert, &names));
                }
            }
            Ok(told)
        })?;
        found.retain(|found| living.get(&seq(&found.found)).copied().unwrap_or(false));
        self.sums = sums(found, now);
        let told = &self.told;
        found.retain(|found| told.contains_key(&seq(&found.found)));
        Ok(())
    }

    /// How many matches are told.
    pub(crate) const fn len(&self) -> usize {
        self.found.len()
    }

    /// Writes one match as a line; false when there are no more.
    pub(crate) fn write(&self, index: usize, out: &mut Vec<u8>) -> bool {
        let Some(Found { line, bytes, found }) = self.found.get(index) else { return false };
        let Some(told) = self.told.get(&seq(found)) else { return true };
        let text = self.bytes.get(bytes.clone()).unwrap_or_default().trim_ascii();
        let event = match serde_json::from_slice(text) {
            Ok(json) => Event::Json(json),
            Err(_) => Event::Text(String::from_utf8_lossy(text)),
        };
        let early = told.valid_from.zip(found.at).is_some_and(|(from, at)| at < from);
        let twin = Twin {
            indicator: &told.indicator,
            record: &told.record,
            circle: &told.circle,
            signer: &told.signer,
            field: &found.field,
            value: &found.value,
            event,
            line: *line,
            tlp: told.tlp,
            before_valid_from: early,
        };
        if serde_json::to_writer(&mut *out, &twin).is_ok() {
            out.push(b'\n');
        }
        true
    }
}

impl Told {
    fn of(watched: &Watched, names: &Names) -> Self {
        Self {
            indicator: watched.thing.to_string(),
            record: watched.record.to_string(),
            circle: names.circle(&watched.circle),
            signer: names.node(&watched.signer),
            tlp: watched.tlp.as_str(),
            valid_from: watched.valid_from,
        }
    }
}

fn seq(found: &Match) -> Seq {
    Seq::try_from(found.handle.0).unwrap_or(0)
}

/// Sums up per indicator; an event counts once, however many of its fields match.
fn sums(found: &[Found], now: Instant) -> Vec<Matched> {
    let mut sums: Vec<(u64, Matched)> = Vec::new();
    let mut places: HashMap<Seq, usize> = HashMap::new();
    for Found { line, found, .. } in found {
        let at = found.at.unwrap_or(now);
        let place = *places.entry(seq(found)).or_insert(sums.len());
        match sums.get_mut(place) {
            Some((last_line, sum)) => {
                sum.count += u64::from(last_line != line);
                *last_line = *line;
                sum.first = sum.first.min(at);
                sum.last = sum.last.max(at);
            }
            None => {
                let role = found.role.name();
                let sum = Matched { seq: seq(found), count: 1, first: at, last: at, role };
                sums.push((*line, sum));
            }
        }
    }
    sums.into_iter().map(|(_, sum)| sum).collect()
}

#[cfg(test)]
mod tests;
