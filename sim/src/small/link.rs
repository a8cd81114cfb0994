//! The link: batches out of an outlet, whole batches in, a cursor committed with the data.
//!
//! It deliberately has no keys and no sockets; cuts and crashes are the world's.

use super::fault::Fault;
use super::node::Node;
use super::outlet::{Line, Numbered};
use super::record::Record;
use super::release::Reader;
use super::view::Entry;
use crate::rng::digest;
use std::fmt;
use std::rc::Rc;

/// Lines in a batch; small, so that worlds have many batches. Only released lines count.
pub(super) const BATCH: usize = 3;

/// What travels under a number.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Record {
        record: Rc<Record>,
        hops: u8,
    },
    Withdraw {
        id: u64,
    },
    Recall {
        id: u64,
    },
    /// The number was given, and before it left the record was narrowed away from this reader.
    Blank,
}

/// A line with the number that the reader sees.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) number: usize,
    pub(super) content: Content,
}

impl Wire {
    /// A digest of the line's bytes.
    pub(super) fn digest(&self) -> u64 {
        digest(&self.to_string().bytes().map(u64::from).collect::<Vec<_>>())
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ", self.number)?;
        match &self.content {
            Content::Record { record, hops } => writeln!(out, "record hops {hops} {record}"),
            Content::Withdraw { id } => writeln!(out, "withdraw {id:016x}"),
            Content::Recall { id } => writeln!(out, "recall {id:016x}"),
            Content::Blank => writeln!(out, "blank"),
        }
    }
}

/// Some lines of an outlet and the checkpoint that ends them.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) first: usize,
    pub(super) lines: Vec<Wire>,
    total: usize,
}

impl Batch {
    /// The bytes up to a cut after so many lines.
    pub(super) fn bytes_until(&self, lines: usize) -> String {
        self.lines.iter().take(lines).map(Wire::to_string).collect()
    }

    /// All bytes.
    pub(super) fn bytes(&self) -> String {
        let lines = self.bytes_until(self.lines.len());
        format!("{lines}checkpoint {} of {}\n", self.first + self.lines.len(), self.total)
    }
}

impl Node {
    /// The next batch for a partner from this number on; none when there is nothing.
    pub(super) fn batch(&self, to: u8, first: usize, size: usize) -> Option<Batch> {
        let outlet = self.disk.outlets.get(&Reader::Partner(to))?;
        let lines = outlet.lines.iter().enumerate().skip(first).take(size);
        let lines: Vec<Wire> = lines.map(|(number, line)| self.wire(to, number, line)).collect();
        if lines.is_empty() {
            return None;
        }
        let count_all = self.fault(Fault::CountWithheld);
        let total = if count_all { self.disk.view.rows.len() } else { outlet.lines.len() };
        Some(Batch { first, lines, total })
    }

    fn wire(&self, to: u8, number: usize, numbered: &Numbered) -> Wire {
        let outlet = self.disk.outlets.get(&Reader::Partner(to));
        let given = |id: &u64| outlet.is_some_and(|outlet| outlet.given.contains_key(id));
        let content = match &numbered.line {
            Line::Withdraw { id } => Content::Withdraw { id: *id },
            Line::Recall { id } => Content::Recall { id: *id },
            Line::Send { id, hops } => match self.disk.view.row(*id) {
                Some(row) if given(id) || self.fault(Fault::SendAsNumbered) => {
                    Content::Record { record: Rc::clone(&row.record), hops: *hops }
                }
                Some(_) | None => Content::Blank,
            },
        };
        let in_log = self.fault(Fault::NumberBeforeRelease);
        Wire { number: if in_log { numbered.position } else { number }, content }
    }

    /// Applies a batch; what was applied before is passed over. The ack: the next number.
    pub(super) fn take(&mut self, from: u8, batch: &Batch) -> usize {
        let mut cursor = self.disk.cursors.get(&from).copied().unwrap_or(0);
        for (number, wire) in (batch.first..).zip(&batch.lines) {
            if number != cursor {
                continue;
            }
            match &wire.content {
                Content::Record { record, hops } => {
                    let record = Rc::clone(record);
                    self.disk.append(Entry::Received { record, from, hops: *hops });
                }
                Content::Withdraw { id } => {
                    self.disk.append(Entry::Withdrawn { id: *id, from });
                }
                Content::Recall { id } => self.disk.append(Entry::Recalled { id: *id }),
                Content::Blank => {}
            }
            self.disk.applied.push((from, number, wire.digest()));
            cursor += 1;
        }
        self.disk.cursors.insert(from, cursor);
        cursor
    }

    /// A page for an audience: what is numbered after this date and still released.
    pub(super) fn page(&self, audience: u8, after: u64, limit: usize) -> Page {
        let Some(outlet) = self.disk.outlets.get(&Reader::Audience(audience)) else {
            return Page { items: Vec::new(), more: false, total: 0 };
        };
        let later = outlet.lines.iter().enumerate().filter(|(_, line)| line.date > after);
        let mut items = later.filter_map(|(place, numbered)| {
            let Line::Send { id, .. } = numbered.line else { return None };
            let newer = |line: &&Numbered| line.line == numbered.line;
            let replaced = outlet.lines.iter().skip(place + 1).any(|line| newer(&line));
            let row = self.disk.view.row(id)?;
            let listed = outlet.given.contains_key(&id) && !replaced;
            let in_log = self.fault(Fault::NumberBeforeRelease);
            let position = u64::try_from(numbered.position).unwrap_or(0);
            let date = if in_log { position } else { numbered.date };
            listed.then(|| (date, Rc::clone(&row.record)))
        });
        let page = items.by_ref().take(limit).collect();
        let count_all = self.fault(Fault::CountWithheld);
        let total = if count_all { self.disk.view.rows.len() } else { outlet.given.len() };
        Page { items: page, more: items.next().is_some(), total }
    }
}

/// What a local reader gets.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) items: Vec<(u64, Rc<Record>)>,
    pub(super) more: bool,
    total: usize,
}

impl fmt::Display for Page {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (date, record) in &self.items {
            writeln!(out, "date {date} {record}")?;
        }
        writeln!(out, "more {} total {}", self.more, self.total)
    }
}
