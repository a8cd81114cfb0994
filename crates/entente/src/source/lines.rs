//! A list that is cut at its lines while it comes: what stands above its values (comments, a header)
//! goes before each part. It holds one part, however long the list is.

use model::limits::{LIST_LINE_BYTES_MAX, PUBLISH_OBJECTS_MAX};
use std::mem::take;

/// Lines above the first value that are kept: a licence and a description.
const ABOVE_BYTES_MAX: usize = 64 << 10;

/// A list under way.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Comments and the header.
    above: Vec<u8>,
    /// Whether the first value has come.
    below: bool,
    /// The line that is not at its end yet.
    line: Vec<u8>,
    part: Vec<u8>,
    count: usize,
}

impl Lines {
    /// Takes bytes; gives each part that they complete.
    pub(super) fn push(&mut self, bytes: &[u8], parts: &mut Vec<Vec<u8>>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            // One byte more than allowed, and its reader refuses the line.
            let room = LIST_LINE_BYTES_MAX.saturating_add(1).saturating_sub(self.line.len());
            self.line.extend_from_slice(piece.get(..room).unwrap_or(piece));
            if piece.ends_with(b"\n") {
                parts.extend(self.end_line());
            }
        }
    }

    /// The last part, when there is one.
    pub(super) fn end(mut self) -> Option<Vec<u8>> {
        // A full part leaves an empty one behind, and the end of the line changes nothing then.
        let full = self.end_line();
        full.or_else(|| (self.count > 0).then(|| self.close()))
    }

    fn end_line(&mut self) -> Option<Vec<u8>> {
        let mut line = take(&mut self.line);
        if line.is_empty() {
            return None;
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        if is_above(&line) || (!self.below && is_header(&line)) {
            if !self.below && self.above.len().saturating_add(line.len()) <= ABOVE_BYTES_MAX {
                self.below = !is_above(&line);
                self.above.extend_from_slice(&line);
            }
            return None;
        }
        self.below = true;
        self.part.extend_from_slice(&line);
        self.count = self.count.saturating_add(1);
        (self.count >= PUBLISH_OBJECTS_MAX).then(|| self.close())
    }

    fn close(&mut self) -> Vec<u8> {
        self.count = 0;
        [&self.above[..], &take(&mut self.part)].concat()
    }
}

/// A blank line or a comment.
fn is_above(line: &[u8]) -> bool {
    let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    text.is_empty() || [&b"#"[..], b";", b"//"].iter().any(|mark| text.starts_with(mark))
}

/// A first row that gives no item and no problem is a header.
fn is_header(line: &[u8]) -> bool {
    formats::stix::list::items(line).next().is_none()
}

#[cfg(test)]
mod tests;
