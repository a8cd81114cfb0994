//! What the bytes of a text can be part of, so that most readings need not be tried. It reads no value,
//! and may only be looser than what [`crate::observable`] takes, never stricter.

/// What a byte can be part of: a lane of a word in which the bytes of each shape are counted.
pub(crate) const DIGIT: u64 = 0xff;
pub(crate) const HEX: u64 = DIGIT << 8;
pub(crate) const NAME: u64 = HEX << 8;
pub(crate) const DOT: u64 = NAME << 8;
pub(crate) const COLON: u64 = DOT << 8;
pub(crate) const MARK: u64 = COLON << 8;
pub(crate) const OTHER: u64 = MARK << 8;
pub(crate) const SPACE: u64 = OTHER << 8;
const ONE_OF_EACH: u64 = u64::from_le_bytes([1; 8]);

/// So many bytes fit in the lanes of a count.
const COUNTED_AT_ONCE: usize = 255;

/// For each byte, a one in the lane of its shape.
#[derive(Debug)]
pub(crate) struct Counts([u64; 256]);

impl Default for Counts {
    fn default() -> Self {
        Self(std::array::from_fn(|byte| u8::try_from(byte).map_or(0, shape) & ONE_OF_EACH))
    }
}

/// Which shapes the bytes of a text have, and how many of them are dots and colons.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shapes {
    /// The lanes of the shapes that it has are not empty.
    pub(crate) all: u64,
    pub(crate) dots: usize,
    pub(crate) colons: usize,
}

impl Shapes {
    #[inline]
    pub(crate) fn of(text: &str, table: &Counts) -> Self {
        let mut found = Self::default();
        for part in text.as_bytes().chunks(COUNTED_AT_ONCE) {
            let counts = part.iter().fold(0_u64, |counts, byte| {
                counts + table.0.get(usize::from(*byte)).copied().unwrap_or_default()
            });
            found.all |= counts;
            let [_, _, _, dots, colons, ..] = counts.to_le_bytes();
            found.dots += usize::from(dots);
            found.colons += usize::from(colons);
        }
        found
    }
}

const fn shape(byte: u8) -> u64 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'a'..=b'f' | b'A'..=b'F' => HEX,
        // Letters of other alphabets too: names may be written in them.
        b'g'..=b'z' | b'G'..=b'Z' | b'-' | b'_' | 0x80.. => NAME,
        b'.' => DOT,
        b':' => COLON,
        b'/' | b'@' | b'=' | b'%' | b'*' | b'?' | b'#' => MARK,
        0..=b' ' => SPACE,
        _ => OTHER,
    }
}
