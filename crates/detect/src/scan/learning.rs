//! What a line teaches while it is read: runs, each up to a value that proved something. It decides on
//! none of them.

use super::run::{Follows, Run, Stack, Value};
use super::scanner::{Buffers, Open, Proved};
use model::limits::TEMPLATE_BYTES_MAX;
use std::ops::Range;

/// What one line teaches: the runs behind a known one.
#[derive(Debug)]
pub(super) struct Learning {
    pub(super) behind: usize,
    pub(super) runs: Vec<Run>,
    /// Of the run under way: where it begins, its values, and what of before is still open.
    start: usize,
    values: Vec<Value>,
    keys_kept: usize,
    open_kept: usize,
    pub(super) bytes: usize,
}

impl Learning {
    pub(super) fn new(behind: usize, start: usize, buffers: &Buffers) -> Self {
        Self {
            behind,
            runs: Vec::new(),
            start,
            values: Vec::new(),
            keys_kept: buffers.keys.len(),
            open_kept: buffers.open.len(),
            bytes: 0,
        }
    }

    /// A key or a container ended.
    pub(super) fn closed(&mut self, buffers: &Buffers) {
        self.keys_kept = self.keys_kept.min(buffers.keys.len());
        self.open_kept = self.open_kept.min(buffers.open.len());
    }

    pub(super) fn stack(&self, buffers: &Buffers) -> Stack {
        let (keys, open) = (buffers.keys.get(self.keys_kept..), buffers.open.get(self.open_kept..));
        let keys = keys.unwrap_or_default().iter();
        let open = open.unwrap_or_default().iter();
        Stack {
            keys_kept: self.keys_kept,
            keys: keys.map(|key| key.start - self.start..key.end - self.start).collect(),
            open_kept: self.open_kept,
            open: open.map(|open| Open { start: open.start - self.start, ..*open }).collect(),
        }
    }

    /// A value of the line, and what it proved.
    pub(super) fn value(
        &mut self,
        line: &str,
        buffers: &Buffers,
        (value, text): (Range<usize>, bool),
        proved: Option<Proved>,
    ) {
        if self.bytes > TEMPLATE_BYTES_MAX {
            return;
        }
        let before = self.stack(buffers);
        self.bytes += size_of::<Value>()
            + size_of::<Proved>()
            + before.keys.len() * size_of::<Range<usize>>()
            + before.open.len() * size_of::<Open>();
        let place = value.start - self.start..value.end - self.start;
        match proved {
            Some(proved) => self.values.push(Value { place, text, proved, before }),
            None => {
                let follows = if text { Follows::Text } else { Follows::Plain };
                self.end(line, value.start, (follows, before));
                self.start = value.end + usize::from(text);
                self.keys_kept = buffers.keys.len();
                self.open_kept = buffers.open.len();
            }
        }
    }

    /// The run under way is over.
    pub(super) fn end(&mut self, line: &str, end: usize, (follows, stack): (Follows, Stack)) {
        let bytes = line.as_bytes().get(self.start..end).unwrap_or_default();
        self.bytes += size_of::<Run>() + bytes.len();
        if self.bytes > TEMPLATE_BYTES_MAX {
            return;
        }
        let bytes = bytes.to_vec();
        let mut values = std::mem::take(&mut self.values);
        values.shrink_to_fit();
        let mut run = Run {
            bytes,
            values,
            seen: Vec::new(),
            follows,
            spot: None,
            end: stack,
            next: Vec::new(),
        };
        run.note_seen();
        self.runs.push(run);
    }
}
