//! Plain lists: one value a line, sorted, each once. No comments: many firewalls read them as values.

use super::line::{Line, is_plain, lines};

#[derive(Debug, Default)]
pub(super) struct Blocklist {
    values: Vec<Box<str>>,
    bytes: usize,
}

impl Blocklist {
    pub(super) fn push(&mut self, line: &Line<'_>) {
        // A space parts a value from a remark in some lists, and `#` begins one.
        let parted = |c: char| c.is_whitespace() || c == '#';
        if is_plain(line.value) && !line.value.contains(parted) {
            self.bytes += line.value.len() + 1;
            self.values.push(line.value.into());
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn finish(self) -> Vec<u8> {
        lines(self.values, self.bytes)
    }
}
