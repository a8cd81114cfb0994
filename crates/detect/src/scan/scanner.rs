//! The scanner: values and what holds them, one after the other. It decides nothing about a field.

use super::escapes::unescape;
use super::learning::Learning;
use super::marks;
use super::spot::Spot;
use super::templates::Templates;
use crate::event::{Field, LineError, Path, Role, Scalar};
use crate::meaning::Meaning;
use crate::memo::Known;
use model::limits::{EVENT_BYTES_MAX, EVENT_DEPTH_MAX};
use std::ops::Range;

/// Memory that is used again for every line.
#[derive(Debug, Default)]
pub struct Buffers {
    pub(super) keys: Vec<Range<usize>>,
    pub(super) open: Vec<Open>,
    text: String,
}

/// An object or an array that has not ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Open {
    pub(super) object: bool,
    /// Its offset.
    pub(super) start: usize,
}

/// What a value proved that proves the same wherever it stands in the same place: it matches
/// nothing, and these rows of what is gathered are its.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proved {
    known: Known,
    pub(crate) role: Role,
}

impl Proved {
    /// It matches nothing, and nothing is gathered.
    pub(crate) const NOTHING: Self = Self { known: Known::NOTHING, role: Role::Other };

    /// What is known of a value; its role is only asked for where rows are its.
    pub(crate) fn of(known: Known, role: impl FnOnce() -> Role) -> Self {
        let role = if known.rows().is_empty() { Role::Other } else { role() };
        Self { known, role }
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[u32] {
        self.known.rows()
    }
}

/// Who is told of fields.
pub(crate) trait Reading {
    /// One field.
    fn field(&mut self, field: &Field<'_>);

    /// What the field that was just told proved; `None` when the next one of these bytes must be
    /// told as well.
    fn proved(&self, field: &Field<'_>) -> Option<Proved>;

    /// Whether no number and no word can mean anything behind these keys.
    fn is_idle(&self, path: Path<'_>, meaning: &Meaning) -> bool;

    /// A field that was passed over proves this again.
    fn again(&mut self, proved: &Proved);
}

/// Calls a closure for every field.
pub(crate) struct Each<'e, F>(pub(crate) &'e mut F);

impl<F: FnMut(&Field<'_>)> Reading for Each<'_, F> {
    fn field(&mut self, field: &Field<'_>) {
        (self.0)(field);
    }

    fn proved(&self, _: &Field<'_>) -> Option<Proved> {
        None
    }

    fn is_idle(&self, _: Path<'_>, _: &Meaning) -> bool {
        false
    }

    fn again(&mut self, _: &Proved) {}
}

/// Calls `each` for every string, number and truth of a line of JSON, in their order; a blank line has
/// none. Fields before a fault have been seen already when the fault is reported.
///
/// # Errors
/// When the line is too long, too deep, not UTF-8 or not JSON.
pub fn fields(
    line: &[u8],
    buffers: &mut Buffers,
    each: &mut impl FnMut(&Field<'_>),
) -> Result<(), LineError> {
    read(line, buffers, None, &mut Each(each))
}

/// The same; what the templates know is passed over.
///
/// # Errors
/// As [`fields`]'.
pub(crate) fn read<R: Reading>(
    line: &[u8],
    buffers: &mut Buffers,
    templates: Option<&mut Templates>,
    reading: &mut R,
) -> Result<(), LineError> {
    if line.len() > EVENT_BYTES_MAX {
        return Err(LineError::TooLong { bytes: line.len() });
    }
    let text = std::str::from_utf8(line).map_err(|e| LineError::NotUtf8 { at: e.valid_up_to() })?;
    buffers.keys.clear();
    buffers.open.clear();
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut scanner = Scanner { text, at, buffers, reading, learning: None };
    scanner.space();
    match scanner.peek() {
        None => return Ok(()),
        Some(b'{') => match templates {
            Some(templates) => templates.follow(&mut scanner)?,
            None => scanner.rest(false)?,
        },
        Some(_) => scanner.rest(false)?,
    }
    scanner.space();
    if scanner.at == line.len() { Ok(()) } else { scanner.wanted("the end of the line") }
}

pub(super) struct Scanner<'a, 'b, R> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) buffers: &'b mut Buffers,
    pub(super) reading: &'b mut R,
    /// What is learned of this line, where anything is.
    pub(super) learning: Option<Learning>,
}

impl<'t, R: Reading> Scanner<'t, '_, R> {
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    const fn wanted<T>(&self, wanted: &'static str) -> Result<T, LineError> {
        Err(LineError::Syntax { at: self.at, wanted })
    }

    /// Everything up to the end of the outermost value, from a value on or from behind one.
    pub(super) fn rest(&mut self, mut behind: bool) -> Result<(), LineError> {
        loop {
            if behind && self.close()? {
                return Ok(());
            }
            behind = self.value()?;
        }
    }

    /// Steps over one value, or into what holds others (`false`).
    fn value(&mut self) -> Result<bool, LineError> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.text_value()?;
                Ok(true)
            }
            Some(b'{' | b'[') if self.buffers.open.len() >= EVENT_DEPTH_MAX => {
                Err(LineError::TooDeep { at: self.at })
            }
            Some(b'{') => self.step_into(true),
            Some(b'[') => self.step_into(false),
            Some(_) => self.plain_value().map(|()| true),
            None => self.wanted("a value"),
        }
    }

    /// The object that a value here is a direct member of.
    fn object_here(&self) -> Option<usize> {
        self.buffers.open.last().filter(|open| open.object).map(|open| open.start)
    }

    /// The string whose text begins here.
    pub(super) fn text_value(&mut self) -> Result<(), LineError> {
        let (range, escaped) = self.string()?;
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let object = self.object_here();
        let key = object.and_then(|_| self.buffers.keys.last());
        let member = key.and_then(|key| self.text.as_bytes().get(key.start..range.end));
        let text = if escaped {
            unescape(raw, &mut self.buffers.text);
            self.buffers.text.as_str()
        } else {
            raw
        };
        let path = Path::new(self.text, &self.buffers.keys);
        let meaning = &Meaning::default();
        let field = Field { path, object, value: Scalar::Text(text), member, meaning };
        self.reading.field(&field);
        let proved = self.learning.as_ref().and_then(|_| self.reading.proved(&field));
        self.learn(range, true, proved);
        Ok(())
    }

    /// The same at a spot, where nothing is learned but what the spot itself takes.
    pub(super) fn text_at(&mut self, spot: &Spot) -> Result<Option<Proved>, LineError> {
        let (range, escaped) = self.string()?;
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let text = if escaped {
            unescape(raw, &mut self.buffers.text);
            self.buffers.text.as_str()
        } else {
            raw
        };
        let object = self.object_here();
        let asked = object.filter(|_| spot.meaning.repeats());
        let member =
            asked.and_then(|_| self.text.as_bytes().get(spot.key_start(range.start)..range.end));
        let (path, meaning) = (spot.path(), &spot.meaning);
        let field = Field { path, object, value: Scalar::Text(text), member, meaning };
        self.reading.field(&field);
        Ok(if spot.takes() { self.reading.proved(&field) } else { None })
    }

    /// The number or word that begins here.
    pub(super) fn plain_value(&mut self) -> Result<(), LineError> {
        let start = self.at;
        let Some(value) = self.plain()? else {
            self.learn(start..self.at, false, Some(Proved::NOTHING));
            return Ok(());
        };
        let path = Path::new(self.text, &self.buffers.keys);
        let (object, meaning) = (self.object_here(), &Meaning::default());
        let field = Field { path, object, value, member: None, meaning };
        self.reading.field(&field);
        let proved = self.learning.as_ref().and_then(|_| self.reading.proved(&field));
        self.learn(start..self.at, false, proved);
        Ok(())
    }

    /// The same at a spot.
    pub(super) fn plain_at(&mut self, spot: &Spot) -> Result<(), LineError> {
        if let Some(value) = self.plain()?
            && !spot.is_idle(self.reading)
        {
            let (path, object, meaning) = (spot.path(), self.object_here(), &spot.meaning);
            self.reading.field(&Field { path, object, value, member: None, meaning });
        }
        Ok(())
    }

    /// Steps over a number or a word; `null` says nothing.
    fn plain(&mut self) -> Result<Option<Scalar<'t>>, LineError> {
        let start = self.at;
        match self.peek() {
            Some(b't') => self.word("true").map(|word| Some(Scalar::Bool(word))),
            Some(b'f') => self.word("false").map(|word| Some(Scalar::Bool(word))),
            Some(b'n') => self.word("null").map(|_| None),
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                let text: &'t str = self.text;
                Ok(text.get(start..self.at).map(Scalar::Number))
            }
            _ => self.wanted("a value"),
        }
    }

    #[inline]
    fn learn(&mut self, value: Range<usize>, text: bool, proved: Option<Proved>) {
        if let Some(learning) = &mut self.learning {
            learning.value(self.text, self.buffers, (value, text), proved);
        }
    }

    /// Steps into an object or an array; `true` when it is empty, and over.
    fn step_into(&mut self, object: bool) -> Result<bool, LineError> {
        let (start, end) = (self.at, if object { b'}' } else { b']' });
        self.at += 1;
        self.space();
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(true);
        }
        self.buffers.open.push(Open { object, start });
        if object { self.key().map(|()| false) } else { Ok(false) }
    }

    /// Steps over a key and its colon.
    fn key(&mut self) -> Result<(), LineError> {
        if self.peek() != Some(b'"') {
            return self.wanted("a key");
        }
        self.at += 1;
        let (key, _) = self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return self.wanted("`:`");
        }
        self.at += 1;
        self.space();
        self.buffers.keys.push(key);
        Ok(())
    }

    /// From behind a value to the next one, or (`true`) to the end of the outermost.
    fn close(&mut self) -> Result<bool, LineError> {
        loop {
            let Some(open) = self.buffers.open.last().copied() else { return Ok(true) };
            if open.object {
                self.buffers.keys.pop();
                if let Some(learning) = &mut self.learning {
                    learning.closed(self.buffers);
                }
            }
            let (end, wanted) = match open.object {
                true => (b'}', "`,` or `}`"),
                false => (b']', "`,` or `]`"),
            };
            if !self.comma_or(end, wanted)? {
                return if open.object { self.key() } else { Ok(()) }.map(|()| false);
            }
            self.buffers.open.pop();
            if let Some(learning) = &mut self.learning {
                learning.closed(self.buffers);
            }
        }
    }

    /// Steps over a comma (`false`) or the end of the container (`true`).
    fn comma_or(&mut self, end: u8, wanted: &'static str) -> Result<bool, LineError> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                Ok(false)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(true)
            }
            _ => self.wanted(wanted),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<&'static str, LineError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return self.wanted(word);
        }
        self.at += word.len();
        Ok(word)
    }

    /// SPEC: RFC 8259 §6.
    fn number(&mut self) -> Result<(), LineError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), LineError> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 { self.wanted("a digit") } else { Ok(()) }
    }

    /// Steps over the rest of a string and says where its text is and whether it has escapes.
    #[inline]
    fn string(&mut self) -> Result<(Range<usize>, bool), LineError> {
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at = marks::next(self.text.as_bytes(), self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok((start..self.at - 1, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return self.wanted("the end of the string"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), LineError> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                let digits = self.text.as_bytes().get(self.at + 1..self.at + 5);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return self.wanted("four hexadecimal digits");
                }
                self.at += 5;
                Ok(())
            }
            _ => self.wanted("an escape"),
        }
    }
}
