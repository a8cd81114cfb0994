//! An event as its line has it: fields without depth, a JSON document, free text, or some of each
//! (syslog that carries JSON). It borrows from the line and from the reader, and is gone with them.

use super::{moment, text};
use crate::event::{self, Buffers, Clock, Field, LineError, Path, Scalar};
use model::time::Instant;
use std::ops::Range;

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'e> {
    /// The line.
    pub raw: &'e [u8],
    /// Named values without depth.
    pub flat: Option<Flat<'e>>,
    /// A JSON document, not looked at yet.
    pub json: Option<&'e [u8]>,
    /// Text in which values stand among words.
    pub free: Option<&'e str>,
}

/// Named values without depth, unescaped.
#[derive(Clone, Copy, Debug)]
pub struct Flat<'e> {
    /// The text in which the names lie.
    pub names: &'e str,
    /// The text in which the values lie.
    pub text: &'e str,
    /// Name and value, in the order of the line; a set has one pair for each of its members.
    pub pairs: &'e [(Range<usize>, Range<usize>)],
}

impl<'e> Flat<'e> {
    /// Every name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&'e str, &'e str)> + use<'e> {
        let Self { names, text, pairs } = *self;
        let part = |text: &'e str, range: &Range<usize>| text.get(range.clone());
        pairs.iter().filter_map(move |(name, value)| Some((part(names, name)?, part(text, value)?)))
    }

    /// The first value of this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'e str> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }
}

/// The object that flat fields are members of: no offset of a line reaches it.
const FLAT_OBJECT: usize = usize::MAX;

/// The name under which the words of free text are found.
const FREE_NAME: &str = "message";

/// Whether agents carry whole lines of other forms under this key. It is asked of every field.
///
/// Windows' own `Message` is not among them: all that it says stands in fields beside it.
#[inline]
fn carries(key: &str) -> bool {
    match key.as_bytes().first() {
        Some(b'm') => matches!(key, "message" | "msg"),
        Some(b'l') => key == "log",
        Some(b'e') => matches!(key, "event" | "event.original"),
        Some(b'_') => key == "_raw",
        Some(b'r') => key == "raw",
        Some(b'o') => key == "original",
        Some(b's') => key == "syslog_message",
        _ => false,
    }
}

/// Calls `each` for every string, number and truth of an event, in their order; in texts that carry whole
/// lines, also for each value among their words. Fields before a fault have been seen already when
/// the fault is reported.
///
/// # Errors
/// When a JSON document in it is too deep, not UTF-8 or not JSON.
pub fn fields(
    event: &Event<'_>,
    buffers: &mut Buffers,
    each: &mut impl FnMut(&Field<'_>),
) -> Result<(), LineError> {
    if let Some(flat) = &event.flat {
        for (name, value) in flat.pairs {
            let text = flat.text.get(value.clone()).unwrap_or_default();
            let path = Path::flat(flat.names, name);
            let object = Some(FLAT_OBJECT);
            each(&Field { path, object, value: Scalar::Text(text), member: None });
            if text.contains(' ') {
                words(path, text, each);
            }
        }
    }
    if let Some(json) = event.json {
        event::fields(json, buffers, &mut |field| {
            each(field);
            if let Scalar::Text(text) = field.value
                && carries(field.path.last_spelled())
            {
                words(field.path, text, each);
            }
        })?;
    }
    if let Some(free) = event.free {
        let name = 0..FREE_NAME.len();
        words(Path::flat(FREE_NAME, &name), free, each);
    }
    Ok(())
}

fn words(path: Path<'_>, text: &str, each: &mut impl FnMut(&Field<'_>)) {
    text::tokens(text, &mut |token| {
        each(&Field { path, object: None, value: Scalar::Text(token), member: None });
    });
}

/// When the event happened, if it says so in a usual field or at the beginning of its text. Clocks
/// that were never set (before 1990) say nothing.
pub fn time(event: &Event<'_>, buffers: &mut Buffers) -> Option<Instant> {
    said(event, || event.json.and_then(|json| event::time(json, buffers)))
}

/// The same, where a clock has seen every field of its document.
pub(crate) fn time_of(event: &Event<'_>, clock: &Clock) -> Option<Instant> {
    said(event, || event.json.and_then(|_| clock.time()))
}

fn said(event: &Event<'_>, document: impl FnOnce() -> Option<Instant>) -> Option<Instant> {
    let flat = event.flat.as_ref().and_then(moment::of_flat);
    let free = || event.free.and_then(moment::leading);
    flat.or_else(document).or_else(free).filter(|at| *at >= moment::EARLIEST)
}
