//! What a node that was restored from a backup gets back from its partners: what it signed itself
//! after the backup, as they hold it. Its own signature proves it; nobody is told anything else.
//!
//! It sends nothing that others signed: that comes by the outlets, which are read anew.

use crate::apply::{Moment, Node};
use crate::command::Answer;
use crate::link::Ready;
use crate::link::wire::{ReadLine, read_line};
use crate::release::{Lens, Released};
use crate::restore::restored;
use formats::problem::Problem;
use model::id::{Digest, Epoch, NodeId, ThingId};
use model::keys::{KeyChain, KeySet};
use model::kind::{CIRCLE, KEYS, OBEYED, WITHDRAW_RANGE};
use model::ledger::Note;
use model::limits::{BATCH_BYTES_MAX, BATCH_WIRE_BYTES_MAX, RETURNS_MAX};
use serde::{Deserialize, Serialize};
use store::{Reading, Seq, StoreError};

/// A place among the records that one node signed, as it is told to that node: a record of its own,
/// and no number of ours.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    thing: ThingId,
    leaf: Digest,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.thing, self.leaf)
    }
}

impl std::str::FromStr for Place {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (thing, leaf) = text.rsplit_once('.').ok_or_else(lost)?;
        let (thing, leaf) = (thing.parse().map_err(|_| lost())?, leaf.parse().map_err(|_| lost())?);
        Ok(Self { thing, leaf })
    }
}

/// In place of a place: from the beginning.
pub const ALL: &str = "all";

/// A page of what is given back.
#[derive(Debug)]
pub struct Given {
    lines: Vec<Released>,
    next: Option<Place>,
}

/// The last line of a page: where the next one begins.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// A text or null: left out, the page would seem to be the last.
    next: serde_json::Value,
}

impl Given {
    /// The page's bytes: lines as in a batch, then where the next page begins.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in &self.lines {
            bytes.extend_from_slice(line.bytes());
            bytes.push(b'\n');
        }
        let end = End { next: self.next.as_ref().map(ToString::to_string).into() };
        bytes.extend(serde_json::to_vec(&end).unwrap_or_default());
        bytes.push(b'\n');
        bytes
    }

    /// Where the next page begins; `None` when this is the last.
    #[must_use]
    pub const fn next(&self) -> Option<&Place> {
        self.next.as_ref()
    }
}

/// What is held of what the reader of this lens signed, from a place on; the place itself must still
/// be held.
///
/// # Errors
/// When the store cannot be read.
pub fn give_back(
    reading: &Reading<'_>,
    lens: &Lens,
    after: Option<&Place>,
) -> Result<Result<Given, Problem>, StoreError> {
    let signer = lens.reader.node;
    let mut seq = 0;
    if let Some(place) = after {
        match find(reading, &signer, place)? {
            Some(found) => seq = found,
            None => return Ok(Err(lost())),
        }
    }
    let mut given = Given { lines: Vec::new(), next: None };
    let mut bytes = 0;
    let found = reading.signed_by(&signer, seq, RETURNS_MAX)?;
    let mut more = found.len() == RETURNS_MAX;
    for (number, seq) in (0..).zip(found) {
        if bytes >= BATCH_BYTES_MAX {
            more = true;
            break;
        }
        let Some((row, line)) = lens.signed(reading, number, seq)? else { continue };
        bytes += line.bytes().len();
        given.lines.push(line);
        given.next = Some(Place { thing: row.thing, leaf: row.leaf });
    }
    if !more {
        given.next = None;
    }
    Ok(Ok(given))
}

fn find(reading: &Reading<'_>, signer: &NodeId, place: &Place) -> Result<Option<Seq>, StoreError> {
    for seq in reading.by_thing(&place.thing)? {
        let row = reading.row(seq)?;
        if row.is_some_and(|row| row.signer == *signer && row.leaf == place.leaf) {
            return Ok(Some(seq));
        }
    }
    Ok(None)
}

fn lost() -> Problem {
    Problem::error("E-LINK-043", "no such place among what is given back; begin anew")
}

/// A page that a partner gave back, proven.
#[derive(Debug)]
pub struct Returned {
    /// The partner.
    pub partner: NodeId,
    records: Vec<Ready>,
    next: Option<String>,
    lost: bool,
}

impl Returned {
    /// In place of a page: the partner no longer knows the place, and is asked from the beginning.
    #[must_use]
    pub const fn nothing(partner: NodeId) -> Self {
        Self { partner, records: Vec::new(), next: None, lost: true }
    }
}

/// Reads a page and proves that this node signed all of it.
///
/// # Errors
/// When it follows no form, or a record is another's or was altered: then nothing of it is taken.
pub fn read_back(
    partner: NodeId,
    bytes: &[u8],
    me: impl Into<KeySet>,
) -> Result<Returned, Problem> {
    let mut me = me.into();
    let form = |message: &str| Problem::error("E-LINK-001", message.to_owned());
    if bytes.len() > BATCH_WIRE_BYTES_MAX {
        return Err(form("the page is larger than the protocol allows"));
    }
    let mut lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let end = lines.pop().and_then(|line| serde_json::from_slice::<End>(line).ok());
    let end = end.ok_or_else(|| form("the page does not say where the next begins"))?.next;
    let next = end.as_str().map(str::to_owned);
    if next.is_none() && !end.is_null() {
        return Err(form("the place of the next page cannot be read"));
    }
    if lines.len() > RETURNS_MAX {
        return Err(form("too many records on a page"));
    }
    // It comes back in a query: nothing but what a place is written with.
    let plain = |next: &String| next.len() <= PLACE_BYTES_MAX && next.parse::<Place>().is_ok();
    if next.as_ref().is_some_and(|next| !plain(next)) {
        return Err(form("the place of the next page cannot be read"));
    }
    let mut records = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(ReadLine::Record { parts, .. }) = read_line(line) else {
            return Err(form("a line follows no known form"));
        };
        let record = parts.read().map_err(|error| foreign(&error.to_string()))?;
        if record.header().signer != me.node {
            return Err(foreign("signed by another"));
        }
        if record.header().thing.kind.as_str() == KEYS {
            grow(&mut me, record.body());
        }
        let sealed = record.verify_held(&me).map_err(|error| foreign(&error.to_string()))?;
        records.push(Ready::read(sealed)?);
    }
    Ok(Returned { partner, records, next, lost: false })
}

/// Keys that this node stated and lost: what follows may be signed by them.
fn grow(me: &mut KeySet, body: &[u8]) {
    let text = std::str::from_utf8(body).unwrap_or_default();
    if let Ok(chain) = KeyChain::read(text)
        && chain.node() == me.node
        && chain.last().number > me.number
    {
        *me = chain.last().clone();
    }
}

/// Bytes of a place: a thing's id and a leaf.
const PLACE_BYTES_MAX: usize = 512;

fn foreign(why: &str) -> Problem {
    let message = format!("a partner gives back what this node has not signed: {why}");
    Problem::error("E-RESTORE-010", message)
        .hint("nothing of that page was taken; ask the partner which program it runs")
}

/// How far a partner has given back.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Records that came back and were lacking.
    pub new: u64,
    /// It has given all that it holds.
    pub done: bool,
    /// Where to go on.
    pub next: Option<String>,
}

/// How far a partner has given back what was lost before this life of the numbering; `None` when
/// this node was never restored.
///
/// # Errors
/// When the store cannot be read.
pub fn progress(
    reading: &Reading<'_>,
    epoch: &Epoch,
    partner: &NodeId,
) -> Result<Option<Progress>, StoreError> {
    if restored(reading)?.is_none() {
        return Ok(None);
    }
    let bytes = reading.setting(&key(partner))?;
    Ok(Some(bytes.and_then(|bytes| read(&bytes, epoch)).unwrap_or_default()))
}

/// Records that a partner gave back at the last restore; `None` when it gave none.
pub(crate) fn came_back(
    reading: &Reading<'_>,
    partner: &NodeId,
) -> Result<Option<u64>, StoreError> {
    let bytes = reading.setting(&key(partner))?;
    let epoch = bytes.as_deref().and_then(|bytes| Epoch::from_slice(bytes.get(..16)?));
    let progress = bytes.zip(epoch).and_then(|(bytes, epoch)| read(&bytes, &epoch));
    Ok(progress.map(|progress| progress.new).filter(|new| *new > 0))
}

fn key(partner: &NodeId) -> String {
    format!("returns.{partner}")
}

fn write(epoch: &Epoch, progress: &Progress) -> Vec<u8> {
    let next = progress.next.as_deref().unwrap_or_default();
    let count = progress.new.to_be_bytes();
    [&epoch.as_bytes()[..], &[u8::from(progress.done)], &count, next.as_bytes()].concat()
}

fn read(bytes: &[u8], epoch: &Epoch) -> Option<Progress> {
    let (life, rest) = bytes.split_at_checked(16)?;
    let (done, rest) = rest.split_first()?;
    let (new, next) = rest.split_at_checked(8)?;
    let next = std::str::from_utf8(next).ok().filter(|next| !next.is_empty());
    let new = u64::from_be_bytes(new.try_into().ok()?);
    let progress = Progress { new, done: *done == 1, next: next.map(str::to_owned) };
    (Epoch::from_slice(life)? == *epoch).then_some(progress)
}

impl Node {
    /// Takes a page of what this node had lost. What it holds or took back is left alone.
    pub(crate) fn returned(
        &mut self,
        moment: &mut Moment<'_, '_>,
        returned: Returned,
    ) -> Result<Answer, StoreError> {
        let Returned { partner, records, next, lost } = returned;
        if Self::partner(&moment.tx.reading(), &partner)?.is_none() {
            let problem = Problem::error("E-LINK-002", "not a partner of this node");
            return Ok(Answer::Refused(problem));
        }
        let epoch = self.me.epoch;
        let known = progress(&moment.tx.reading(), &epoch, &partner)?;
        let Some(known) = known.filter(|known| !known.done) else { return Ok(Answer::Done) };
        let mut new = 0_u64;
        for ready in &records {
            if self.comes_back(moment, ready)? {
                new = new.saturating_add(1);
            }
        }
        // Who names a next page and gives nothing would have us ask for ever.
        let ends = next.is_none() || records.is_empty() || next == known.next;
        let done = ends && !lost;
        let progress = Progress { new: known.new.saturating_add(new), done, next };
        moment.tx.put_setting(&key(&partner), &write(&epoch, &progress))?;
        if done && progress.new > 0 {
            let what = if progress.new == 1 { "record that was" } else { "records that were" };
            let text = format!("gave back {} {what} lost by the restore", progress.new);
            let (about, who) = ("restore".to_owned(), partner.to_string());
            self.note(moment, &Note { about, who, code: None, text })?;
        }
        moment.effects.push(crate::Effect::Wake);
        Ok(Answer::CameBack { new, done })
    }

    /// True when a record was lacking.
    fn comes_back(
        &mut self,
        moment: &mut Moment<'_, '_>,
        ready: &Ready,
    ) -> Result<bool, StoreError> {
        let header = ready.sealed.header();
        // What was said of numbers that are over says nothing any more; how far a recall is obeyed
        // here is said anew.
        let passing = [WITHDRAW_RANGE, OBEYED].contains(&header.thing.kind.as_str());
        if header.signer != self.me.node() || passing {
            return Ok(false);
        }
        let reading = moment.tx.reading();
        let gone = self.is_recalled_here(&reading, header)? || self.is_barred(&reading, header)?;
        if gone || self.holds(moment, ready)? {
            return Ok(false);
        }
        if header.thing.kind.as_str() == CIRCLE {
            return self.list_came_back(moment, ready);
        }
        if header.thing.kind.as_str() == KEYS && self.keys_arrived(moment, ready)?.is_err() {
            return Ok(false);
        }
        self.word_came_back(moment, ready)
    }
}
