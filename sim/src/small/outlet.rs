//! Rule C: an outlet's content is derived from the log and from the passes that numbered it.
//!
//! It deliberately stores no rows. A pass (the model's segment) is {as of which position of the
//! log, at which instant, how many lines}; its lines are the difference between what the reader
//! was given before and what is released to it as of then. So new records, backfill after a
//! widening, withdrawal after a narrowing and the end of an embargo are one thing.

use super::fault::Fault;
use super::node::Site;
use super::release::{Reader, node_bit, to_partner};
use super::view::{Entry, Row, View};
use crate::outcome::Stats;
use std::collections::{BTreeMap, BTreeSet};

/// What one number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The record, with the hops left that are passed on.
    Send { id: u64, hops: u8 },
    /// No longer released to you by me.
    Withdraw { id: u64 },
    /// Taken back by its signer, everywhere and for good.
    Recall { id: u64 },
}

/// A line with what its number shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) line: Line,
    /// Strictly increasing microseconds.
    pub(super) date: u64,
    /// Where the record stands in the log; shown only by a planted fault.
    pub(super) position: usize,
}

/// What makes the lines of a segment again.
#[derive(Debug, Clone, Copy)]
struct Pass {
    as_of: usize,
    at: u64,
    count: usize,
}

/// What was numbered for one reader.
#[derive(Debug, Clone, Default)]
pub(super) struct Outlet {
    passes: Vec<Pass>,
    /// Derived: every line, in order.
    pub(super) lines: Vec<Numbered>,
    /// Derived: what the reader has been given and not withdrawn, with the hops left.
    pub(super) given: BTreeMap<u64, u8>,
    /// Derived: what the reader was ever sent.
    pub(super) sent: BTreeSet<u64>,
    /// Derived: of which the reader was told that it is recalled.
    told: BTreeSet<u64>,
}

impl Outlet {
    /// Numbers what has changed for this reader as of this view. Nothing new leaves no trace.
    pub(super) fn number(&mut self, site: &Site, reader: Reader, view: &View, at: u64) -> usize {
        let (mut recalled, mut withdrawn, mut sent) = (Vec::new(), Vec::new(), Vec::new());
        for row in &view.rows {
            let id = row.record.id;
            if self.tells(site, reader, view, row) {
                recalled.push((Line::Recall { id }, row.position));
                continue;
            }
            let before = self.given.get(&id).copied();
            match (before, wanted(site, reader, view, row, at)) {
                (Some(_), None) => withdrawn.push((Line::Withdraw { id }, row.position)),
                (None, Some(hops)) if !has_as_far(reader, row, hops) => {
                    sent.push((Line::Send { id, hops }, row.position));
                }
                (Some(old), Some(hops))
                    if old != hops && site.fault != Some(Fault::HopsToldOnce) =>
                {
                    sent.push((Line::Send { id, hops }, row.position));
                }
                (None | Some(_), None | Some(_)) => {}
            }
        }
        recalled.append(&mut withdrawn);
        recalled.append(&mut sent);
        for (line, position) in &recalled {
            let last = self.lines.last().map_or(0, |line| line.date + 1);
            self.lines.push(Numbered { line: *line, date: at.max(last), position: *position });
            match line {
                Line::Send { id, hops } => {
                    self.sent.insert(*id);
                    self.given.insert(*id, *hops)
                }
                Line::Recall { id } => {
                    self.told.insert(*id);
                    self.given.remove(id)
                }
                Line::Withdraw { id } => self.given.remove(id),
            };
        }
        recalled.len()
    }

    /// Whether a partner is to be told of a recall: it goes where its record went, whoever is a
    /// member now.
    fn tells(&self, site: &Site, reader: Reader, view: &View, row: &Row) -> bool {
        let Reader::Partner(partner) = reader else { return false };
        let members = view.members.get(&row.record.circle).copied().unwrap_or(0);
        let heard = members & node_bit(partner) != 0;
        let heard = heard || site.fault != Some(Fault::RecallOnlyToMembers);
        let id = &row.record.id;
        heard && row.recalled && self.sent.contains(id) && !self.told.contains(id)
    }

    /// Keeps the pass that gave the last `count` lines.
    pub(super) fn keep(&mut self, as_of: usize, at: u64, count: usize) {
        if count > 0 {
            self.passes.push(Pass { as_of, at, count });
        }
    }

    /// The same outlet, made again from the log and the passes alone.
    pub(super) fn derived(&self, site: &Site, reader: Reader, log: &[Entry], now: u64) -> Self {
        let mut again = Self { passes: self.passes.clone(), ..Self::default() };
        let (mut view, mut done) = (View::default(), 0);
        for pass in &self.passes {
            while done < pass.as_of {
                let Some(entry) = log.get(done) else { break };
                view.apply(done, entry);
                done += 1;
            }
            let timeless = site.fault == Some(Fault::SegmentWithoutInstant);
            again.number(site, reader, &view, if timeless { now } else { pass.at });
        }
        again
    }

    /// Adds what it holds to the counts.
    pub(super) fn count(&self, stats: &mut Stats) {
        let mut gone = BTreeSet::new();
        for numbered in &self.lines {
            match numbered.line {
                Line::Withdraw { id } => {
                    gone.insert(id);
                    stats.add("numbers that withdraw", 1);
                }
                Line::Recall { .. } => stats.add("numbers that recall", 1),
                Line::Send { id, .. } => {
                    stats.add("numbers that send", 1);
                    stats.add("records numbered anew", usize::from(gone.remove(&id)));
                }
            }
        }
    }

    /// How many lines the passes say there are.
    pub(super) fn counted(&self) -> usize {
        self.passes.iter().map(|pass| pass.count).sum()
    }
}

fn wanted(site: &Site, reader: Reader, view: &View, row: &Row, at: u64) -> Option<u8> {
    match reader {
        Reader::Audience(no) => {
            let rights = site.audiences.get(usize::from(no))?;
            rights.read(row, at).then_some(0)
        }
        Reader::Partner(partner) => {
            let never_back = site.fault == Some(Fault::NeverBack);
            if never_back && row.via.contains_key(&partner) {
                return None;
            }
            let forgets = site.fault == Some(Fault::WithdrawForgotten);
            if row.is_kept_back(partner) && !forgets {
                return None;
            }
            to_partner(view, site.me, partner, row, at)
        }
    }
}

/// "Not back to where it came from": who gave it to us reaches as far as we could help him to.
fn has_as_far(reader: Reader, row: &Row, hops: u8) -> bool {
    match reader {
        Reader::Audience(_) => false,
        Reader::Partner(partner) => row.via.get(&partner).is_some_and(|his| his + 1 >= hops),
    }
}
