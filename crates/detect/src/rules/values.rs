//! The values of one event by the numbers of their fields, in memory that is used again. It compares
//! nothing.

use super::fields::Fields;
use crate::event::{Buffers, Field, LineError, Scalar};
use crate::reading::{Event, fields};
use crate::sigma::folded;
use memchr::memmem;
use model::limits::RULE_VALUES_MAX;
use std::ops::Range;

/// No further value.
const END: u32 = u32::MAX;

/// The values of the fields that some rule looks at.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// By field: the event for which it holds, and the first value.
    heads: Vec<(u64, u32)>,
    event: u64,
    list: Vec<Value>,
    text: String,
    folded: String,
    /// All texts of the event as its line has them, in lower case; not always taken.
    line: String,
    /// Whether they can be looked through: nothing in them is spelled otherwise.
    plain: bool,
    key: String,
    pub(super) buffers: Buffers,
}

#[derive(Debug)]
struct Value {
    field: u32,
    next: u32,
    text: Range<usize>,
    folded: Range<usize>,
}

impl Values {
    /// Takes what rules look at of an event; what stands before a fault is taken.
    pub(super) fn fill(&mut self, known: &Fields, event: &Event<'_>) -> Result<(), LineError> {
        self.event = self.event.wrapping_add(1);
        self.heads.resize(known.len(), (0, END));
        self.list.clear();
        self.text.clear();
        self.folded.clear();
        let mut buffers = std::mem::take(&mut self.buffers);
        let ended = fields(event, &mut buffers, &mut |field| self.take(known, field));
        self.buffers = buffers;
        ended
    }

    fn take(&mut self, known: &Fields, field: &Field<'_>) {
        let ids = known.of(field.path.dotted_in(&mut self.key));
        if ids.is_empty() || self.list.len() >= RULE_VALUES_MAX {
            return;
        }
        let (Scalar::Text(text) | Scalar::Number(text) | Scalar::Bool(text)) = field.value;
        let (start, folded_start) = (self.text.len(), self.folded.len());
        self.text.push_str(text);
        if text.is_ascii() {
            self.folded.push_str(text);
            if let Some(new) = self.folded.get_mut(folded_start..) {
                new.make_ascii_lowercase();
            }
        } else {
            self.folded.push_str(&folded(text));
        }
        for id in ids {
            let place = u32::try_from(self.list.len()).unwrap_or(END);
            let head = usize::try_from(*id).ok().and_then(|id| self.heads.get_mut(id));
            let Some((event, head)) = head else { continue };
            let next = if *event == self.event { *head } else { END };
            (*event, *head) = (self.event, place);
            let (text, folded) = (start..self.text.len(), folded_start..self.folded.len());
            self.list.push(Value { field: *id, next, text, folded });
        }
    }

    /// Takes the texts of an event as they are, to be looked through for keywords.
    pub(super) fn take_line(&mut self, event: &Event<'_>) {
        self.line.clear();
        let json = event.json.map(std::str::from_utf8);
        let json = json.and_then(Result::ok).unwrap_or_default();
        let flat = event.flat.as_ref().map_or("", |flat| flat.text);
        for part in [json, flat, event.free.unwrap_or_default()] {
            self.line.push_str(part);
            self.line.push('\n');
        }
        self.line.make_ascii_lowercase();
        // Any letter may be written as its number, and letters beyond ASCII may have plain ones as
        // their lower case.
        self.plain = self.line.is_ascii() && memmem::find(self.line.as_bytes(), b"\\u00").is_none();
    }

    /// The texts of the event in lower case, where looking through them can say no.
    pub(super) fn line(&self) -> Option<&str> {
        self.plain.then_some(&self.line)
    }

    /// The places of a field's values.
    pub(super) fn of(&self, field: u32) -> Of<'_> {
        let head = usize::try_from(field).ok().and_then(|field| self.heads.get(field));
        let next = head.filter(|(event, _)| *event == self.event).map_or(END, |(_, head)| *head);
        Of { values: self, next }
    }

    /// The field's value; of several the one that was read last.
    pub(super) fn one(&self, field: u32) -> Option<&str> {
        self.of(field).next().map(|place| self.text(place))
    }

    /// A value as the event spells it.
    pub(super) fn text(&self, place: u32) -> &str {
        let value = usize::try_from(place).ok().and_then(|place| self.list.get(place));
        value.and_then(|value| self.text.get(value.text.clone())).unwrap_or_default()
    }

    /// A value in letters that have no case.
    pub(super) fn folded(&self, place: u32) -> &str {
        let value = usize::try_from(place).ok().and_then(|place| self.list.get(place));
        value.and_then(|value| self.folded.get(value.folded.clone())).unwrap_or_default()
    }

    /// The field of a value.
    pub(super) fn field(&self, place: u32) -> Option<u32> {
        let value = usize::try_from(place).ok().and_then(|place| self.list.get(place));
        value.map(|value| value.field)
    }

    /// Every value: its field, and it in letters that have no case.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, &str)> {
        self.list
            .iter()
            .map(|value| (value.field, self.folded.get(value.folded.clone()).unwrap_or_default()))
    }
}

/// The places of a field's values.
pub(super) struct Of<'v> {
    values: &'v Values,
    next: u32,
}

impl Iterator for Of<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let place = self.next;
        let value = usize::try_from(place).ok().and_then(|at| self.values.list.get(at))?;
        self.next = value.next;
        Some(place)
    }
}
