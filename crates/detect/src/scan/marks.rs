//! Where the plain text of a line ends, for many bytes at once. It knows no JSON.

/// Bytes of a line whose marks stand in one word.
const MARKED_AT_ONCE: usize = 64;

/// Where in a window of a line quotes, backslashes and control characters stand, a bit for each
/// byte. They end a stretch of plain text, and are found for many bytes at once: to look for the
/// next one byte by byte costs a wrong guess of the processor for each string. What templates step
/// over is in no window.
#[derive(Debug, Default)]
pub(super) struct Marks {
    from: usize,
    word: u64,
    /// Where the window ends.
    end: usize,
}

impl Marks {
    /// Begins a line.
    pub(super) const fn begin(&mut self) {
        (self.from, self.end) = (0, 0);
    }

    /// The offset of the next mark from `at` on, or the end of the line.
    #[inline]
    pub(super) fn next(&mut self, line: &[u8], mut at: usize) -> usize {
        loop {
            if (self.from..self.end).contains(&at) {
                let word = self.word >> (at - self.from);
                if word != 0 {
                    return at + word.trailing_zeros() as usize;
                }
                at = self.end;
            }
            let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) else {
                return line.len();
            };
            (self.from, self.end) = (at, at + MARKED_AT_ONCE);
            self.word = match rest.first_chunk() {
                Some(window) => marked(window),
                None => marked_last(rest),
            };
        }
    }
}

/// The marks of less than a window, at the end of a line.
#[cold]
fn marked_last(rest: &[u8]) -> u64 {
    let mut window = [b' '; MARKED_AT_ONCE];
    window.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    marked(&window)
}

/// The marks of one window: each byte leaves a bit of its own among eight, and a product adds the
/// eight up. Compilers make vectors of it.
#[inline]
fn marked(window: &[u8; MARKED_AT_ONCE]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut bits = [0_u8; MARKED_AT_ONCE];
    for (place, (byte, bit)) in window.iter().zip(&mut bits).enumerate() {
        let mark = (*byte == b'"') | (*byte == b'\\') | (*byte < 0x20);
        *bit = u8::from(mark) << (place % 8);
    }
    let sums = bits
        .as_chunks::<8>()
        .0
        .iter()
        .map(|eight| u64::from_le_bytes(*eight).wrapping_mul(ONES) >> 56);
    sums.rev().fold(0, |word, sum| word << 8 | sum)
}
