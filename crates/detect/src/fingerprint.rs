//! Keyed fingerprints of values: partners choose what is indexed, so nobody but the node may know
//! which values collide. Not a digest and not a proof of anything: every candidate is compared.

/// SipHash-1-3 under the node's own random key.
#[derive(Clone, Copy)]
pub(crate) struct Key(u64, u64);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(secret)")
    }
}

/// The state of SipHash (Aumasson and Bernstein, 2012).
struct State(u64, u64, u64, u64);

impl State {
    #[inline]
    const fn round(&mut self) {
        self.0 = self.0.wrapping_add(self.1);
        self.2 = self.2.wrapping_add(self.3);
        self.1 = self.1.rotate_left(13) ^ self.0;
        self.3 = self.3.rotate_left(16) ^ self.2;
        self.0 = self.0.rotate_left(32);
        self.2 = self.2.wrapping_add(self.1);
        self.0 = self.0.wrapping_add(self.3);
        self.1 = self.1.rotate_left(17) ^ self.2;
        self.3 = self.3.rotate_left(21) ^ self.0;
        self.2 = self.2.rotate_left(32);
    }

    #[inline]
    const fn word(&mut self, word: u64) {
        self.3 ^= word;
        self.round();
        self.0 ^= word;
    }
}

impl Key {
    /// From sixteen random bytes.
    pub(crate) fn new(bytes: [u8; 16]) -> Self {
        let whole = u128::from_le_bytes(bytes);
        let low = u64::try_from(whole & u128::from(u64::MAX)).unwrap_or_default();
        Self(low, u64::try_from(whole >> 64).unwrap_or_default())
    }

    /// The fingerprint of `bytes`; the class keeps equal bytes of different kinds apart.
    #[inline]
    pub(crate) fn fingerprint(self, class: u8, bytes: &[u8]) -> u64 {
        let Self(low, high) = self;
        let low = low ^ u64::from(class);
        let mut state = State(
            low ^ 0x736f_6d65_7073_6575,
            high ^ 0x646f_7261_6e64_6f6d,
            low ^ 0x6c79_6765_6e65_7261,
            high ^ 0x7465_6462_7974_6573,
        );
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            state.word(u64::from_le_bytes(*word));
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let rest_bits = u32::try_from(8 * rest.len()).unwrap_or_default();
        let tail = match bytes.last_chunk() {
            Some(last) => u64::from_le_bytes(*last).unbounded_shr(64 - rest_bits),
            None => rest.iter().rev().fold(0, |tail, byte| (tail << 8) | u64::from(*byte)),
        };
        state.word((length << 56) | tail);
        state.2 ^= 0xff;
        state.round();
        state.round();
        state.round();
        state.0 ^ state.1 ^ state.2 ^ state.3
    }
}

#[cfg(test)]
mod tests;
