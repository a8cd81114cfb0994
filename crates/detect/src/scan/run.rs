//! Bytes of lines that come again, and what is open in them. It reads no value.

use super::scanner::{Buffers, Open, Proved};
use super::spot::Spot;
use std::ops::Range;

/// Bytes that are the same again, up to a value that is not.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) bytes: Vec<u8>,
    pub(super) values: Vec<Value>,
    /// What the values in it prove.
    pub(super) seen: Vec<Proved>,
    pub(super) follows: Follows,
    /// Of the value that follows, once one was read.
    pub(super) spot: Option<Spot>,
    pub(super) end: Stack,
    pub(super) next: Vec<usize>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Follows {
    /// The text of a string.
    Text,
    /// A number or a word.
    Plain,
    /// The end of the outermost object.
    #[default]
    End,
}

impl Follows {
    /// Whether this byte of a line can be the first of it.
    #[inline]
    pub(super) const fn fits(self, byte: Option<&u8>) -> bool {
        match self {
            Self::Text | Self::End => true,
            Self::Plain => matches!(byte, Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n')),
        }
    }
}

/// A value within a run; its place counts from the beginning of the run.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) place: Range<usize>,
    pub(super) text: bool,
    pub(super) proved: Proved,
    /// What is open where it stands.
    pub(super) before: Stack,
}

/// The keys and containers that are open somewhere in a run: how many of those before it, and which
/// of its own, counted from its beginning.
#[derive(Debug, Default)]
pub(super) struct Stack {
    pub(super) keys_kept: usize,
    pub(super) keys: Vec<Range<usize>>,
    pub(super) open_kept: usize,
    pub(super) open: Vec<Open>,
}

impl Run {
    pub(super) fn note_seen(&mut self) {
        self.seen.clear();
        let proved = self.values.iter().map(|value| value.proved);
        self.seen.extend(proved.filter(|proved| !proved.rows().is_empty()));
    }

    /// Whether the line goes on with this run.
    #[inline]
    pub(super) fn fits(&self, line: &[u8]) -> bool {
        line.starts_with(&self.bytes) && self.follows.fits(line.get(self.bytes.len()))
    }

    /// Ends the run before the first value in which the line differs; whether there is one, and the
    /// line fits then.
    pub(super) fn shorten(&mut self, line: &[u8]) -> bool {
        let same = self.bytes.iter().zip(line).take_while(|(own, other)| own == other).count();
        let Some(at) = self.values.iter().rposition(|value| value.place.start <= same) else {
            return false;
        };
        let Some(value) = self.values.get(at).filter(|value| same <= value.place.end) else {
            return false;
        };
        let follows = if value.text { Follows::Text } else { Follows::Plain };
        if !follows.fits(line.get(value.place.start)) {
            return false;
        }
        let Some(value) = self.values.drain(at..).next() else { return false };
        self.bytes.truncate(value.place.start);
        self.follows = follows;
        self.spot = None;
        self.end = value.before;
        self.next.clear();
        self.note_seen();
        true
    }
}

impl Stack {
    /// Opens the containers that are open at the end of a run that begins at an offset of the line.
    /// Most runs end in the object in which they begin.
    #[inline]
    pub(super) fn open_again(&self, start: usize, buffers: &mut Buffers) {
        buffers.open.truncate(self.open_kept);
        if !self.open.is_empty() {
            let open = self.open.iter().map(|open| Open { start: open.start + start, ..*open });
            buffers.open.extend(open);
        }
    }

    /// The same of keys.
    pub(super) fn open_keys(&self, start: usize, buffers: &mut Buffers) {
        buffers.keys.truncate(self.keys_kept);
        buffers.keys.extend(self.keys.iter().map(|key| key.start + start..key.end + start));
    }
}
