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

    /// The dice of one place in a series: so each input can be made again alone.
    #[must_use]
    pub fn at(seed: u64, place: usize) -> Self {
        let place = u64::try_from(place).unwrap_or(u64::MAX);
        let mut bits = seed ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self::new(bits ^ bits >> 27)
    }

    /// Whether one of `many` throws is the one.
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// One of several; the empty text when there are none.
    pub fn one_of<'a>(&mut self, several: &[&'a str]) -> &'a str {
        several.get(self.below(several.len())).copied().unwrap_or_default()
    }

    /// So many bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        [(); N].map(|()| u8::try_from(self.below(256)).unwrap_or(0))
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

/// An input of tens or hundreds of kilobytes: a piece of it said again and again, a prefix and a
/// suffix nested, or the whole many times over. What costs more than it should shows here.
pub fn inflated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let wanted = 8 << 10 << dice.below(6);
    let from = dice.below(bytes.len());
    let (before, rest) = bytes.split_at_checked(from).unwrap_or((bytes, &[]));
    let length = (1 + dice.below(64)).min(rest.len());
    let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    let times = wanted / piece.len().max(1);
    match dice.below(4) {
        0 => [before, &piece.repeat(times), after].concat(),
        1 => [before, &piece.repeat(times)].concat(),
        2 => {
            let (open, close) =
                (dice.one_of(&["[", "{\"a\":", "(", "[{\"a\":"]), dice.one_of(&["]", "}", ")"]));
            let times = wanted / (open.len() + close.len());
            [open.repeat(times).as_bytes(), bytes, close.repeat(times).as_bytes()].concat()
        }
        _ => bytes.repeat(wanted / bytes.len().max(1) + 1),
    }
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
