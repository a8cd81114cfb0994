//! Where the plain text of a line ends, for the whole line at once. It knows no JSON.

/// Bytes of a line whose marks stand in one word.
const MARKED_AT_ONCE: usize = 64;

/// Where in a line quotes, backslashes and control characters stand, a bit for each byte. They end
/// a stretch of plain text, and are found for the whole line at once: to look for the next one byte
/// by byte costs a wrong guess of the processor for each string.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<u64>);

impl Marks {
    pub(super) fn read(&mut self, line: &[u8]) {
        self.0.clear();
        let (blocks, rest) = line.as_chunks::<MARKED_AT_ONCE>();
        self.0.extend(blocks.iter().map(marked));
        let mut last = [b' '; MARKED_AT_ONCE];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        self.0.push(marked(&last));
    }

    /// The offset of the next mark from `at` on, or `end`.
    #[inline]
    pub(super) fn next(&self, at: usize, end: usize) -> usize {
        let (mut place, within) = (at / MARKED_AT_ONCE, at % MARKED_AT_ONCE);
        let Some(word) = self.0.get(place) else { return end };
        let word = word >> within;
        if word != 0 {
            return at + word.trailing_zeros() as usize;
        }
        loop {
            place += 1;
            match self.0.get(place) {
                Some(0) => {}
                Some(word) => return place * MARKED_AT_ONCE + word.trailing_zeros() as usize,
                None => return end,
            }
        }
    }
}

/// The marks of one block: each byte leaves a bit of its own among eight, and a product adds the
/// eight up. Compilers make vectors of it.
#[inline]
fn marked(block: &[u8; MARKED_AT_ONCE]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut bits = [0_u8; MARKED_AT_ONCE];
    for (place, (byte, bit)) in block.iter().zip(&mut bits).enumerate() {
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
