//! An event as its line has it: fields without depth, a JSON document, free text, or some of each
//! (syslog that carries JSON). It borrows from the line and from the reader, and is gone with them.

use super::{moment, text};
use crate::event::{self, Buffers, Clock, Field, LineError, Path, Scalar};
use crate::meaning::Meaning;
use crate::scan::{self, Each, Proved, Reading, Templates};
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
    read(event, buffers, None, &mut Each(each))
}

/// The same; what the templates know of its document is passed over.
pub(crate) fn read<R: Reading>(
    event: &Event<'_>,
    buffers: &mut Buffers,
    templates: Option<&mut Templates>,
    reading: &mut R,
) -> Result<(), LineError> {
    if let Some(flat) = &event.flat {
        for (name, value) in flat.pairs {
            let text = flat.text.get(value.clone()).unwrap_or_default();
            let path = Path::flat(flat.names, name);
            let (object, meaning) = (Some(FLAT_OBJECT), &Meaning::default());
            let value = Scalar::Text(text);
            reading.field(&Field { path, object, value, member: None, meaning });
            if text.contains(' ') {
                words(path, text, reading);
            }
        }
    }
    if let Some(json) = event.json {
        scan::read(json, buffers, templates, &mut Carried(reading))?;
    }
    if let Some(free) = event.free {
        let name = 0..FREE_NAME.len();
        words(Path::flat(FREE_NAME, &name), free, reading);
    }
    Ok(())
}

/// Also reads the words of the lines that fields carry.
struct Carried<'r, R>(&'r mut R);

impl<R: Reading> Reading for Carried<'_, R> {
    #[inline]
    fn field(&mut self, field: &Field<'_>) {
        self.0.field(field);
        if let Scalar::Text(text) = field.value
            && field.meaning.carries(field.path)
        {
            words(field.path, text, self.0);
        }
    }

    fn proved(&self, field: &Field<'_>) -> Option<Proved> {
        let plain = !matches!(field.value, Scalar::Text(_)) || !field.meaning.carries(field.path);
        self.0.proved(field).filter(|_| plain)
    }

    fn is_idle(&self, path: Path<'_>, meaning: &Meaning) -> bool {
        self.0.is_idle(path, meaning)
    }

    #[inline]
    fn again(&mut self, proved: &Proved) {
        self.0.again(proved);
    }
}

fn words<R: Reading>(path: Path<'_>, text: &str, reading: &mut R) {
    let meaning = &Meaning::default();
    text::tokens(text, &mut |token| {
        let value = Scalar::Text(token);
        reading.field(&Field { path, object: None, value, member: None, meaning });
    });
}

/// When the event happened, if it says so in a usual field, at the beginning of its text, or where
/// Windows and exporters of flows say it. Clocks that were never set (before 1990) say nothing.
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
    // Last, since they are searched for: agents give most events a usual field as well.
    let members = || event.json.and_then(moment::of_members);
    let known = flat.or_else(document).or_else(free).filter(|at| *at >= moment::EARLIEST);
    known.or_else(members)
}
