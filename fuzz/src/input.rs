//! Input for the targets: samples changed at random, the same way for the same seed.
//!
//! It knows nothing about coverage; a fuzzer does that better, where there is one.

/// Pieces that parsers stumble over.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"null",
    b"true",
    b"1e999",
    b"-0",
    b"9007199254740993",
    b"''",
    b"--",
    b"2024-02-30T25:61:61Z",
    b"9999-12-31T23:59:59.999999999Z",
    b"\xc3\x28",
    b"%00",
    b"://",
    b"#",
];

/// A source of numbers that is good enough to change bytes, and no better.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The same seed throws the same numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.0 >> 11) % bound).unwrap_or(0)
    }
}

/// One of `samples`, changed in one to eight places.
pub fn changed(samples: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sample(samples, dice).to_vec();
    for _ in 0..=dice.below(8) {
        change(&mut bytes, samples, dice);
    }
    bytes
}

fn sample<'a>(samples: &[&'a [u8]], dice: &mut Dice) -> &'a [u8] {
    samples.get(dice.below(samples.len())).copied().unwrap_or_default()
}

fn change(bytes: &mut Vec<u8>, samples: &[&[u8]], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = (at + 1 + dice.below(16)).min(bytes.len()).max(at);
    match dice.below(6) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        1 => drop(bytes.drain(at..end)),
        2 => {
            let piece = PIECES.get(dice.below(PIECES.len())).copied().unwrap_or_default();
            drop(bytes.splice(at..at, piece.iter().copied()));
        }
        3 => {
            let again = bytes.get(at..end).unwrap_or_default().repeat(1 + dice.below(64));
            drop(bytes.splice(at..at, again));
        }
        4 => bytes.truncate(at),
        _ => {
            let other = sample(samples, dice);
            let tail = other.get(dice.below(other.len())..).unwrap_or_default();
            bytes.truncate(at);
            bytes.extend_from_slice(tail);
        }
    }
}
