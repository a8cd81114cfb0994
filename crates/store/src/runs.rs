//! Runs of consecutive log entries in the order they were sent. It knows no outlet.

use crate::StoreError;
use crate::log::Seq;

/// Log entries in the order sent, as runs (start, length) of consecutive ones.
///
/// Runs need not ascend: what a rescan finds later may lie earlier in the log.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Runs(Vec<(Seq, u32)>);

impl Runs {
    /// No entries.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one entry at the end, joining the last run where it continues it.
    pub fn push(&mut self, seq: Seq) {
        if let Some((start, length)) = self.0.last_mut()
            && start.checked_add(i64::from(*length)) == Some(seq)
            && *length < u32::MAX
        {
            *length += 1;
            return;
        }
        self.0.push((seq, 1));
    }

    /// The runs.
    #[must_use]
    pub fn as_slice(&self) -> &[(Seq, u32)] {
        &self.0
    }

    /// How many entries.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.iter().fold(0, |sum: u32, (_, length)| sum.saturating_add(*length))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = Seq> + '_ {
        self.0.iter().flat_map(|(start, length)| {
            let start = *start;
            (0..*length).map(move |n| start.saturating_add(i64::from(n)))
        })
    }

    /// The entry at place `index`, counted from 0.
    #[must_use]
    pub fn nth(&self, index: u32) -> Option<Seq> {
        let mut left = index;
        for (start, length) in &self.0 {
            match left.checked_sub(*length) {
                Some(rest) => left = rest,
                None => return start.checked_add(i64::from(left)),
            }
        }
        None
    }

    /// The first place of this entry, counted from 0.
    #[must_use]
    pub fn position(&self, seq: Seq) -> Option<u32> {
        let mut before: u32 = 0;
        for (start, length) in &self.0 {
            let inside = seq.checked_sub(*start).and_then(|n| u32::try_from(n).ok());
            if let Some(n) = inside.filter(|n| n < length) {
                return before.checked_add(n);
            }
            before = before.saturating_add(*length);
        }
        None
    }

    /// The lowest and the highest entry.
    #[must_use]
    pub fn span(&self) -> Option<(Seq, Seq)> {
        let last = |(start, length): &(Seq, u32)| start.saturating_add(i64::from(*length) - 1);
        let low = self.0.iter().map(|(start, _)| *start).min()?;
        Some((low, self.0.iter().map(last).max()?))
    }

    /// Prints as numbers of seven bits: for each run the zigzag distance from the last one's end,
    /// then its length.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * 4);
        let mut end: Seq = 0;
        for (start, length) in &self.0 {
            put(&mut bytes, zigzag(start.wrapping_sub(end)));
            put(&mut bytes, u64::from(*length));
            end = start.wrapping_add(i64::from(*length));
        }
        bytes
    }

    /// Reads what [`Runs::encode`] printed.
    ///
    /// # Errors
    /// When bytes are missing, left over, or give a run without length.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = || StoreError::damaged("the runs of a segment");
        let mut runs = Vec::new();
        let mut end: Seq = 0;
        while !bytes.is_empty() {
            let start = end.wrapping_add(unzigzag(take(&mut bytes).ok_or_else(damaged)?));
            let length = take(&mut bytes).and_then(|n| u32::try_from(n).ok());
            let length = length.filter(|n| *n > 0).ok_or_else(damaged)?;
            end = start.checked_add(i64::from(length)).ok_or_else(damaged)?;
            runs.push((start, length));
        }
        Ok(Self(runs))
    }
}

impl FromIterator<Seq> for Runs {
    fn from_iter<I: IntoIterator<Item = Seq>>(entries: I) -> Self {
        let mut runs = Self::new();
        entries.into_iter().for_each(|seq| runs.push(seq));
        runs
    }
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number: u64 = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
