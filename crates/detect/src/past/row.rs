//! One row of what was gathered, and the value that is looked for among rows. It holds no text: that
//! lies behind those of the rows before.

use model::facts::ValueKind;
use std::ops::Range;

/// Bytes of a text that lie in its row.
const HEAD_BYTES: usize = 15;

/// One value. It lies in one line of the processor's caches, for it is mostly far away.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(super) struct Row {
    pub(super) fingerprint: u64,
    /// Microseconds since 1970 of the earliest event; the largest number before there is one.
    pub(super) first: i64,
    /// The same of the latest; the smallest number before there is one.
    pub(super) last: i64,
    pub(super) sources: u64,
    /// Where the text begins.
    start: u32,
    /// In how many events. What is gathered lasts for minutes: it ends there.
    pub(super) count: u32,
    /// The last event that had it.
    pub(super) event: u32,
    length: u16,
    pub(super) roles: u16,
    pub(super) kind: ValueKind,
    /// What the text begins with: all of an IPv4 address, so that no look at its text is needed.
    head: [u8; HEAD_BYTES],
}

/// The first bytes of a text, zeros behind its end, as two numbers that have one of the bytes in common.
/// It is made for each value that is read, and bytes that are put together in memory are waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Head {
    first: u64,
    last: u64,
}

const _: () = assert!(size_of::<Row>() == 64, "one line of the caches");

/// A value that may have a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'t> {
    pub(super) fingerprint: u64,
    kind: ValueKind,
    pub(super) text: &'t str,
    head: Head,
}

impl<'t> Value<'t> {
    #[inline]
    pub(super) fn new(kind: ValueKind, text: &'t str, fingerprint: u64) -> Self {
        Self { fingerprint, kind, text, head: Head::of(text.as_bytes()) }
    }
}

impl Row {
    /// A row of a value that no event had yet, whose text begins there; `None` where it is too long.
    pub(super) fn new(value: Value<'_>, start: usize) -> Option<Self> {
        let Value { fingerprint, kind, text, head } = value;
        Some(Self {
            fingerprint,
            first: i64::MAX,
            last: i64::MIN,
            sources: 0,
            start: u32::try_from(start).ok()?,
            count: 0,
            event: 0,
            length: u16::try_from(text.len()).ok()?,
            roles: 0,
            kind,
            head: head.bytes(),
        })
    }

    /// Its text, of all texts.
    pub(super) fn text<'t>(&self, texts: &'t str) -> &'t str {
        texts.get(self.place()).unwrap_or_default()
    }

    /// Where its text lies.
    pub(super) fn place(&self) -> Range<usize> {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        start..start.saturating_add(self.length.into())
    }

    /// The value that it is of.
    pub(super) fn value<'t>(&self, texts: &'t str) -> Value<'t> {
        let Self { fingerprint, kind, head, .. } = *self;
        Value { fingerprint, kind, text: self.text(texts), head: Head::of_bytes(head) }
    }

    /// Whether it is of this value; the text is looked at only where the row does not hold all of it.
    pub(super) fn is_of(&self, value: Value<'_>, texts: &str) -> bool {
        let Value { kind, text, head, .. } = value;
        let begins = self.kind == kind
            && usize::from(self.length) == text.len()
            && Head::of_bytes(self.head) == head;
        begins && (self.is_whole() || texts.as_bytes().get(self.place()) == Some(text.as_bytes()))
    }

    /// Whether all of its text lies here.
    pub(super) fn is_whole(&self) -> bool {
        usize::from(self.length) <= HEAD_BYTES
    }
}

impl Head {
    #[inline]
    fn of(text: &[u8]) -> Self {
        if let Some(head) = text.first_chunk() {
            return Self::of_bytes(*head);
        }
        let behind = u32::try_from(8 * HEAD_BYTES.saturating_sub(text.len())).unwrap_or_default();
        let last =
            text.last_chunk().map_or(0, |last| u64::from_le_bytes(*last).unbounded_shr(behind));
        let first = text.first_chunk().map(|first| u64::from_le_bytes(*first));
        Self { first: first.unwrap_or_else(|| few(text)), last }
    }

    #[inline]
    fn of_bytes(head: [u8; HEAD_BYTES]) -> Self {
        let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        Self { first: word(head.first_chunk()), last: word(head.last_chunk()) }
    }

    #[inline]
    fn bytes(self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head.first_chunk_mut().into_iter().for_each(|first| *first = self.first.to_le_bytes());
        head.last_chunk_mut().into_iter().for_each(|last| *last = self.last.to_le_bytes());
        head
    }
}

/// Less than eight bytes as a number, the first the lowest.
#[inline]
fn few(text: &[u8]) -> u64 {
    let half = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => half(first) | half(last) << (8 * (text.len() - last.len())),
        _ => text.iter().rev().fold(0, |few, byte| few << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests;
