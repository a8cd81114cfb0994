//! Where the plain text of a line ends, for many bytes at once. It knows no JSON.

/// Bytes that are looked at together.
const AT_ONCE: usize = 16;

/// The offset of the next quote, backslash or control character from `at` on, or the end of the line.
/// To look for it byte by byte costs a wrong guess of the processor for each string.
#[inline]
pub(super) fn next(line: &[u8], mut at: usize) -> usize {
    while let Some(window) = line.get(at..).and_then(<[u8]>::first_chunk) {
        let marks = marked(window);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += AT_ONCE;
    }
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is_mark(*byte)).unwrap_or(rest.len())
}

const fn is_mark(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}

/// A byte of ones for each mark, the first one lowest. Compilers make vectors of it.
#[inline]
fn marked(window: &[u8; AT_ONCE]) -> u128 {
    let mut marks = [0; AT_ONCE];
    for (mark, byte) in marks.iter_mut().zip(window) {
        *mark = if is_mark(*byte) { u8::MAX } else { 0 };
    }
    u128::from_le_bytes(marks)
}
