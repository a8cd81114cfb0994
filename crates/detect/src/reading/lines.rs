//! Lines of a delivery. It reads none of them.

use crate::near;
use memchr::memchr;
use std::ops::Range;

/// How far ahead of a line's end memory is brought near: about the lines that come next.
const AHEAD: Range<usize> = 512..1_536;
/// Bytes that come near together.
const TOGETHER: usize = 64;

/// The line that bytes begin with, without its end; the memory of those behind it is brought near meanwhile.
#[must_use]
pub fn next_line(bytes: &[u8]) -> &[u8] {
    let end = memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (line, behind) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    // As many as this line has: what lies before those came with the lines before, but for the first.
    let ahead = AHEAD.end.saturating_sub(line.len()).max(AHEAD.start)..AHEAD.end;
    behind.get(ahead).into_iter().flatten().step_by(TOGETHER).for_each(near::bring);
    line
}
