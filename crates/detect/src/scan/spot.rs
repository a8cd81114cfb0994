//! Where a value that changes stands in lines that are otherwise the same: what its keys say, and the
//! values that it mostly has. It tells nobody of a field.

use super::scanner::{Proved, Reading};
use crate::event::Path;
use crate::meaning::Meaning;
use model::limits::{SPOT_PATH_BYTES_MAX, USUAL_BYTES_MAX, USUAL_MAX};
use std::cell::OnceCell;
use std::ops::Range;

#[derive(Debug)]
pub(super) struct Spot {
    /// The keys that lead here, as they are spelled, one behind the other.
    names: String,
    keys: Vec<Range<usize>>,
    /// Bytes from the beginning of the last key to the value.
    key_bytes: usize,
    pub(super) meaning: Meaning,
    /// Whether no number and no word means anything here.
    idle: OnceCell<bool>,
    usual: Vec<Usual>,
}

/// A text that comes here again and again, up to its quote, and what it proves.
#[derive(Debug)]
struct Usual {
    bytes: Vec<u8>,
    proved: Proved,
}

impl Spot {
    /// The spot of a value that begins at an offset of a line, behind these keys; `None` when they are
    /// longer than `SPOT_PATH_BYTES_MAX` together.
    pub(super) fn new(line: &str, keys: &[Range<usize>], at: usize) -> Option<Self> {
        let bytes = keys.iter().map(|key| key.len() + size_of::<Range<usize>>()).sum::<usize>();
        if bytes > SPOT_PATH_BYTES_MAX {
            return None;
        }
        let mut spot = Self {
            names: String::with_capacity(keys.iter().map(Range::len).sum()),
            keys: Vec::with_capacity(keys.len()),
            key_bytes: keys.last().map_or(0, |key| at.saturating_sub(key.start)),
            meaning: Meaning::default(),
            idle: OnceCell::new(),
            usual: Vec::new(),
        };
        for key in keys {
            let start = spot.names.len();
            spot.names.push_str(line.get(key.clone()).unwrap_or_default());
            spot.keys.push(start..spot.names.len());
        }
        Some(spot)
    }

    /// Bytes that it takes at most.
    pub(super) const fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.names.len()
            + self.keys.len() * size_of::<Range<usize>>()
            + USUAL_MAX * (size_of::<Usual>() + USUAL_BYTES_MAX)
    }

    /// The keys.
    pub(super) fn path(&self) -> Path<'_> {
        Path::new(&self.names, &self.keys)
    }

    /// Where the last key of a value begins that begins here.
    pub(super) const fn key_start(&self, at: usize) -> usize {
        at.saturating_sub(self.key_bytes)
    }

    /// Whether no number and no word means anything here.
    pub(super) fn is_idle(&self, reading: &impl Reading) -> bool {
        *self.idle.get_or_init(|| reading.is_idle(self.path(), &self.meaning))
    }

    /// A text that the line goes on with and that is known here: its bytes with the quote, and what
    /// it proves.
    #[inline]
    pub(super) fn usual(&self, line: &[u8]) -> Option<(usize, &Proved)> {
        let first = line.first();
        let mut likely = self.usual.iter().filter(|usual| usual.bytes.first() == first);
        let usual = likely.find(|usual| line.starts_with(&usual.bytes))?;
        Some((usual.bytes.len(), &usual.proved))
    }

    /// How many usual texts it has.
    #[cfg(test)]
    pub(super) const fn texts(&self) -> usize {
        self.usual.len()
    }

    /// Whether the text that was just read may be another usual one: it was known, as nearly all were.
    #[inline]
    pub(super) fn takes(&self) -> bool {
        self.usual.len() < USUAL_MAX && self.meaning.has_few()
    }

    /// Takes a text with its quote, and what it proved; it [may](Self::takes).
    pub(super) fn take(&mut self, bytes: Vec<u8>, proved: Proved) {
        self.usual.push(Usual { bytes, proved });
    }
}
