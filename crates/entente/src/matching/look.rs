//! One delivery, line by line: read, looked up, and asked of the rules. It judges no match.

use super::judge::Told;
use super::tell::Named;
use crate::runtime::{Live, Runtime, Unavailable, now};
use detect::event::LineError;
use detect::live::{Match, Scratch, match_event};
use detect::past::Gathered;
use detect::reading::{Form, Kind, Reader, next_line};
use detect::rules::{RuleScratch, Seen};
use model::id::Digest;
use model::limits::{BAD_LINES_TOLD_MAX, CLOCK_AHEAD_SECONDS_MAX, MATCH_CHUNK_BYTES};
use node::Seq;
use node::release::Lens;
use node::watch::Matched;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::PoisonError;

/// What is known of a delivery before its first line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming {
    /// What it is written in.
    pub(crate) form: Form,
    /// What its sender calls where it comes from; empty where nobody says.
    pub(crate) source: String,
    /// The header of what came before, where it is a piece from the middle.
    pub(crate) header: Option<String>,
}

impl Incoming {
    fn reader(&self) -> Reader {
        match &self.header {
            Some(header) => Reader::resume(self.form, header),
            None => Reader::new(self.form),
        }
    }
}

/// One match, with the place of its line.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) line: u64,
    pub(super) bytes: Range<usize>,
    pub(super) found: Match,
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
    /// Events of each kind, in the order of `Kind::ALL`.
    pub(crate) kinds: [u64; Kind::ALL.len()],
    /// Bytes of lines too long, which were not looked at.
    pub(crate) skipped_bytes: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) found: Vec<Found>,
    /// Matches that who asked may not see.
    pub(super) untold: Vec<Found>,
    pub(super) told: HashMap<Seq, Told>,
    pub(super) named: Named,
    /// What was seen, for looking back; nothing where that is not kept.
    pub(crate) gathered: Option<Gathered>,
}

/// Matches every line; takes the index only for a chunk of lines at a time. `delivery` names the
/// same lines where they may come again.
///
/// # Errors
/// When the indicators' records cannot be read.
pub(crate) fn match_lines(
    runtime: &Runtime,
    eyes: &Lens,
    incoming: &Incoming,
    (bytes, first_line): (Vec<u8>, u64),
    delivery: Option<&Digest>,
) -> Result<Matches, Unavailable> {
    let mut matches = Matches {
        sums: Vec::new(),
        lines: 0,
        bad: 0,
        problems: Vec::new(),
        kinds: [0; Kind::ALL.len()],
        skipped_bytes: 0,
        bytes,
        found: Vec::new(),
        untold: Vec::new(),
        told: HashMap::new(),
        named: Named::at(now()),
        gathered: runtime.seen().begin(runtime.me().local_key, now()),
    };
    matches.look(runtime, incoming, first_line, delivery);
    if !matches.found.is_empty() {
        matches.judge(runtime, eyes)?;
    }
    Ok(matches)
}

impl Matches {
    /// Reads every line and looks it up; the rules are asked last.
    fn look(
        &mut self,
        runtime: &Runtime,
        incoming: &Incoming,
        first_line: u64,
        delivery: Option<&Digest>,
    ) {
        let mut scratches = (Scratch::default(), RuleScratch::default());
        let mut reader = incoming.reader();
        let mut out = Vec::new();
        let mut at = 0;
        let now = now();
        let latest = now.plus_seconds(CLOCK_AHEAD_SECONDS_MAX);
        let first = first_observation(runtime, delivery);
        while at < self.bytes.len() {
            let live = runtime.live().read().unwrap_or_else(PoisonError::into_inner);
            let until = at.saturating_add(MATCH_CHUNK_BYTES);
            while at < self.bytes.len() && at < until {
                let rest = self.bytes.get(at..).unwrap_or_default();
                let line = next_line(rest);
                let length = line.len();
                let line = line.trim_ascii();
                let number = first_line.saturating_add(self.lines);
                let gathered = self.gathered.as_mut();
                let observation = first.wrapping_add(self.lines);
                let seen = (Seen { now, observation, latest }, &mut out);
                let looked = live.look(&mut reader, line, &mut scratches, gathered, seen);
                if let Err(error) = looked {
                    self.bad = self.bad.saturating_add(1);
                    if let LineError::TooLong { bytes } = error {
                        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                        self.skipped_bytes = self.skipped_bytes.saturating_add(bytes);
                    }
                    if self.problems.len() < BAD_LINES_TOLD_MAX {
                        self.problems.push(BadLine { line: number, error });
                    }
                }
                let bytes = at..at.saturating_add(length);
                self.found.extend(out.drain(..).map(|mut found| {
                    let bytes = bytes.clone();
                    // A clock that is ahead says nothing about when.
                    found.at = found.at.filter(|at| *at <= latest);
                    Found { line: number, bytes, found }
                }));
                self.lines = self.lines.saturating_add(1);
                at = at.saturating_add(length).saturating_add(1);
            }
        }
        self.kinds = reader.counts();
    }

    /// The lines.
    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes
    }

    /// How many matches are told.
    pub(crate) const fn len(&self) -> usize {
        self.found.len()
    }
}

/// What names the first line of a delivery, and the ones behind it: the same when it comes again.
fn first_observation(runtime: &Runtime, delivery: Option<&Digest>) -> u64 {
    let named = delivery.and_then(|delivery| delivery.as_bytes().first_chunk::<8>());
    named.map_or_else(
        || runtime.live().read().unwrap_or_else(PoisonError::into_inner).rules.unnamed(),
        |bytes| u64::from_le_bytes(*bytes),
    )
}

impl Live {
    /// One line against all of it.
    fn look(
        &self,
        reader: &mut Reader,
        line: &[u8],
        (scratch, rules): &mut (Scratch, RuleScratch),
        gathered: Option<&mut Gathered>,
        (seen, out): (Seen, &mut Vec<Match>),
    ) -> Result<(), LineError> {
        let Some(event) = reader.event(line)? else { return Ok(()) };
        let matched = match_event(&self.index, &event, scratch, gathered, out);
        self.rules.event(&event, seen, rules, out);
        matched
    }
}
