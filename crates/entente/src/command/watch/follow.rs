//! A log that grows and is rotated, as whole lines: no line twice, none left behind. It is told the
//! time, sleeps never, and sends nothing.
//!
//! A renamed or deleted file is read to its end through the handle that is still open, and for a
//! while longer: who writes it learns of the rotation later than we do. Of a log that was copied
//! and cut short, what was not read yet is in the copy.

use super::feed::LINE_BYTES_KEPT;
use super::header::{Heads, LOOK_BYTES};
use super::progress::Kept;
use super::siblings::{FileId, Head, Sibling, like, read_at, siblings};
use model::time::Instant;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Bytes of one piece; a line that is longer can be no event.
const PIECE_BYTES: u64 = 4 << 20;
/// So long a file that was rotated away is looked at for late lines.
const GRACE_MICROS: i64 = 30_000_000;

/// Whole lines, and where they stand.
#[derive(Debug)]
pub(super) struct Piece {
    /// The lines.
    pub(super) bytes: Vec<u8>,
    /// The number of the first of them in its file.
    pub(super) line: u64,
    /// The header that stands before them, of a log with columns.
    pub(super) header: Option<String>,
    /// Bytes of a line too long that are left out.
    pub(super) passed: u64,
    /// Where they stand; `None` where there is no coming back, as in a pipe.
    pub(super) place: Option<Place>,
}

/// A stretch of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    /// Which file.
    pub(super) file: FileId,
    /// Which life of it: cut short and begun anew, it is another one.
    pub(super) stamp: u64,
    /// How the file begins.
    pub(super) head: Head,
    /// The offset of the first byte.
    pub(super) start: u64,
    /// The offset behind the last.
    pub(super) end: u64,
    /// The number of the first line.
    pub(super) line: u64,
    /// The number of the line behind the last.
    pub(super) next_line: u64,
}

/// One file that is, or was, the log.
#[derive(Debug)]
struct Tail {
    file: File,
    id: FileId,
    stamp: u64,
    head: Option<Head>,
    at: u64,
    line: u64,
    /// The ends of pieces that were sent before, to be sent again exactly so.
    planned: VecDeque<u64>,
    /// The length at which no whole line was there.
    looked: u64,
    /// Since when the log's name is another file's.
    left: Option<Instant>,
    /// Nobody writes it any more: its last line needs no end.
    closed: bool,
    heads: Heads,
    /// The end of a line that can be no event has been looked for up to here.
    sought: u64,
}

enum Look {
    Lines(Piece),
    Nothing,
    /// The file was cut short.
    Cut,
}

/// Follows one log.
#[derive(Debug)]
pub(super) struct Follower {
    path: PathBuf,
    /// The oldest first.
    tails: Vec<Tail>,
    stamps: u64,
}

impl Follower {
    /// Goes on where `kept` says, or begins at the beginning; `stamp` is a random number. Says also
    /// whether lines may be lost: the file that was read last is gone.
    pub(super) fn begin(path: PathBuf, kept: &[Kept], stamp: u64, now: Instant) -> (Self, bool) {
        let mut follower = Self { path, tails: Vec::new(), stamps: stamp };
        let beside = if kept.is_empty() { Vec::new() } else { siblings(&follower.path) };
        let mut lost = false;
        for kept in kept {
            let tail = found_again(&beside, kept, now);
            lost = tail.is_none();
            follower.tails.extend(tail);
        }
        if !lost {
            follower.missed(&beside, now);
        }
        (follower, lost)
    }

    /// Whole rotations that happened while nobody looked: files newer than what was read last.
    fn missed(&mut self, beside: &[Sibling], now: Instant) {
        let last = self.tails.last().map(|tail| tail.id);
        let Some(last) = beside.iter().find(|sibling| Some(sibling.id) == last) else { return };
        let mut newer: Vec<&Sibling> = beside
            .iter()
            .filter(|sibling| sibling.numbered && sibling.changed > last.changed)
            .filter(|sibling| !self.tails.iter().any(|tail| tail.id == sibling.id))
            .collect();
        newer.sort_by_key(|sibling| sibling.changed);
        for sibling in newer {
            if let Ok(file) = File::open(&sibling.path) {
                let stamp = self.stamp();
                self.tails.push(Tail { left: Some(now), ..Tail::new(file, sibling.id, stamp) });
            }
        }
    }

    fn stamp(&mut self) -> u64 {
        self.stamps = self.stamps.wrapping_add(1);
        self.stamps
    }

    /// The next whole lines that are there, the oldest file's first.
    ///
    /// # Errors
    /// When a file cannot be read; a log that is not there (yet) is none.
    pub(super) fn look(&mut self, now: Instant) -> io::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.lines(now)? {
                return Ok(Some(piece));
            }
            if !self.turn(now)? {
                return Ok(None);
            }
        }
    }

    fn lines(&mut self, now: Instant) -> io::Result<Option<Piece>> {
        let mut place = 0;
        while let Some(tail) = self.tails.get_mut(place) {
            match tail.look()? {
                Look::Lines(piece) => return Ok(Some(piece)),
                Look::Nothing => place += 1,
                Look::Cut => {
                    let stamp = self.stamp();
                    let Some(tail) = self.tails.get_mut(place) else { break };
                    if tail.left.is_some() {
                        // No longer the log: what is written there now is no news.
                        self.tails.remove(place);
                        continue;
                    }
                    if let Some(copy) = tail.begin_anew(&siblings(&self.path), stamp, now) {
                        self.tails.insert(place, copy);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Looks at what the log's name stands for now; `true` when there may be lines after all.
    fn turn(&mut self, now: Instant) -> io::Result<bool> {
        let named = match std::fs::metadata(&self.path) {
            Ok(data) => Some(FileId::of(&data)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        for tail in &mut self.tails {
            if named == Some(tail.id) {
                tail.left = None;
            } else {
                tail.left.get_or_insert(now);
            }
        }
        let closed = self.close(now)?;
        if named.is_none_or(|named| self.tails.iter().any(|tail| tail.id == named)) {
            return Ok(closed);
        }
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(closed),
            Err(error) => return Err(error),
        };
        let (id, stamp) = (FileId::of(&file.metadata()?), self.stamp());
        self.tails.push(Tail::new(file, id, stamp));
        Ok(true)
    }

    /// Lets go of files that have had their time; `true` when one has a last line without an end.
    fn close(&mut self, now: Instant) -> io::Result<bool> {
        let mut rest = false;
        let mut kept = Vec::with_capacity(self.tails.len());
        for mut tail in std::mem::take(&mut self.tails) {
            let over = |left: Instant| now >= left.plus_micros(GRACE_MICROS);
            if tail.left.is_some_and(over) {
                if tail.closed || tail.file.metadata()?.len() <= tail.at {
                    continue;
                }
                (tail.closed, tail.looked, rest) = (true, 0, true);
            }
            kept.push(tail);
        }
        self.tails = kept;
        Ok(rest)
    }
}

/// The file of which a state speaks, wherever it is now.
fn found_again(beside: &[Sibling], kept: &Kept, now: Instant) -> Option<Tail> {
    let long = beside.iter().filter(|sibling| sibling.bytes >= kept.offset);
    let same = long.filter(|sibling| sibling.id == kept.file).find_map(|sibling| {
        let file = File::open(&sibling.path).ok()?;
        kept.head.begins(&file).ok()?.then_some(file)
    });
    let file = same.or_else(|| like(beside, &kept.head, kept.offset, kept.file))?;
    let id = FileId::of(&file.metadata().ok()?);
    Some(Tail {
        head: Some(kept.head).filter(|head| head.bytes > 0),
        at: kept.offset,
        line: kept.line,
        planned: kept.pending.iter().copied().collect(),
        left: Some(now),
        ..Tail::new(file, id, kept.stamp)
    })
}

impl Tail {
    fn new(file: File, id: FileId, stamp: u64) -> Self {
        Self {
            file,
            id,
            stamp,
            head: None,
            at: 0,
            line: 1,
            planned: VecDeque::new(),
            looked: 0,
            left: None,
            closed: false,
            heads: Heads::default(),
            sought: 0,
        }
    }

    fn look(&mut self) -> io::Result<Look> {
        let length = self.file.metadata()?.len();
        let same = self.head.map_or(Ok(true), |head| head.begins(&self.file))?;
        if length < self.at || !same {
            return Ok(Look::Cut);
        }
        while let Some(end) = self.planned.pop_front() {
            if end > self.at && end <= length {
                if end - self.at > PIECE_BYTES {
                    return self.shown(end).map(Look::Lines);
                }
                let mut bytes = Vec::new();
                read_at(&self.file, self.at, end - self.at, &mut bytes)?;
                return self.give(bytes, end).map(Look::Lines);
            }
        }
        let mut bytes = Vec::new();
        while self.at < length && length != self.looked {
            read_at(&self.file, self.at, (length - self.at).min(PIECE_BYTES), &mut bytes)?;
            // A writer that was not told of the cut goes on where it was, and leaves a hole.
            let hole = bytes.iter().take_while(|byte| **byte == 0).count();
            if hole > 0 {
                self.at = self.at.saturating_add(u64::try_from(hole).unwrap_or(u64::MAX));
                continue;
            }
            let end = bytes.iter().rposition(|byte| *byte == b'\n');
            let full = bytes.len() >= usize::try_from(PIECE_BYTES).unwrap_or(usize::MAX);
            match end {
                Some(end) => bytes.truncate(end + 1),
                None if full => match self.end_of_line(length)? {
                    Some(end) => return self.shown(end).map(Look::Lines),
                    None => {
                        self.looked = length;
                        break;
                    }
                },
                None if self.closed && !bytes.is_empty() => {}
                None => {
                    self.looked = length;
                    break;
                }
            }
            let end = self.at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            return self.give(bytes, end).map(Look::Lines);
        }
        Ok(Look::Nothing)
    }

    /// Behind the end of the line here, which is longer than a piece; what was looked through
    /// already is not read again.
    fn end_of_line(&mut self, length: u64) -> io::Result<Option<u64>> {
        let mut bytes = Vec::new();
        let mut at = self.sought.max(self.at);
        while at < length {
            read_at(&self.file, at, (length - at).min(PIECE_BYTES), &mut bytes)?;
            if bytes.is_empty() {
                break;
            }
            let place = bytes.iter().position(|byte| *byte == b'\n');
            let read = place.map_or(bytes.len(), |place| place + 1);
            at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            if place.is_some() {
                return Ok(Some(at));
            }
        }
        self.sought = at;
        Ok(self.closed.then_some(at))
    }

    /// A piece of one line that can be no event: its beginning, so that it is told and counted.
    fn shown(&mut self, end: u64) -> io::Result<Piece> {
        let kept = u64::try_from(LINE_BYTES_KEPT).unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        read_at(&self.file, self.at, kept, &mut bytes)?;
        bytes.push(b'\n');
        let passed = end.saturating_sub(self.at).saturating_sub(kept);
        Ok(Piece { passed, ..self.give(bytes, end)? })
    }

    /// Makes a piece of what was read, and goes behind it.
    fn give(&mut self, bytes: Vec<u8>, end: u64) -> io::Result<Piece> {
        let (start, line) = (self.at, self.line);
        if start > 0 && !self.heads.begun() {
            let mut beginning = Vec::new();
            read_at(&self.file, 0, start.min(LOOK_BYTES), &mut beginning)?;
            self.heads.before(&beginning);
        }
        let header = self.heads.before(&bytes);
        self.at = end;
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.line = line.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        let head = match self.head.filter(|head| head.bytes >= super::siblings::HEAD_BYTES) {
            Some(head) => head,
            None => Head::of(&self.file, self.at)?,
        };
        self.head = Some(head);
        let (file, stamp, next_line) = (self.id, self.stamp, self.line);
        let place = Some(Place { file, stamp, head, start, end, line, next_line });
        Ok(Piece { bytes, line, header, passed: 0, place })
    }

    /// Begins the file anew; gives the copy in which the rest of its former life stands.
    fn begin_anew(&mut self, beside: &[Sibling], stamp: u64, now: Instant) -> Option<Self> {
        let (at, line, old) = (self.at, self.line, self.stamp);
        let (head, planned) = (self.head.take(), std::mem::take(&mut self.planned));
        (self.at, self.line, self.looked, self.stamp) = (0, 1, 0, stamp);
        (self.heads, self.sought) = (Heads::default(), 0);
        let copy = like(beside, &head?, at, self.id)?;
        let id = FileId::of(&copy.metadata().ok()?);
        Some(Self { head, at, line, planned, left: Some(now), ..Self::new(copy, id, old) })
    }
}

#[cfg(test)]
mod tests;
