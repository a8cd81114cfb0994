//! The one text form of everything we write ourselves: a first line that names the form and its
//! version, then `key value` lines in a fixed order. Not a general format: no nesting, no quoting.

/// A text that does not follow its form.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadLinesError {
    /// The first line names another form or version.
    #[error("the first line is not `{0}`")]
    Form(&'static str),
    /// A line that must be there is not, or stands in the wrong place.
    #[error("expected a line `{0} ...`")]
    Missing(&'static str),
    /// A value could not be read.
    #[error("the value of `{0}` cannot be read")]
    Value(&'static str),
    /// A control character, which our own writer would not have let through.
    #[error("a control character in a line")]
    Control,
    /// Something follows that the form does not have.
    #[error("unexpected text at the end")]
    Trailing,
}

/// Reads a text line by line, in order.
#[derive(Clone, Debug)]
pub struct LineReader<'a> {
    rest: &'a str,
}

impl<'a> LineReader<'a> {
    /// Begins with the first line, which must be `form`.
    ///
    /// # Errors
    /// When it is another, or a control character stands in the text: it would be obeyed by a
    /// terminal, and no text of ours that is read has two spellings.
    pub fn new(text: &'a str, form: &'static str) -> Result<Self, ReadLinesError> {
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(ReadLinesError::Control);
        }
        match text.split_once('\n') {
            Some((first, rest)) if first == form => Ok(Self { rest }),
            _ => Err(ReadLinesError::Form(form)),
        }
    }

    /// The value of the next line if its key is `key`.
    pub fn optional(&mut self, key: &'static str) -> Option<&'a str> {
        let (line, rest) = self.rest.split_once('\n')?;
        let value = line.strip_prefix(key)?.strip_prefix(' ')?;
        self.rest = rest;
        Some(value)
    }

    /// The value of the next line, whose key must be `key`.
    ///
    /// # Errors
    /// When the next line is another.
    pub fn required(&mut self, key: &'static str) -> Result<&'a str, ReadLinesError> {
        self.optional(key).ok_or(ReadLinesError::Missing(key))
    }

    /// The parsed value of the next line, whose key must be `key`.
    ///
    /// # Errors
    /// When the next line is another or its value cannot be read.
    pub fn parsed<T: std::str::FromStr>(&mut self, key: &'static str) -> Result<T, ReadLinesError> {
        self.required(key)?.parse().map_err(|_| ReadLinesError::Value(key))
    }

    /// The parsed value of the next line if its key is `key`.
    ///
    /// # Errors
    /// When its value cannot be read.
    pub fn optional_parsed<T: std::str::FromStr>(
        &mut self,
        key: &'static str,
    ) -> Result<Option<T>, ReadLinesError> {
        self.optional(key)
            .map(|text| text.parse().map_err(|_| ReadLinesError::Value(key)))
            .transpose()
    }

    /// Whether the next line is `key yes`.
    pub fn flag(&mut self, key: &'static str) -> bool {
        let before = self.rest;
        let yes = self.optional(key) == Some("yes");
        if !yes {
            self.rest = before;
        }
        yes
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a str {
        self.rest
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When lines remain.
    pub const fn end(self) -> Result<(), ReadLinesError> {
        if self.rest.is_empty() { Ok(()) } else { Err(ReadLinesError::Trailing) }
    }
}

/// Room for a usual text: the header of a record has about 350 bytes.
const LINES_BYTES: usize = 512;

/// Writes a text line by line.
#[derive(Clone, Debug)]
pub struct LineWriter(String);

impl LineWriter {
    /// Begins with the line that names the form.
    #[must_use]
    pub fn new(form: &str) -> Self {
        let mut text = String::with_capacity(LINES_BYTES);
        text.push_str(form);
        text.push('\n');
        Self(text)
    }

    /// Adds `key value`. Control characters in the value become spaces: one line stays one line.
    #[must_use]
    pub fn line(mut self, key: &str, value: &str) -> Self {
        self.0.push_str(key);
        self.0.push(' ');
        // Nearly every value is plain, and headers are printed for every record that passes.
        if value.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
            self.0.push_str(value);
        } else {
            self.0.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        self.0.push('\n');
        self
    }

    /// Adds `key value` if there is a value.
    #[must_use]
    pub fn maybe(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.line(key, value),
            None => self,
        }
    }

    /// Adds `key yes` if it holds.
    #[must_use]
    pub fn flag(self, key: &str, holds: bool) -> Self {
        if holds { self.line(key, "yes") } else { self }
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}
