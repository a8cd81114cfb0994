//! How syslog messages follow each other on a stream: with their length before them, or each on a
//! line of its own. What comes out is one message a line. It reads no message.
//!
//! SPEC: RFC 6587 §3.4; RFC 5425 §4.3 is its first form.

use memchr::{memchr, memchr2};
use model::limits::EVENT_BYTES_MAX;

/// Digits of a length: no message may be longer than `EVENT_BYTES_MAX`.
const LENGTH_DIGITS_MAX: usize = 10;

/// A stream's messages.
#[derive(Debug, Default)]
pub(super) struct Frames {
    rest: Vec<u8>,
    skip: Skip,
    /// Bytes of messages too long, which were passed over.
    skipped: u64,
}

/// What is being passed over.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Skip {
    #[default]
    Nothing,
    Bytes(usize),
    /// Up to the end of the line.
    Line,
}

/// What stands at the beginning of what was read.
enum Next {
    /// So many bytes of head, then so many of a message, then so many that end it.
    Message(usize, usize, usize),
    TooLong(Skip),
    More,
}

impl Frames {
    /// Takes what was read, and adds each whole message to `lines`.
    pub(super) fn push(&mut self, read: &[u8], lines: &mut Vec<u8>) {
        self.rest.extend_from_slice(read);
        let mut at = 0;
        loop {
            at = self.pass_over(at);
            let rest = self.rest.get(at..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match next(rest) {
                Next::More => break,
                Next::TooLong(skip) => self.skip = skip,
                Next::Message(head, length, end) => {
                    let until = head.saturating_add(length);
                    line(rest.get(head..until).unwrap_or_default(), lines);
                    at = at.saturating_add(until).saturating_add(end);
                }
            }
        }
        self.rest.drain(..at.min(self.rest.len()));
    }

    /// The last message, of a stream that ended without ending it.
    pub(super) fn end(&mut self, lines: &mut Vec<u8>) {
        if self.skip == Skip::Nothing {
            line(&std::mem::take(&mut self.rest), lines);
        }
    }

    /// Bytes that were passed over since this was asked.
    pub(super) fn skipped(&mut self) -> u64 {
        std::mem::take(&mut self.skipped)
    }

    /// Goes behind what is to be passed over.
    fn pass_over(&mut self, at: usize) -> usize {
        let rest = self.rest.get(at..).unwrap_or_default();
        let over = match self.skip {
            Skip::Nothing => return at,
            Skip::Bytes(left) => {
                let over = left.min(rest.len());
                let left = left.saturating_sub(over);
                self.skip = if left == 0 { Skip::Nothing } else { Skip::Bytes(left) };
                over
            }
            Skip::Line => match memchr(b'\n', rest) {
                Some(end) => {
                    self.skip = Skip::Nothing;
                    end + 1
                }
                None => rest.len(),
            },
        };
        self.skipped = self.skipped.saturating_add(u64::try_from(over).unwrap_or(u64::MAX));
        at.saturating_add(over)
    }
}

fn next(rest: &[u8]) -> Next {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let counted = digits > 0 && digits <= LENGTH_DIGITS_MAX && rest.first() != Some(&b'0');
    if counted && digits == rest.len() {
        return Next::More;
    }
    if counted && rest.get(digits) == Some(&b' ') {
        let head = digits + 1;
        let length = rest.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok());
        let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
        if length > EVENT_BYTES_MAX {
            return Next::TooLong(Skip::Bytes(head.saturating_add(length)));
        }
        if rest.len() < head.saturating_add(length) {
            return Next::More;
        }
        return Next::Message(head, length, 0);
    }
    match memchr2(b'\n', 0, rest) {
        Some(end) => Next::Message(0, end, 1),
        None if rest.len() > EVENT_BYTES_MAX => Next::TooLong(Skip::Line),
        None => Next::More,
    }
}

/// A message as one line: an end of line inside it is only space.
pub(super) fn line(message: &[u8], lines: &mut Vec<u8>) {
    let message = message.trim_ascii();
    if !message.is_empty() {
        lines.extend(message.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
        lines.push(b'\n');
    }
}

#[cfg(test)]
mod tests;
