//! Says of a fingerprint, for sure, that it is not among millions, with one look into memory: what
//! stands in front of a table of ten million lies in no near cache, and each look waits. It grows no
//! more once it is made, and knows nothing of what fingerprints stand for.
//!
//! After Bloom (1970), all bits of a fingerprint in one word, as Putze, Sanders and Singler (2007)
//! have them in one line of the cache.

use crate::words::Words;

/// Bits for each fingerprint: one in eighty of the others is let through.
const BITS_EACH: usize = 12;

/// The gate.
#[derive(Debug)]
pub(crate) struct Gate(Words);

impl Gate {
    /// One that lets nothing through yet, with room for so many fingerprints.
    pub(crate) fn with_room(fingerprints: usize) -> Self {
        let bits = fingerprints.saturating_mul(BITS_EACH);
        Self(Words::zeros(bits / 64 + 1))
    }

    /// Lets this fingerprint through from now on.
    pub(crate) fn open(&mut self, fingerprint: u64) {
        let at = self.place(fingerprint);
        let word = self.0.get(at).unwrap_or_default();
        self.0.set(at, word | bits(fingerprint));
    }

    /// Whether the fingerprint may be one of those that it was opened for.
    #[inline]
    pub(crate) fn lets_through(&self, fingerprint: u64) -> bool {
        let word = self.0.get(self.place(fingerprint)).unwrap_or_default();
        !word & bits(fingerprint) == 0
    }

    /// It will be asked for this fingerprint soon.
    #[inline]
    pub(crate) fn bring(&self, fingerprint: u64) {
        self.0.bring(self.place(fingerprint));
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Which word is the fingerprint's; its upper bits decide.
    #[inline]
    fn place(&self, fingerprint: u64) -> usize {
        let spread = (u128::from(fingerprint) * self.0.len() as u128) >> 64;
        usize::try_from(spread).unwrap_or_default()
    }
}

/// Four bits of the word, by the lower bits of the fingerprint.
#[inline]
const fn bits(fingerprint: u64) -> u64 {
    1 << (fingerprint & 63)
        | 1 << (fingerprint >> 6 & 63)
        | 1 << (fingerprint >> 12 & 63)
        | 1 << (fingerprint >> 18 & 63)
}

#[cfg(test)]
mod tests;
